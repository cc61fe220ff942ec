// Operands of the math filters while they compute: exact decimals of any size, and the doubles that are none. For
// arithmetic.cpp and decimal.cpp alone, because the header of big integers is a heavy one.
#pragma once

#include "liquid/value.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace cartwright::liquid {

class Render;

using Wide = boost::multiprecision::cpp_int;

// Whether it is of a size of which a double has every whole number.
constexpr bool exact_in_double(std::int64_t integer) noexcept {
    constexpr std::int64_t bound = std::int64_t{1} << 53;
    return integer > -bound && integer < bound;
}

// An operand or a result: digits × 10^exponent, where the digits stand in `small` or, when they don't fit, in
// `wide`; or a double that is no such thing (Infinity, NaN, -0.0).
struct Decimal {
    enum class Form : std::uint8_t { small, wide, special, failed };

    Form form = Form::small;
    bool whole = true;  // an Integer of Ruby; otherwise a BigDecimal
    int exponent = 0;
    std::int64_t small = 0;
    double special = 0;
    Wide wide;
    Value failure;

    bool failed() const { return form == Form::failed; }

    bool is_zero() const {
        return (form == Form::small && small == 0) || (form == Form::special && special == 0);
    }
};

Decimal failed(const Value& failure);

Decimal whole(std::int64_t integer);

// A double as it is.
Decimal special(double real);

// digits × 10^exponent, not whole.
Decimal decimal(std::int64_t digits, int exponent);

Decimal of_wide(Wide&& digits, int exponent, bool whole);

// The number that a value is to the filters; failed with too many digits.
Decimal read_decimal(Render& render, const Value& input);

// The nearest double.
double to_real(const Decimal& number);

// A whole number or a double; a failure with too many digits.
Value to_value(Render& render, const Decimal& number);

Wide wide_of(const Decimal& number);

Wide power_of_ten(int exponent);

// 10^0 to 10^18.
inline constexpr std::array<std::int64_t, 19> tens = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t power = 1;
    for (std::size_t at = 0; at < powers.size(); ++at) {
        powers[at] = power;
        power = at + 1 < powers.size() ? power * 10 : power;
    }
    return powers;
}();

// Digits of a and b in units of the same 10^exponent; false: they don't fit.
bool align(const Decimal& a, const Decimal& b, std::int64_t& left, std::int64_t& right, int& exponent);

struct Aligned {
    Wide left;
    Wide right;
    int exponent;
};

Aligned align(const Decimal& a, const Decimal& b);

// -1, 0, 1; nullopt with NaN. 0 and -0.0 are equal.
std::optional<int> compare_decimals(const Decimal& a, const Decimal& b);

}  // namespace cartwright::liquid
