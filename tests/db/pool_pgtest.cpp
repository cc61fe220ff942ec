// The pool: order, shares, bounds, and a database that goes away under load.
#include "db/pool.hpp"

#include "db/database.hpp"
#include "support/database.hpp"
#include "support/postgres.hpp"
#include "support/sql_session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace cartwright::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Statement<std::int64_t()> the_shop{"pooltest.the_shop", "select $1::bigint"};
const Statement<std::int64_t(std::int64_t)> divide{"pooltest.divide", "select $1::bigint / $2::bigint"};
const Statement<std::int64_t(double)> wait_for{"pooltest.wait_for",
                                               "select $1::bigint from (select pg_sleep($2)) slept"};
const PlatformStatement<Nothing(std::int64_t)> insert_row{"pooltest.insert_row",
                                                          "insert into test_written (id) values ($1)"};

class PoolTest : public test::DatabaseTest {
protected:
    std::unique_ptr<Database> with(DatabaseOptions options) {
        if (options.url.empty()) options.url = test::TestDatabase::instance().app_url();
        return std::make_unique<Database>(io(), options, rng());
    }

    void spawn(std::function<Task<>()> work) {
        boost::asio::co_spawn(io(), std::move(work), boost::asio::detached);
    }

    Task<> pause(milliseconds time) {
        Timer timer(io().get_executor(), time);
        co_await timer.async_wait(use_task);
    }
};

}  // namespace

PG_TEST(PoolTest, ManyReadsAtOnceEachGetTheirOwnAnswer) {
    const auto database = with({.url = {}, .role = {}, .connections = 3, .waiting = 500});
    unsigned right = 0;
    unsigned ended = 0;
    Wakeup all;
    auto reader = [&](std::int64_t shop) -> Task<> {
        for (int i = 0; i < 5; ++i) {
            const auto rows = co_await database->fetch(ShopId(shop), the_shop);
            if (rows == std::vector<std::int64_t>{shop}) ++right;
        }
        if (++ended == 100) all.wake();
    };
    for (std::int64_t shop = 1; shop <= 100; ++shop) spawn([&reader, shop] { return reader(shop); });
    co_await all.wait();
    EXPECT_EQ(right, 500U);
    EXPECT_EQ(database->figures().open, 3U);
    EXPECT_EQ(database->figures().in_use, 0U);
    EXPECT_EQ(database->figures().waiting, 0U);
}

PG_TEST(PoolTest, AFailingReadSpoilsNoOther) {
    const auto database = with({.url = {}, .role = {}, .connections = 1});
    unsigned right = 0;
    unsigned failed = 0;
    unsigned ended = 0;
    Wakeup all;
    auto reader = [&](std::int64_t shop) -> Task<> {
        const std::int64_t divisor = shop % 5 == 0 ? 0 : 1;
        try {
            const auto rows = co_await database->fetch(ShopId(shop), divide, divisor);
            if (rows == std::vector<std::int64_t>{shop}) ++right;
        } catch (const Error& error) {
            if (error.sqlstate == "22012" && divisor == 0) ++failed;
        }
        if (++ended == 40) all.wake();
    };
    for (std::int64_t shop = 1; shop <= 40; ++shop) spawn([&reader, shop] { return reader(shop); });
    co_await all.wait();
    EXPECT_EQ(right, 32U);
    EXPECT_EQ(failed, 8U);
    EXPECT_EQ(database->figures().open, 1U);
}

PG_TEST(PoolTest, AShopThatHoldsItsShareLeavesRoomForOthers) {
    const auto database = with({.url = {}, .role = {}, .connections = 2});
    const ShopId greedy = a_shop();
    const ShopId modest = a_shop();
    std::vector<std::string> order;
    unsigned ended = 0;
    Wakeup all;
    Wakeup other_is_done;
    auto hold = [&](std::string name) -> Task<> {
        auto work = [&](Tx& tx) -> Task<> {
            co_await tx.all(the_shop);
            if (name == "greedy 1") co_await other_is_done.wait();
            order.push_back(name);
        };
        co_await database->in_shop(greedy, {}, work);
        if (++ended == 3) all.wake();
    };
    spawn([&] { return hold("greedy 1"); });
    spawn([&] { return hold("greedy 2"); });
    auto other = [&]() -> Task<> {
        auto work = [&](Tx& tx) -> Task<> {
            co_await tx.all(the_shop);
            order.push_back("modest");
        };
        co_await database->in_shop(modest, {}, work);
        other_is_done.wake();
        if (++ended == 3) all.wake();
    };
    spawn(other);
    co_await all.wait();
    EXPECT_THAT(order, ::testing::ElementsAre("modest", "greedy 1", "greedy 2"));
}

PG_TEST(PoolTest, AFullQueueRefusesAtOnceAndAShopMayFillItsHalfOnly) {
    const auto database = with({.url = {}, .role = {}, .connections = 1, .waiting = 4});
    const ShopId shop = a_shop();
    unsigned answered = 0;
    unsigned ended = 0;
    Wakeup all;
    auto reader = [&](ShopId who) -> Task<> {
        auto work = [&](Tx& tx) { return tx.all(the_shop); };
        co_await database->in_shop(who, {}, work);
        ++answered;
        if (++ended == 4) all.wake();
    };
    for (int i = 0; i < 2; ++i) spawn([&] { return reader(shop); });
    for (int i = 0; i < 2; ++i) spawn([&] { return reader(a_shop()); });
    co_await pause(milliseconds(0));
    std::vector<std::string> refusals;
    EXPECT_EQ(database->figures().waiting, 4U);
    try {
        co_await database->fetch(a_shop(), the_shop);
    } catch (const Unavailable& error) {
        refusals.push_back(error.what());
    }
    co_await all.wait();
    EXPECT_EQ(answered, 4U);
    // The queue is empty again; now one shop alone.
    unsigned later = 0;
    Wakeup both;
    auto again = [&]() -> Task<> {
        co_await database->fetch(TxOptions{.work = Work::write}, shop, wait_for, 0.05);
        if (++later == 2) both.wake();
    };
    auto work = [&](Tx& tx) -> Task<> {
        co_await tx.all(the_shop);
        spawn(again);
        spawn(again);
        co_await pause(milliseconds(0));
        try {
            co_await database->fetch(shop, the_shop);
        } catch (const Unavailable& error) {
            refusals.push_back(error.what());
        }
    };
    co_await database->in_shop(a_shop(), {}, work);
    co_await both.wait();
    EXPECT_THAT(refusals,
                ::testing::ElementsAre("too many wait for the database",
                                       "too many of this shop wait for the database"));
}

PG_TEST(PoolTest, TheWaitForAConnectionEnds) {
    const auto database = with({.url = {}, .role = {}, .connections = 1});
    std::string refusal;
    auto work = [&](Tx& tx) -> Task<> {
        co_await tx.all(the_shop);
        try {
            co_await database->fetch(a_shop(), the_shop);
        } catch (const Unavailable& error) {
            refusal = error.what();
        }
    };
    co_await database->in_shop(a_shop(), {}, work);
    EXPECT_EQ(refusal, "the wait for a connection was too long");
    EXPECT_EQ(database->figures().waiting, 0U);
}

PG_TEST(PoolTest, ACancelledTransactionTakesItsConnectionWithIt) {
    const auto database = with({.url = {}, .role = {}, .connections = 1});
    boost::asio::cancellation_signal cancel;
    Wakeup ended;
    bool aborted = false;
    auto slow = [&]() -> Task<> {
        auto work = [](Tx& tx) -> Task<> { co_await tx.all(wait_for, 3.0); };
        co_await database->in_shop(ShopId(5), {}, work);
    };
    boost::asio::co_spawn(
        io(), slow, boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr why) {
            try {
                if (why) std::rethrow_exception(why);
            } catch (const boost::system::system_error& thrown) {
                aborted = thrown.code() == boost::asio::error::operation_aborted;
            }
            ended.wake();
        }));
    while (as_owner("select count(*) from pg_stat_activity where datname = current_database()"
                    " and state = 'active' and query like '%slept%' and pid <> pg_backend_pid()") == "0") {
        co_await pause(milliseconds(1));
    }
    cancel.emit(boost::asio::cancellation_type::terminal);
    co_await ended.wait();
    EXPECT_TRUE(aborted);
    EXPECT_EQ(database->figures().open, 0U);
    const auto rows = co_await database->fetch(ShopId(5), the_shop);
    EXPECT_EQ(rows, std::vector<std::int64_t>{5});
}

PG_TEST(PoolTest, AServerThatCannotBeReachedIsUnavailable) {
    const auto database = with({.url = "host=/nowhere user=cw_app dbname=postgres", .role = {}});
    unsigned refused = 0;
    for (int i = 0; i < 3; ++i) {
        try {
            co_await database->ping();
        } catch (const Unavailable& error) {
            if (std::string(error.what()).find("can't be reached") != std::string::npos) ++refused;
        }
    }
    EXPECT_EQ(refused, 3U);
}

// Under load the server is stopped, crashed and started again: nothing hangs, what was acknowledged is
// there, and afterwards all is as before.
PG_TEST(PoolTest, ARestartUnderLoadHangsNobodyAndLosesNothing) {
    test::OwnPostgres postgres;
    test::SqlSession(postgres.owner_url())
        .execute(
            "create table test_written (id bigint primary key); grant select, insert on test_written to cw_app");
    const auto database = with({.url = postgres.app_url(), .role = {}, .connections = 4});
    std::vector<std::int64_t> kept;
    std::vector<std::int64_t> unknown;
    unsigned unavailable = 0;
    unsigned strange = 0;
    std::int64_t next = 0;
    bool stop = false;
    unsigned running = 0;
    std::chrono::steady_clock::duration longest{0};
    Wakeup all;
    auto writer = [&]() -> Task<> {
        ++running;
        while (!stop) {
            const std::int64_t id = ++next;
            const auto began = ticks();
            bool away = false;
            try {
                auto work = [&](PlatformTx& tx) -> Task<> {
                    tx.send(insert_row, id);
                    co_return;
                };
                co_await database->in_platform({}, work);
                kept.push_back(id);
            } catch (const CommitUnknown&) {
                unknown.push_back(id);
                away = true;
            } catch (const Unavailable&) {
                ++unavailable;
                away = true;
            } catch (const std::exception& error) {
                ++strange;
                ADD_FAILURE() << error.what();
            }
            longest = std::max(longest, ticks() - began);
            if (away) co_await pause(milliseconds(5));
        }
        if (--running == 0) all.wake();
    };
    for (int i = 0; i < 16; ++i) spawn(writer);
    // pg_ctl blocks this thread, so that requests are caught at any point; the others go on between.
    for (const bool crash : {false, true}) {
        const auto before = kept.size();
        while (kept.size() < before + 200) co_await pause(milliseconds(2));
        postgres.stop(crash);
        const auto missed = unavailable;
        while (unavailable < missed + 20) co_await pause(milliseconds(2));
        postgres.start();
    }
    const auto before = kept.size();
    while (kept.size() < before + 200) co_await pause(milliseconds(2));
    stop = true;
    co_await all.wait();
    EXPECT_EQ(strange, 0U);
    EXPECT_GE(unavailable, 40U);
    test::SqlSession session(postgres.owner_url());
    std::string ids = "{";
    for (const auto id : kept) ids += (ids.size() > 1 ? "," : "") + std::to_string(id);
    EXPECT_EQ(session.value("select count(*) from test_written where id = any ($1::bigint[])", {ids + "}"}),
              std::to_string(kept.size()));
    // What is there beyond that is only what nobody could know.
    std::string maybe = "{";
    for (const auto id : unknown) maybe += (maybe.size() > 1 ? "," : "") + std::to_string(id);
    EXPECT_EQ(
        session.value(
            "select count(*) from test_written where id <> all ($1::bigint[]) and id <> all ($2::bigint[])",
            {ids + "}", maybe + "}"}),
        "0");
}

// A server that stands still without closing anything: those who wait are told in time, and afterwards
// there are new connections.
PG_TEST(PoolTest, AServerThatFallsSilentIsGivenUp) {
    test::OwnPostgres postgres;
    const auto database = with({.url = postgres.app_url(), .role = {}, .connections = 2});
    const auto before = co_await database->fetch(ShopId(3), the_shop);
    EXPECT_EQ(before, std::vector<std::int64_t>{3});
    postgres.freeze();
    std::vector<std::string> refusals;
    for (int i = 0; i < 2; ++i) {
        try {
            co_await database->fetch(ShopId(3), the_shop);
        } catch (const Unavailable& error) {
            refusals.push_back(error.what());
        }
    }
    postgres.thaw();
    EXPECT_THAT(refusals,
                ::testing::ElementsAre("the database did not answer in time",
                                       "the wait for a connection was too long"));
    std::vector<std::int64_t> after;
    while (after.empty()) {
        try {
            after = co_await database->fetch(ShopId(3), the_shop);
        } catch (const Unavailable&) {
        }
        co_await pause(milliseconds(5));
    }
    EXPECT_EQ(after, std::vector<std::int64_t>{3});
}

}  // namespace cartwright::db
