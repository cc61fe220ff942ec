#include "jobs/jobs.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cartwright::jobs {

namespace {

constexpr std::int32_t longest_page = 500;

// The second half of the list of values: whether it is due decides its state.
const db::PlatformStatement<JobId(JobId, ShopId, std::string, std::string, db::Json, std::optional<std::string>, Instant,
                                  std::int32_t, Instant)>
    insert_job{"jobs.insert", R"sql(
    insert into jobs (id, for_shop, queue, kind, payload, unique_key, state, run_at, max_attempts, created_at)
    values ($1, $2, $3, $4, $5, $6, case when $7 <= $9 then 'ready' else 'waiting' end, $7, $8, $9)
    on conflict (for_shop, unique_key) where state in ('waiting', 'ready', 'running') do nothing
    returning id
)sql"};

const db::PlatformStatement<JobId(JobId, ShopId, std::string, std::string, db::Json, std::optional<std::string>, Instant,
                                  std::int32_t, Instant)>
    insert_job_or_run_again{"jobs.insert_or_run_again", R"sql(
    insert into jobs (id, for_shop, queue, kind, payload, unique_key, state, run_at, max_attempts, created_at)
    values ($1, $2, $3, $4, $5, $6, case when $7 <= $9 then 'ready' else 'waiting' end, $7, $8, $9)
    on conflict (for_shop, unique_key) where state in ('waiting', 'ready', 'running')
    do update set again = true where jobs.state = 'running'
    returning id
)sql"};

const db::PlatformStatement<Status(std::optional<State>, std::optional<ShopId>, JobId, std::int32_t)> select_page{
    "jobs.list", R"sql(
    select id, for_shop, queue, kind, payload, unique_key, state, run_at, attempts, max_attempts, last_error,
           done_units, total_units, created_at, finished_at
      from jobs
     where ($1::text is null or state = $1) and ($2::bigint is null or for_shop = $2) and id < $3
     order by id desc
     limit $4
)sql"};

const db::PlatformStatement<Status(JobId)> select_job{"jobs.find", R"sql(
    select id, for_shop, queue, kind, payload, unique_key, state, run_at, attempts, max_attempts, last_error,
           done_units, total_units, created_at, finished_at
      from jobs
     where id = $1
)sql"};

const db::PlatformStatement<State(JobId)> lock_job{"jobs.lock", R"sql(
    select state from jobs where id = $1 for no key update
)sql"};

// Without a key nothing is in the way; with one, no other that isn't finished may have it.
const db::PlatformStatement<db::Nothing(JobId, Instant)> replay_job{"jobs.replay", R"sql(
    update jobs as dead
       set state = 'ready', run_at = $2, attempts = 0, cancel_requested = false, finished_at = null
     where id = $1 and state = 'dead'
       and not exists (select from jobs as other
                        where other.for_shop = dead.for_shop and other.unique_key = dead.unique_key
                          and other.state in ('waiting', 'ready', 'running'))
)sql"};

// Of several with one key the newest.
const db::PlatformStatement<db::Nothing(std::string, Instant)> replay_jobs{"jobs.replay_kind", R"sql(
    update jobs as dead
       set state = 'ready', run_at = $2, attempts = 0, cancel_requested = false, finished_at = null
     where kind = $1 and state = 'dead'
       and not exists (select from jobs as other
                        where other.for_shop = dead.for_shop and other.unique_key = dead.unique_key
                          and (other.state in ('waiting', 'ready', 'running')
                               or other.state = 'dead' and other.kind = dead.kind and other.id > dead.id))
)sql"};

const db::PlatformStatement<db::Nothing(JobId, Instant)> cancel_waiting{"jobs.cancel_waiting", R"sql(
    update jobs set state = 'cancelled', finished_at = $2 where id = $1 and state in ('waiting', 'ready')
)sql"};

const db::PlatformStatement<db::Nothing(JobId)> request_cancel{"jobs.request_cancel", R"sql(
    update jobs set cancel_requested = true, again = false where id = $1 and state = 'running'
)sql"};

const db::PlatformStatement<db::Nothing(Instant, Instant)> delete_finished{"jobs.forget_finished", R"sql(
    delete from jobs where id in (
        select id from jobs
         where (state in ('done', 'cancelled') and finished_at < $1) or (state = 'dead' and finished_at < $2)
         limit 10000)
)sql"};

}  // namespace

Task<std::optional<JobId>> enqueue(db::Tx& tx, const Clock& clock, IdSource& ids, Job job) {
    return enqueue(tx, clock, ids, tx.shop(), std::move(job));
}

Task<std::optional<JobId>> enqueue(db::PlatformTx& tx, const Clock& clock, IdSource& ids, ShopId shop, Job job) {
    const Instant now = clock.now();
    const auto& insert = job.again ? insert_job_or_run_again : insert_job;
    const auto id = ids.next_as<JobId>();
    const std::optional<std::string> key = job.unique_key.empty() ? std::nullopt : std::optional(job.unique_key);
    const std::optional<JobId> inserted = co_await tx.maybe(insert, id, shop, job.queue, job.kind, job.payload, key,
                                                            job.run_at.value_or(now), job.max_attempts, now);
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
        case State::ready: co_await tx.run(cancel_waiting, id, clock.now()); break;
        case State::running: co_await tx.run(request_cancel, id); break;
        case State::done:
        case State::dead:
        case State::cancelled: co_return refuse(already_finished);
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
