// Names that people give to things: what every one of them has to be before it is stored and shown.
#pragma once

#include "base/outcome.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace cartwright::shop {

// Without blanks around it, UTF-8, at most `max_bytes`, free of control characters (a zero byte is nothing
// that PostgreSQL can keep, a line break nothing that a name has). Refuses with `reason` at field "name".
inline Outcome<std::string> clean_name(std::string_view text, std::size_t max_bytes, Reason reason) {
    const std::string_view name = trim(text);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (name.size() > max_bytes || !is_utf8(name) || std::ranges::any_of(name, is_control)) {
        return refuse(reason, "name");
    }
    return std::string(name);
}

// The same, and there has to be one.
inline Outcome<std::string> required_name(std::string_view text, std::size_t max_bytes, Reason reason) {
    auto name = clean_name(text, max_bytes, reason);
    if (name && name->empty()) {
        return refuse(reason, "name");
    }
    return name;
}

}  // namespace cartwright::shop
