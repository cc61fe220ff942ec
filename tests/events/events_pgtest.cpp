#include "events/events.hpp"

#include "events/feed.hpp"
#include "support/database.hpp"

#include <fmt/format.h>

namespace cartwright::events {

namespace {

class EventsTest : public test::DatabaseTest {
protected:
    Origin origin(Actor actor = {}) {
        return {.actor = actor, .request_id = "req-1", .clock = clock(), .ids = ids()};
    }

    static Change renamed(std::string_view from, std::string_view to, std::int64_t version) {
        return Change::changed("shop.renamed", {"shop", "self"}, version).field("name", from, to);
    }

    Task<EventId> record_one(ShopId shop, Origin by, Change change) {
        auto work = [&](db::Tx& tx) -> Task<EventId> { co_return record(tx, by, change); };
        co_return co_await database().in_shop(shop, {}, work);
    }

    Task<std::vector<Event>> all_of(ShopId shop) {
        auto work = [](db::Tx& tx) { return list(tx, {}); };
        co_return co_await database().in_shop(shop, {}, work);
    }

    std::string rows_of(ShopId shop) {
        return as_owner(fmt::format("select count(*) from events where shop_id = {}", shop.value()));
    }
};

}  // namespace

PG_TEST(EventsTest, AnEventKeepsWhatWasSaid) {
    const ShopId shop = a_shop();
    const Origin by = origin({.kind = Actor::Kind::person, .id = 11, .impersonator = 12});
    const EventId id = co_await record_one(shop, by, renamed("Old", "New", 3));
    const std::vector<Event> events = co_await all_of(shop);
    REQUIRE_CO(events.size() == 1);
    const Event& event = events.front();
    EXPECT_EQ(event.id, id);
    EXPECT_EQ(event.topic, "shop.renamed");
    EXPECT_EQ(event.object, Object("shop", "self"));
    EXPECT_EQ(event.version, 3);
    EXPECT_EQ(event.actor, by.actor);
    EXPECT_EQ(event.request_id, "req-1");
    EXPECT_EQ(event.at, clock().now());
    EXPECT_EQ(event.before, db::Json{R"({"name": "Old"})"});
    EXPECT_EQ(event.after, db::Json{R"({"name": "New"})"});
    EXPECT_FALSE(event.withheld);
    auto find_it = [&](db::Tx& tx) { return find(tx, id); };
    const std::optional<Event> found = co_await database().in_shop(shop, {}, find_it);
    EXPECT_EQ(found->id, id);
    const std::optional<Event> elsewhere = co_await database().in_shop(a_shop(), {}, find_it);
    EXPECT_FALSE(elsewhere.has_value());
}

PG_TEST(EventsTest, ARefusedChangeLeavesNoEvent) {
    const ShopId shop = a_shop();
    auto work = [&](db::Tx& tx) -> Task<Outcome<>> {
        record(tx, origin(), renamed("Old", "New", 1));
        co_return refuse(cannot_undo);
    };
    const Outcome<> outcome = co_await database().in_shop(shop, {}, work);
    EXPECT_FALSE(outcome.has_value());
    EXPECT_EQ(rows_of(shop), "0");
    EXPECT_EQ(as_owner(fmt::format("select count(*) from event_wakes where for_shop = {}", shop.value())),
              "0");
}

PG_TEST(EventsTest, ATopicThatIsNotOneFailsTheTransaction) {
    const ShopId shop = a_shop();
    std::string constraint;
    try {
        co_await record_one(shop, origin(), Change::changed("Renamed", {"shop", "1"}, 1));
    } catch (const db::Error& error) {
        constraint = error.constraint;
    }
    EXPECT_EQ(constraint, "events_topic_check");
    EXPECT_EQ(rows_of(shop), "0");
}

PG_TEST(EventsTest, PagesGoBackInTimeWithoutGaps) {
    const ShopId shop = a_shop();
    std::vector<EventId> ids_recorded;
    for (int i = 0; i < 7; ++i)
        ids_recorded.push_back(co_await record_one(shop, origin(), renamed("a", "b", i)));
    std::ranges::reverse(ids_recorded);
    std::vector<EventId> listed;
    std::vector<std::size_t> sizes;
    Page page{.before = std::nullopt, .limit = 3};
    for (int pages = 0; pages < 4; ++pages) {
        auto work = [&](db::Tx& tx) { return list(tx, page); };
        const std::vector<Event> events = co_await database().in_shop(shop, {}, work);
        sizes.push_back(events.size());
        for (const Event& event : events) listed.push_back(event.id);
        if (!events.empty()) page.before = events.back().id;
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1, 0}));
    EXPECT_EQ(listed, ids_recorded);
}

PG_TEST(EventsTest, TheTrailOfAnObjectAndOfAnActor) {
    const ShopId shop = a_shop();
    const Actor anna{.kind = Actor::Kind::person, .id = 1};
    const Actor key{.kind = Actor::Kind::key, .id = 1};
    const EventId one = co_await record_one(shop, origin(anna), Change::changed("a.b", {"page", "1"}, 1));
    const EventId two = co_await record_one(shop, origin(key), Change::changed("a.b", {"page", "1"}, 2));
    const EventId three = co_await record_one(shop, origin(anna), Change::changed("a.b", {"page", "2"}, 1));
    const EventId four = co_await record_one(shop, origin(), Change::changed("a.b", {"menu", "1"}, 1));
    const auto ids_of = [](const std::vector<Event>& events) {
        std::vector<EventId> ids;
        for (const Event& event : events) ids.push_back(event.id);
        return ids;
    };
    auto work = [&](db::Tx& tx) -> Task<> {
        const std::vector<Event> page_one = co_await list_by_object(tx, {"page", "1"}, {});
        EXPECT_EQ(ids_of(page_one), (std::vector{two, one}));
        const std::vector<Event> by_anna = co_await list_by_actor(tx, anna, {});
        EXPECT_EQ(ids_of(by_anna), (std::vector{three, one}));
        const std::vector<Event> by_system = co_await list_by_actor(tx, {}, {});
        EXPECT_EQ(ids_of(by_system), (std::vector{four}));
        const std::vector<Event> older =
            co_await list_by_object(tx, {"page", "1"}, {.before = two, .limit = 50});
        EXPECT_EQ(ids_of(older), (std::vector{one}));
    };
    co_await database().in_shop(shop, {}, work);
}

PG_TEST(EventsTest, TheServersRoleCannotAlterTheLog) {
    const ShopId shop = a_shop();
    co_await record_one(shop, origin(), renamed("Old", "New", 1));
    static const db::Statement<db::Nothing()> erase{"test.erase_events",
                                                    "delete from events where shop_id = $1"};
    static const db::Statement<db::Nothing()> alter{"test.alter_events",
                                                    "update events set topic = 'a.b' where shop_id = $1"};
    for (const auto* forbidden : {&erase, &alter}) {
        auto work = [&](db::Tx& tx) { return tx.run(*forbidden); };
        std::string sqlstate;
        try {
            co_await database().in_shop(shop, {}, work);
        } catch (const db::Error& error) {
            sqlstate = error.sqlstate;
        }
        EXPECT_EQ(sqlstate, "42501");  // insufficient_privilege
    }
    const std::vector<Event> events = co_await all_of(shop);
    REQUIRE_CO(events.size() == 1);
    EXPECT_EQ(events.front().topic, "shop.renamed");
}

PG_TEST(EventsTest, OneWakeForATransactionOfManyEvents) {
    const ShopId shop = a_shop();
    auto work = [&](db::Tx& tx) -> Task<> {
        record(tx, origin(), renamed("a", "b", 1));
        record(tx, origin(), renamed("b", "c", 2));
        co_return;
    };
    co_await database().in_shop(shop, {}, work);
    EXPECT_EQ(rows_of(shop), "2");
    EXPECT_EQ(as_owner(fmt::format("select count(*) from event_wakes where for_shop = {}", shop.value())),
              "1");
}

}  // namespace cartwright::events
