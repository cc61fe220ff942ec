#include "base/decimal.hpp"

#include "base/check.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

namespace cartwright {

std::optional<std::int64_t> parse_decimal(std::string_view text, unsigned digits) noexcept {
    const bool is_negative = text.starts_with('-');
    text.remove_prefix(is_negative ? 1 : 0);
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    const std::string_view fraction =
        dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    if (whole.empty() || fraction.size() > digits || (dot != std::string_view::npos && fraction.empty())) {
        return std::nullopt;
    }
    // Built up below zero, where the smallest number has room.
    std::int64_t value = 0;
    const auto push = [&value](char c) {
        return c >= '0' && c <= '9' && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_sub_overflow(value, c - '0', &value);
    };
    for (const char c : whole) {
        if (!push(c)) {
            return std::nullopt;
        }
    }
    for (unsigned i = 0; i < digits; ++i) {
        if (!push(i < fraction.size() ? fraction[i] : '0')) {
            return std::nullopt;
        }
    }
    if (!is_negative && __builtin_sub_overflow(0, value, &value)) {
        return std::nullopt;
    }
    return value;
}

std::string print_decimal(std::int64_t value, unsigned digits, Zeros zeros) {
    const std::uint64_t size =
        value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    std::string text = fmt::format("{:0{}}", size, digits + 1);
    if (digits > 0) {
        text.insert(text.size() - digits, 1, '.');
        if (zeros == Zeros::dropped) {
            text.resize(text.find_last_not_of('0') + 1);
            if (text.ends_with('.')) {
                text.pop_back();
            }
        }
    }
    return value < 0 ? '-' + text : text;
}

std::int64_t divide_rounded(__int128 numerator, std::int64_t denominator) {
    CHECK(denominator > 0);
    const __int128 half = denominator / 2;
    __int128 quotient = numerator / denominator;
    const __int128 rest = numerator % denominator;
    const __int128 distance = rest < 0 ? -rest : rest;
    if (distance > half || (distance == half && denominator % 2 == 0)) {
        quotient += numerator < 0 ? -1 : 1;
    }
    if (quotient < std::numeric_limits<std::int64_t>::min() ||
        quotient > std::numeric_limits<std::int64_t>::max()) {
        throw std::overflow_error("a number does not fit into 64 bits");
    }
    return static_cast<std::int64_t>(quotient);
}

}  // namespace cartwright
