// A name: text with its hash, so that looking it up compares one number and then, once, the bytes. The text
// belongs to somebody else (a program, an arena, a static table).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cartwright::liquid {

// Good enough for tables whose size is bounded; not a defence against chosen collisions, which cost a lookup
// time in proportion to the table and are paid from the render's time budget.
constexpr std::uint32_t hash_of(std::string_view text) noexcept {
    constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15ULL;
    const auto load = [&text](std::size_t at, std::size_t bytes) {
        std::uint64_t word = 0;
        if consteval {
            for (std::size_t i = 0; i < bytes; ++i) {
                word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at + i])) << (8 * i);
            }
        } else {
            if (bytes == 8) {
                std::memcpy(&word, text.data() + at, 8);
            } else {
                std::memcpy(&word, text.data() + at, 4);
                word &= 0xFFFFFFFFULL;
            }
        }
        return word;
    };
    const auto mix = [](std::uint64_t value) {
        value *= multiplier;
        return value ^ (value >> 32);
    };
    const std::size_t size = text.size();
    std::uint64_t hash = mix(size + 1);
    if (size >= 8) {
        std::size_t at = 0;
        for (; at + 8 < size; at += 8) {
            hash = mix(hash ^ load(at, 8));
        }
        hash = mix(hash ^ load(size - 8, 8));
    } else if (size >= 4) {
        hash = mix(hash ^ (load(0, 4) | (load(size - 4, 4) << 32)));
    } else if (size > 0) {
        const auto byte = [&text](std::size_t at) {
            return static_cast<std::uint64_t>(static_cast<unsigned char>(text[at]));
        };
        hash = mix(hash ^ (byte(0) | (byte(size / 2) << 8) | (byte(size - 1) << 16)));
    }
    return static_cast<std::uint32_t>(hash);
}

struct Name {
    const char* data = "";
    std::uint32_t size = 0;
    std::uint32_t hash = hash_of({});

    constexpr Name() noexcept = default;

    // At most 4 GiB of text; what comes from outside is bounded far below that.
    constexpr explicit Name(std::string_view text) noexcept
        : data(text.empty() ? "" : text.data()),
          size(static_cast<std::uint32_t>(text.size())),
          hash(hash_of(text)) {}

    constexpr std::string_view text() const noexcept { return {data, size}; }

    friend bool operator==(const Name& a, const Name& b) noexcept {
        return a.hash == b.hash && a.size == b.size &&
               (a.data == b.data || same_bytes(a.data, b.data, a.size));
    }

private:
    // Names are short: two overlapping words decide for up to 16 bytes.
    static bool same_bytes(const char* a, const char* b, std::size_t size) noexcept {
        const auto same = [a, b]<class Word>(std::size_t at, Word) {
            Word left;
            Word right;
            std::memcpy(&left, a + at, sizeof(Word));
            std::memcpy(&right, b + at, sizeof(Word));
            return left == right;
        };
        if (size > 16) {
            return std::memcmp(a, b, size) == 0;
        }
        if (size >= 8) {
            return same(0, std::uint64_t{}) && same(size - 8, std::uint64_t{});
        }
        if (size >= 4) {
            return same(0, std::uint32_t{}) && same(size - 4, std::uint32_t{});
        }
        return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
    }
};

}  // namespace cartwright::liquid
