#include "jobs/jobs.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cartwright::jobs {

namespace {

// Every draw is the least or the greatest.
class Loaded final : public Rng {
public:
    explicit Loaded(bool greatest) : byte_(greatest ? std::byte{0xFF} : std::byte{0}) {}

    void fill(std::span<std::byte> bytes) override { std::ranges::fill(bytes, byte_); }

private:
    std::byte byte_;
};

using std::chrono::microseconds;
using std::chrono::seconds;

}  // namespace

TEST(BackoffTest, ItDoublesUpToTheLongest) {
    Loaded least(false);
    const Backoff backoff{.first = seconds(10), .longest = seconds(100)};
    std::vector<microseconds> pauses;
    for (std::int32_t attempt = 1; attempt <= 6; ++attempt) pauses.push_back(backoff.pause(attempt, least));
    EXPECT_EQ(pauses,
              (std::vector<microseconds>{
                  seconds(5), seconds(10), seconds(20), seconds(40), seconds(50), seconds(50)}));
    EXPECT_EQ(backoff.pause(std::numeric_limits<std::int32_t>::max(), least), seconds(50));
}

TEST(BackoffTest, HalfOfItIsByLot) {
    SeededRng rng(7);
    SeededRng same(7);
    const Backoff backoff{.first = seconds(10), .longest = seconds(100)};
    for (std::int32_t attempt = 1; attempt <= 5; ++attempt) {
        const std::int64_t half = std::min<std::int64_t>(10'000'000LL << (attempt - 1), 100'000'000) / 2;
        const microseconds expected(
            half + static_cast<std::int64_t>(same.below(static_cast<std::uint64_t>(half) + 1)));
        EXPECT_EQ(backoff.pause(attempt, rng), expected);
    }
}

}  // namespace cartwright::jobs
