// The event log as a feed: one for each shop, read by polling with a cursor.
//
// What is promised: a reader that goes on from the last Position it was given gets every committed event once,
// whatever ran at the same time. If one change could have seen another (it waited for its lock, or began after it
// was committed), it comes later; so an object's events come in the order of its versions. Events of changes
// that didn't know of each other come in any order, the same for all readers.
//
// An event appears when every transaction that began to write before it was recorded has ended: a long
// transaction delays all feeds of the server. decisions/0060 tells how that works.
#pragma once

#include "base/task.hpp"
#include "db/database.hpp"
#include "events/events.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cartwright::events {

// At most `limit` events after `after`, in order. An empty answer: none for now.
Task<std::vector<Event>> read_feed(db::Tx& tx, Position after, std::int32_t limit);

// What a durable consumer does with an event, in the transaction that moves its cursor: its effects and the move
// commit together, so each event takes effect once. No call to the outside belongs here; write a job instead.
using Handle = std::function<Task<>(db::Tx&, const Event&)>;

// Hands the next events of the shop, at most `limit`, to `handle`, in one transaction. A consumer starts at the
// shop's first event. Answers how many there were; 0 also while another process is at the same consumer. What
// `handle` throws rolls all of them back.
Task<std::size_t> consume(
    db::Database& database, ShopId shop, std::string consumer, Handle handle, std::int32_t limit = 100);

}  // namespace cartwright::events
