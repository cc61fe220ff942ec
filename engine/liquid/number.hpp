// Arithmetic of the math filters: whole numbers of any size (bounded by limits().digits) and exact decimals.
// A double counts as the decimal of its shortest text (0.1 + 0.2 is 0.3), a text as the number at its beginning;
// results are whole numbers or doubles (Liquid::Utils.to_number and apply_operation of the reference).
//
// Whatever has more digits than limits().digits ends the render before it is looked at, so that nothing here is
// slow. Infinity, NaN and signed zeros behave as in IEEE arithmetic, which is what Ruby's BigDecimal does, too.
#pragma once

#include "liquid/value.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cartwright::liquid {

class Render;

// Numeric value of an input as the math filters see it: integer, big_integer or real (a decimal text such as
// "1.10" becomes a real). What isn't numeric is 0; a failure only for too many digits and for a decimal text with
// a null byte.
Value to_number(Render& render, const Value& value);

// A whole number that an argument must be (Liquid::Utils.to_integer): integers, and texts that are one as a whole
// ("12", " -3 ", "0x1f", "1_000"); nullopt: "invalid integer". Big ones are clamped to the range of int64.
std::optional<std::int64_t> to_integer(Render& render, const Value& value);

// Ruby's to_i: whole part of a number, the digits at a text's beginning, 0 for anything else; clamped to int64.
std::int64_t to_i(Render& render, const Value& value);

// A whole number in decimal digits, canonical or not ("-007"), as an integer or big_integer; nil: not one, or over
// limits().digits.
Value whole_number(Render& render, std::string_view digits);

// -1, 0, 1 for two of integer, big_integer and real, by their exact values; nullopt with NaN.
std::optional<int> compare_numbers(const Value& a, const Value& b);

// Text of a double as Ruby prints it: 1.0, 0.1, 1.0e+20, Infinity, NaN. `buffer` takes at least 32 bytes.
std::string_view print_real(double number, char* buffer);

// The operands of all below may be anything: to_number is theirs. Results may be failures: "divided by 0", no
// whole number for Infinity or NaN, too many digits.
enum class Operation : std::uint8_t { plus, minus, times, divided_by, modulo };

// Whole numbers divide to the floor, and a remainder has the divisor's sign.
Value calculate(Render& render, Operation operation, const Value& a, const Value& b);

// The sum of all, exact until the end.
Value sum_numbers(Render& render, std::span<const Value> numbers);

inline Value add_numbers(Render& render, const Value& a, const Value& b) {
    return calculate(render, Operation::plus, a, b);
}

Value absolute(Render& render, const Value& number);

// Half away from zero; a decimal stays one only when there are digits to keep.
Value round_number(Render& render, const Value& number, const Value& digits);

// The next whole number below, or above.
Value floor_number(Render& render, const Value& number);
Value ceil_number(Render& render, const Value& number);

Value larger_number(Render& render, const Value& a, const Value& b);
Value smaller_number(Render& render, const Value& a, const Value& b);

}  // namespace cartwright::liquid
