#include "base/bytes.hpp"

#include <array>
#include <cstdint>

namespace cartwright {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view standard_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view digits) {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr auto standard_values = values_of(standard_digits);
constexpr auto url_values = values_of(url_digits);
constexpr auto hex_values = [] {
    auto values = values_of(hex_digits);
    for (std::uint8_t i = 0; i < 6; ++i) {
        values[std::size_t{'A'} + i] = static_cast<std::uint8_t>(10 + i);
    }
    return values;
}();

std::uint8_t value_in(const std::array<std::uint8_t, 256>& values, char c) {
    return values[static_cast<unsigned char>(c)];
}

// Without padding.
std::string encode64(std::span<const std::byte> bytes, std::string_view digits) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const std::byte byte : bytes) {
        held = (held << 8U) | std::to_integer<std::uint32_t>(byte);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text += digits[(held >> bits) & 63U];
        }
    }
    if (bits > 0) {
        text += digits[(held << (6 - bits)) & 63U];
    }
    return text;
}

std::optional<Bytes> decode64(std::string_view text,
                              const std::array<std::uint8_t, 256>& values,
                              std::size_t max_bytes) {
    if (text.size() % 4 == 1 || text.size() / 4 * 3 + (text.size() % 4 * 3) / 4 > max_bytes) {
        return std::nullopt;
    }
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const std::uint8_t value = value_in(values, c);
        if (value == no_digit) {
            return std::nullopt;
        }
        held = (held << 6U) | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::byte>((held >> bits) & 0xFFU));
        }
    }
    if ((held & ((1U << bits) - 1)) != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text += hex_digits[std::to_integer<std::size_t>(byte >> 4)];
        text += hex_digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

std::optional<Bytes> from_hex(std::string_view text, std::size_t max_bytes) {
    if (text.size() % 2 != 0 || text.size() / 2 > max_bytes) {
        return std::nullopt;
    }
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const std::uint8_t high = value_in(hex_values, text[i]);
        const std::uint8_t low = value_in(hex_values, text[i + 1]);
        if (high == no_digit || low == no_digit) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64url(std::span<const std::byte> bytes) {
    return encode64(bytes, url_digits);
}

std::optional<Bytes> from_base64url(std::string_view text, std::size_t max_bytes) {
    return decode64(text, url_values, max_bytes);
}

std::string to_base64(std::span<const std::byte> bytes) {
    std::string text = encode64(bytes, standard_digits);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<Bytes> from_base64(std::string_view text, std::size_t max_bytes) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    return decode64(text.substr(0, text.size() - padding), standard_values, max_bytes);
}

}  // namespace cartwright
