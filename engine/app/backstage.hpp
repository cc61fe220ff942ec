// What no request waits for, on a thread of its own: jobs and their schedules, the event feed that tells the
// caches of all threads what changed, and the connection that hears notifications.
#pragma once

#include "app/node.hpp"
#include "base/log.hpp"
#include "db/database.hpp"
#include "db/listener.hpp"
#include "events/dispatcher.hpp"
#include "jobs/worker.hpp"
#include "shop/letters.hpp"
#include "shop/scope.hpp"

#include <boost/asio/io_context.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>

namespace cartwright::app {

class Backstage {
public:
    // `jobs`: whether this process works on jobs. `io` and `shared` outlive it.
    Backstage(boost::asio::io_context& io, const Shared& shared, Log& log, bool jobs);
    Backstage(const Backstage&) = delete;
    Backstage& operator=(const Backstage&) = delete;

    // Before start: who is told of changes, on which thread.
    void subscribe(Executor executor, events::Dispatcher::Subscriber subscriber);

    void start();

    // Takes no more jobs; calls `ended` on the io_context when those that run have ended or were given back.
    // Caches are still told of changes, for requests may still come.
    void stop_working(std::function<void()> ended);

    // The rest, after that.
    void stop();

    db::PoolFigures database_figures() const noexcept { return database_.figures(); }

private:
    void add_handlers(jobs::Worker& worker);
    Task<> put_schedules();
    Task<> work();
    Task<> hear_database();
    void spawn(Task<> task, const char* what);

    boost::asio::io_context& io_;
    const Shared& shared_;
    Log& log_;
    db::Database database_;
    shop::Services services_;
    shop::FolderOutbox letters_;
    events::Dispatcher dispatcher_;
    db::Listener listener_;
    std::optional<jobs::Worker> worker_;
    std::function<void()> ended_;
    bool working_ = false;   // until the worker has ended
    bool stopping_ = false;  // the work; failures of the rest are still told
    bool stopped_ = false;
};

}  // namespace cartwright::app
