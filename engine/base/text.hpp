// Small work on UTF-8 and ASCII text: checks, escapes and strict numbers. Nothing here knows a language;
// locale.hpp and handle.hpp do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cartwright {

// Well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

// Bytes of the character that `text` begins with; 0 where no well-formed one does. Not for an empty text.
std::size_t utf8_character_bytes(std::string_view text) noexcept;

// The longest front of `text` of at most `max_bytes` that doesn't cut a character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;

// Safe as the text of an element and inside a quoted attribute: & < > " ' become references. Copies once,
// and in one piece where there is nothing to escape.
std::string escape_html(std::string_view text);
void append_html(std::string& out, std::string_view text);

constexpr char lower_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string to_lower_ascii(std::string_view text);

// Equality that takes A-Z and a-z for the same, as names of header fields are compared.
bool same_ignoring_case(std::string_view one, std::string_view other) noexcept;

// Without the spaces, tabs, CRs and LFs of both ends.
std::string_view trim(std::string_view text) noexcept;

// The whole text is one decimal number: "-12", no "+", no spaces, no fraction, nothing behind it.
std::optional<std::int64_t> parse_int64(std::string_view text) noexcept;

// Percent-encodes all but A-Z a-z 0-9 - . _ ~ (RFC 3986 section 2.3): good in any place of a URL.
std::string url_encode(std::string_view text);

enum class Plus : bool { stays, is_space };

// Undoes it once. Nothing for a "%" without two hex digits, for NUL, for more than `max_bytes`, or for what
// is not UTF-8. Plus::is_space for forms and queries (application/x-www-form-urlencoded), never for paths.
std::optional<std::string> url_decode(std::string_view text, Plus plus, std::size_t max_bytes);

// How many insertions, removals and changes of one byte lead from one word to the other (Levenshtein).
// Words are cut at 64 bytes.
std::size_t edit_distance(std::string_view one, std::string_view other);

// The word that is the most like `wrong`, for "did you mean"; nothing where none is near (a distance above
// a third of its length, and above 2). The first of equals.
std::optional<std::string_view> nearest(std::string_view wrong, std::span<const std::string_view> words);

}  // namespace cartwright
