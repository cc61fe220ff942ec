#include "jobs/worker.hpp"

#include "base/wakeup.hpp"
#include "jobs/schedule.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace cartwright::jobs {

namespace {

constexpr std::int32_t due_a_turn = 1'000;
constexpr std::size_t longest_error = 2'000;
constexpr int claims_a_turn = 4;
constexpr ShopId before_all_shops(-1);  // the platform's own work goes by shop 0

const db::PlatformStatement<db::Nothing(Instant, std::int32_t)> make_due_ready{"jobs.make_due_ready", R"sql(
    update jobs set state = 'ready'
     where id in (select id from jobs where state = 'waiting' and run_at <= $1
                   order by run_at limit $2 for no key update skip locked)
)sql"};

// A lease that ran out is a failed attempt: the job may be what killed its worker.
const db::PlatformStatement<db::Nothing(Instant, std::int32_t)> take_back_expired{"jobs.take_back_expired", R"sql(
    update jobs
       set state = case when cancel_requested then 'cancelled'
                        when attempts >= max_attempts then 'dead' else 'ready' end,
           finished_at = case when cancel_requested or attempts >= max_attempts then $1 end,
           lease_until = null, last_error = 'the worker went away'
     where id in (select id from jobs where state = 'running' and lease_until < $1
                   order by lease_until limit $2 for no key update skip locked)
)sql"};

struct ClaimRow {
    JobId id;
    ShopId for_shop;
    std::string kind;
    db::Json payload;
    std::int64_t lease;
    std::int32_t attempts;

    static constexpr auto columns =
        db::columns("id", &ClaimRow::id, "for_shop", &ClaimRow::for_shop, "kind", &ClaimRow::kind, "payload",
                    &ClaimRow::payload, "lease", &ClaimRow::lease, "attempts", &ClaimRow::attempts);
};

// $1 queue, $2 lease until, $3 how many, $4 the shop after which the turn goes on, $5 and $6 how many each busy shop
// has running here, $7 how many it may have, $8 known kinds. Shops with ready jobs are found one by one in the
// index; each gives its first jobs, and all first ones come before the second ones.
const db::PlatformStatement<ClaimRow(std::string, Instant, std::int32_t, ShopId, std::vector<std::int64_t>,
                                     std::vector<std::int32_t>, std::int32_t, std::vector<std::string>)>
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

// $4: the next attempt; $5: there shall be none. A job that was enqueued again meanwhile starts anew.
const db::PlatformStatement<db::Nothing(JobId, std::int64_t, Instant, Instant, bool, std::string)> fail_job{"jobs.fail", R"sql(
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

const db::PlatformStatement<bool(JobId, std::int64_t, std::int64_t, std::optional<std::int64_t>)> show_progress{
    "jobs.progress", R"sql(
    update jobs set done_units = $3, total_units = $4 where id = $1 and lease = $2 and state = 'running'
    returning cancel_requested
)sql"};

// Those that are being completed at the moment are locked by that, and need no lease any more.
const db::PlatformStatement<JobId(std::vector<JobId>, std::vector<std::int64_t>, Instant)> renew{"jobs.renew", R"sql(
    update jobs set lease_until = $3
     where id in (select id from jobs join unnest($1, $2) as held (job, number) on id = held.job and lease = held.number
                   where state = 'running' for no key update of jobs skip locked)
    returning id
)sql"};

// Which of them are still held, locked or not.
const db::PlatformStatement<JobId(std::vector<JobId>, std::vector<std::int64_t>)> select_held{"jobs.held", R"sql(
    select id from jobs join unnest($1, $2) as held (job, number) on id = held.job and lease = held.number
     where state = 'running'
)sql"};

constexpr db::TxOptions background{.work = db::Work::background, .repeatable = true};

}  // namespace

struct Worker::Claimed : ClaimRow {};

Task<> Run::complete(db::PlatformTx& tx) {
    const std::int64_t completed = co_await tx.run(complete_job, id_, lease_, clock_.now());
    if (completed == 0) throw LeaseLost();
}

Task<> Run::progress(std::int64_t done, std::optional<std::int64_t> total) {
    auto work = [&](db::PlatformTx& tx) { return tx.maybe(show_progress, id_, lease_, done, total); };
    const std::optional<bool> cancel_requested = co_await database_.in_platform(background, work);
    if (!cancel_requested) throw LeaseLost();
    if (*cancel_requested) throw Cancelled();
}

Worker::Worker(db::Database& database, Executor executor, const Clock& clock, IdSource& ids, Rng& rng,
               WorkerOptions options, OnFailure on_failure)
    : database_(database),
      executor_(executor),
      clock_(clock),
      ids_(ids),
      rng_(rng),
      options_(std::move(options)),
      on_failure_(std::move(on_failure)),
      pause_(executor),
      settled_(executor),
      renewing_(executor) {}

void Worker::handle(std::string kind, Handler handler, Backoff backoff) {
    kinds_.insert_or_assign(std::move(kind), Kind{std::move(handler), backoff});
}

Task<> Worker::run() {
    renewing_ended_ = false;
    boost::asio::co_spawn(executor_, [this] { return renew_until_stopped(); }, boost::asio::detached);
    while (!stopped_) {
        std::size_t begun = 0;
        try {
            begun = co_await begin_jobs();
        } catch (const std::exception& failure) {
            on_failure_(failure.what());
        }
        // A slot that becomes free wakes too.
        if (begun == 0 && !stopped_) co_await pause_.wait(options_.poll);
        if (begun > 0 && running_.size() >= static_cast<std::size_t>(options_.slots) && !stopped_) {
            co_await pause_.wait(options_.poll);
        }
    }
    const auto deadline = ticks() + options_.drain;
    while (!running_.empty() && ticks() < deadline) {
        co_await settled_.wait(std::chrono::ceil<std::chrono::milliseconds>(deadline - ticks()));
    }
    for (const auto& [id, run] : running_) {
        run->released_ = true;
        run->stop_.emit(boost::asio::cancellation_type::terminal);
    }
    co_await settle();
    renewing_.wake();
    while (!renewing_ended_) co_await settled_.wait(options_.poll);
}

void Worker::stop() {
    stopped_ = true;
    pause_.wake();
}

Task<> Worker::settle() {
    while (!running_.empty()) co_await settled_.wait(options_.poll);
}

Task<std::size_t> Worker::begin_jobs() {
    const Instant now = clock_.now();
    auto prepare = [&](db::PlatformTx& tx) -> Task<> {
        tx.send(make_due_ready, now, due_a_turn);
        co_await tx.run(take_back_expired, now, due_a_turn);
    };
    co_await database_.in_platform(background, prepare);
    co_await enqueue_due(database_, clock_, ids_);

    std::size_t begun = 0;
    for (const std::string& queue : options_.queues) {
        // Several claims: the turn wraps, and other workers may have been quicker at the first ones.
        for (int claims = 0; claims < claims_a_turn && !stopped_; ++claims) {
            const std::int32_t wanted = options_.slots - static_cast<std::int32_t>(running_.size());
            if (wanted <= 0) co_return begun;
            const bool from_the_first_shop = turns_.try_emplace(queue, before_all_shops).first->second == before_all_shops;
            std::vector<Claimed> claimed = co_await claim(queue, wanted);
            if (claimed.empty() && from_the_first_shop) break;
            for (Claimed& row : claimed) {
                std::shared_ptr<Run> run(new Run(database_, clock_));
                run->id_ = row.id;
                run->shop_ = row.for_shop;
                run->kind_ = std::move(row.kind);
                run->payload_ = std::move(row.payload);
                run->lease_ = row.lease;
                run->attempt_ = row.attempts;
                run->begun_ = ticks();
                running_.insert_or_assign(run->id_, run);
                boost::asio::co_spawn(executor_, [this, run] { return attempt(run); }, boost::asio::detached);
            }
            begun += claimed.size();
        }
    }
    co_return begun;
}

Task<std::vector<Worker::Claimed>> Worker::claim(std::string queue, std::int32_t wanted) {
    std::map<ShopId, std::int32_t> busy;
    for (const auto& [id, run] : running_) ++busy[run->shop_];
    std::vector<std::int64_t> busy_shops;
    std::vector<std::int32_t> busy_counts;
    for (const auto& [shop, count] : busy) {
        if (!shop) continue;  // the platform's own work may fill all slots
        busy_shops.push_back(shop.value());
        busy_counts.push_back(count);
    }
    std::vector<std::string> kinds;
    for (const auto& [kind, handler] : kinds_) kinds.push_back(kind);
    ShopId& turn = turns_.try_emplace(queue, before_all_shops).first->second;
    const Instant lease_until = clock_.now() + options_.lease;

    auto work = [&](db::PlatformTx& tx) {
        return tx.all(claim_jobs, queue, lease_until, wanted, turn, busy_shops, busy_counts, options_.slots_a_shop,
                      kinds);
    };
    std::vector<ClaimRow> rows = co_await database_.in_platform(background, work);
    turn = before_all_shops;
    std::vector<Claimed> claimed;
    for (ClaimRow& row : rows) {
        turn = std::max(turn, row.for_shop);
        claimed.push_back(Claimed{std::move(row)});
    }
    co_return claimed;
}

Task<> Worker::attempt(std::shared_ptr<Run> run) {
    const Kind& kind = kinds_.at(run->kind_);
    std::string failure;
    try {
        bool final = false;
        const std::string error = co_await outcome_of(*run, kind, final);
        if (run->released_) {
            co_await give_back(*run);
        } else if (!error.empty()) {
            on_failure_("job " + std::to_string(run->id_.value()) + " (" + run->kind_ + "): " + error);
            co_await fail(*run, kind.backoff, error, final);
        }
    } catch (const std::exception& thrown) {
        failure = thrown.what();  // its lease will run out
    }
    if (!failure.empty()) on_failure_("job " + std::to_string(run->id_.value()) + ": " + failure);
    running_.erase(run->id_);
    pause_.wake();
    settled_.wake();
}

// Runs the handler where it can be stopped; answers what went wrong, or nothing.
Task<std::string> Worker::outcome_of(Run& run, const Kind& kind, bool& final) {
    auto handled = [&]() -> Task<std::string> {
        const Outcome<> outcome = co_await kind.handler(run);
        if (!outcome) {
            final = true;
            co_return std::string(outcome.error().code());
        }
        auto work = [&](db::PlatformTx& tx) { return tx.run(complete_job, run.id_, run.lease_, clock_.now()); };
        // Touches nothing if the handler has completed the job itself.
        co_await database_.in_platform(background, work);
        co_return std::string();
    };
    // Of its own, since this coroutine has to go on after it was stopped.
    std::exception_ptr failed;
    std::string error;
    Wakeup ended;
    boost::asio::co_spawn(executor_, handled,
                          boost::asio::bind_cancellation_slot(run.stop_.slot(), [&](std::exception_ptr thrown, std::string said) {
                              failed = thrown;
                              error = std::move(said);
                              ended.wake();
                          }));
    co_await ended.wait();
    try {
        if (failed) std::rethrow_exception(failed);
        co_return error;
    } catch (const LeaseLost&) {
        co_return std::string();  // somebody else's by now
    } catch (const std::exception& failure) {
        if (run.too_long_) co_return "it took too long";
        co_return failure.what();
    }
}

Task<> Worker::fail(Run& run, const Backoff& backoff, std::string error, bool final) {
    const Instant now = clock_.now();
    const Instant next = now + backoff.pause(run.attempt_, rng_);
    error.resize(std::min(error.size(), longest_error));
    auto work = [&](db::PlatformTx& tx) { return tx.run(fail_job, run.id_, run.lease_, now, next, final, error); };
    co_await database_.in_platform(background, work);
}

Task<> Worker::give_back(Run& run) {
    auto work = [&](db::PlatformTx& tx) { return tx.run(release_job, run.id_, run.lease_); };
    co_await database_.in_platform(background, work);
}

Task<> Worker::renew_leases() {
    std::vector<JobId> ids;
    std::vector<std::int64_t> leases;
    for (const auto& [id, run] : running_) {
        ids.push_back(id);
        leases.push_back(run->lease_);
    }
    if (ids.empty()) co_return;
    const Instant until = clock_.now() + options_.lease;
    auto work = [&](db::PlatformTx& tx) -> Task<std::vector<JobId>> {
        tx.send(renew, ids, leases, until);
        co_return co_await tx.all(select_held, ids, leases);
    };
    const std::vector<JobId> held = co_await database_.in_platform(background, work);
    for (const JobId id : ids) {
        const auto found = running_.find(id);
        if (found == running_.end()) continue;
        const std::shared_ptr<Run> run = found->second;
        run->too_long_ = ticks() - run->begun_ > options_.longest;
        const bool lost = std::ranges::find(held, id) == held.end();
        if (lost || run->too_long_) run->stop_.emit(boost::asio::cancellation_type::terminal);
    }
}

Task<> Worker::renew_until_stopped() {
    while (!stopped_ || !running_.empty()) {
        co_await renewing_.wait(options_.lease / 3);
        try {
            co_await renew_leases();
        } catch (const std::exception& failure) {
            on_failure_(failure.what());
        }
    }
    renewing_ended_ = true;
    settled_.wake();
}

}  // namespace cartwright::jobs
