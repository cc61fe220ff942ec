// Characters of a text. What is valid UTF-8 as a whole counts in characters (code points), anything else in bytes,
// as Ruby does with what base64_decode makes of binary data.
#pragma once

#include <cstddef>
#include <string_view>

namespace cartwright::liquid {

bool is_ascii(std::string_view text) noexcept;

// Well-formed as the Unicode standard has it (table 3-7): no surrogates, no overlong forms.
bool is_utf8(std::string_view text) noexcept;

// A text measured once: its length in characters, and where each begins.
class Characters {
public:
    explicit Characters(std::string_view text) noexcept;

    std::size_t size() const noexcept { return size_; }

    // The byte at which character `at` begins; size() gives the end.
    std::size_t offset(std::size_t at) const noexcept;

    // The first character of a rest of the text that begins with one.
    std::string_view first_of(std::string_view rest) const noexcept;

    // Characters from..from + count, cut off at the end.
    std::string_view slice(std::size_t from, std::size_t count) const noexcept;

private:
    std::string_view text_;
    std::size_t size_;
};

// Empty for an empty text.
std::string_view first_character(std::string_view text) noexcept;
std::string_view last_character(std::string_view text) noexcept;

}  // namespace cartwright::liquid
