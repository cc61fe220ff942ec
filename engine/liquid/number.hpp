// Arithmetic of the math filters: whole numbers of any size (bounded by limits().digits) and exact decimals.
// A double counts as the decimal of its shortest text (0.1 + 0.2 is 0.3), a text as the number at its beginning;
// results are whole numbers or doubles (Liquid::Utils.to_number and apply_operation of the reference).
#pragma once

#include "liquid/value.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::liquid {

class Render;

// Numeric value of an input as the math filters see it: integer, big_integer or real (a decimal text such as
// "1.10" becomes a real). Never fails: what isn't numeric is 0.
Value to_number(Render& render, const Value& value);

// A whole number that an argument must be (Liquid::Utils.to_integer): integers, and texts that are one as a whole
// ("12", " -3 "); nullopt: "invalid integer". Big ones are clamped to the range of int64.
std::optional<std::int64_t> to_integer(Render& render, const Value& value);

// Ruby's to_i: whole part of a number, the digits at a text's beginning, 0 for anything else; clamped to int64.
std::int64_t to_i(Render& render, const Value& value);

// A whole number in decimal digits, canonical or not ("-007"), as an integer or big_integer; nil: not one, or over
// limits().digits.
Value whole_number(Render& render, std::string_view digits);

// -1, 0, 1 for two of integer, big_integer and real; nullopt with NaN.
std::optional<int> compare_numbers(const Value& a, const Value& b);

// Text of a double as Ruby prints it: 1.0, 0.1, 1.0e+20, Infinity, NaN. `buffer` takes at least 32 bytes.
std::string_view print_real(double number, char* buffer);

}  // namespace cartwright::liquid
