// The server of the crash test: the real cluster, migrations, HTTP edge, transactions, idempotency keys, event log,
// feed and jobs, with one route of its own whose transaction writes everything that must never part. PUT to any
// path takes the path as the key: it adds a row, moves the version of one of three objects, records that as an
// event and enqueues a job. The job adds a row; a durable reader of the feed adds one for each event. The tables
// are in crash_webtest.cpp.
//
//   crash_server FOLDER PORT      ends at SIGTERM
#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/rng.hpp"
#include "db/cluster.hpp"
#include "db/database.hpp"
#include "db/idempotency.hpp"
#include "db/migrate.hpp"
#include "events/events.hpp"
#include "events/feed.hpp"
#include "http/server.hpp"
#include "jobs/jobs.hpp"
#include "jobs/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

namespace cartwright::test {
namespace {

using std::chrono::milliseconds;

constexpr ShopId shop{1};

const db::Statement<db::Nothing(std::int64_t, std::string)> put_write{"crash.put_write", R"sql(
    insert into crash_writes (shop_id, id, key) values ($1, $2, $3)
)sql"};

const db::Statement<std::int64_t(std::string)> move_object{"crash.move_object", R"sql(
    insert into crash_objects (shop_id, name, version) values ($1, $2, 1)
    on conflict (shop_id, name) do update set version = crash_objects.version + 1
    returning version
)sql"};

const db::Statement<db::Nothing(events::EventId, std::string, std::int64_t)> put_seen{"crash.put_seen", R"sql(
    insert into crash_seen (shop_id, event_id, object, version) values ($1, $2, $3, $4)
)sql"};

const db::Statement<db::Nothing(std::int64_t, db::Json)> put_effect{"crash.put_effect", R"sql(
    insert into crash_effects (shop_id, id, key) values ($1, $2, $3 ->> 'key')
)sql"};

// What the threads of the server share.
struct Parts {
    const Clock& clock;
    IdSource& ids;
    Rng& rng;
    std::string url;
};

db::DatabaseOptions options_of(const Parts& parts) {
    db::DatabaseOptions options;
    options.url = parts.url;
    return options;
}

class WriteExchange final : public http::Exchange {
public:
    WriteExchange(boost::asio::io_context& io, const Parts& parts)
        : parts_(parts), database_(io, options_of(parts), parts.rng) {
        route_.name = "crash.write";
    }

    Task<http::Plan> plan(http::Request&) override {
        http::Plan plan;
        plan.match.route = &route_;
        co_return plan;
    }

    Task<http::Response> respond(http::Request& request, http::Plan&) override {
        std::string problem;
        try {
            if (request.target == "/readyz") {
                co_await database_.ping();
                co_return http::text(200, "ready\n");
            }
            Outcome<db::KeptAnswer> answer = co_await write(std::string(request.target));
            if (answer) co_return http::text(answer->status, std::move(answer->body));
            co_return http::text(409, std::string(answer.error().code()));
        } catch (const Unavailable& failure) {
            problem = failure.what();
        }
        fmt::print(stderr, "{}: {}\n", request.target, problem);
        co_return http::text(503, std::move(problem));
    }

    http::Response refuse(const http::Request&, int status) override {
        return http::text(status, "refused\n");
    }

    void stop() noexcept override { database_.close(); }

private:
    // The request's target is the key; the answer is the number of its row.
    Task<Outcome<db::KeptAnswer>> write(std::string key) {
        const events::Origin origin{.actor = {}, .request_id = {}, .clock = parts_.clock, .ids = parts_.ids};
        const db::IdempotentRequest request{.scope = "crash.write", .key = key, .hash = sha256(key)};
        const std::string object = fmt::format("object{}", std::hash<std::string>()(key) % 3);
        const auto work = [&](db::Tx& tx) {
            const auto effects = [&tx, &origin, &object, &key, this] {
                return write_all(tx, origin, object, key);
            };
            return db::once(tx, request, parts_.clock.now(), effects);
        };
        co_return co_await database_.in_shop(shop, {.work = db::Work::write, .repeatable = true}, work);
    }

    Task<Outcome<db::KeptAnswer>> write_all(db::Tx& tx,
                                            const events::Origin& origin,
                                            const std::string& object,
                                            const std::string& key) {
        const std::int64_t version = co_await tx.one(move_object, object);
        const std::int64_t id = parts_.ids.next();
        tx.send(put_write, id, key);
        const auto change = events::Change::changed("crash.written", {"object", object}, version)
                                .field("key", std::nullopt, key);
        events::record(tx, origin, change);
        jobs::Job job{.kind = "crash.effect", .payload = db::Json{fmt::format(R"({{"key": "{}"}})", key)}};
        job.max_attempts = 100;  // each kill may cost one
        co_await jobs::enqueue(tx, parts_.clock, parts_.ids, std::move(job));
        co_return db::KeptAnswer{.status = 200, .body = fmt::to_string(id)};
    }

    Parts parts_;
    db::Database database_;
    http::Route route_;
};

// The durable reader of the feed and the worker, on a thread of their own, until it is stopped.
class Backstage {
public:
    explicit Backstage(const Parts& parts)
        : parts_(parts),
          database_(io_, options_of(parts), parts.rng),
          worker_(database_,
                  io_.get_executor(),
                  parts.clock,
                  parts.ids,
                  parts.rng,
                  worker_options(),
                  [](const std::string& failure) { fmt::print(stderr, "worker: {}\n", failure); }) {
        worker_.handle("crash.effect",
                       [this](jobs::Attempt& run) { return effect(run); },
                       {.first = std::chrono::seconds(1), .longest = std::chrono::seconds(2)});
        boost::asio::co_spawn(io_, follow(), boost::asio::detached);
        boost::asio::co_spawn(io_, work(), boost::asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }

    ~Backstage() {
        boost::asio::post(io_, [this] {
            stopping_ = true;
            worker_.stop();
        });
        thread_.join();
    }

private:
    // A killed worker's jobs wait for the end of their lease.
    static jobs::WorkerOptions worker_options() {
        jobs::WorkerOptions options;
        options.lease = milliseconds(2000);
        options.poll = milliseconds(50);
        return options;
    }

    // The pool keeps the thread running until it is closed.
    Task<> work() {
        co_await worker_.run();
        database_.close();
    }

    Task<Outcome<>> effect(jobs::Attempt& run) {
        const std::int64_t id = parts_.ids.next();
        const auto work = [&](db::Tx& tx) -> Task<> {
            tx.send(put_effect, id, run.payload());
            co_await run.complete(tx);
        };
        co_await database_.in_shop(run.shop(), {.work = db::Work::background}, work);
        co_return Outcome<>();
    }

    Task<> follow() {
        const auto note = [](db::Tx& tx, const events::Event& event) -> Task<> {
            tx.send(put_seen, event.id, event.object.id, event.version);
            co_return;
        };
        Timer timer(co_await boost::asio::this_coro::executor);
        while (!stopping_) {
            std::size_t read = 0;
            try {
                read = co_await events::consume(database_, shop, "crash", note, 20);
            } catch (const std::exception& failure) {
                fmt::print(stderr, "reader: {}\n", failure.what());
            }
            if (read > 0 || stopping_) continue;
            timer.expires_after(milliseconds(20));
            co_await timer.async_wait(use_task);
        }
    }

    Parts parts_;
    boost::asio::io_context io_{1};
    db::Database database_;
    jobs::Worker worker_;
    bool stopping_ = false;
    std::thread thread_;
};

int serve(const std::string& folder, std::uint16_t port) {
    db::Cluster cluster(
        {.folder = folder, .progress = [](std::string_view line) { fmt::print(stderr, "{}\n", line); }});
    const auto files = db::embedded_migrations();
    db::migrate(cluster.owner_url(), db::parse_migrations(files));

    sigset_t ends;
    ::sigemptyset(&ends);
    ::sigaddset(&ends, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    const SystemClock clock;
    SystemRng rng;
    // Another node number for each run, so that ids stay apart however the clock moves.
    IdSource ids(clock, static_cast<unsigned>(::getpid()));
    const Parts parts{.clock = clock, .ids = ids, .rng = rng, .url = cluster.app_url()};
    http::ServerOptions options;
    options.threads = 2;
    http::Server server(
        std::move(options),
        [&](boost::asio::io_context& io, unsigned) { return std::make_unique<WriteExchange>(io, parts); },
        {},
        {},
        clock,
        rng);
    server.listen({.address = "127.0.0.1", .port = port});
    server.start();
    const Backstage backstage(parts);
    int which = 0;
    ::sigwait(&ends, &which);
    server.stop(std::chrono::seconds(5));
    return 0;
}

}  // namespace
}  // namespace cartwright::test

int main(int count, char** arguments) {
    if (count != 3) return 2;
    try {
        const std::string port = arguments[2];
        std::uint16_t number = 0;
        std::from_chars(port.data(), port.data() + port.size(), number);
        return cartwright::test::serve(arguments[1], number);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
}
