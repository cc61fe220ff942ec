#include "jobs/jobs.hpp"

#include "jobs/store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cartwright::jobs {

namespace {

constexpr std::int32_t longest_page = 500;

}  // namespace

Task<std::optional<JobId>> enqueue(db::Tx& tx, const Clock& clock, IdSource& ids, Job job) {
    return enqueue(tx, clock, ids, tx.shop(), std::move(job));
}

Task<std::optional<JobId>> enqueue(
    db::PlatformTx& tx, const Clock& clock, IdSource& ids, ShopId shop, Job job) {
    const Instant now = clock.now();
    const auto& insert = job.again ? insert_job_or_run_again : insert_job;
    const auto id = ids.next_as<JobId>();
    const std::optional<std::string> key =
        job.unique_key.empty() ? std::nullopt : std::optional(job.unique_key);
    const std::optional<JobId> inserted = co_await tx.maybe(insert,
                                                            id,
                                                            shop,
                                                            job.queue,
                                                            job.kind,
                                                            job.payload,
                                                            key,
                                                            job.run_at.value_or(now),
                                                            job.max_attempts,
                                                            now);
    // An id that isn't ours is that of the running job.
    if (inserted != id) co_return std::nullopt;
    co_return id;
}

Task<std::vector<Status>> list(db::PlatformTx& tx, Filter filter) {
    const JobId before = filter.before.value_or(JobId(std::numeric_limits<std::int64_t>::max()));
    const std::int32_t limit = std::clamp(filter.limit, 1, longest_page);
    co_return co_await tx.all(select_page, filter.state, filter.shop, before, limit);
}

Task<std::optional<Status>> find(db::PlatformTx& tx, JobId id) {
    co_return co_await tx.maybe(select_job, id);
}

Task<Outcome<>> replay(db::PlatformTx& tx, const Clock& clock, JobId id) {
    const std::optional<State> state = co_await tx.maybe(lock_job, id);
    if (!state) co_return refuse(no_such_job);
    if (*state != State::dead) co_return refuse(not_dead);
    const std::int64_t replayed = co_await tx.run(replay_job, id, clock.now());
    if (replayed == 0) co_return refuse(same_key_under_way);
    co_return Outcome<>();
}

Task<std::int64_t> replay_kind(db::PlatformTx& tx, const Clock& clock, std::string kind) {
    co_return co_await tx.run(replay_jobs, kind, clock.now());
}

Task<Outcome<>> cancel(db::PlatformTx& tx, const Clock& clock, JobId id) {
    const std::optional<State> state = co_await tx.maybe(lock_job, id);
    if (!state) co_return refuse(no_such_job);
    switch (*state) {
        case State::waiting:
        case State::ready:
            co_await tx.run(cancel_waiting, id, clock.now());
            break;
        case State::running:
            co_await tx.run(request_cancel, id);
            break;
        case State::done:
        case State::dead:
        case State::cancelled:
            co_return refuse(already_finished);
    }
    co_return Outcome<>();
}

Task<std::int64_t> forget_finished(db::PlatformTx& tx, Instant older_than, Instant dead_older_than) {
    co_return co_await tx.run(delete_finished, older_than, dead_older_than);
}

std::chrono::microseconds Backoff::pause(std::int32_t attempt, Rng& rng) const {
    constexpr std::int32_t largest_shift = 30;  // longer than any `longest`
    const std::int64_t factor = std::int64_t{1} << std::clamp(attempt - 1, 0, largest_shift);
    const std::chrono::microseconds whole = std::min(first * factor, longest);
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return whole / 2 + std::chrono::microseconds(rng.below(half + 1));
}

}  // namespace cartwright::jobs
