#include "base/id.hpp"

#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace cartwright {
namespace {

using namespace std::chrono_literals;

const Instant epoch = std::chrono::sys_days(std::chrono::year{2020} / 1 / 1);

TEST(IdSourceTest, PutsTimeThenNodeThenCounter) {
    ManualClock clock(epoch + 5ms);
    IdSource source(clock, 3);
    EXPECT_EQ(source.next(), (5 << 22) | (3 << 12) | 0);
    EXPECT_EQ(source.next(), (5 << 22) | (3 << 12) | 1);
    clock.advance(1ms);
    EXPECT_EQ(source.next(), (6 << 22) | (3 << 12) | 0);
}

TEST(IdSourceTest, KeepsRisingWhenTheClockIsSetBack) {
    ManualClock clock(epoch + 1000ms);
    IdSource source(clock, 0);
    const std::int64_t before = source.next();
    clock.set(epoch + 10ms);
    EXPECT_EQ(source.next(), before + 1);
}

TEST(IdSourceTest, RunsAheadOfTheClockAfter4096InAMillisecond) {
    ManualClock clock(epoch + 7ms);
    IdSource source(clock, 1023);
    std::int64_t last = 0;
    for (int i = 0; i < 4096; ++i) {
        last = source.next();
    }
    EXPECT_EQ(last, (7LL << 22) | (1023 << 12) | 4095);
    EXPECT_EQ(source.next(), (8LL << 22) | (1023 << 12));
}

TEST(IdSourceTest, GivesFourThreadsRisingIdsThatDontMeetWhileTheClockMovesBackAndForth) {
    ManualClock clock(epoch + 1000ms);
    IdSource source(clock, 1);
    constexpr std::size_t each = 20'000;
    std::vector<std::vector<std::int64_t>> taken(4);
    std::atomic<bool> done = false;
    std::thread mover([&] {
        while (!done) {
            clock.advance(3ms);
            clock.advance(-2ms);
        }
    });
    std::vector<std::thread> threads;
    for (auto& mine : taken) {
        threads.emplace_back([&source, &mine] {
            for (std::size_t i = 0; i < each; ++i) {
                mine.push_back(source.next());
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    done = true;
    mover.join();
    std::vector<std::int64_t> all;
    for (const auto& mine : taken) {
        EXPECT_TRUE(std::ranges::is_sorted(mine, std::ranges::less_equal())) << "not strictly rising";
        all.insert(all.end(), mine.begin(), mine.end());
    }
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
    EXPECT_EQ(all.size(), 4 * each);
    EXPECT_GT(all.front(), 0);
}

TEST(IdTest, OfOneKindIsNotAnother) {
    static_assert(!std::is_convertible_v<ShopId, AccountId>);
    static_assert(!std::is_convertible_v<std::int64_t, ShopId>);
    static_assert(!std::is_convertible_v<ShopId, std::int64_t>);
    EXPECT_FALSE(ShopId());
    EXPECT_TRUE(ShopId(1));
    EXPECT_LT(ShopId(1), ShopId(2));
}

}  // namespace
}  // namespace cartwright
