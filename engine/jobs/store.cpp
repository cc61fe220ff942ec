#include "jobs/store.hpp"

namespace cartwright::jobs {

const db::PlatformStatement<JobId(JobId,
                                  ShopId,
                                  std::string,
                                  std::string,
                                  db::Json,
                                  std::optional<std::string>,
                                  Instant,
                                  std::int32_t,
                                  Instant)>
    insert_job{"jobs.insert", R"sql(
    insert into jobs (id, for_shop, queue, kind, payload, unique_key, state, run_at, max_attempts, created_at)
    values ($1, $2, $3, $4, $5, $6, case when $7 <= $9 then 'ready' else 'waiting' end, $7, $8, $9)
    on conflict (for_shop, unique_key) where state in ('waiting', 'ready', 'running') do nothing
    returning id
)sql"};

const db::PlatformStatement<JobId(JobId,
                                  ShopId,
                                  std::string,
                                  std::string,
                                  db::Json,
                                  std::optional<std::string>,
                                  Instant,
                                  std::int32_t,
                                  Instant)>
    insert_job_or_run_again{"jobs.insert_or_run_again", R"sql(
    insert into jobs (id, for_shop, queue, kind, payload, unique_key, state, run_at, max_attempts, created_at)
    values ($1, $2, $3, $4, $5, $6, case when $7 <= $9 then 'ready' else 'waiting' end, $7, $8, $9)
    on conflict (for_shop, unique_key) where state in ('waiting', 'ready', 'running')
    do update set again = true where jobs.state = 'running'
    returning id
)sql"};

const db::PlatformStatement<Status(std::optional<State>, std::optional<ShopId>, JobId, std::int32_t)>
    select_page{"jobs.list", R"sql(
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

const db::PlatformStatement<db::Nothing(JobId, Instant)> replay_job{"jobs.replay", R"sql(
    update jobs as dead
       set state = 'ready', run_at = $2, attempts = 0, cancel_requested = false, finished_at = null
     where id = $1 and state = 'dead'
       and not exists (select from jobs as other
                        where other.for_shop = dead.for_shop and other.unique_key = dead.unique_key
                          and other.state in ('waiting', 'ready', 'running'))
)sql"};

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

const db::PlatformStatement<db::Nothing(Instant, std::int32_t)> make_due_ready{"jobs.make_due_ready", R"sql(
    update jobs set state = 'ready'
     where id in (select id from jobs where state = 'waiting' and run_at <= $1
                   order by run_at limit $2 for no key update skip locked)
)sql"};

const db::PlatformStatement<db::Nothing(Instant, std::int32_t)> take_back_expired{"jobs.take_back_expired",
                                                                                  R"sql(
    update jobs
       set state = case when cancel_requested then 'cancelled'
                        when attempts >= max_attempts then 'dead' else 'ready' end,
           finished_at = case when cancel_requested or attempts >= max_attempts then $1 end,
           lease_until = null, last_error = 'the worker went away'
     where id in (select id from jobs where state = 'running' and lease_until < $1
                   order by lease_until limit $2 for no key update skip locked)
)sql"};

const db::PlatformStatement<ClaimRow(std::string,
                                     Instant,
                                     std::int32_t,
                                     ShopId,
                                     std::vector<std::int64_t>,
                                     std::vector<std::int32_t>,
                                     std::int32_t,
                                     std::vector<std::string>)>
    claim_jobs{"jobs.claim", R"sql(
    with recursive turn (shop, place) as (
        (select for_shop, 1 from jobs
          where queue = $1 and state = 'ready' and for_shop > $4 and kind = any ($8)
          order by for_shop limit 1)
        union all
        select following.for_shop, turn.place + 1
          from turn, lateral (select for_shop from jobs
                               where queue = $1 and state = 'ready' and for_shop > turn.shop and kind = any ($8)
                               order by for_shop limit 1) as following
         where turn.place < $3 * 4
    ), candidate as (
        select first.id, first.rank, turn.place
          from turn
          left join unnest($5, $6) as busy (shop, running) on busy.shop = turn.shop
         cross join lateral (
               select own.id, row_number() over (order by own.run_at, own.id) as rank
                 from (select id, run_at from jobs
                        where queue = $1 and state = 'ready' and for_shop = turn.shop and kind = any ($8)
                        order by run_at, id
                        limit greatest(least($3, $7 - coalesce(busy.running, 0)), 0)) as own) as first
         order by first.rank, turn.place
         limit $3
    )
    update jobs set state = 'running', lease = lease + 1, lease_until = $2, attempts = attempts + 1
     where id in (select id from jobs
                   where id in (select id from candidate) and state = 'ready'
                     for no key update skip locked)
    returning id, for_shop, kind, payload, lease, attempts
)sql"};

const db::PlatformStatement<db::Nothing(JobId, std::int64_t, Instant)> complete_job{"jobs.complete", R"sql(
    update jobs
       set state = case when again then 'ready' else 'done' end,
           attempts = case when again then 0 else attempts end,
           run_at = case when again then $3 else run_at end,
           finished_at = case when again then null else $3 end,
           again = false, lease_until = null, last_error = null
     where id = $1 and lease = $2 and state = 'running'
)sql"};

const db::PlatformStatement<db::Nothing(JobId, std::int64_t, Instant, Instant, bool, std::string)> fail_job{
    "jobs.fail", R"sql(
    update jobs
       set state = case when cancel_requested then 'cancelled'
                        when (attempts >= max_attempts or $5) and not again then 'dead' else 'waiting' end,
           finished_at = case when cancel_requested or ((attempts >= max_attempts or $5) and not again) then $3 end,
           attempts = case when again then 0 else attempts end,
           run_at = $4, again = false, lease_until = null, last_error = $6
     where id = $1 and lease = $2 and state = 'running'
)sql"};

const db::PlatformStatement<db::Nothing(JobId, std::int64_t)> release_job{"jobs.release", R"sql(
    update jobs set state = 'ready', attempts = attempts - 1, lease_until = null
     where id = $1 and lease = $2 and state = 'running'
)sql"};

const db::PlatformStatement<bool(JobId, std::int64_t, std::int64_t, std::optional<std::int64_t>)>
    show_progress{"jobs.progress", R"sql(
    update jobs set done_units = $3, total_units = $4 where id = $1 and lease = $2 and state = 'running'
    returning cancel_requested
)sql"};

const db::PlatformStatement<JobId(std::vector<JobId>, std::vector<std::int64_t>, Instant)> renew{"jobs.renew",
                                                                                                 R"sql(
    update jobs set lease_until = $3
     where id in (select id from jobs join unnest($1, $2) as held (job, number) on id = held.job and lease = held.number
                   where state = 'running' for no key update of jobs skip locked)
    returning id
)sql"};

const db::PlatformStatement<HeldRow(std::vector<JobId>, std::vector<std::int64_t>)> select_held{"jobs.held",
                                                                                                R"sql(
    select id, lease from jobs join unnest($1, $2) as held (job, number) on id = held.job and lease = held.number
     where state = 'running'
)sql"};

const db::PlatformStatement<db::Nothing(
    std::string, std::string, std::string, std::string, std::string, db::Json, Instant)>
    put_schedule{"jobs.put_schedule", R"sql(
    insert into schedules (name, cron, time_zone, queue, kind, payload, next_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (name) do update
       set cron = excluded.cron, time_zone = excluded.time_zone, queue = excluded.queue, kind = excluded.kind,
           payload = excluded.payload,
           next_at = case when schedules.cron = excluded.cron and schedules.time_zone = excluded.time_zone
                          then schedules.next_at else excluded.next_at end
)sql"};

const db::PlatformStatement<DueRow(Instant, std::int32_t)> select_due{"jobs.due_schedules", R"sql(
    select name, cron, time_zone, queue, kind, payload, next_at from schedules where next_at <= $1
     order by next_at limit $2
)sql"};

const db::PlatformStatement<db::Nothing(std::string, Instant, Instant)> take_schedule{"jobs.take_schedule",
                                                                                      R"sql(
    update schedules set next_at = $3 where name = $1 and next_at = $2
)sql"};

}  // namespace cartwright::jobs
