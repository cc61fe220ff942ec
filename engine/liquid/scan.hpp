// The small pieces of markup that the reference finds with regular expressions, found by hand in linear time.
// Internal to the engine, and of use to tags of a host.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::liquid::scan {

namespace classes {

constexpr std::uint8_t space = 1;
constexpr std::uint8_t word = 2;  // [A-Za-z0-9_]
constexpr std::uint8_t digit = 4;
constexpr std::uint8_t dash = 8;
constexpr std::uint8_t quote = 16;
constexpr std::uint8_t separator = 32;  // , and |

constexpr std::array<std::uint8_t, 256> table = [] {
    std::array<std::uint8_t, 256> made{};
    for (const char c : {' ', '\t', '\n', '\v', '\f', '\r'}) {
        made[static_cast<unsigned char>(c)] |= space;
    }
    for (int c = 'a'; c <= 'z'; ++c) {
        made[static_cast<std::size_t>(c)] |= word;
        made[static_cast<unsigned char>(c - 'a' + 'A')] |= word;
    }
    for (int c = '0'; c <= '9'; ++c) {
        made[static_cast<std::size_t>(c)] |= word | digit;
    }
    made['_'] |= word;
    made['-'] |= dash;
    made['"'] |= quote;
    made['\''] |= quote;
    made[','] |= separator;
    made['|'] |= separator;
    return made;
}();

}  // namespace classes

constexpr bool is(char c, std::uint8_t kinds) noexcept {
    return (classes::table[static_cast<unsigned char>(c)] & kinds) != 0;
}

constexpr bool is_space(char c) noexcept {
    return is(c, classes::space);
}

constexpr bool is_word(char c) noexcept {
    return is(c, classes::word);
}

constexpr bool is_digit(char c) noexcept {
    return is(c, classes::digit);
}

// \w or '-': what names are made of.
constexpr bool is_segment(char c) noexcept {
    return is(c, classes::word | classes::dash);
}

// Where the run of such characters that begins at `at` ends.
constexpr std::size_t skip(std::string_view text, std::size_t at, std::uint8_t kinds) noexcept {
    const char* const begin = text.data();
    const std::size_t size = text.size();
    while (at < size && is(begin[at], kinds)) {
        ++at;
    }
    return at;
}

constexpr std::size_t skip_space(std::string_view text, std::size_t at) noexcept {
    return skip(text, at, classes::space);
}

constexpr std::size_t skip_segment(std::string_view text, std::size_t at) noexcept {
    return skip(text, at, classes::word | classes::dash);
}

constexpr bool blank(std::string_view text) noexcept {
    return skip_space(text, 0) == text.size();
}

// Ruby's strip: white space and NUL at both ends.
constexpr std::string_view strip_left(std::string_view text) noexcept {
    while (!text.empty() && (is_space(text.front()) || text.front() == '\0')) {
        text.remove_prefix(1);
    }
    return text;
}

constexpr std::string_view strip_right(std::string_view text) noexcept {
    while (!text.empty() && (is_space(text.back()) || text.back() == '\0')) {
        text.remove_suffix(1);
    }
    return text;
}

constexpr std::string_view strip(std::string_view text) noexcept {
    return strip_right(strip_left(text));
}

// The end of the quoted text that begins at `at`, behind the closing quote; npos if it isn't closed.
constexpr std::size_t end_of_quoted(std::string_view text, std::size_t at) noexcept {
    const std::size_t close = text.find(text[at], at + 1);
    return close == std::string_view::npos ? close : close + 1;
}

// The end of a QuotedFragment, /"[^"]*"|'[^']*'|(?:[^\s,|'"]|"[^"]*"|'[^']*')+/, at `at`; `at` if there is none.
std::size_t end_of_fragment(std::string_view text, std::size_t at) noexcept;

// The end of one or more QuotedFragments that touch.
std::size_t end_of_fragments(std::string_view text, std::size_t at) noexcept;

// The first QuotedFragment at or after `at`; nullopt: there is none.
struct Piece {
    std::size_t begin;
    std::size_t end;
};

std::optional<Piece> next_fragment(std::string_view text, std::size_t at) noexcept;

// The next `key: fragment` at or after `at`, /(\w[\w-]*)\s*:\s*(QuotedFragment)/; `at` moves behind it.
struct Attribute {
    std::string_view key;
    std::string_view value;
};

std::optional<Attribute> next_attribute(std::string_view text, std::size_t& at) noexcept;

// The word at `at`, surrounded by white space: /\s+(word)\s+/; the position behind, or nullopt.
std::optional<std::size_t> after_word(std::string_view text, std::size_t at, std::string_view word) noexcept;

}  // namespace cartwright::liquid::scan
