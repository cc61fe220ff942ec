#include "app/backstage.hpp"

#include "app/home.hpp"
#include "events/bell.hpp"
#include "jobs/maintenance.hpp"
#include "jobs/schedule.hpp"
#include "shop/maintenance.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace cartwright::app {

namespace {

constexpr std::string_view forget_job = "shop.forget_expired";

constexpr std::chrono::seconds error_pause{1};

}  // namespace

Backstage::Backstage(boost::asio::io_context& io, const Shared& shared, Log& log, bool jobs)
    : io_(io),
      shared_(shared),
      log_(log),
      database_(io, shared.home.database_options(), shared.rng),
      services_{.database = database_,
                .clock = shared.clock,
                .ids = shared.ids,
                .rng = shared.rng,
                .passwords = shared.passwords,
                .address = shared.address},
      letters_(shared.blocking, shared.clock, shared.home.folder() / "mail"),
      dispatcher_(database_,
                  io.get_executor(),
                  [&log](const std::exception& error) {
                      log.warning("the event feed could not be read", {{"error", error.what()}});
                      log.flush();
                  }),
      listener_(io, shared.home.direct_options().url, {std::string(events::Bell::channel)}, shared.rng) {
    if (jobs) {
        const JobsSettings& settings = shared.home.settings().jobs;
        worker_.emplace(database_,
                        io.get_executor(),
                        shared.clock,
                        shared.ids,
                        shared.rng,
                        jobs::WorkerOptions{
                            .slots = static_cast<std::int32_t>(settings.concurrency),
                            .slots_a_shop = static_cast<std::int32_t>(std::max(settings.concurrency / 2, 1U)),
                            .lease = std::chrono::ceil<std::chrono::seconds>(settings.lease),
                            .poll = settings.poll,
                            .drain = shared.home.settings().server.drain},
                        [&log](const std::string& what) {
                            log.warning("a job or the queue failed", {{"error", what}});
                            log.flush();
                        });
        add_handlers(*worker_);
    }
}

void Backstage::add_handlers(jobs::Worker& worker) {
    shop::add_letter_jobs(worker, services_, letters_);
    jobs::add_maintenance(worker, shared_.home.settings().jobs.keep_done);
    worker.handle(std::string(forget_job), [this](jobs::Attempt&) -> Task<Outcome<>> {
        co_await shop::forget_expired(services_);
        co_return Outcome<>();
    });
}

void Backstage::subscribe(Executor executor, events::Dispatcher::Subscriber subscriber) {
    dispatcher_.subscribe(executor, std::move(subscriber));
}

void Backstage::start() {
    spawn(dispatcher_.run(), "the event dispatcher ended");
    spawn(hear_database(), "listening to the database ended");
    if (worker_) {
        working_ = true;
        spawn(work(), "the worker ended");
    }
}

void Backstage::stop_working(std::function<void()> ended) {
    stopping_ = true;
    if (working_) {
        ended_ = std::move(ended);
        worker_->stop();
    } else {
        ended();
    }
}

void Backstage::stop() {
    stopped_ = true;
    dispatcher_.stop();
    listener_.close();
}

// The database may be away just when the process starts: schedules are put until it has them.
Task<> Backstage::put_schedules() {
    std::vector<jobs::Schedule> schedules = jobs::maintenance_schedules();
    schedules.push_back(
        {.name = std::string(forget_job), .cron = "17 * * * *", .kind = std::string(forget_job)});
    Timer pause(io_.get_executor());
    while (!stopping_) {
        try {
            co_await jobs::put_schedules(database_, shared_.clock, schedules);
            co_return;
        } catch (const Unavailable& error) {
            log_.warning("schedules could not be written", {{"error", error.what()}});
        }
        pause.expires_after(error_pause);
        co_await pause.async_wait(use_task);
    }
}

Task<> Backstage::work() {
    try {
        co_await put_schedules();
        co_await worker_->run();
    } catch (const std::exception& error) {
        log_.error("the worker ended", {{"error", error.what()}});
    }
    working_ = false;
    if (ended_) {
        ended_();
    }
}

// A notification only wakes: readers of tables poll as well.
Task<> Backstage::hear_database() {
    while (true) {
        co_await listener_.next();
        dispatcher_.wake();
        if (worker_) {
            worker_->wake();
        }
    }
}

void Backstage::spawn(Task<> task, const char* what) {
    boost::asio::co_spawn(io_, std::move(task), [this, what](const std::exception_ptr& failure) {
        if (!failure || stopped_) {
            return;
        }
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log_.error(what, {{"error", error.what()}});
        }
    });
}

}  // namespace cartwright::app
