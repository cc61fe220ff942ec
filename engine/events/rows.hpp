// How a row of the log becomes an Event; for the folder's own statements.
#pragma once

#include "events/events.hpp"

namespace cartwright::events {

struct EventRow {
    EventId id;
    db::Xid stamp;
    std::int64_t tick;
    std::string topic;
    std::string object_kind;
    std::string object_id;
    std::int64_t version;
    Actor::Kind actor_kind;
    std::int64_t actor_id;
    std::optional<std::int64_t> impersonator_id;
    std::optional<std::string> request_id;
    Instant at;
    std::optional<db::Json> before;
    std::optional<db::Json> after;
    bool withheld;

    static constexpr auto columns = db::columns(
        "id", &EventRow::id, "stamp", &EventRow::stamp, "tick", &EventRow::tick, "topic", &EventRow::topic,
        "object_kind", &EventRow::object_kind, "object_id", &EventRow::object_id, "version", &EventRow::version,
        "actor_kind", &EventRow::actor_kind, "actor_id", &EventRow::actor_id, "impersonator_id",
        &EventRow::impersonator_id, "request_id", &EventRow::request_id, "at", &EventRow::at, "before",
        &EventRow::before, "after", &EventRow::after, "withheld", &EventRow::withheld);
};

std::vector<Event> events_of(std::vector<EventRow> rows);

}  // namespace cartwright::events
