#include "http/rate.hpp"

#include "base/rng.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace cartwright::http {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class RateTest : public testing::Test {
protected:
    int taken(std::string_view address, int tries, Rate kind = Rate::page) {
        int passed = 0;
        for (int i = 0; i < tries; ++i)
            passed += table_.take(kind, address, limit_, now_).count() == 0 ? 1 : 0;
        return passed;
    }

    SeededRng rng_{1};
    RateTable table_{rng_, 1024};
    RateLimit limit_{milliseconds(50), 60};
    RateTable::Time now_{std::chrono::hours(5)};
};

TEST_F(RateTest, ABurstThenTheRate) {
    EXPECT_EQ(taken("192.0.2.1", 100), 60);
    now_ += milliseconds(49);
    EXPECT_EQ(taken("192.0.2.1", 10), 0);
    now_ += milliseconds(1);
    EXPECT_EQ(taken("192.0.2.1", 10), 1);
    now_ += milliseconds(500);
    EXPECT_EQ(taken("192.0.2.1", 100), 10);
    now_ += std::chrono::hours(1);
    EXPECT_EQ(taken("192.0.2.1", 100), 60);
}

TEST_F(RateTest, TellsHowLongToWait) {
    EXPECT_EQ(taken("192.0.2.1", 60), 60);
    EXPECT_EQ(table_.take(Rate::page, "192.0.2.1", limit_, now_), microseconds(50'000));
    EXPECT_EQ(table_.take(Rate::page, "192.0.2.1", limit_, now_ + milliseconds(20)), microseconds(30'000));
}

TEST_F(RateTest, AddressesAndKindsAreCountedApart) {
    EXPECT_EQ(taken("192.0.2.1", 100), 60);
    EXPECT_EQ(taken("192.0.2.2", 100), 60);
    EXPECT_EQ(taken("192.0.2.1", 100, Rate::write), 60);
    EXPECT_EQ(taken("192.0.2.1", 100, Rate::none), 100);
}

TEST_F(RateTest, AnIpv6ClientIsItsWholeNetwork) {
    EXPECT_EQ(taken("2001:db8:0:1::1", 40), 40);
    EXPECT_EQ(taken("2001:db8:0:1:ffff::2", 40), 20);
    EXPECT_EQ(taken("2001:db8:0:2::1", 100), 60);
    EXPECT_EQ(taken("2001:db8::1", 100), 60);
}

TEST_F(RateTest, AMappedAddressIsTheIpv4Client) {
    EXPECT_EQ(taken("192.0.2.1", 60), 60);
    EXPECT_EQ(taken("::ffff:192.0.2.1", 10), 0);
    EXPECT_EQ(taken("::ffff:192.0.2.2", 10), 10);
}

TEST_F(RateTest, AnyOtherTextIsItself) {
    EXPECT_EQ(taken("unix", 100), 60);
    EXPECT_EQ(taken("", 100), 60);
    EXPECT_EQ(taken(std::string(300, 'x'), 100), 60);
    EXPECT_EQ(taken("fe80::1%eth0", 100), 60);
}

TEST_F(RateTest, AFloodOfAddressesIsBoundedAndLocksNobodyOut) {
    for (int i = 0; i < 100'000; ++i) {
        EXPECT_EQ(table_.take(Rate::page, "198.51.100." + std::to_string(i), limit_, now_).count(), 0);
    }
    EXPECT_GE(taken("192.0.2.1", 60), 60);
}

TEST_F(RateTest, ShopsHaveBucketsOfTheirOwn) {
    const RateLimit shop{milliseconds(5), 3};
    for (const std::int64_t tenant : {1, 2}) {
        int passed = 0;
        for (int i = 0; i < 10; ++i) passed += table_.take_of_shop(tenant, shop, now_).count() == 0 ? 1 : 0;
        EXPECT_EQ(passed, 3);
    }
}

TEST_F(RateTest, ThreadsShareTheLimitExactly) {
    EXPECT_EQ(taken("192.0.2.1", 1), 1);  // the bucket is there
    std::atomic<int> passed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                if (table_.take(Rate::page, "192.0.2.1", limit_, now_).count() == 0) ++passed;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(passed, 59);
}

}  // namespace
}  // namespace cartwright::http
