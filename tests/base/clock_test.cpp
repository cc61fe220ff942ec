#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace cartwright {
namespace {

using namespace std::chrono_literals;

TEST(ManualClockTest, StandsStillUntilItIsMoved) {
    const Instant start(1'700'000'000s);
    ManualClock clock(start);
    EXPECT_EQ(clock.now(), start);
    EXPECT_EQ(clock.now(), start);
    clock.advance(90s);
    EXPECT_EQ(clock.now(), start + 90s);
    clock.set(start - 1us);
    EXPECT_EQ(clock.now(), start - 1us);
}

}  // namespace
}  // namespace cartwright
