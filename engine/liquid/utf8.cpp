#include "liquid/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cartwright::liquid {

namespace {

constexpr bool is_continuation(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Bytes of the well-formed character at the beginning; 0: it isn't one.
std::size_t character_size(const char* at, std::size_t left) noexcept {
    const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    const auto within = [&byte](std::size_t i, unsigned char least, unsigned char most) {
        return byte(i) >= least && byte(i) <= most;
    };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return left >= 2 && is_continuation(at[1]) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned char least = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned char most = lead == 0xED ? 0x9F : 0xBF;
        return left >= 3 && within(1, least, most) && is_continuation(at[2]) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned char least = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned char most = lead == 0xF4 ? 0x8F : 0xBF;
        return left >= 4 && within(1, least, most) && is_continuation(at[2]) && is_continuation(at[3]) ? 4
                                                                                                       : 0;
    }
    return 0;
}

// The first byte of eight that isn't ASCII, looked for eight at a time; the end if there is none.
const char* skip_ascii(const char* at, const char* end) noexcept {
    while (end - at >= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof word);
        if ((word & 0x8080808080808080ULL) != 0) {
            break;
        }
        at += 8;
    }
    while (at != end && static_cast<unsigned char>(*at) < 0x80) {
        ++at;
    }
    return at;
}

std::size_t count_characters(std::string_view text) noexcept {
    if (is_ascii(text) || !is_utf8(text)) {
        return text.size();
    }
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

}  // namespace

bool is_ascii(std::string_view text) noexcept {
    const char* end = text.data() + text.size();
    return skip_ascii(text.data(), end) == end;
}

bool is_utf8(std::string_view text) noexcept {
    const char* at = text.data();
    const char* end = at + text.size();
    while ((at = skip_ascii(at, end)) != end) {
        do {
            const std::size_t size = character_size(at, static_cast<std::size_t>(end - at));
            if (size == 0) {
                return false;
            }
            at += size;
        } while (at != end && static_cast<unsigned char>(*at) >= 0x80);
    }
    return true;
}

Characters::Characters(std::string_view text) noexcept : text_(text), size_(count_characters(text)) {}

std::size_t Characters::offset(std::size_t at) const noexcept {
    if (size_ == text_.size()) {
        return at;
    }
    std::size_t byte = 0;
    if (at <= size_ / 2) {
        for (; at > 0; --at) {
            byte += first_of(text_.substr(byte)).size();
        }
    } else {
        byte = text_.size();
        for (std::size_t back = size_ - at; back > 0; --back) {
            do {
                --byte;
            } while (is_continuation(text_[byte]));
        }
    }
    return byte;
}

std::string_view Characters::first_of(std::string_view rest) const noexcept {
    std::size_t size = std::min<std::size_t>(rest.size(), 1);
    while (size_ != text_.size() && size < rest.size() && is_continuation(rest[size])) {
        ++size;
    }
    return rest.substr(0, size);
}

std::string_view Characters::slice(std::size_t from, std::size_t count) const noexcept {
    from = std::min(from, size_);
    count = std::min(count, size_ - from);
    const std::size_t begin = offset(from);
    return text_.substr(begin, offset(from + count) - begin);
}

std::string_view first_character(std::string_view text) noexcept {
    return Characters(text).slice(0, 1);
}

std::string_view last_character(std::string_view text) noexcept {
    const Characters characters(text);
    return characters.slice(characters.size() - std::min<std::size_t>(characters.size(), 1), 1);
}

}  // namespace cartwright::liquid
