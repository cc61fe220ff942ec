// Does jobs: claims them in batches under leases, runs each kind's handler, and records how it went. Any number of
// workers, in any number of processes, may be at the same queues.
//
// A job may be begun more than once: its process may die, or be so slow that its lease passes to another worker.
// What has to happen once is done in a transaction that ends with run.complete(tx): it commits only while the
// lease is held, and the job is done with it.
//
//   worker.handle("mail.send", [&](Attempt& run) -> Task<Outcome<>> { … });
#pragma once

#include "base/task.hpp"
#include "db/database.hpp"
#include "events/pause.hpp"
#include "jobs/jobs.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace cartwright::jobs {

// Another worker has the job by now, or it was ended by hand: what this one does for it must not count.
class LeaseLost : public std::runtime_error {
public:
    LeaseLost() : std::runtime_error("the lease of a job was lost") {}
};

// Somebody cancelled the job. Handlers let it pass.
class Cancelled : public std::runtime_error {
public:
    Cancelled() : std::runtime_error("a job was cancelled") {}
};

// One attempt at a job, as its handler sees it. It is the only way for background work to learn its shop.
class Attempt {
public:
    class Key {
        friend class Worker;
        Key() = default;
    };

    // Only a Worker has the key.
    Attempt(Key, db::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    JobId id() const noexcept { return id_; }

    ShopId shop() const noexcept { return shop_; }

    const std::string& kind() const noexcept { return kind_; }

    const db::Json& payload() const noexcept { return payload_; }

    std::int32_t number() const noexcept { return number_; }  // of this attempt; counts from 1

    db::Database& database() const noexcept { return database_; }

    const Clock& clock() const noexcept { return clock_; }

    // Ends the job as done in the handler's transaction; make it the last statement. Throws LeaseLost, which rolls
    // the transaction back.
    Task<> complete(db::PlatformTx& tx);

    // Shows how far long work has come, in units of its own. Call it now and then: it is how the handler learns
    // that it should stop. Throws Cancelled or LeaseLost.
    Task<> progress(std::int64_t done, std::optional<std::int64_t> total = std::nullopt);

private:
    friend class Worker;

    db::Database& database_;
    const Clock& clock_;
    JobId id_;
    ShopId shop_;
    std::string kind_;
    db::Json payload_;
    std::int64_t lease_ = 0;
    std::int32_t number_ = 0;

    std::chrono::steady_clock::time_point begun_;
    bool too_long_ = false;
    bool completing_ = false;  // a job that is done holds no lease, and its handler may still have to return
    bool released_ = false;
    boost::asio::cancellation_signal stop_;
};

// A refusal ends the job as dead, since trying again would end the same; an exception makes it wait for another
// attempt, until there were max_attempts. A handler that returns without run.complete is completed after it.
using Handler = std::function<Task<Outcome<>>(Attempt&)>;

struct WorkerOptions {
    std::vector<std::string> queues{"default"};
    std::int32_t slots = 8;         // jobs at a time; each may hold a connection of the database
    std::int32_t slots_a_shop = 4;  // of one shop
    std::chrono::milliseconds lease{
        60'000};                       // renewed three times in it; a dead worker's jobs wait for so long
    std::chrono::minutes longest{15};  // an attempt that takes longer is stopped, and fails
    std::chrono::milliseconds poll{1'000};
    std::chrono::milliseconds drain{
        20'000};  // stop() lets running jobs end for so long, then gives them back
};

class Worker {
public:
    using OnFailure = std::function<void(const std::string&)>;

    // Of one thread, as the database is. `on_failure` hears of attempts and polls that failed, for the log.
    Worker(db::Database& database,
           Executor executor,
           const Clock& clock,
           IdSource& ids,
           Rng& rng,
           WorkerOptions options,
           OnFailure on_failure);

    // Before run. Jobs of kinds without a handler are left to workers that have one.
    void handle(std::string kind, Handler handler, Backoff backoff = {});

    // Works until stop, then drains. Start it once.
    Task<> run();

    // On the worker's thread: something was enqueued.
    void wake() { pause_.wake(); }

    // Takes no more jobs; run returns when those that run have ended or were given back.
    void stop();

    // One turn: what is due becomes ready, schedules and lost leases included, and free slots are filled. Answers
    // how many jobs were begun.
    Task<std::size_t> begin_jobs();

    // Renews the leases of what runs, and stops what has lost its own or takes too long.
    Task<> renew_leases();

    // Waits until nothing runs.
    Task<> settle();

private:
    struct Kind {
        Handler handler;
        Backoff backoff;
    };
    struct Claimed;

    Task<> fill_slots(const std::string& queue, std::vector<std::shared_ptr<Attempt>>& begun);
    Task<std::vector<Claimed>> claim(std::string queue, std::int32_t wanted);
    Task<> carry_out(std::shared_ptr<Attempt> run);
    Task<std::string> outcome_of(Attempt& run, const Kind& kind, bool& final);
    Task<> fail(Attempt& run, const Backoff& backoff, std::string error, bool final);
    Task<> give_back(Attempt& run);
    Task<> renew_until_stopped();

    db::Database& database_;
    Executor executor_;
    const Clock& clock_;
    IdSource& ids_;
    Rng& rng_;
    WorkerOptions options_;
    OnFailure on_failure_;
    std::unordered_map<std::string, Kind> kinds_;
    std::vector<std::shared_ptr<Attempt>> running_;
    std::unordered_map<std::string, ShopId> turns_;  // of each queue, the shop that had the last turn
    events::Pause pause_;
    events::Pause settled_;
    events::Pause renewing_;
    bool stopped_ = false;
    bool renewing_ended_ = true;
};

}  // namespace cartwright::jobs
