#include "base/blocking.hpp"

#include "base/within.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <semaphore>

namespace cartwright {
namespace {

using namespace std::chrono_literals;

// Runs a Task to its end on a context of its own, and rethrows what it threw.
void finish(Task<> task) {
    boost::asio::io_context io(1);
    std::optional<std::exception_ptr> end;
    boost::asio::co_spawn(io, std::move(task), [&end](std::exception_ptr failure) { end = failure; });
    io.run();
    ASSERT_TRUE(end.has_value()) << "the task did not end";
    if (*end) {
        std::rethrow_exception(*end);
    }
}

// Holds the only thread of a pool until it is let go.
class HeldPool {
public:
    explicit HeldPool(std::size_t queue_limit) : pool(1, queue_limit) {
        EXPECT_TRUE(pool.post([this] {
            held_.release();
            let_go_.acquire();
        }));
        held_.acquire();
    }

    void let_go() { let_go_.release(); }

private:
    std::binary_semaphore held_{0};
    std::binary_semaphore let_go_{0};

public:
    BlockingPool pool;
};

TEST(BlockingPoolTest, RunsElsewhereAndResumesHere) {
    BlockingPool pool(2, 8);
    auto task = [&]() -> Task<> {
        const auto here = std::this_thread::get_id();
        auto work = [] { return std::this_thread::get_id(); };
        const auto there = co_await run(pool, work);
        EXPECT_NE(there, here);
        EXPECT_EQ(std::this_thread::get_id(), here);
        auto own = [text = std::make_unique<std::string>("moved")]() mutable { return std::move(text); };
        const auto text = co_await run(pool, std::move(own));
        EXPECT_EQ(*text, "moved");
    };
    finish(task());
}

TEST(BlockingPoolTest, ExceptionsTravel) {
    BlockingPool pool(1, 8);
    auto task = [&]() -> Task<> {
        auto work = []() -> int { throw std::out_of_range("from the pool"); };
        co_await run(pool, work);
    };
    EXPECT_THROW(finish(task()), std::out_of_range);
    bool ran = false;
    auto quiet = [&]() -> Task<> {
        auto work = [&ran] { ran = true; };
        co_await run(pool, work);
    };
    finish(quiet());
    EXPECT_TRUE(ran);
}

TEST(BlockingPoolTest, AFullQueueIsBusyAtOnceAndRunsNothing) {
    HeldPool held(1);
    EXPECT_TRUE(held.pool.post([] {}));
    EXPECT_EQ(held.pool.queued(), 1U);
    bool ran = false;
    auto task = [&]() -> Task<> {
        auto work = [&ran] { ran = true; };
        co_await run(held.pool, work);
    };
    EXPECT_THROW(finish(task()), Busy);
    EXPECT_EQ(held.pool.queued(), 1U);
    held.let_go();
    finish([&]() -> Task<> {
        auto work = [] { return 1; };
        // The queue empties on its own once the thread is free.
        while (held.pool.queued() > 0) {
            std::this_thread::yield();
        }
        EXPECT_EQ(co_await run(held.pool, work), 1);
    }());
    EXPECT_FALSE(ran);
}

TEST(BlockingPoolTest, DoesAllThatWasQueuedBeforeItEnds) {
    std::atomic<int> done = 0;
    {
        BlockingPool pool(2, 100);
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(pool.post([&done] { ++done; }) || pool.queued() == 100);
        }
    }
    EXPECT_EQ(done, 100);
}

TEST(WithinTest, GivesTheResultInTime) {
    auto task = []() -> Task<> {
        auto work = []() -> Task<int> { co_return 7; };
        const int result = co_await within(1h, work());
        EXPECT_EQ(result, 7);
        auto nothing = []() -> Task<> { co_return; };
        co_await within(1h, nothing());
    };
    finish(task());
}

TEST(WithinTest, CancelsWhatIsTooLateAndWaitsForItsEnd) {
    bool ended = false;
    auto task = [&]() -> Task<> {
        auto work = [&ended]() -> Task<> {
            struct AtEnd {
                bool& flag;
                ~AtEnd() { flag = true; }
            } at_end{ended};
            Timer timer(co_await boost::asio::this_coro::executor, 1h);
            co_await timer.async_wait(use_task);
        };
        co_await within(1ms, work());
    };
    EXPECT_THROW(finish(task()), TooLate);
    EXPECT_TRUE(ended);
}

TEST(WithinTest, ExceptionsTravelWithoutWaitingForTheDeadline) {
    auto task = []() -> Task<> {
        auto work = []() -> Task<int> {
            throw std::out_of_range("early");
            co_return 1;
        };
        co_await within(1h, work());
    };
    EXPECT_THROW(finish(task()), std::out_of_range);
}

}  // namespace
}  // namespace cartwright
