#include "base/toml.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdint>

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

// Refuses what the library (3.3) has undefined behaviour on: characters beyond ASCII anywhere but in strings
// and comments, where TOML allows none, and lines that a backslash continues. Follows strings just far enough
// to know where they end; what is wrong otherwise the library says.
void check_characters(std::string_view text) {
    enum class In : std::uint8_t { code, comment, basic, literal, long_basic, long_literal };
    if (!is_utf8(text)) throw BadToml("the text is not UTF-8", 1);
    In in = In::code;
    unsigned line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const std::string_view rest = text.substr(i);
        const bool is_long = in == In::long_basic || in == In::long_literal;
        if (c == '\n') ++line;
        if (in == In::code) {
            if (static_cast<unsigned char>(c) >= 0x80)
                throw BadToml("a letter stands outside of quotes", line);
            if (c == '#') in = In::comment;
            if (c == '"') in = rest.starts_with("\"\"\"") ? In::long_basic : In::basic;
            if (c == '\'') in = rest.starts_with("'''") ? In::long_literal : In::literal;
            if (in == In::long_basic || in == In::long_literal) i += 2;
        } else if (c == '\n' && !is_long) {
            in = In::code;
        } else if (c == '\\' && (in == In::basic || in == In::long_basic)) {
            if (i + 1 < text.size() &&
                std::string_view(" \t\r\n").find(text[i + 1]) != std::string_view::npos) {
                throw BadToml("a line can't be continued with a backslash", line);
            }
            ++i;
        } else if ((in == In::basic && c == '"') || (in == In::literal && c == '\'')) {
            in = In::code;
        } else if ((in == In::long_basic && rest.starts_with("\"\"\"")) ||
                   (in == In::long_literal && rest.starts_with("'''"))) {
            // Up to two more quotes belong to the string.
            i += 2;
            for (int more = 0; more < 2 && i + 1 < text.size() && text[i + 1] == c; ++more) ++i;
            in = In::code;
        }
    }
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
    check_characters(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
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
