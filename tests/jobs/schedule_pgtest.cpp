#include "jobs/schedule.hpp"

#include "jobs/fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace cartwright::jobs {

namespace {

class ScheduleTest : public JobsTest {
protected:
    ScheduleTest() {
        clock().set(start());
        as_owner("delete from schedules");  // those of other tests
    }

    static Instant start() {
        return std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(10);
    }

    Schedule nightly() {
        Schedule schedule;
        schedule.name = "test." + queue_;
        schedule.cron = "30 4 * * *";
        schedule.time_zone = "Europe/Moscow";
        schedule.kind = "clean";
        schedule.queue = queue_;
        return schedule;
    }

    std::string next_at() {
        return as_owner(
            fmt::format("select to_char(next_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from schedules"
                        " where name = 'test.{}'",
                        queue_));
    }
};

}  // namespace

PG_TEST(ScheduleTest, WhatIsDueIsEnqueuedOnce) {
    co_await put_schedules(database(), clock(), {nightly()});
    EXPECT_EQ(next_at(), "2026-11-24 01:30");
    EXPECT_EQ(co_await enqueue_due(database(), clock(), ids()), 0U);
    clock().set(start() + std::chrono::hours(15) + std::chrono::minutes(30));
    EXPECT_EQ(co_await enqueue_due(database(), clock(), ids()), 1U);
    EXPECT_EQ(co_await enqueue_due(database(), clock(), ids()), 0U);
    EXPECT_EQ(next_at(), "2026-11-25 01:30");
    EXPECT_EQ(count_in_queue(), "1");
}

PG_TEST(ScheduleTest, MissedTimesAreMadeUpForByOneJob) {
    co_await put_schedules(database(), clock(), {nightly()});
    clock().advance(std::chrono::hours(24 * 10));
    EXPECT_EQ(co_await enqueue_due(database(), clock(), ids()), 1U);
    EXPECT_EQ(next_at(), "2026-12-04 01:30");
    // The job isn't done a day later: no second one.
    clock().advance(std::chrono::hours(24));
    EXPECT_EQ(co_await enqueue_due(database(), clock(), ids()), 0U);
    EXPECT_EQ(next_at(), "2026-12-05 01:30");
    EXPECT_EQ(count_in_queue(), "1");
}

PG_TEST(ScheduleTest, PuttingTheSameAgainKeepsTheNextTime) {
    co_await put_schedules(database(), clock(), {nightly()});
    clock().advance(std::chrono::hours(24 * 3));
    co_await put_schedules(database(), clock(), {nightly()});
    EXPECT_EQ(next_at(), "2026-11-24 01:30");
    Schedule changed = nightly();
    changed.cron = "0 5 * * *";
    co_await put_schedules(database(), clock(), {changed});
    EXPECT_EQ(next_at(), "2026-11-27 02:00");
}

PG_TEST(ScheduleTest, AWrongScheduleIsRefusedAndNothingIsPut) {
    Schedule wrong = nightly();
    wrong.name += ".wrong";
    wrong.cron = "every day";
    Schedule never = wrong;
    never.cron = "0 0 30 2 *";
    Schedule nowhere = wrong;
    nowhere.cron = "0 0 * * *";
    nowhere.time_zone = "Mars/Olympus";
    const std::vector<Schedule> all{wrong, never, nowhere};
    for (const Schedule& bad : all) {
        bool refused = false;
        try {
            co_await put_schedules(database(), clock(), {nightly(), bad});
        } catch (const std::invalid_argument&) {
            refused = true;
        }
        EXPECT_TRUE(refused) << bad.cron;
        EXPECT_EQ(as_owner(fmt::format("select count(*) from schedules where name like 'test.{}%'", queue_)),
                  "0");
    }
}

PG_TEST(ScheduleTest, ManyThatLookTakeItOnce) {
    co_await put_schedules(database(), clock(), {nightly()});
    clock().advance(std::chrono::hours(24));
    int looking = 8;
    std::size_t enqueued = 0;
    const auto look = [&]() -> Task<> {
        enqueued += co_await enqueue_due(database(), clock(), ids());
        --looking;
    };
    for (int i = 0; i < 8; ++i) boost::asio::co_spawn(io(), look(), boost::asio::detached);
    while (looking > 0) co_await boost::asio::post(io(), use_task);
    EXPECT_EQ(enqueued, 1U);
    EXPECT_EQ(count_in_queue(), "1");
}

}  // namespace cartwright::jobs
