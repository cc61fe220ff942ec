// The characters that HTML gives a meaning, looked for sixteen bytes at a time, and what stands for them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace cartwright::liquid {

// The entity for one of & < > " ', or nothing for any other character.
constexpr std::string_view html_entity(char c) noexcept {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

constexpr std::size_t longest_html_entity = 6;

// One bit for each of 16 bytes that is special.
inline std::uint32_t html_special_mask(const char* block) noexcept {
#ifdef __SSE2__
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
    // & and ' differ in the lowest bit only, < and > in the second.
    const __m128i ampersand_or_quote =
        _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(1)), _mm_set1_epi8('\''));
    const __m128i less_or_greater = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    const __m128i double_quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(ampersand_or_quote, less_or_greater), double_quote)));
#else
    std::uint32_t mask = 0;
    for (std::uint32_t i = 0; i < 16; ++i) {
        mask |= (html_entity(block[i]).empty() ? 0U : 1U) << i;
    }
    return mask;
#endif
}

// Up to 32 bytes of a text, with room behind them to be read in blocks.
struct HtmlTail {
    explicit HtmlTail(std::string_view rest) noexcept {
        std::memcpy(bytes.data(), rest.data(), std::min<std::size_t>(rest.size(), 32));
    }

    std::array<char, 48> bytes{};
};

// Place of the first & < > " ' at or after `from`; the text's size when there is none.
inline std::size_t find_html_special(std::string_view text, std::size_t from = 0) noexcept {
    std::size_t at = from;
    for (; at + 16 <= text.size(); at += 16) {
        if (const std::uint32_t mask = html_special_mask(text.data() + at); mask != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(mask));
        }
    }
    if (at < text.size()) {
        const HtmlTail tail(text.substr(at));
        if (const std::uint32_t mask = html_special_mask(tail.bytes.data()); mask != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(mask));
        }
    }
    return text.size();
}

inline std::size_t count_html_specials(std::string_view text) noexcept {
    std::size_t count = 0;
    std::size_t at = 0;
    for (; at + 16 <= text.size(); at += 16) {
        count += static_cast<std::size_t>(std::popcount(html_special_mask(text.data() + at)));
    }
    if (at < text.size()) {
        const HtmlTail tail(text.substr(at));
        count += static_cast<std::size_t>(std::popcount(html_special_mask(tail.bytes.data())));
    }
    return count;
}

// Room that write_escaped() needs for a text with that many specials: more than it writes.
constexpr std::size_t room_for_escaped(std::size_t size, std::size_t specials) noexcept {
    return size + specials * (longest_html_entity - 1) + 16;
}

// Writes the text with entities to `to` and returns the end of what was written. Up to 16 bytes behind it are
// overwritten.
inline char* write_escaped(char* to, std::string_view text) noexcept {
    struct Entity {
        char bytes[7];
        std::uint8_t size;
    };

    // By the lower six bits, in which the five differ.
    static constexpr std::array<Entity, 64> entities = [] {
        std::array<Entity, 64> table{};
        for (const char c : std::string_view("&<>\"'")) {
            Entity& entity = table[static_cast<std::size_t>(c) & 63];
            std::ranges::copy(html_entity(c), entity.bytes);
            entity.size = static_cast<std::uint8_t>(html_entity(c).size());
        }
        return table;
    }();
    // `block` has 32 readable bytes, of which `size` (at most 16) are meant.
    const auto write_block = [&to](const char* block, std::size_t size) {
        std::size_t done = 0;
        for (std::uint32_t mask = html_special_mask(block); mask != 0; mask &= mask - 1) {
            const auto at = static_cast<std::size_t>(std::countr_zero(mask));
            std::memcpy(to, block + done, 16);
            to += at - done;
            const Entity& entity = entities[static_cast<unsigned char>(block[at]) & 63];
            std::memcpy(to, entity.bytes, sizeof entity.bytes);
            to += entity.size;
            done = at + 1;
        }
        std::memcpy(to, block + done, 16);
        to += size - done;
    };
    std::size_t at = 0;
    for (; at + 32 <= text.size(); at += 16) {
        write_block(text.data() + at, 16);
    }
    const HtmlTail tail(text.substr(at));
    const std::size_t rest = text.size() - at;
    write_block(tail.bytes.data(), std::min<std::size_t>(rest, 16));
    if (rest > 16) {
        write_block(tail.bytes.data() + 16, rest - 16);
    }
    return to;
}

}  // namespace cartwright::liquid
