// TOML (toml.io, 1.0) as a flat list of dotted names, which is all that settings and catalogues of messages
// need. Dates, arrays of anything but strings, names that would need quotes, and lines continued by a backslash
// are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cartwright {

struct TomlEntry {
    std::string name;  // "server.port"
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>> value;
    unsigned line = 0;
};

class BadToml : public std::runtime_error {
public:
    BadToml(const std::string& what, unsigned line) : std::runtime_error(what), line_(line) {}

    unsigned line() const noexcept { return line_; }

private:
    unsigned line_;
};

inline constexpr std::size_t toml_max_bytes = 4 * 1024 * 1024;

// In the order of the text. Throws BadToml; what() is a phrase without the line.
std::vector<TomlEntry> read_toml(std::string_view text);

}  // namespace cartwright
