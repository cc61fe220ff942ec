#include "liquid/text_filter.hpp"
#include "liquid/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cartwright::liquid {

namespace {

// --- Forms of URLs (application/x-www-form-urlencoded, as Ruby's CGI has it) ---

constexpr bool is_unreserved(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

Value url_encode(Render& render, std::string_view text, const Arguments&) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto special = std::ranges::find_if_not(text, is_unreserved);
    if (special == text.end()) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size() + text.size() / 2 + 16);
    constexpr std::size_t piece = 1024;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        char* const begin = out.room(3 * std::min(piece, text.size()));
        if (begin == nullptr) {
            break;
        }
        char* to = begin;
        for (const char c : text.substr(0, piece)) {
            if (is_unreserved(c)) {
                *to++ = c;
            } else if (c == ' ') {
                *to++ = '+';
            } else {
                const auto byte = static_cast<unsigned char>(c);
                *to++ = '%';
                *to++ = hex[byte >> 4];
                *to++ = hex[byte & 15];
            }
        }
        out.wrote(static_cast<std::size_t>(to - begin));
    }
    return out.finish();
}

// -1: not a hexadecimal digit.
constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char letter = static_cast<char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

Value checked_utf8(Render& render, std::string_view text) {
    return is_utf8(text) ? Value::string(text) : render.argument_error("invalid byte sequence in UTF-8");
}

Value url_decode(Render& render, std::string_view text, const Arguments&) {
    if (text.find_first_of("%+") == std::string_view::npos) {
        return checked_utf8(render, text);
    }
    TextBuilder out(render, text.size());
    char* const begin = out.room(text.size());
    if (begin == nullptr) {
        return out.finish();
    }
    char* to = begin;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c != '%') {
            *to++ = c == '+' ? ' ' : c;
            continue;
        }
        if (text.size() - at < 3) {
            // As CGI.unescape: even a + is left as it is here.
            to = std::ranges::copy(text.substr(at), to).out;
            break;
        }
        const int high = hex_digit(text[at + 1]);
        const int low = hex_digit(text[at + 2]);
        if (high < 0 || low < 0) {
            *to++ = c;
            continue;
        }
        *to++ = static_cast<char>(high * 16 + low);
        at += 2;
    }
    out.wrote(static_cast<std::size_t>(to - begin));
    const Value decoded = out.finish();
    return decoded.is_string() ? checked_utf8(render, decoded.as_string()) : decoded;
}

// --- Base64 (RFC 4648, sections 4 and 5) ---

using Alphabet = std::array<char, 64>;
using Sextets = std::array<std::int8_t, 256>;

constexpr Alphabet alphabet_with(char plus, char slash) {
    Alphabet alphabet{};
    std::size_t at = 0;
    for (char c = 'A'; c <= 'Z'; ++c) {
        alphabet[at++] = c;
    }
    for (char c = 'a'; c <= 'z'; ++c) {
        alphabet[at++] = c;
    }
    for (char c = '0'; c <= '9'; ++c) {
        alphabet[at++] = c;
    }
    alphabet[at++] = plus;
    alphabet[at] = slash;
    return alphabet;
}

constexpr Alphabet standard_alphabet = alphabet_with('+', '/');
constexpr Alphabet url_safe_alphabet = alphabet_with('-', '_');

constexpr void add_sextets(Sextets& sextets, const Alphabet& alphabet) {
    for (std::size_t at = 0; at < alphabet.size(); ++at) {
        sextets[static_cast<unsigned char>(alphabet[at])] = static_cast<std::int8_t>(at);
    }
}

constexpr Sextets standard_sextets = [] {
    Sextets sextets{};
    sextets.fill(-1);
    add_sextets(sextets, standard_alphabet);
    return sextets;
}();

// Ruby's urlsafe_decode64 reads both alphabets.
constexpr Sextets url_safe_sextets = [] {
    Sextets sextets = standard_sextets;
    add_sextets(sextets, url_safe_alphabet);
    return sextets;
}();

Value encode(Render& render, std::string_view text, const Alphabet& alphabet) {
    const std::size_t size = (text.size() + 2) / 3 * 4;
    TextBuilder out(render, size);
    char* to = out.room(size);
    if (to == nullptr) {
        return out.finish();
    }
    const auto byte = [text](std::size_t at) -> std::uint32_t {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
    };
    for (std::size_t at = 0; at < text.size(); at += 3, to += 4) {
        const std::uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        to[0] = alphabet[bits >> 18];
        to[1] = alphabet[bits >> 12 & 63];
        to[2] = at + 1 < text.size() ? alphabet[bits >> 6 & 63] : '=';
        to[3] = at + 2 < text.size() ? alphabet[bits & 63] : '=';
    }
    out.wrote(size);
    return out.finish();
}

// `text` has no padding any more. Bits that belong to no byte must be 0.
Value decode(Render& render, std::string_view text, const Sextets& sextets, std::string_view complaint) {
    TextBuilder out(render, text.size() / 4 * 3 + 2);
    char* const begin = out.room(text.size() / 4 * 3 + 2);
    if (begin == nullptr) {
        return out.finish();
    }
    char* to = begin;
    std::uint32_t bits = 0;
    int pending = 0;
    int invalid = text.size() % 4 == 1 ? -1 : 0;
    for (const char c : text) {
        const int sextet{sextets[static_cast<unsigned char>(c)]};  // -1 where the byte is none
        invalid |= sextet;
        bits = bits << 6 | (static_cast<std::uint32_t>(sextet) & 63);
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            *to++ = static_cast<char>(bits >> pending);
        }
    }
    const std::uint32_t left_over = bits & ((1U << pending) - 1);
    if (invalid < 0 || left_over != 0) {
        return render.argument_error(complaint);
    }
    out.wrote(static_cast<std::size_t>(to - begin));
    return out.finish();
}

// Without the padding that makes it a multiple of four; nothing is taken off when there is none such.
std::string_view without_padding(std::string_view text) noexcept {
    if (text.size() % 4 == 0 && text.ends_with('=')) {
        text.remove_suffix(text.ends_with("==") ? 2 : 1);
    }
    return text;
}

Value base64_encode(Render& render, std::string_view text, const Arguments&) {
    return encode(render, text, standard_alphabet);
}

Value base64_url_safe_encode(Render& render, std::string_view text, const Arguments&) {
    return encode(render, text, url_safe_alphabet);
}

Value base64_decode(Render& render, std::string_view text, const Arguments&) {
    constexpr std::string_view complaint = "invalid base64 provided to base64_decode";
    return text.size() % 4 == 0 ? decode(render, without_padding(text), standard_sextets, complaint)
                                : render.argument_error(complaint);
}

// Padding may be left out.
Value base64_url_safe_decode(Render& render, std::string_view text, const Arguments&) {
    return decode(
        render, without_padding(text), url_safe_sextets, "invalid base64 provided to base64_url_safe_decode");
}

constexpr Filter filters[] = {
    {.name = "url_encode",
     .apply = of_text_or_nil<url_encode>,
     .pure = true,
     .summary =
         "The text as a part of a URL's query: + for blanks, % and two digits for what isn't allowed."},
    {.name = "url_decode",
     .apply = of_text_or_nil<url_decode>,
     .pure = true,
     .summary = "The text that url_encode was given."},
    {.name = "base64_encode",
     .apply = of_text<base64_encode>,
     .pure = true,
     .summary = "The text in Base64."},
    {.name = "base64_decode",
     .apply = of_text<base64_decode>,
     .pure = true,
     .summary = "What a text in Base64 stands for."},
    {.name = "base64_url_safe_encode",
     .apply = of_text<base64_url_safe_encode>,
     .pure = true,
     .summary = "The text in the Base64 that may stand in a URL."},
    {.name = "base64_url_safe_decode",
     .apply = of_text<base64_url_safe_decode>,
     .pure = true,
     .summary = "What a text in the Base64 of URLs stands for."},
};

}  // namespace

std::span<const Filter> url_filters() {
    return filters;
}

}  // namespace cartwright::liquid
