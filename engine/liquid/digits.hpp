// How number.cpp and arithmetic.cpp read texts, byte by byte and without a locale.
#pragma once

#include <string_view>

namespace cartwright::liquid {

constexpr bool is_digit(char letter) noexcept {
    return letter >= '0' && letter <= '9';
}

// What Ruby's String#to_i and #strip skip.
constexpr bool is_space(char letter) noexcept {
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

// The digits at a text's beginning, after spaces and a sign; single underscores may stand between them.
struct WholePart {
    std::string_view digits;
    bool negative = false;
};

WholePart whole_part(std::string_view text);

}  // namespace cartwright::liquid
