#include "events/feed.hpp"

#include "events/store.hpp"

#include <optional>
#include <utility>

namespace cartwright::events {

Task<std::vector<Event>> read_feed(db::Tx& tx, Position after, std::int32_t limit) {
    std::vector<EventRow> rows = co_await tx.all(select_feed, after.stamp, after.tick, limit);
    co_return events_of(std::move(rows));
}

Task<std::size_t> consume(
    db::Database& database, ShopId shop, std::string consumer, Handle handle, std::int32_t limit) {
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
