#include "base/rng.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace cartwright {

std::uint64_t Rng::below(std::uint64_t bound) {
    // Draws above the largest multiple of `bound` are thrown away, else small values would come more often.
    const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / bound * bound;
    std::uint64_t drawn = 0;
    do {
        fill(std::as_writable_bytes(std::span(&drawn, 1)));
    } while (drawn >= limit);
    return drawn % bound;
}

void SystemRng::fill(std::span<std::byte> bytes) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the system's random source failed");
    }
}

void SeededRng::fill(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        // splitmix64, by Sebastiano Vigna (public domain): xoshiro's seeding generator.
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        z ^= z >> 31U;
        const std::size_t count = std::min(bytes.size(), sizeof z);
        std::memcpy(bytes.data(), &z, count);
        bytes = bytes.subspan(count);
    }
}

}  // namespace cartwright
