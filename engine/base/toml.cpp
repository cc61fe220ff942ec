#include "base/toml.hpp"

#include <algorithm>

namespace cartwright {

// The library (3.3) asserts on some texts that are merely wrong, such as a table's name that begins with a
// control character.
[[noreturn]] static void refuse_toml() {
    throw BadToml("a name or value is not written rightly", 1);
}

}  // namespace cartwright

#undef NDEBUG  // with it the library would assume what it asserts
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : cartwright::refuse_toml())
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace cartwright {

namespace {

bool is_plain_name(std::string_view name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !name.empty() && std::ranges::all_of(name, is_allowed);
}

unsigned line_of(const toml::node& node) {
    return node.source().begin.line;
}

std::vector<std::string> strings_of(const toml::array& array, const std::string& name) {
    std::vector<std::string> strings;
    for (const toml::node& node : array) {
        const auto* const text = node.as_string();
        if (text == nullptr) {
            throw BadToml(name + " may hold strings only", line_of(node));
        }
        strings.push_back(text->get());
    }
    return strings;
}

// The depth is bounded by TOML_MAX_NESTED_VALUES and, for dotted names, by `depth`.
void flatten(const toml::table& table, const std::string& prefix, int depth, std::vector<TomlEntry>& out) {
    if (depth == TOML_MAX_NESTED_VALUES) {
        throw BadToml("tables are nested too deeply", line_of(table));
    }
    for (const auto& [key, node] : table) {
        if (!is_plain_name(key.str())) {
            throw BadToml("a name has other characters than letters, digits, _ and -",
                          key.source().begin.line);
        }
        const std::string name = prefix + std::string(key.str());
        const unsigned line = key.source().begin.line;
        if (const auto* const inner = node.as_table()) {
            flatten(*inner, name + '.', depth + 1, out);
        } else if (const auto* const text = node.as_string()) {
            out.push_back({.name = name, .value = text->get(), .line = line});
        } else if (const auto* const number = node.as_integer()) {
            out.push_back({.name = name, .value = number->get(), .line = line});
        } else if (const auto* const flag = node.as_boolean()) {
            out.push_back({.name = name, .value = flag->get(), .line = line});
        } else if (const auto* const real = node.as_floating_point()) {
            out.push_back({.name = name, .value = real->get(), .line = line});
        } else if (const auto* const array = node.as_array()) {
            out.push_back({.name = name, .value = strings_of(*array, name), .line = line});
        } else {
            throw BadToml(name + " is a date; write it as a string", line);
        }
    }
}

}  // namespace

std::vector<TomlEntry> read_toml(std::string_view text) {
    if (text.size() > toml_max_bytes) {
        throw BadToml("the text is larger than 4 MiB", 1);
    }
    std::vector<TomlEntry> entries;
    try {
        const toml::table table = toml::parse(text);
        flatten(table, "", 0, entries);
    } catch (const toml::parse_error& error) {
        throw BadToml(std::string(error.description()), error.source().begin.line);
    }
    std::ranges::sort(entries, {}, [](const TomlEntry& entry) { return std::pair(entry.line, entry.name); });
    return entries;
}

}  // namespace cartwright
