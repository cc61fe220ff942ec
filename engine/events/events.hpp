// The event log: each change of a shop's data writes, in its own transaction, one row that says what happened to
// which object, who did it, and what stood there before and after. The audit trail (this header), webhooks, cache
// invalidation and search (feed.hpp, dispatcher.hpp) and undo all read it. Rows are never altered: the server's
// role may insert and select, no more.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/outcome.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "events/change.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::events {

using EventId = Id<struct EventTag>;

struct Actor {
    enum class Kind : std::uint8_t { person, key, plugin, import, system };

    Kind kind = Kind::system;
    std::int64_t id = 0;            // of the account, API key, plugin or import; 0 for the system
    std::int64_t impersonator = 0;  // the operator's account, when one acts in a person's name; else 0

    friend bool operator==(const Actor&, const Actor&) = default;
};

// Who causes changes, in which request, by which clock. One for each request or job.
struct Origin {
    Actor actor;
    std::string request_id;  // at most 100 bytes; may be empty
    const Clock& clock;
    IdSource& ids;
};

// Sends the event along with the transaction's other statements; costs no round trip of its own. Call it after
// the statement that changed the object, so that the feed has an object's events in the order of its versions
// (feed.hpp). A failure fails the transaction.
EventId record(db::Tx& tx, const Origin& origin, const Change& change);

// An event's place in its shop's feed. Never compare those of two shops.
struct Position {
    db::Xid stamp;
    std::int64_t tick = 0;

    friend auto operator<=>(const Position&, const Position&) = default;
};

struct Event {
    EventId id;
    Position position;
    std::string topic;
    Object object;
    std::int64_t version;
    Actor actor;
    std::string request_id;
    Instant at;
    std::optional<db::Json> before;  // the changed fields; nothing if the object was created
    std::optional<db::Json> after;   // nothing if it was removed
    bool withheld;                   // some value was secret or too long
};

// What the audit trail shows, newest first. Each page gives the id that the next one starts before.
struct Page {
    std::optional<EventId> before;
    std::int32_t limit = 50;  // at most 200
};

Task<std::vector<Event>> list(db::Tx& tx, Page page);
Task<std::vector<Event>> list_by_object(db::Tx& tx, Object object, Page page);
// By the one who acted, not by the impersonator. The system is Actor{}.
Task<std::vector<Event>> list_by_actor(db::Tx& tx, Actor actor, Page page);

Task<std::optional<Event>> find(db::Tx& tx, EventId id);

inline constexpr Reason cannot_undo{"events.cannot_undo", Kind::conflict};

// The fields to write back in order to undo a change, as a JSON object. The slice applies them through its own
// operation, whose version check notices that somebody changed the object since. Refuses with cannot_undo what
// created or removed an object, and what has a value withheld.
Outcome<db::Json> inverse(const Event& event);

}  // namespace cartwright::events

template <>
struct cartwright::db::EnumWords<cartwright::events::Actor::Kind> {
    using Kind = cartwright::events::Actor::Kind;
    static constexpr std::array words{word(Kind::person, "person"),
                                      word(Kind::key, "key"),
                                      word(Kind::plugin, "plugin"),
                                      word(Kind::import, "import"),
                                      word(Kind::system, "system")};
};
