#include "liquid/decimal.hpp"

#include "liquid/digits.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::array<double, 23> real_tens = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// `digits` may hold underscores and a point, which are passed over.
Decimal of_digits(std::string_view digits, bool negative, int exponent, bool whole) {
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
        Decimal number = decimal(negative ? -chunk : chunk, exponent);
        number.whole = whole;
        return number;
    }
    flush();
    return of_wide(negative ? Wide(-wide) : std::move(wide), exponent, whole);
}

Decimal of_real(double real) {
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

Decimal of_text(Render& render, std::string_view text) {
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
            Decimal number = of_digits(digits, negative, -places, false);
            return negative && number.is_zero() ? special(-0.0) : number;
        }
    }
    const WholePart part = whole_part(text);
    if (part.digits.size() > render.limits().digits) {
        return failed(render.exhausted());
    }
    return of_digits(part.digits, part.negative, 0, true);
}

// Of finite numbers; 0 and -0.0 are equal.
int compare(const Decimal& a, const Decimal& b) {
    std::int64_t left = 0;
    std::int64_t right = 0;
    int exponent = 0;
    if (align(a, b, left, right, exponent)) {
        return left < right ? -1 : left > right ? 1 : 0;
    }
    const Aligned aligned = align(a, b);
    return aligned.left.compare(aligned.right);
}

// A whole number as the exact decimal of a double, which compares by its binary value.
Decimal exact(const Value& value) {
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

Decimal failed(const Value& failure) {
    Decimal number;
    number.form = Decimal::Form::failed;
    number.failure = failure;
    return number;
}

Decimal whole(std::int64_t integer) {
    Decimal number;
    number.small = integer;
    return number;
}

Decimal special(double real) {
    Decimal number;
    number.form = Decimal::Form::special;
    number.whole = false;
    number.special = real;
    return number;
}

Decimal of_wide(Wide&& digits, int exponent, bool whole) {
    Decimal number;
    number.whole = whole;
    number.exponent = exponent;
    if (digits >= std::numeric_limits<std::int64_t>::min() &&
        digits <= std::numeric_limits<std::int64_t>::max()) {
        number.small = static_cast<std::int64_t>(digits);
    } else {
        number.form = Decimal::Form::wide;
        number.wide = std::move(digits);
    }
    return number;
}

Decimal decimal(std::int64_t digits, int exponent) {
    Decimal number;
    number.whole = false;
    number.small = digits;
    number.exponent = exponent;
    return number;
}

Decimal read_decimal(Render& render, const Value& input) {
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
            return value.is(Kind::drop) || value.is_string() ? whole(0) : read_decimal(render, value);
        }
        default:
            return whole(0);
    }
}

Wide wide_of(const Decimal& number) {
    return number.form == Decimal::Form::wide ? number.wide : Wide(number.small);
}

Wide power_of_ten(int exponent) {
    return boost::multiprecision::pow(Wide(10), static_cast<unsigned>(exponent));
}

double to_real(const Decimal& number) {
    if (number.form == Decimal::Form::special) {
        return number.special;
    }
    if (number.form == Decimal::Form::small) {
        const std::int64_t digits = number.small;
        const int places = std::abs(number.exponent);
        if (exact_in_double(digits) && places < static_cast<int>(real_tens.size())) {
            const double scale = real_tens[static_cast<std::size_t>(places)];
            const auto real = static_cast<double>(digits);
            return number.exponent < 0 ? real / scale : real * scale;
        }
    }
    std::string text = number.form == Decimal::Form::small ? std::to_string(number.small) : number.wide.str();
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

Value to_value(Render& render, const Decimal& number) {
    if (number.failed()) {
        return number.failure;
    }
    if (!number.whole) {
        return Value::real(to_real(number));
    }
    if (number.form == Decimal::Form::small) {
        return Value::integer(number.small);
    }
    const std::string digits = number.wide.str();
    if (digits.size() > render.limits().digits + (digits.starts_with('-') ? 1 : 0)) {
        return render.exhausted();
    }
    return Value::big_integer(render.arena().copy(digits));
}

bool align(const Decimal& a, const Decimal& b, std::int64_t& left, std::int64_t& right, int& exponent) {
    if (a.form != Decimal::Form::small || b.form != Decimal::Form::small) {
        return false;
    }
    exponent = std::min(a.exponent, b.exponent);
    const auto up_a = static_cast<std::size_t>(a.exponent - exponent);
    const auto up_b = static_cast<std::size_t>(b.exponent - exponent);
    return up_a < tens.size() && up_b < tens.size() && !__builtin_mul_overflow(a.small, tens[up_a], &left) &&
           !__builtin_mul_overflow(b.small, tens[up_b], &right);
}

Aligned align(const Decimal& a, const Decimal& b) {
    const int exponent = std::min(a.exponent, b.exponent);
    return {wide_of(a) * power_of_ten(a.exponent - exponent),
            wide_of(b) * power_of_ten(b.exponent - exponent),
            exponent};
}

std::optional<int> compare_decimals(const Decimal& a, const Decimal& b) {
    if (a.form != Decimal::Form::special && b.form != Decimal::Form::special) {
        return compare(a, b);
    }
    const double left =
        a.form == Decimal::Form::special ? a.special : (std::isinf(b.special) ? 0 : to_real(a));
    const double right =
        b.form == Decimal::Form::special ? b.special : (std::isinf(a.special) ? 0 : to_real(b));
    if (std::isnan(left) || std::isnan(right)) {
        return std::nullopt;
    }
    return left < right ? -1 : left > right ? 1 : 0;
}

Value to_number(Render& render, const Value& value) {
    return value.is(Kind::integer) || value.is(Kind::real) ? value
                                                           : to_value(render, read_decimal(render, value));
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
    const Decimal left = exact(a);
    const Decimal right = exact(b);
    if (const std::optional<int> order = compare_decimals(left, right); order != 0) {
        return order;
    }
    const double fraction_a = a.is(Kind::real) ? a.as_real() - std::trunc(a.as_real()) : 0;
    const double fraction_b = b.is(Kind::real) ? b.as_real() - std::trunc(b.as_real()) : 0;
    return fraction_a < fraction_b ? -1 : fraction_a > fraction_b ? 1 : 0;
}

}  // namespace cartwright::liquid
