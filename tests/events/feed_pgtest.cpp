#include "events/feed.hpp"

#include "support/database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <map>
#include <set>

namespace cartwright::events {

namespace {

// A versioned thing to change, in a tenant table that there is anyway.
const db::Statement<db::Nothing(std::string)> put_thing{"test.put_thing", R"sql(
    insert into event_cursors (shop_id, consumer, stamp, tick) values ($1, $2, '0', 0)
)sql"};
const db::Statement<std::int64_t(std::string)> change_thing{"test.change_thing", R"sql(
    update event_cursors set tick = tick + 1 where shop_id = $1 and consumer = $2 returning tick
)sql"};
const db::PlatformStatement<bool(double)> nap{"test.nap", "select pg_sleep($1) is null"};

class FeedTest : public test::DatabaseTest {
protected:
    Origin origin() { return {.actor = {}, .request_id = "", .clock = clock(), .ids = ids()}; }

    Task<> record_one(ShopId shop, std::string object, std::int64_t version) {
        auto work = [&](db::Tx& tx) -> Task<> {
            record(tx, origin(), Change::changed("test.changed", {"thing", object}, version));
            co_return;
        };
        co_await database().in_shop(shop, {}, work);
    }

    Task<std::vector<Event>> read(ShopId shop, Position after, std::int32_t limit = 100) {
        auto work = [&](db::Tx& tx) { return read_feed(tx, after, limit); };
        co_return co_await database().in_shop(shop, {}, work);
    }

    // Waits until so many are there: an event appears only when transactions of others, which began before it
    // on the same server, have ended.
    Task<std::vector<Event>> read_when_settled(ShopId shop,
                                               Position after,
                                               std::int32_t limit,
                                               std::size_t count) {
        std::vector<Event> events;
        do {
            events = co_await read(shop, after, limit);
        } while (events.size() < count);
        co_return events;
    }
};

std::vector<std::int64_t> versions_of(const std::vector<Event>& events) {
    std::vector<std::int64_t> versions;
    for (const Event& event : events) versions.push_back(event.version);
    return versions;
}

}  // namespace

PG_TEST(FeedTest, ACursorGoesOnWhereItWas) {
    const ShopId shop = a_shop();
    for (int i = 1; i <= 5; ++i) co_await record_one(shop, "a", i);
    const std::vector<Event> first = co_await read_when_settled(shop, {}, 3, 3);
    EXPECT_EQ(versions_of(first), (std::vector<std::int64_t>{1, 2, 3}));
    const std::vector<Event> second = co_await read_when_settled(shop, first.back().position, 3, 2);
    EXPECT_EQ(versions_of(second), (std::vector<std::int64_t>{4, 5}));
    const std::vector<Event> third = co_await read(shop, second.back().position, 3);
    EXPECT_TRUE(third.empty());
    const std::vector<Event> neighbours = co_await read(a_shop(), {}, 3);
    EXPECT_TRUE(neighbours.empty());
}

// The younger transaction gets the thing's lock first: by number of transaction the versions would be swapped.
PG_TEST(FeedTest, AnObjectsEventsComeInTheOrderOfItsVersions) {
    const ShopId shop = a_shop();
    auto older = [&](db::Tx& tx) -> Task<> {
        record(tx, origin(), Change::changed("test.began", {"other", "1"}, 1));
        co_await tx.run(put_thing, "held");
        co_await record_one(shop, "a", 1);
        const std::vector<Event> unsettled = co_await read(shop, {});
        EXPECT_TRUE(unsettled.empty());
        record(tx, origin(), Change::changed("test.changed", {"thing", "a"}, 2));
    };
    co_await database().in_shop(shop, {}, older);
    const std::vector<Event> events = co_await read_when_settled(shop, {}, 100, 3);
    std::vector<std::int64_t> versions;
    for (const Event& event : events) {
        if (event.object == Object("thing", "a")) versions.push_back(event.version);
    }
    EXPECT_EQ(events.size(), 3U);
    EXPECT_EQ(versions, (std::vector<std::int64_t>{1, 2}));
}

// 16 writers, each of 80 transactions that take their number early, change one of 5 things late, commit slowly and
// are rolled back every seventh time; meanwhile one reader polls and one durable consumer consumes.
PG_TEST(FeedTest, SixteenWritersWithSlowCommitsAreReadWithoutLossAndOnce) {
    constexpr int writers = 16;
    constexpr int transactions = 80;
    const ShopId shop = a_shop();
    db::DatabaseOptions options;
    options.url = test::TestDatabase::instance().app_url();
    options.connections = 2 * writers + 8;  // of which a shop may hold half
    db::Database wide(io(), options, rng());
    auto put_things = [](db::Tx& tx) -> Task<> {
        for (int i = 0; i < 5; ++i) co_await tx.run(put_thing, fmt::format("thing-{}", i));
    };
    co_await wide.in_shop(shop, {}, put_things);

    int writing = writers;
    int committed = 0;
    auto write = [&](int writer) -> Task<> {
        for (int i = 0; i < transactions; ++i) {
            auto work = [&](db::Tx& tx) -> Task<Outcome<>> {
                record(tx, origin(), Change::changed("test.began", {"writer", std::to_string(writer)}, i));
                co_await tx.one(nap, static_cast<double>((writer * 31 + i * 17) % 5) / 1000);
                const std::string thing = fmt::format("thing-{}", (writer + i) % 5);
                const std::int64_t version = co_await tx.one(change_thing, thing);
                record(tx, origin(), Change::changed("test.changed", {"thing", thing}, version));
                co_await tx.one(nap, static_cast<double>((writer * 13 + i * 7) % 3) / 1000);
                if ((writer + i) % 7 == 3) co_return refuse(cannot_undo);
                co_return Outcome<>();
            };
            const Outcome<> outcome = co_await wide.in_shop(shop, {.work = db::Work::background}, work);
            if (outcome) ++committed;
        }
        --writing;
    };
    for (int writer = 0; writer < writers; ++writer) {
        boost::asio::co_spawn(io(), write(writer), boost::asio::detached);
    }

    std::vector<EventId> polled;
    std::map<Object, std::vector<std::int64_t>, decltype([](const Object& a, const Object& b) {
                 return std::tie(a.kind, a.id) < std::tie(b.kind, b.id);
             })>
        versions;
    std::vector<EventId> consumed;
    auto handle = [&](db::Tx&, const Event& event) -> Task<> {
        consumed.push_back(event.id);
        co_return;
    };
    Position position;
    std::size_t in_vain = 0;
    while (writing > 0 || in_vain < 2) {
        const bool written = writing == 0;
        auto work = [&](db::Tx& tx) { return read_feed(tx, position, 50); };
        const std::vector<Event> events = co_await wide.in_shop(shop, {.work = db::Work::background}, work);
        for (const Event& event : events) {
            polled.push_back(event.id);
            versions[event.object].push_back(event.version);
            position = event.position;
        }
        const std::size_t taken = co_await consume(wide, shop, "test", handle, 40);
        in_vain = written && events.empty() && taken == 0 ? in_vain + 1 : 0;
    }

    EXPECT_EQ(committed, 1097);  // of 1,280, those with (writer + i) % 7 == 3 left out
    EXPECT_EQ(polled.size(), 2U * 1097U);
    EXPECT_EQ(std::set(polled.begin(), polled.end()).size(), polled.size());
    EXPECT_EQ(as_owner(fmt::format("select count(*) from events where shop_id = {}", shop.value())), "2194");
    EXPECT_EQ(consumed, polled);
    for (int i = 0; i < 5; ++i) {
        const std::vector<std::int64_t>& of_thing = versions[{"thing", fmt::format("thing-{}", i)}];
        for (std::size_t at = 0; at < of_thing.size(); ++at) {
            EXPECT_EQ(of_thing[at], static_cast<std::int64_t>(at + 1)) << "thing-" << i;
        }
    }
    wide.close();
}

PG_TEST(FeedTest, AConsumersEffectsAndItsCursorCommitTogether) {
    const ShopId shop = a_shop();
    for (int i = 1; i <= 3; ++i) co_await record_one(shop, "a", i);
    int calls = 0;
    auto failing = [&](db::Tx& tx, const Event& event) -> Task<> {
        ++calls;
        co_await tx.run(put_thing, fmt::format("effect-{}", event.version));
        if (event.version == 2) throw std::runtime_error("the handler fails");
    };
    bool failed = false;
    try {
        co_await consume(database(), shop, "mail", failing);
    } catch (const std::runtime_error&) {
        failed = true;
    }
    EXPECT_TRUE(failed);
    EXPECT_EQ(calls, 2);
    const std::string effects = fmt::format(
        "select count(*) from event_cursors where shop_id = {} and consumer like 'effect-%'", shop.value());
    EXPECT_EQ(as_owner(effects), "0");

    auto working = [&](db::Tx& tx, const Event& event) -> Task<> {
        co_await tx.run(put_thing, fmt::format("effect-{}", event.version));
    };
    EXPECT_EQ(co_await consume(database(), shop, "mail", working, 2), 2U);
    EXPECT_EQ(as_owner(effects), "2");
    EXPECT_EQ(co_await consume(database(), shop, "mail", working, 2), 1U);
    EXPECT_EQ(as_owner(effects), "3");
    EXPECT_EQ(co_await consume(database(), shop, "mail", working, 2), 0U);
}

PG_TEST(FeedTest, OneProcessAtATimeIsAtAConsumer) {
    const ShopId shop = a_shop();
    co_await record_one(shop, "a", 1);
    std::size_t second = 99;
    std::vector<std::int64_t> handled;
    auto never = [&](db::Tx&, const Event&) -> Task<> {
        handled.push_back(-1);
        co_return;
    };
    auto slow = [&](db::Tx&, const Event& event) -> Task<> {
        second = co_await consume(database(), shop, "mail", never);
        handled.push_back(event.version);
    };
    // The cursor's row has to be there, or the second would wait for the first one's to be committed.
    EXPECT_EQ(co_await consume(database(), shop, "mail", slow, 0), 0U);
    EXPECT_EQ(co_await consume(database(), shop, "mail", slow), 1U);
    EXPECT_EQ(second, 0U);
    EXPECT_EQ(handled, (std::vector<std::int64_t>{1}));
}

}  // namespace cartwright::events
