#include "liquid/number.hpp"

#include "liquid/digits.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace cartwright::liquid {

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

std::int64_t clamped(double number) {
    if (std::isnan(number)) {
        return 0;
    }
    if (number >= 0x1p63) {
        return most;
    }
    return number < -0x1p63 ? least : static_cast<std::int64_t>(number);
}

std::int64_t clamped(std::string_view digits, int base) {
    const bool negative = digits.starts_with('-');
    std::int64_t number = 0;
    const auto [_, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    return error == std::errc{} ? number : negative ? least : most;
}

int digit_value(char letter) {
    if (is_digit(letter)) {
        return letter - '0';
    }
    const char lower = static_cast<char>(letter | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

// The base that a prefix after the sign names, and the prefix cut off; 10 without one.
int cut_prefix(std::string_view& text) {
    if (text.size() < 2 || text[0] != '0') {
        return 10;
    }
    int base = 8;
    std::size_t length = 2;
    switch (text[1] | 0x20) {
        case 'x':
            base = 16;
            break;
        case 'b':
            base = 2;
            break;
        case 'd':
            base = 10;
            break;
        case 'o':
            base = 8;
            break;
        default:
            length = text[1] == '_' ? 2 : 1;
    }
    text.remove_prefix(length);
    return base;
}

}  // namespace

WholePart whole_part(std::string_view text) {
    WholePart part;
    std::size_t at = 0;
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        part.negative = text[at] == '-';
        ++at;
    }
    if (text.size() - at > 2 && text[at] == '0' && (text[at + 1] | 0x20) == 'd' && is_digit(text[at + 2])) {
        at += 2;
    }
    const std::size_t begin = at;
    while (at < text.size() &&
           (is_digit(text[at]) || (text[at] == '_' && at > begin && text[at - 1] != '_'))) {
        ++at;
    }
    part.digits = text.substr(begin, at - begin);
    return part;
}

std::optional<std::int64_t> to_integer(Render& render, const Value& input) {
    const Value value = render.primitive(input);
    if (value.is(Kind::integer)) {
        return value.as_integer();
    }
    if (value.is(Kind::big_integer)) {
        return clamped(value.as_string(), 10);
    }
    if (!value.is_string()) {
        return std::nullopt;
    }
    // Ruby's reader of numbers that don't fit 64 bits or have underscores ends at a NUL; the other one refuses it.
    std::string_view text = value.as_string();
    const std::size_t nul = text.find('\0');
    bool may_end_at_nul = nul == std::string_view::npos;
    text = text.substr(0, nul);
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    if (text.size() > render.limits().digits) {
        return std::nullopt;
    }
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const int base = cut_prefix(text);
    std::array<char, 72> digits;
    std::size_t size = 0;
    if (negative) {
        digits[size++] = '-';
    }
    std::uint64_t magnitude = 0;
    bool after_digit = false;
    for (const char letter : text) {
        if (letter == '_' && after_digit) {
            after_digit = false;
            may_end_at_nul = may_end_at_nul || magnitude != 0;
            continue;
        }
        const int digit = digit_value(letter);
        if (digit >= base) {
            return std::nullopt;
        }
        after_digit = true;
        if (__builtin_mul_overflow(magnitude, static_cast<std::uint64_t>(base), &magnitude) ||
            __builtin_add_overflow(magnitude, static_cast<std::uint64_t>(digit), &magnitude)) {
            may_end_at_nul = true;
        }
        const bool leading_zero = letter == '0' && size == (negative ? 1U : 0U);
        if (!leading_zero && size < digits.size()) {
            digits[size++] = letter;
        }
    }
    if (!after_digit || !may_end_at_nul) {
        return std::nullopt;
    }
    return size == (negative ? 1U : 0U) ? 0 : clamped(std::string_view(digits.data(), size), base);
}

std::int64_t to_i(Render& render, const Value& input) {
    const Value value = render.primitive(input);
    switch (value.kind()) {
        case Kind::integer:
            return value.as_integer();
        case Kind::big_integer:
            return clamped(value.as_string(), 10);
        case Kind::real:
            return clamped(value.as_real());
        case Kind::string:
            break;
        default:
            return 0;
    }
    const WholePart part = whole_part(value.as_string());
    std::int64_t number = 0;
    for (const char letter : part.digits) {
        if (letter == '_') {
            continue;
        }
        const int digit = part.negative ? '0' - letter : letter - '0';
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number)) {
            return part.negative ? least : most;
        }
    }
    return number;
}

Value whole_number(Render& render, std::string_view digits) {
    const bool negative = digits.starts_with('-');
    digits.remove_prefix(negative ? 1 : 0);
    if (digits.empty() || digits.size() > render.limits().digits || !std::ranges::all_of(digits, is_digit)) {
        return {};
    }
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    char* text = render.arena().room<char>(digits.size() + 1);
    text[0] = '-';
    std::ranges::copy(digits, text + 1);
    const std::string_view canonical =
        negative ? std::string_view(text, digits.size() + 1) : std::string_view(text + 1, digits.size());
    std::int64_t number = 0;
    const auto [_, error] = std::from_chars(canonical.data(), canonical.data() + canonical.size(), number);
    return error == std::errc{} ? Value::integer(number) : Value::big_integer(canonical);
}

std::string_view print_real(double number, char* buffer) {
    if (std::isnan(number)) {
        return "NaN";
    }
    if (std::isinf(number)) {
        return number < 0 ? "-Infinity" : "Infinity";
    }
    const double size = std::abs(number);
    const bool fixed =
        size == 0 || (size >= 1e-4 && size < 1e15) || (size < 1e16 && size != std::trunc(size) && size > 1);
    char* end =
        std::to_chars(
            buffer, buffer + 30, number, fixed ? std::chars_format::fixed : std::chars_format::scientific)
            .ptr;
    char* const place = fixed ? end : std::find(buffer, end, 'e');
    if (std::find(buffer, place, '.') == place) {
        std::copy_backward(place, end, end + 2);
        place[0] = '.';
        place[1] = '0';
        end += 2;
    }
    return {buffer, static_cast<std::size_t>(end - buffer)};
}

}  // namespace cartwright::liquid
