#include "base/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

namespace cartwright {
namespace {

// Gives the numbers it was told, then throws.
class ToldRng final : public Rng {
public:
    explicit ToldRng(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}

    void fill(std::span<std::byte> bytes) override {
        ASSERT_EQ(bytes.size(), sizeof(std::uint64_t));
        std::memcpy(bytes.data(), &numbers_.at(next_++), bytes.size());
    }

    std::size_t taken() const { return next_; }

private:
    std::vector<std::uint64_t> numbers_;
    std::size_t next_ = 0;
};

TEST(RngTest, BelowThrowsAwayWhatWouldFavourSmallNumbers) {
    constexpr std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
    // 2^64 is 6 mod 10: the last six numbers would make 0…5 too frequent.
    ToldRng rng({top, top - 5, top - 6});
    EXPECT_EQ(rng.below(10), (top - 6) % 10);
    EXPECT_EQ(rng.taken(), 3U);
}

TEST(RngTest, BelowIsEven) {
    SeededRng rng(7);
    std::array<int, 6> seen{};
    for (int i = 0; i < 60'000; ++i) {
        ++seen.at(rng.below(6));
    }
    // Chi-square of five degrees of freedom; 20.5 is passed once in a thousand seeds, and this seed is fixed.
    double chi_square = 0;
    for (const int count : seen) {
        chi_square += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
    }
    EXPECT_LT(chi_square, 20.5);
}

TEST(RngTest, BelowOneIsZero) {
    SeededRng rng(1);
    EXPECT_EQ(rng.below(1), 0U);
}

TEST(SeededRngTest, RepeatsAndIsSplitmix64) {
    SeededRng one(0);
    SeededRng other(0);
    std::array<std::uint64_t, 2> first{};
    std::array<std::uint64_t, 2> second{};
    one.fill(std::as_writable_bytes(std::span(first)));
    other.fill(std::as_writable_bytes(std::span(second)));
    EXPECT_EQ(first, second);
    // The published first outputs of splitmix64 for seed 0.
    EXPECT_EQ(first[0], 0xE220A8397B1DCDAFULL);
    EXPECT_EQ(first[1], 0x6E789E6AA1B965F4ULL);
}

TEST(SystemRngTest, FillsAllOfIt) {
    SystemRng rng;
    std::array<std::byte, 64> one{};
    std::array<std::byte, 64> other{};
    rng.fill(one);
    rng.fill(other);
    EXPECT_NE(one, other);
    EXPECT_TRUE(std::ranges::any_of(std::span(one).last(16), [](std::byte b) { return b != std::byte{0}; }));
}

}  // namespace
}  // namespace cartwright
