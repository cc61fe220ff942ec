// Work to be done later: enqueued in the transaction that causes it, so it is there if and only if its cause is,
// and done by a Worker (worker.hpp) in this process or another, at least once; with Attempt::complete in the
// handler's own transaction, exactly once.
//
// A job belongs to a shop or, with ShopId(), to the platform. Shops take turns: one with 10,000 jobs delays
// another's by one job, not by 10,000.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/outcome.hpp"
#include "base/rng.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::jobs {

using JobId = Id<struct JobTag>;

struct Job {
    std::string kind;  // which handler: "mail.send"
    db::Json payload{"{}"};
    std::string queue = "default";

    // At most one job of a shop with this key waits, is ready or runs. Enqueueing the same again does nothing
    // then; with `again`, a job that is running by now is run once more after it, for it may have read what has
    // changed since. Empty: no key. Enqueue those with a key late in a transaction: another one with the same
    // key waits for its end.
    std::string unique_key{};
    bool again = false;

    std::optional<Instant> run_at{};  // not before; nothing means now
    std::int32_t max_attempts = 10;
};

// In a shop's transaction the job is the shop's; in one of the platform, `shop` says whose. Answers nothing if a
// job with the same key is there.
Task<std::optional<JobId>> enqueue(db::Tx& tx, const Clock& clock, IdSource& ids, Job job);
Task<std::optional<JobId>> enqueue(
    db::PlatformTx& tx, const Clock& clock, IdSource& ids, ShopId shop, Job job);

enum class State : std::uint8_t { waiting, ready, running, done, dead, cancelled };

// A job as lists show it.
struct Status {
    JobId id;
    ShopId shop;
    std::string queue;
    std::string kind;
    db::Json payload;
    std::optional<std::string> unique_key;
    State state;
    Instant run_at;
    std::int32_t attempts;
    std::int32_t max_attempts;
    std::optional<std::string> last_error;
    std::int64_t done_units;
    std::optional<std::int64_t> total_units;
    Instant created_at;
    std::optional<Instant> finished_at;

    static constexpr auto columns = db::columns("id",
                                                &Status::id,
                                                "for_shop",
                                                &Status::shop,
                                                "queue",
                                                &Status::queue,
                                                "kind",
                                                &Status::kind,
                                                "payload",
                                                &Status::payload,
                                                "unique_key",
                                                &Status::unique_key,
                                                "state",
                                                &Status::state,
                                                "run_at",
                                                &Status::run_at,
                                                "attempts",
                                                &Status::attempts,
                                                "max_attempts",
                                                &Status::max_attempts,
                                                "last_error",
                                                &Status::last_error,
                                                "done_units",
                                                &Status::done_units,
                                                "total_units",
                                                &Status::total_units,
                                                "created_at",
                                                &Status::created_at,
                                                "finished_at",
                                                &Status::finished_at);
};

struct Filter {
    std::optional<State> state;
    std::optional<ShopId> shop;
    std::optional<JobId> before;  // the last id of the page before
    std::int32_t limit = 50;      // at most 500
};

// Newest first.
Task<std::vector<Status>> list(db::PlatformTx& tx, Filter filter);
Task<std::optional<Status>> find(db::PlatformTx& tx, JobId id);

inline constexpr Reason no_such_job{"jobs.no_such_job", Kind::not_found};
inline constexpr Reason not_dead{"jobs.not_dead", Kind::conflict};
inline constexpr Reason same_key_under_way{"jobs.same_key_under_way", Kind::conflict};
inline constexpr Reason already_finished{"jobs.already_finished", Kind::conflict};

// A dead job gets all its attempts again, now. Refuses one in another state, and one whose key another job that
// isn't finished has taken meanwhile.
Task<Outcome<>> replay(db::PlatformTx& tx, const Clock& clock, JobId id);

// All dead jobs of a kind whose key is free; answers how many.
Task<std::int64_t> replay_kind(db::PlatformTx& tx, const Clock& clock, std::string kind);

// One that hasn't begun never will; one that runs is told so, and ends as cancelled unless it is done first.
Task<Outcome<>> cancel(db::PlatformTx& tx, const Clock& clock, JobId id);

// Deletes at most 10,000 jobs that ended before `older_than`, dead ones only if they ended before
// `dead_older_than`; answers how many.
Task<std::int64_t> forget_finished(db::PlatformTx& tx, Instant older_than, Instant dead_older_than);

// How long a job that failed waits: first · 2^(attempt − 1), at most `longest`, of which the second half is by
// lot, so that jobs that failed together don't come back together.
struct Backoff {
    std::chrono::seconds first{10};
    std::chrono::seconds longest{6 * 3600};

    // `attempt` counts from 1.
    std::chrono::microseconds pause(std::int32_t attempt, Rng& rng) const;
};

}  // namespace cartwright::jobs

template <>
struct cartwright::db::EnumWords<cartwright::jobs::State> {
    using State = cartwright::jobs::State;
    static constexpr std::array words{word(State::waiting, "waiting"),
                                      word(State::ready, "ready"),
                                      word(State::running, "running"),
                                      word(State::done, "done"),
                                      word(State::dead, "dead"),
                                      word(State::cancelled, "cancelled")};
};
