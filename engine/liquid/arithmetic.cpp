#include "liquid/digits.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace cartwright::liquid {

namespace {

using Wide = boost::multiprecision::cpp_int;

constexpr std::int64_t exact_in_double = std::int64_t{1} << 53;
constexpr std::string_view by_zero = "divided by 0";

constexpr std::array<std::int64_t, 19> tens = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t power = 1;
    for (std::size_t at = 0; at < powers.size(); ++at) {
        powers[at] = power;
        power = at + 1 < powers.size() ? power * 10 : power;
    }
    return powers;
}();

constexpr std::array<double, 23> real_tens = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// An operand or a result: digits × 10^exponent, where the digits stand in `small` or, when they don't fit, in
// `wide`; or a double that is no such thing (Infinity, NaN, -0.0).
struct Number {
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

Number failed(const Value& failure) {
    Number number;
    number.form = Number::Form::failed;
    number.failure = failure;
    return number;
}

Number whole(std::int64_t integer) {
    Number number;
    number.small = integer;
    return number;
}

Number special(double real) {
    Number number;
    number.form = Number::Form::special;
    number.whole = false;
    number.special = real;
    return number;
}

Number of_wide(Wide&& digits, int exponent, bool whole) {
    Number number;
    number.whole = whole;
    number.exponent = exponent;
    if (digits >= std::numeric_limits<std::int64_t>::min() &&
        digits <= std::numeric_limits<std::int64_t>::max()) {
        number.small = static_cast<std::int64_t>(digits);
    } else {
        number.form = Number::Form::wide;
        number.wide = std::move(digits);
    }
    return number;
}

Number decimal(std::int64_t digits, int exponent) {
    Number number;
    number.whole = false;
    number.small = digits;
    number.exponent = exponent;
    return number;
}

// `digits` may hold underscores and a point, which are passed over.
Number of_digits(std::string_view digits, bool negative, int exponent, bool whole) {
    Wide wide = 0;
    std::int64_t chunk = 0;
    std::size_t in_chunk = 0;
    bool is_wide = false;
    const auto flush = [&] {
        wide = wide * tens[in_chunk] + chunk;
        chunk = 0;
        in_chunk = 0;
    };
    for (const char letter : digits) {
        if (!is_digit(letter)) {
            continue;
        }
        if (in_chunk == tens.size() - 1) {
            flush();
            is_wide = true;
        }
        chunk = chunk * 10 + (letter - '0');
        ++in_chunk;
    }
    if (!is_wide) {
        Number number = decimal(negative ? -chunk : chunk, exponent);
        number.whole = whole;
        return number;
    }
    flush();
    return of_wide(negative ? Wide(-wide) : std::move(wide), exponent, whole);
}

Number of_real(double real) {
    if (!std::isfinite(real) || (real == 0 && std::signbit(real))) {
        return special(real);
    }
    // A decimal of at most 15 digits that comes back as this double is its shortest text.
    constexpr double fifteen_digits = 1e15;
    for (int places = 0; places <= 6; ++places) {
        const double scaled = std::nearbyint(real * real_tens[static_cast<std::size_t>(places)]);
        if (std::abs(scaled) >= fifteen_digits) {
            break;
        }
        if (scaled / real_tens[static_cast<std::size_t>(places)] == real) {
            return decimal(static_cast<std::int64_t>(scaled), -places);
        }
    }
    std::array<char, 32> text;
    const char* const begin = text.data();
    const char* const end =
        std::to_chars(text.data(), text.data() + text.size(), real, std::chars_format::scientific).ptr;
    const char* const e = std::find(begin, end, 'e');
    int exponent = 0;
    std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
    std::int64_t digits = 0;
    bool after_point = false;
    for (const char* letter = begin; letter != e; ++letter) {
        if (*letter == '.') {
            after_point = true;
        } else if (*letter != '-') {
            digits = digits * 10 + (*letter - '0');
            exponent -= after_point ? 1 : 0;
        }
    }
    return decimal(real < 0 ? -digits : digits, exponent);
}

bool is_stripped(char letter) {
    return is_space(letter) || letter == '\0';
}

// Text of the form -?\d+\.\d+ as a whole, spaces around it aside: its length before and after the point.
struct DecimalText {
    std::string_view text;
    std::size_t point = 0;
};

std::optional<DecimalText> decimal_text(std::string_view text) {
    while (!text.empty() && is_stripped(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_stripped(text.back())) {
        text.remove_suffix(1);
    }
    const std::string_view unsigned_text = text.substr(text.starts_with('-') ? 1 : 0);
    const std::size_t point = unsigned_text.find('.');
    if (point == 0 || point >= unsigned_text.size() - 1 || unsigned_text.empty() ||
        !std::ranges::all_of(unsigned_text.substr(0, point), is_digit) ||
        !std::ranges::all_of(unsigned_text.substr(point + 1), is_digit)) {
        return std::nullopt;
    }
    return DecimalText{text, point};
}

Number of_text(Render& render, std::string_view text) {
    if (text.find('.') != std::string_view::npos) {
        if (const auto found = decimal_text(text)) {
            if (text.find('\0') != std::string_view::npos) {
                return failed(render.argument_error("string contains null byte"));
            }
            if (found->text.size() > render.limits().digits) {
                return failed(render.exhausted());
            }
            const bool negative = found->text.starts_with('-');
            const std::string_view digits = found->text.substr(negative ? 1 : 0);
            const int places = static_cast<int>(digits.size() - found->point - 1);
            Number number = of_digits(digits, negative, -places, false);
            return negative && number.is_zero() ? special(-0.0) : number;
        }
    }
    const WholePart part = whole_part(text);
    if (part.digits.size() > render.limits().digits) {
        return failed(render.exhausted());
    }
    return of_digits(part.digits, part.negative, 0, true);
}

Number read(Render& render, const Value& input) {
    switch (input.kind()) {
        case Kind::integer:
            return whole(input.as_integer());
        case Kind::real:
            return of_real(input.as_real());
        case Kind::string:
            return of_text(render, input.as_string());
        case Kind::failure:
            return failed(input);
        case Kind::big_integer: {
            const std::string_view digits = input.as_string();
            if (digits.size() > render.limits().digits + 1) {
                return failed(render.exhausted());
            }
            return of_digits(digits, digits.starts_with('-'), 0, true);
        }
        case Kind::drop: {
            // Only a drop that stands for a number is one; a text behind a drop isn't looked into.
            const Value value = render.primitive(input);
            return value.is(Kind::drop) || value.is_string() ? whole(0) : read(render, value);
        }
        default:
            return whole(0);
    }
}

Wide wide_of(const Number& number) {
    return number.form == Number::Form::wide ? number.wide : Wide(number.small);
}

Wide power_of_ten(int exponent) {
    return boost::multiprecision::pow(Wide(10), static_cast<unsigned>(exponent));
}

double to_real(const Number& number) {
    if (number.form == Number::Form::special) {
        return number.special;
    }
    if (number.form == Number::Form::small) {
        const std::int64_t digits = number.small;
        const int places = std::abs(number.exponent);
        if (digits > -exact_in_double && digits < exact_in_double &&
            places < static_cast<int>(real_tens.size())) {
            const double scale = real_tens[static_cast<std::size_t>(places)];
            const auto real = static_cast<double>(digits);
            return number.exponent < 0 ? real / scale : real * scale;
        }
    }
    std::string text = number.form == Number::Form::small ? std::to_string(number.small) : number.wide.str();
    const auto digits = static_cast<std::int64_t>(text.size());
    text += 'e';
    text += std::to_string(number.exponent);
    double real = 0;
    const auto [_, error] = std::from_chars(text.data(), text.data() + text.size(), real);
    if (error != std::errc{}) {
        const double bound = digits + number.exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
        return text.starts_with('-') ? -bound : bound;
    }
    return real;
}

Value to_value(Render& render, const Number& number) {
    if (number.failed()) {
        return number.failure;
    }
    if (!number.whole) {
        return Value::real(to_real(number));
    }
    if (number.form == Number::Form::small) {
        return Value::integer(number.small);
    }
    const std::string digits = number.wide.str();
    if (digits.size() > render.limits().digits + (digits.starts_with('-') ? 1 : 0)) {
        return render.exhausted();
    }
    return Value::big_integer(render.arena().copy(digits));
}

// Digits of a, b and what both count in (a common exponent); false: they don't fit.
bool align(const Number& a, const Number& b, std::int64_t& left, std::int64_t& right, int& exponent) {
    if (a.form != Number::Form::small || b.form != Number::Form::small) {
        return false;
    }
    exponent = std::min(a.exponent, b.exponent);
    const auto up_a = static_cast<std::size_t>(a.exponent - exponent);
    const auto up_b = static_cast<std::size_t>(b.exponent - exponent);
    return up_a < tens.size() && up_b < tens.size() && !__builtin_mul_overflow(a.small, tens[up_a], &left) &&
           !__builtin_mul_overflow(b.small, tens[up_b], &right);
}

struct Aligned {
    Wide left;
    Wide right;
    int exponent;
};

Aligned align(const Number& a, const Number& b) {
    const int exponent = std::min(a.exponent, b.exponent);
    return {wide_of(a) * power_of_ten(a.exponent - exponent),
            wide_of(b) * power_of_ten(b.exponent - exponent),
            exponent};
}

// Of finite numbers; 0 and -0.0 are equal.
int compare(const Number& a, const Number& b) {
    std::int64_t left = 0;
    std::int64_t right = 0;
    int exponent = 0;
    if (align(a, b, left, right, exponent)) {
        return left < right ? -1 : left > right ? 1 : 0;
    }
    const Aligned aligned = align(a, b);
    return aligned.left.compare(aligned.right);
}

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

Number add(const Number& a, const Number& b) {
    const bool both_whole = a.whole && b.whole;
    std::int64_t left = 0;
    std::int64_t right = 0;
    int exponent = 0;
    std::int64_t sum = 0;
    if (align(a, b, left, right, exponent) && !__builtin_add_overflow(left, right, &sum)) {
        Number number = decimal(sum, exponent);
        number.whole = both_whole;
        return number;
    }
    Aligned aligned = align(a, b);
    return of_wide(aligned.left + aligned.right, aligned.exponent, both_whole);
}

Number negated(const Number& number) {
    Number result = number;
    if (number.form == Number::Form::special) {
        result.special = -number.special;
    } else if (number.form == Number::Form::wide) {
        result.wide = -number.wide;
    } else if (__builtin_sub_overflow(0, number.small, &result.small)) {
        return of_wide(-Wide(number.small), number.exponent, number.whole);
    }
    return result;
}

Number multiply(Render& render, const Number& a, const Number& b) {
    const bool both_whole = a.whole && b.whole;
    std::int64_t product = 0;
    if (a.form == Number::Form::small && b.form == Number::Form::small &&
        !__builtin_mul_overflow(a.small, b.small, &product)) {
        Number number = decimal(product, a.exponent + b.exponent);
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
Number divide(const Number& a, const Number& b) {
    const int exponent = a.exponent - b.exponent;
    if (a.form == Number::Form::small && b.form == Number::Form::small && std::abs(exponent) < 16) {
        const std::int64_t scale = tens[static_cast<std::size_t>(std::abs(exponent))];
        std::int64_t left = a.small;
        std::int64_t right = b.small;
        if (!__builtin_mul_overflow(exponent > 0 ? left : right, scale, exponent > 0 ? &left : &right) &&
            std::abs(left) < exact_in_double && std::abs(right) < exact_in_double) {
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

Number whole_division(Render& render, Operation operation, const Number& a, const Number& b) {
    if (b.is_zero()) {
        return failed(render.fail(ErrorKind::zero_division, by_zero));
    }
    if (a.form == Number::Form::small && b.form == Number::Form::small && b.small != -1) {
        return whole(operation == Operation::modulo ? floor_remainder(a.small, b.small)
                                                    : floor_quotient(a.small, b.small));
    }
    const Wide left = wide_of(a);
    const Wide right = wide_of(b);
    return of_wide(
        operation == Operation::modulo ? floor_remainder(left, right) : floor_quotient(left, right), 0, true);
}

Number decimal_remainder(Render& render, const Number& a, const Number& b) {
    const double left_real = to_real(a);
    const double right_real = to_real(b);
    if (std::isnan(left_real) || std::isnan(right_real)) {
        return special(std::numeric_limits<double>::quiet_NaN());
    }
    if (b.is_zero()) {
        return failed(render.fail(ErrorKind::zero_division, by_zero));
    }
    if (a.form == Number::Form::special && std::isinf(left_real)) {
        return special(std::numeric_limits<double>::quiet_NaN());
    }
    if (b.form == Number::Form::special) {
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
Number of_specials(Operation operation, double a, double b) {
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

Number apply(Render& render, Operation operation, const Number& a, const Number& b) {
    if (a.failed() || b.failed()) {
        return a.failed() ? a : b;
    }
    const bool both_whole = a.whole && b.whole;
    if (operation == Operation::modulo) {
        return both_whole ? whole_division(render, operation, a, b) : decimal_remainder(render, a, b);
    }
    const bool specials = a.form == Number::Form::special || b.form == Number::Form::special;
    if (!both_whole && (specials || a.is_zero() || b.is_zero())) {
        const bool exact = operation == Operation::plus || operation == Operation::minus;
        if (exact && !specials && !(a.is_zero() && b.is_zero())) {
            Number other = a.is_zero() ? (operation == Operation::minus ? negated(b) : b) : a;
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
Wide in_units(const Number& number, int unit, Towards towards) {
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
    const Number number = read(render, input);
    if (number.failed() || number.whole) {
        return to_value(render, number);
    }
    if (number.form == Number::Form::special && number.special != 0) {
        return not_whole(render, number.special);
    }
    if (number.is_zero()) {
        return Value::integer(0);
    }
    return to_value(render, of_wide(in_units(number, 0, towards), 0, true));
}

// -1, 0, 1; nullopt with NaN.
std::optional<int> compare_any(const Number& a, const Number& b) {
    if (a.form != Number::Form::special && b.form != Number::Form::special) {
        return compare(a, b);
    }
    const double left =
        a.form == Number::Form::special ? a.special : (std::isinf(b.special) ? 0 : to_real(a));
    const double right =
        b.form == Number::Form::special ? b.special : (std::isinf(a.special) ? 0 : to_real(b));
    if (std::isnan(left) || std::isnan(right)) {
        return std::nullopt;
    }
    return left < right ? -1 : left > right ? 1 : 0;
}

Value pick(Render& render, const Value& a, const Value& b, int wanted) {
    const Number left = read(render, a);
    const Number right = read(render, b);
    if (left.failed() || right.failed()) {
        return left.failed() ? left.failure : right.failure;
    }
    return to_value(render, compare_any(right, left) == wanted ? right : left);
}

// A whole number as the exact decimal of a double, which compares by its binary value.
Number exact(const Value& value) {
    switch (value.kind()) {
        case Kind::integer:
            return whole(value.as_integer());
        case Kind::big_integer:
            return of_digits(value.as_string(), value.as_string().starts_with('-'), 0, true);
        default:
            break;
    }
    const double real = value.as_real();
    if (!std::isfinite(real)) {
        return special(real);
    }
    return of_wide(Wide(std::trunc(real)), 0, true);
}

}  // namespace

Value to_number(Render& render, const Value& value) {
    return value.is(Kind::integer) || value.is(Kind::real) ? value : to_value(render, read(render, value));
}

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
    return to_value(render, apply(render, operation, read(render, a), read(render, b)));
}

Value sum_numbers(Render& render, std::span<const Value> numbers) {
    Number sum = whole(0);
    for (const Value& value : numbers) {
        sum = apply(render, Operation::plus, sum, read(render, value));
        if (sum.failed() || !render.spend(sizeof(Value))) {
            return sum.failed() ? sum.failure : render.exhausted();
        }
    }
    return to_value(render, sum);
}

Value absolute(Render& render, const Value& input) {
    Number number = read(render, input);
    if (number.form == Number::Form::special) {
        return Value::real(std::abs(number.special));
    }
    const bool negative = number.form == Number::Form::wide ? number.wide < 0 : number.small < 0;
    return to_value(render, negative ? negated(number) : number);
}

Value round_number(Render& render, const Value& input, const Value& digits) {
    const Number number = read(render, input);
    const Number places = read(render, digits);
    if (number.failed() || places.failed()) {
        return number.failed() ? number.failure : places.failure;
    }
    if (places.form == Number::Form::special && places.special != 0) {
        return not_whole(render, places.special);
    }
    const Wide unit =
        in_units(places,
                 0,
                 places.form == Number::Form::special || compare(places, whole(0)) > 0 ? Towards::floor
                                                                                       : Towards::ceil);
    if (unit > std::numeric_limits<std::int32_t>::max() || unit < std::numeric_limits<std::int32_t>::min()) {
        return render.fail(ErrorKind::internal, "internal");
    }
    const int kept = static_cast<int>(unit);
    if (number.whole && kept >= 0) {
        return to_value(render, number);
    }
    if (number.form == Number::Form::special && number.special != 0) {
        return kept > 0 ? Value::real(number.special) : not_whole(render, number.special);
    }
    if (kept > 0) {
        if (number.is_zero() || -number.exponent <= kept) {
            return Value::real(to_real(number));
        }
        const Number rounded = of_wide(in_units(number, -kept, Towards::nearest), -kept, false);
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

std::optional<int> compare_numbers(const Value& a, const Value& b) {
    if (a.is(Kind::integer) && b.is(Kind::integer)) {
        return a.as_integer() < b.as_integer() ? -1 : a.as_integer() > b.as_integer() ? 1 : 0;
    }
    if (a.is(Kind::real) && b.is(Kind::real)) {
        const double left = a.as_real();
        const double right = b.as_real();
        if (std::isnan(left) || std::isnan(right)) {
            return std::nullopt;
        }
        return left < right ? -1 : left > right ? 1 : 0;
    }
    const Number left = exact(a);
    const Number right = exact(b);
    if (const std::optional<int> order = compare_any(left, right); order != 0) {
        return order;
    }
    const double fraction_a = a.is(Kind::real) ? a.as_real() - std::trunc(a.as_real()) : 0;
    const double fraction_b = b.is(Kind::real) ? b.as_real() - std::trunc(b.as_real()) : 0;
    return fraction_a < fraction_b ? -1 : fraction_a > fraction_b ? 1 : 0;
}

}  // namespace cartwright::liquid
