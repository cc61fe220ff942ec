#include "events/events.hpp"

#include "events/rows.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cartwright::events {

namespace {

constexpr std::int32_t longest_page = 200;

const db::Statement<db::Nothing(EventId, std::string, std::string, std::string, std::int64_t, Actor::Kind,
                                std::int64_t, std::optional<std::int64_t>, std::optional<std::string>, Instant,
                                std::optional<db::Json>, std::optional<db::Json>, bool)>
    insert_event{"events.insert", R"sql(
        insert into events (shop_id, id, topic, object_kind, object_id, version, actor_kind, actor_id,
                            impersonator_id, request_id, at, before, after, withheld)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    )sql"};

const db::PlatformStatement<db::Nothing(ShopId, Instant)> insert_wake{"events.insert_wake", R"sql(
    insert into event_wakes (for_shop, at) values ($1, $2) on conflict do nothing
)sql"};

const db::Statement<EventRow(std::int64_t, std::int32_t)> select_page{"events.list", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and id < $2
     order by id desc
     limit $3
)sql"};

const db::Statement<EventRow(std::string, std::string, std::int64_t, std::int32_t)> select_page_of_object{
    "events.list_by_object", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and object_kind = $2 and object_id = $3 and id < $4
     order by id desc
     limit $5
)sql"};

const db::Statement<EventRow(Actor::Kind, std::int64_t, std::int64_t, std::int32_t)> select_page_of_actor{
    "events.list_by_actor", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and actor_kind = $2 and actor_id = $3 and id < $4
     order by id desc
     limit $5
)sql"};

const db::Statement<EventRow(EventId)> select_event{"events.find", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and id = $2
)sql"};

std::optional<std::int64_t> unless_zero(std::int64_t id) {
    return id == 0 ? std::nullopt : std::optional(id);
}

std::int64_t start_of(const Page& page) {
    return page.before ? page.before->value() : std::numeric_limits<std::int64_t>::max();
}

std::int32_t length_of(const Page& page) {
    return std::clamp(page.limit, 1, longest_page);
}

}  // namespace

std::vector<Event> events_of(std::vector<EventRow> rows) {
    std::vector<Event> events;
    events.reserve(rows.size());
    for (EventRow& row : rows) {
        events.push_back({.id = row.id,
                          .position = {row.stamp, row.tick},
                          .topic = std::move(row.topic),
                          .object = Object(std::move(row.object_kind), std::move(row.object_id)),
                          .version = row.version,
                          .actor = {row.actor_kind, row.actor_id, row.impersonator_id.value_or(0)},
                          .request_id = std::move(row.request_id).value_or(""),
                          .at = row.at,
                          .before = std::move(row.before),
                          .after = std::move(row.after),
                          .withheld = row.withheld});
    }
    return events;
}

EventId record(db::Tx& tx, const Origin& origin, const Change& change) {
    const auto id = origin.ids.next_as<EventId>();
    const Instant now = origin.clock.now();
    const std::optional<std::string> request_id =
        origin.request_id.empty() ? std::nullopt : std::optional(origin.request_id);
    tx.send(insert_event, id, change.topic(), change.object().kind, change.object().id, change.version(),
            origin.actor.kind, origin.actor.id, unless_zero(origin.actor.impersonator), request_id, now,
            change.before(), change.after(), change.withheld());
    tx.send(insert_wake, tx.shop(), now);
    return id;
}

Task<std::vector<Event>> list(db::Tx& tx, Page page) {
    std::vector<EventRow> rows = co_await tx.all(select_page, start_of(page), length_of(page));
    co_return events_of(std::move(rows));
}

Task<std::vector<Event>> list_by_object(db::Tx& tx, Object object, Page page) {
    std::vector<EventRow> rows =
        co_await tx.all(select_page_of_object, object.kind, object.id, start_of(page), length_of(page));
    co_return events_of(std::move(rows));
}

Task<std::vector<Event>> list_by_actor(db::Tx& tx, Actor actor, Page page) {
    std::vector<EventRow> rows =
        co_await tx.all(select_page_of_actor, actor.kind, actor.id, start_of(page), length_of(page));
    co_return events_of(std::move(rows));
}

Task<std::optional<Event>> find(db::Tx& tx, EventId id) {
    std::vector<EventRow> rows = co_await tx.all(select_event, id);
    std::vector<Event> events = events_of(std::move(rows));
    if (events.empty()) co_return std::nullopt;
    co_return std::move(events.front());
}

Outcome<db::Json> inverse(const Event& event) {
    if (event.withheld || !event.before || !event.after) return refuse(cannot_undo);
    return *event.before;
}

}  // namespace cartwright::events
