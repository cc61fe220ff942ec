#include "liquid/decimal.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::string_view by_zero = "divided by 0";

template <class Integer>
Integer floor_quotient(const Integer& a, const Integer& b) {
    Integer quotient = a / b;
    if ((a < 0) != (b < 0) && quotient * b != a) {
        --quotient;
    }
    return quotient;
}

template <class Integer>
Integer floor_remainder(const Integer& a, const Integer& b) {
    Integer remainder = a % b;
    if (remainder != 0 && (remainder < 0) != (b < 0)) {
        remainder += b;
    }
    return remainder;
}

Decimal add(const Decimal& a, const Decimal& b) {
    const bool both_whole = a.whole && b.whole;
    std::int64_t left = 0;
    std::int64_t right = 0;
    int exponent = 0;
    std::int64_t sum = 0;
    if (align(a, b, left, right, exponent) && !__builtin_add_overflow(left, right, &sum)) {
        Decimal number = decimal(sum, exponent);
        number.whole = both_whole;
        return number;
    }
    Aligned aligned = align(a, b);
    return of_wide(aligned.left + aligned.right, aligned.exponent, both_whole);
}

Decimal negated(const Decimal& number) {
    Decimal result = number;
    if (number.form == Decimal::Form::special) {
        result.special = -number.special;
    } else if (number.form == Decimal::Form::wide) {
        result.wide = -number.wide;
    } else if (__builtin_sub_overflow(0, number.small, &result.small)) {
        return of_wide(-Wide(number.small), number.exponent, number.whole);
    }
    return result;
}

Decimal multiply(Render& render, const Decimal& a, const Decimal& b) {
    const bool both_whole = a.whole && b.whole;
    std::int64_t product = 0;
    if (a.form == Decimal::Form::small && b.form == Decimal::Form::small &&
        !__builtin_mul_overflow(a.small, b.small, &product)) {
        Decimal number = decimal(product, a.exponent + b.exponent);
        number.whole = both_whole;
        return number;
    }
    const Wide left = wide_of(a);
    const Wide right = wide_of(b);
    if (left == 0 || right == 0) {
        return whole(0);
    }
    constexpr double digits_of_bit = 0.30103;
    const auto bits = static_cast<double>(msb(abs(left)) + msb(abs(right)));
    if (bits * digits_of_bit > 2 * static_cast<double>(render.limits().digits)) {
        return failed(render.exhausted());
    }
    return of_wide(left * right, a.exponent + b.exponent, both_whole);
}

// Of decimals, b not 0. The quotient has more digits than a double can tell apart, and a last one that stands for
// whatever follows.
Decimal divide(const Decimal& a, const Decimal& b) {
    const int exponent = a.exponent - b.exponent;
    if (a.form == Decimal::Form::small && b.form == Decimal::Form::small && std::abs(exponent) < 16) {
        const std::int64_t scale = tens[static_cast<std::size_t>(std::abs(exponent))];
        std::int64_t left = a.small;
        std::int64_t right = b.small;
        if (!__builtin_mul_overflow(exponent > 0 ? left : right, scale, exponent > 0 ? &left : &right) &&
            exact_in_double(left) && exact_in_double(right)) {
            return special(static_cast<double>(left) / static_cast<double>(right));
        }
    }
    constexpr int wanted_digits = 40;
    Wide left = wide_of(a);
    const Wide right = wide_of(b);
    constexpr double digits_of_bit = 0.30103;
    const auto missing = static_cast<double>(msb(abs(right))) - static_cast<double>(msb(abs(left)));
    const int up = std::max(0, static_cast<int>(missing * digits_of_bit) + wanted_digits);
    left *= power_of_ten(up);
    Wide quotient;
    Wide remainder;
    divide_qr(left, right, quotient, remainder);
    quotient *= 10;
    if (remainder != 0) {
        quotient += (left < 0) != (right < 0) ? -1 : 1;
    }
    return of_wide(std::move(quotient), exponent - up - 1, false);
}

Decimal whole_division(Render& render, Operation operation, const Decimal& a, const Decimal& b) {
    if (b.is_zero()) {
        return failed(render.fail(ErrorKind::zero_division, by_zero));
    }
    if (a.form == Decimal::Form::small && b.form == Decimal::Form::small && b.small != -1) {
        return whole(operation == Operation::modulo ? floor_remainder(a.small, b.small)
                                                    : floor_quotient(a.small, b.small));
    }
    const Wide left = wide_of(a);
    const Wide right = wide_of(b);
    return of_wide(
        operation == Operation::modulo ? floor_remainder(left, right) : floor_quotient(left, right), 0, true);
}

Decimal decimal_remainder(Render& render, const Decimal& a, const Decimal& b) {
    const double left_real = to_real(a);
    const double right_real = to_real(b);
    if (std::isnan(left_real) || std::isnan(right_real)) {
        return special(std::numeric_limits<double>::quiet_NaN());
    }
    if (b.is_zero()) {
        return failed(render.fail(ErrorKind::zero_division, by_zero));
    }
    if (a.form == Decimal::Form::special && std::isinf(left_real)) {
        return special(std::numeric_limits<double>::quiet_NaN());
    }
    if (b.form == Decimal::Form::special) {
        return special(left_real);
    }
    if (a.is_zero()) {
        return decimal(0, 0);
    }
    std::int64_t left = 0;
    std::int64_t right = 0;
    int exponent = 0;
    if (align(a, b, left, right, exponent) && right != -1) {
        return decimal(floor_remainder(left, right), exponent);
    }
    const Aligned aligned = align(a, b);
    return of_wide(floor_remainder(aligned.left, aligned.right), aligned.exponent, false);
}

// As IEEE arithmetic has it: of Infinity, NaN, and of zeros, whose sign isn't in their digits.
Decimal of_specials(Operation operation, double a, double b) {
    switch (operation) {
        case Operation::plus:
            return special(a + b);
        case Operation::minus:
            return special(a - b);
        case Operation::times:
            return special(a * b);
        default:
            break;
    }
    if (b != 0 || std::isnan(a)) {
        return special(a / b);
    }
    if (a == 0) {
        return special(std::numeric_limits<double>::quiet_NaN());
    }
    const double infinity = std::numeric_limits<double>::infinity();
    return special(std::signbit(a) == std::signbit(b) ? infinity : -infinity);
}

Decimal apply(Render& render, Operation operation, const Decimal& a, const Decimal& b) {
    if (a.failed() || b.failed()) {
        return a.failed() ? a : b;
    }
    const bool both_whole = a.whole && b.whole;
    if (operation == Operation::modulo) {
        return both_whole ? whole_division(render, operation, a, b) : decimal_remainder(render, a, b);
    }
    const bool specials = a.form == Decimal::Form::special || b.form == Decimal::Form::special;
    if (!both_whole && (specials || a.is_zero() || b.is_zero())) {
        const bool exact = operation == Operation::plus || operation == Operation::minus;
        if (exact && !specials && !(a.is_zero() && b.is_zero())) {
            Decimal other = a.is_zero() ? (operation == Operation::minus ? negated(b) : b) : a;
            other.whole = false;
            return other;
        }
        return of_specials(operation, to_real(a), to_real(b));
    }
    switch (operation) {
        case Operation::plus:
            return add(a, b);
        case Operation::minus:
            return add(a, negated(b));
        case Operation::times:
            return multiply(render, a, b);
        default:
            return both_whole ? whole_division(render, operation, a, b) : divide(a, b);
    }
}

Value not_whole(Render& render, double number) {
    if (std::isnan(number)) {
        return render.fail(ErrorKind::float_domain, "Computation results in 'NaN' (Not a Number)");
    }
    return render.fail(
        ErrorKind::float_domain,
        number < 0 ? "Computation results in '-Infinity'" : "Computation results in 'Infinity'");
}

enum class Towards : std::uint8_t { nearest, floor, ceil };

// The number in units of 10^unit, rounded.
Wide in_units(const Decimal& number, int unit, Towards towards) {
    const int places = unit - number.exponent;
    const Wide digits = wide_of(number);
    if (places <= 0) {
        return digits * power_of_ten(-places);
    }
    const Wide scale = power_of_ten(places);
    switch (towards) {
        case Towards::floor:
            return floor_quotient(digits, scale);
        case Towards::ceil:
            return -floor_quotient(Wide(-digits), scale);
        case Towards::nearest:
            break;
    }
    const Wide twice = abs(digits) * 2;
    const Wide rounded = (twice + scale) / (scale * 2);
    return digits < 0 ? Wide(-rounded) : rounded;
}

Value to_whole(Render& render, const Value& input, Towards towards) {
    const Decimal number = read_decimal(render, input);
    if (number.failed() || number.whole) {
        return to_value(render, number);
    }
    if (number.form == Decimal::Form::special && number.special != 0) {
        return not_whole(render, number.special);
    }
    if (number.is_zero()) {
        return Value::integer(0);
    }
    return to_value(render, of_wide(in_units(number, 0, towards), 0, true));
}

Value pick(Render& render, const Value& a, const Value& b, int wanted) {
    const Decimal left = read_decimal(render, a);
    const Decimal right = read_decimal(render, b);
    if (left.failed() || right.failed()) {
        return left.failed() ? left.failure : right.failure;
    }
    return to_value(render, compare_decimals(right, left) == wanted ? right : left);
}

}  // namespace

Value calculate(Render& render, Operation operation, const Value& a, const Value& b) {
    if (a.is(Kind::integer) && b.is(Kind::integer)) {
        std::int64_t result = 0;
        bool overflow = true;
        switch (operation) {
            case Operation::plus:
                overflow = __builtin_add_overflow(a.as_integer(), b.as_integer(), &result);
                break;
            case Operation::minus:
                overflow = __builtin_sub_overflow(a.as_integer(), b.as_integer(), &result);
                break;
            case Operation::times:
                overflow = __builtin_mul_overflow(a.as_integer(), b.as_integer(), &result);
                break;
            case Operation::divided_by:
                overflow = b.as_integer() == 0 || b.as_integer() == -1;
                result = overflow ? 0 : floor_quotient(a.as_integer(), b.as_integer());
                break;
            case Operation::modulo:
                overflow = b.as_integer() == 0 || b.as_integer() == -1;
                result = overflow ? 0 : floor_remainder(a.as_integer(), b.as_integer());
                break;
        }
        if (!overflow) {
            return Value::integer(result);
        }
    }
    return to_value(render, apply(render, operation, read_decimal(render, a), read_decimal(render, b)));
}

Value sum_numbers(Render& render, std::span<const Value> numbers) {
    Decimal sum = whole(0);
    for (const Value& value : numbers) {
        sum = apply(render, Operation::plus, sum, read_decimal(render, value));
        if (sum.failed() || !render.spend(sizeof(Value))) {
            return sum.failed() ? sum.failure : render.exhausted();
        }
    }
    return to_value(render, sum);
}

Value absolute(Render& render, const Value& input) {
    Decimal number = read_decimal(render, input);
    if (number.form == Decimal::Form::special) {
        return Value::real(std::abs(number.special));
    }
    const bool negative = number.form == Decimal::Form::wide ? number.wide < 0 : number.small < 0;
    return to_value(render, negative ? negated(number) : number);
}

Value round_number(Render& render, const Value& input, const Value& digits) {
    const Decimal number = read_decimal(render, input);
    const Decimal places = read_decimal(render, digits);
    if (number.failed() || places.failed()) {
        return number.failed() ? number.failure : places.failure;
    }
    if (places.form == Decimal::Form::special && places.special != 0) {
        return not_whole(render, places.special);
    }
    const bool positive = compare_decimals(places, whole(0)) == 1;
    const Wide unit = in_units(places, 0, positive ? Towards::floor : Towards::ceil);
    if (unit > std::numeric_limits<std::int32_t>::max() || unit < std::numeric_limits<std::int32_t>::min()) {
        return render.fail(ErrorKind::internal, "internal");
    }
    const int kept = static_cast<int>(unit);
    if (number.whole && kept >= 0) {
        return to_value(render, number);
    }
    if (number.form == Decimal::Form::special && number.special != 0) {
        return kept > 0 ? Value::real(number.special) : not_whole(render, number.special);
    }
    if (kept > 0) {
        if (number.is_zero() || -number.exponent <= kept) {
            return Value::real(to_real(number));
        }
        const Decimal rounded = of_wide(in_units(number, -kept, Towards::nearest), -kept, false);
        const double real = to_real(rounded);
        return Value::real(std::copysign(real, to_real(number)));
    }
    constexpr std::int64_t digits_of_reals = 400;
    if (number.is_zero() ||
        -std::int64_t{kept} > static_cast<std::int64_t>(render.limits().digits) + digits_of_reals) {
        return Value::integer(0);
    }
    return to_value(render,
                    of_wide(in_units(number, -kept, Towards::nearest) * power_of_ten(-kept), 0, true));
}

Value floor_number(Render& render, const Value& number) {
    return to_whole(render, number, Towards::floor);
}

Value ceil_number(Render& render, const Value& number) {
    return to_whole(render, number, Towards::ceil);
}

Value larger_number(Render& render, const Value& a, const Value& b) {
    return pick(render, a, b, 1);
}

Value smaller_number(Render& render, const Value& a, const Value& b) {
    return pick(render, a, b, -1);
}

}  // namespace cartwright::liquid
