#include "events/dispatcher.hpp"

#include "events/bell.hpp"
#include "support/database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace cartwright::events {

namespace {

using Told = std::vector<std::pair<ShopId, std::int64_t>>;

class DispatcherTest : public test::DatabaseTest {
protected:
    Task<> record_in(ShopId shop, std::int64_t version) {
        const Origin origin{.actor = {}, .request_id = "", .clock = clock(), .ids = ids()};
        auto work = [&](db::Tx& tx) -> Task<> {
            record(tx, origin, Change::changed("test.changed", {"thing", "a"}, version));
            co_return;
        };
        co_await database().in_shop(shop, {}, work);
    }

    Dispatcher::Subscriber keep(Told& told) {
        return [&told](const News& news) {
            for (const ShopEvent& each : news.events) told.emplace_back(each.shop, each.event.version);
        };
    }

    // Lets what was posted to subscribers run.
    Task<> yield() { co_await boost::asio::post(io(), use_task); }

    static void ignore(const std::exception& failure) { ADD_FAILURE() << failure.what(); }
};

}  // namespace

PG_TEST(DispatcherTest, EventsOfAllShopsAreToldOnceFromThePresentOn) {
    const ShopId one = a_shop();
    const ShopId two = a_shop();
    co_await record_in(one, 1);
    Told told;
    Dispatcher dispatcher(database(), io().get_executor(), &DispatcherTest::ignore);
    dispatcher.subscribe(io().get_executor(), keep(told));
    EXPECT_EQ(co_await dispatcher.poll(), 0U);
    EXPECT_EQ(co_await dispatcher.poll(), 0U);

    co_await record_in(two, 1);
    co_await record_in(one, 2);
    co_await record_in(one, 3);
    EXPECT_EQ(co_await dispatcher.poll(), 3U);
    EXPECT_EQ(co_await dispatcher.poll(), 0U);
    co_await record_in(two, 2);
    EXPECT_EQ(co_await dispatcher.poll(), 1U);
    co_await yield();
    std::ranges::sort(told);
    Told expected{{one, 2}, {one, 3}, {two, 1}, {two, 2}};
    std::ranges::sort(expected);
    EXPECT_EQ(told, expected);
}

PG_TEST(DispatcherTest, WhatIsNotSettledIsToldLater) {
    const ShopId shop = a_shop();
    Told told;
    Dispatcher dispatcher(database(), io().get_executor(), &DispatcherTest::ignore);
    dispatcher.subscribe(io().get_executor(), keep(told));
    co_await dispatcher.poll();
    const Origin origin{.actor = {}, .request_id = "", .clock = clock(), .ids = ids()};
    auto slow = [&](db::Tx& tx) -> Task<> {
        record(tx, origin, Change::changed("test.changed", {"thing", "b"}, 7));
        const std::vector<Event> flushed = co_await list(tx, {});
        EXPECT_EQ(flushed.size(), 1U);
        co_await record_in(shop, 1);
        EXPECT_EQ(co_await dispatcher.poll(), 0U);
    };
    co_await database().in_shop(shop, {}, slow);
    EXPECT_EQ(co_await dispatcher.poll(), 2U);
    EXPECT_EQ(co_await dispatcher.poll(), 0U);
    co_await yield();
    EXPECT_EQ(told, (Told{{shop, 7}, {shop, 1}}));
}

PG_TEST(DispatcherTest, RunningItPollsWhenItIsWokenAndStops) {
    const ShopId shop = a_shop();
    Dispatcher dispatcher(database(), io().get_executor(), &DispatcherTest::ignore, std::chrono::hours(1));
    bool ended = false;
    Told told;
    dispatcher.subscribe(io().get_executor(), [&](const News& news) {
        keep(told)(news);
        dispatcher.stop();
    });
    co_await dispatcher.poll();
    auto run_it = [&]() -> Task<> {
        co_await dispatcher.run();
        ended = true;
    };
    boost::asio::co_spawn(io(), run_it, boost::asio::detached);
    co_await record_in(shop, 1);
    dispatcher.wake();
    while (!ended) co_await yield();
    EXPECT_EQ(told, (Told{{shop, 1}}));
}

PG_TEST(DispatcherTest, OldWakesAreForgotten) {
    const ShopId shop = a_shop();
    co_await record_in(shop, 1);
    const std::string rows =
        fmt::format("select count(*) from event_wakes where for_shop = {}", shop.value());
    auto forget = [&](db::PlatformTx& tx) { return forget_wakes(tx, clock().now()); };
    clock().advance(wakes_kept);
    co_await database().in_platform({}, forget);
    EXPECT_EQ(as_owner(rows), "1");
    clock().advance(std::chrono::microseconds(1));
    co_await database().in_platform({}, forget);
    EXPECT_EQ(as_owner(rows), "0");
}

PG_TEST(DispatcherTest, ABellThatIsRungOftenRingsAndStops) {
    Bell bell(database(), io().get_executor());
    bool ended = false;
    auto run_it = [&]() -> Task<> {
        co_await bell.run();
        ended = true;
    };
    boost::asio::co_spawn(io(), run_it, boost::asio::detached);
    for (int i = 0; i < 100; ++i) bell.ring();
    co_await yield();
    bell.stop();
    while (!ended) co_await yield();
    EXPECT_TRUE(ended);
}

}  // namespace cartwright::events
