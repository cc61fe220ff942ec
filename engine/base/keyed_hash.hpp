// SipHash-1-3 (Aumasson and Bernstein, 2012; one round a word, three at the end): a hash whose collisions
// can't be guessed by someone who doesn't know the key. For tables whose keys come from outside. Not a
// signature; crypto.hpp has those.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cartwright {

class KeyedHash {
public:
    constexpr KeyedHash(std::uint64_t key, std::uint64_t other_key) noexcept
        : v0_(0x736f6d6570736575ULL ^ key),
          v1_(0x646f72616e646f6dULL ^ other_key),
          v2_(0x6c7967656e657261ULL ^ key),
          v3_(0x7465646279746573ULL ^ other_key) {}

    // Parts run into each other as they do in memory: add a length or a separator where that matters.
    constexpr KeyedHash& add(std::string_view text) noexcept {
        for (const char c : text) add_byte(static_cast<unsigned char>(c));
        return *this;
    }

    constexpr KeyedHash& add(std::uint64_t number) noexcept {
        for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<unsigned char>(number >> shift));
        return *this;
    }

    constexpr std::uint64_t finish() const noexcept {
        KeyedHash end = *this;
        end.take(end.word_ | (static_cast<std::uint64_t>(length_) << 56U));
        end.v2_ ^= 0xff;
        for (int i = 0; i < 3; ++i) end.round();
        return end.v0_ ^ end.v1_ ^ end.v2_ ^ end.v3_;
    }

private:
    constexpr void add_byte(unsigned char byte) noexcept {
        word_ |= static_cast<std::uint64_t>(byte) << (8U * (length_ & 7U));
        if ((++length_ & 7U) == 0) {
            take(word_);
            word_ = 0;
        }
    }

    constexpr void take(std::uint64_t word) noexcept {
        v3_ ^= word;
        round();
        v0_ ^= word;
    }

    constexpr void round() noexcept {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_;
    std::uint64_t v1_;
    std::uint64_t v2_;
    std::uint64_t v3_;
    std::uint64_t word_ = 0;
    unsigned length_ = 0;  // only its low 8 bits count, as the algorithm says
};

}  // namespace cartwright
