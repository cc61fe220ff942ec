#include "events/feed.hpp"

#include "events/rows.hpp"

#include <optional>
#include <utility>

namespace cartwright::events {

namespace {

const db::Statement<EventRow(db::Xid, std::int64_t, std::int32_t)> select_feed{"events.read_feed", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and (stamp, tick) > ($2, $3) and stamp < pg_snapshot_xmin(pg_current_snapshot())
     order by stamp, tick
     limit $4
)sql"};

const db::Statement<db::Nothing(std::string)> insert_cursor{"events.insert_cursor", R"sql(
    insert into event_cursors (shop_id, consumer, stamp, tick) values ($1, $2, '0', 0)
    on conflict do nothing
)sql"};

struct CursorRow {
    db::Xid stamp;
    std::int64_t tick;

    static constexpr auto columns = db::columns("stamp", &CursorRow::stamp, "tick", &CursorRow::tick);
};

const db::Statement<CursorRow(std::string)> lock_cursor{"events.lock_cursor", R"sql(
    select stamp, tick from event_cursors where shop_id = $1 and consumer = $2
    for no key update skip locked
)sql"};

const db::Statement<db::Nothing(std::string, db::Xid, std::int64_t)> move_cursor{"events.move_cursor", R"sql(
    update event_cursors set stamp = $3, tick = $4 where shop_id = $1 and consumer = $2
)sql"};

}  // namespace

Task<std::vector<Event>> read_feed(db::Tx& tx, Position after, std::int32_t limit) {
    std::vector<EventRow> rows = co_await tx.all(select_feed, after.stamp, after.tick, limit);
    co_return events_of(std::move(rows));
}

Task<std::size_t> consume(db::Database& database, ShopId shop, std::string consumer, Handle handle,
                          std::int32_t limit) {
    auto work = [&](db::Tx& tx) -> Task<std::size_t> {
        tx.send(insert_cursor, consumer);
        const std::optional<CursorRow> cursor = co_await tx.maybe(lock_cursor, consumer);
        if (!cursor) co_return 0;
        const std::vector<Event> events = co_await read_feed(tx, {cursor->stamp, cursor->tick}, limit);
        for (const Event& event : events) co_await handle(tx, event);
        if (!events.empty()) {
            const Position last = events.back().position;
            tx.send(move_cursor, consumer, last.stamp, last.tick);
        }
        co_return events.size();
    };
    co_return co_await database.in_shop(shop, {.work = db::Work::background}, work);
}

}  // namespace cartwright::events
