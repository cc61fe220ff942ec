// The statements of the event log and how their rows map; for the folder's own files.
#pragma once

#include "db/statement.hpp"
#include "events/events.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

    static constexpr auto columns = db::columns("id",
                                                &EventRow::id,
                                                "stamp",
                                                &EventRow::stamp,
                                                "tick",
                                                &EventRow::tick,
                                                "topic",
                                                &EventRow::topic,
                                                "object_kind",
                                                &EventRow::object_kind,
                                                "object_id",
                                                &EventRow::object_id,
                                                "version",
                                                &EventRow::version,
                                                "actor_kind",
                                                &EventRow::actor_kind,
                                                "actor_id",
                                                &EventRow::actor_id,
                                                "impersonator_id",
                                                &EventRow::impersonator_id,
                                                "request_id",
                                                &EventRow::request_id,
                                                "at",
                                                &EventRow::at,
                                                "before",
                                                &EventRow::before,
                                                "after",
                                                &EventRow::after,
                                                "withheld",
                                                &EventRow::withheld);
};

std::vector<Event> events_of(std::vector<EventRow> rows);

struct CursorRow {
    db::Xid stamp;
    std::int64_t tick;

    static constexpr auto columns = db::columns("stamp", &CursorRow::stamp, "tick", &CursorRow::tick);
};

struct WakeRow {
    db::Xid xid;
    ShopId for_shop;

    static constexpr auto columns = db::columns("xid", &WakeRow::xid, "for_shop", &WakeRow::for_shop);
};

extern const db::Statement<db::Nothing(EventId,
                                       std::string,
                                       std::string,
                                       std::string,
                                       std::int64_t,
                                       Actor::Kind,
                                       std::int64_t,
                                       std::optional<std::int64_t>,
                                       std::optional<std::string>,
                                       Instant,
                                       std::optional<db::Json>,
                                       std::optional<db::Json>,
                                       bool)>
    insert_event;

extern const db::PlatformStatement<db::Nothing(ShopId, Instant)> insert_wake;

extern const db::Statement<EventRow(std::int64_t, std::int32_t)> select_page;

extern const db::Statement<EventRow(std::string, std::string, std::int64_t, std::int32_t)>
    select_page_of_object;

extern const db::Statement<EventRow(Actor::Kind, std::int64_t, std::int64_t, std::int32_t)>
    select_page_of_actor;

extern const db::Statement<EventRow(EventId)> select_event;

extern const db::Statement<EventRow(db::Xid, std::int64_t, std::int32_t)> select_feed;

extern const db::Statement<db::Nothing(std::string)> insert_cursor;

extern const db::Statement<CursorRow(std::string)> lock_cursor;

extern const db::Statement<db::Nothing(std::string, db::Xid, std::int64_t)> move_cursor;

extern const db::PlatformStatement<WakeRow(db::Xid, ShopId, std::int32_t)> select_wakes;

// From here on nothing is settled yet.
extern const db::PlatformStatement<db::Xid()> select_horizon;

// Stamps that were given up to now are less.
extern const db::PlatformStatement<db::Xid()> select_ceiling;

extern const db::PlatformStatement<db::Nothing(Instant)> delete_wakes;

extern const db::PlatformStatement<bool()> notify;

}  // namespace cartwright::events
