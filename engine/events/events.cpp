#include "events/events.hpp"

#include "events/store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cartwright::events {

namespace {

constexpr std::int32_t longest_page = 200;

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
    tx.send(insert_event,
            id,
            change.topic(),
            change.object().kind,
            change.object().id,
            change.version(),
            origin.actor.kind,
            origin.actor.id,
            unless_zero(origin.actor.impersonator),
            request_id,
            now,
            change.before(),
            change.after(),
            change.withheld());
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
