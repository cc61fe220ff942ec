// The characters that HTML gives a meaning, looked for sixteen bytes at a time, and what stands for them.
#pragma once

#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <bit>

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

// Place of the first & < > " ' at or after `from`; the text's size when there is none.
inline std::size_t find_html_special(std::string_view text, std::size_t from = 0) noexcept {
    const char* data = text.data();
    std::size_t at = from;
#ifdef __SSE2__
    for (; at + 16 <= text.size(); at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
        // & and ' differ in the lowest bit only, < and > in the second.
        const __m128i ampersand_or_quote =
            _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(1)), _mm_set1_epi8('\''));
        const __m128i less_or_greater =
            _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
        const __m128i double_quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const int found =
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(ampersand_or_quote, less_or_greater), double_quote));
        if (found != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
        }
    }
#endif
    while (at < text.size() && html_entity(data[at]).empty()) {
        ++at;
    }
    return at;
}

}  // namespace cartwright::liquid
