// Randomness, handed in. Tokens, ids of nodes and jitter take it from an Rng, so that a test can repeat
// them; only rng.cpp names the system's source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cartwright {

class Rng {
public:
    Rng() = default;
    Rng(const Rng&) = delete;
    Rng& operator=(const Rng&) = delete;
    virtual ~Rng() = default;

    virtual void fill(std::span<std::byte> bytes) = 0;

    // Evenly distributed in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
};

// OpenSSL's generator, seeded by the kernel: fit for secrets. Safe to share between threads.
class SystemRng final : public Rng {
public:
    void fill(std::span<std::byte> bytes) override;
};

// Repeatable, for tests and simulation only; never for secrets. Not safe to share between threads.
class SeededRng final : public Rng {
public:
    explicit SeededRng(std::uint64_t seed) noexcept : state_(seed) {}

    void fill(std::span<std::byte> bytes) override;

private:
    std::uint64_t state_;
};

}  // namespace cartwright
