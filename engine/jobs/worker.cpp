#include "jobs/worker.hpp"

#include "base/wakeup.hpp"
#include "jobs/schedule.hpp"
#include "jobs/store.hpp"

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

constexpr db::TxOptions background{.work = db::Work::background, .repeatable = true};

}  // namespace

struct Worker::Claimed : ClaimRow {};

Task<> Attempt::complete(db::PlatformTx& tx) {
    const std::int64_t completed = co_await tx.run(complete_job, id_, lease_, clock_.now());
    if (completed == 0) throw LeaseLost();
    completing_ = true;
}

Task<> Attempt::progress(std::int64_t done, std::optional<std::int64_t> total) {
    auto work = [&](db::PlatformTx& tx) { return tx.maybe(show_progress, id_, lease_, done, total); };
    const std::optional<bool> cancel_requested = co_await database_.in_platform(background, work);
    if (!cancel_requested) throw LeaseLost();
    if (*cancel_requested) throw Cancelled();
}

Worker::Worker(db::Database& database,
               Executor executor,
               const Clock& clock,
               IdSource& ids,
               Rng& rng,
               WorkerOptions options,
               OnFailure on_failure)
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
    const std::vector<std::shared_ptr<Attempt>> late = running_;
    for (const std::shared_ptr<Attempt>& run : late) {
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

    // Begun only after all claims, so that a turn fills the slots that were free when it began.
    std::vector<std::shared_ptr<Attempt>> begun;
    std::exception_ptr failure;
    try {
        for (const std::string& queue : options_.queues) co_await fill_slots(queue, begun);
    } catch (...) {
        failure = std::current_exception();
    }
    for (const std::shared_ptr<Attempt>& run : begun) {
        boost::asio::co_spawn(executor_, [this, run] { return carry_out(run); }, boost::asio::detached);
    }
    if (failure) std::rethrow_exception(failure);
    co_return begun.size();
}

// Several claims: the turn wraps, and other workers may have been quicker at the first ones.
Task<> Worker::fill_slots(const std::string& queue, std::vector<std::shared_ptr<Attempt>>& begun) {
    for (int claims = 0; claims < claims_a_turn && !stopped_; ++claims) {
        const std::int32_t wanted = options_.slots - static_cast<std::int32_t>(running_.size());
        if (wanted <= 0) co_return;
        const bool from_the_first_shop =
            turns_.try_emplace(queue, before_all_shops).first->second == before_all_shops;
        std::vector<Claimed> claimed = co_await claim(queue, wanted);
        if (claimed.empty() && from_the_first_shop) co_return;
        for (Claimed& row : claimed) {
            auto run = std::make_shared<Attempt>(Attempt::Key(), database_, clock_);
            run->id_ = row.id;
            run->shop_ = row.for_shop;
            run->kind_ = std::move(row.kind);
            run->payload_ = std::move(row.payload);
            run->lease_ = row.lease;
            run->number_ = row.attempts;
            run->begun_ = ticks();
            running_.push_back(run);
            begun.push_back(std::move(run));
        }
    }
}

Task<std::vector<Worker::Claimed>> Worker::claim(std::string queue, std::int32_t wanted) {
    std::map<ShopId, std::int32_t> busy;
    for (const std::shared_ptr<Attempt>& run : running_) ++busy[run->shop_];
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
        return tx.all(claim_jobs,
                      queue,
                      lease_until,
                      wanted,
                      turn,
                      busy_shops,
                      busy_counts,
                      options_.slots_a_shop,
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

Task<> Worker::carry_out(std::shared_ptr<Attempt> run) {
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
    std::erase(running_, run);
    pause_.wake();
    settled_.wake();
}

// Runs the handler where it can be stopped; answers what went wrong, or nothing.
Task<std::string> Worker::outcome_of(Attempt& run, const Kind& kind, bool& final) {
    auto handled = [&]() -> Task<std::string> {
        const Outcome<> outcome = co_await kind.handler(run);
        if (!outcome) {
            final = true;
            co_return std::string(outcome.error().code());
        }
        auto work = [&](db::PlatformTx& tx) {
            return tx.run(complete_job, run.id_, run.lease_, clock_.now());
        };
        // Touches nothing if the handler has completed the job itself.
        co_await database_.in_platform(background, work);
        co_return std::string();
    };
    // Of its own, since this coroutine has to go on after it was stopped.
    std::exception_ptr failed;
    std::string error;
    Wakeup ended;
    boost::asio::co_spawn(executor_,
                          handled,
                          boost::asio::bind_cancellation_slot(
                              run.stop_.slot(), [&](std::exception_ptr thrown, std::string said) {
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

Task<> Worker::fail(Attempt& run, const Backoff& backoff, std::string error, bool final) {
    const Instant now = clock_.now();
    const Instant next = now + backoff.pause(run.number_, rng_);
    error.resize(std::min(error.size(), longest_error));
    auto work = [&](db::PlatformTx& tx) {
        return tx.run(fail_job, run.id_, run.lease_, now, next, final, error);
    };
    co_await database_.in_platform(background, work);
}

Task<> Worker::give_back(Attempt& run) {
    auto work = [&](db::PlatformTx& tx) { return tx.run(release_job, run.id_, run.lease_); };
    co_await database_.in_platform(background, work);
}

Task<> Worker::renew_leases() {
    const std::vector<std::shared_ptr<Attempt>> running = running_;
    if (running.empty()) co_return;
    std::vector<JobId> ids;
    std::vector<std::int64_t> leases;
    for (const std::shared_ptr<Attempt>& run : running) {
        ids.push_back(run->id_);
        leases.push_back(run->lease_);
    }
    const Instant until = clock_.now() + options_.lease;
    auto work = [&](db::PlatformTx& tx) -> Task<std::vector<HeldRow>> {
        tx.send(renew, ids, leases, until);
        co_return co_await tx.all(select_held, ids, leases);
    };
    const std::vector<HeldRow> held = co_await database_.in_platform(background, work);
    for (const std::shared_ptr<Attempt>& run : running) {
        const bool lost = !run->completing_ && std::ranges::none_of(held, [&](const HeldRow& row) {
            return row.id == run->id_ && row.lease == run->lease_;
        });
        run->too_long_ = ticks() - run->begun_ > options_.longest;
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
