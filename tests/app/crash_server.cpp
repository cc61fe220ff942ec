// The server of the crash test: the real cluster, migrations, HTTP edge, transactions, event log and feed, with
// one route of its own whose transaction writes everything that must never part. PUT /write/CLIENT/KEY adds a
// row, moves the version of one of three objects, records that as an event; a durable reader of the feed and
// (crash_webtest.cpp has the tables) writes down what it saw.
//
//   crash_server FOLDER PORT      ends at SIGTERM
#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/rng.hpp"
#include "db/cluster.hpp"
#include "db/database.hpp"
#include "db/migrate.hpp"
#include "events/events.hpp"
#include "events/feed.hpp"
#include "http/server.hpp"

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

const db::Statement<bool(std::string)> find_write{"crash.find_write", R"sql(
    select true from crash_writes where shop_id = $1 and key = $2 limit 1
)sql"};

const db::Statement<std::int64_t(std::string)> move_object{"crash.move_object", R"sql(
    insert into crash_objects (shop_id, name, version) values ($1, $2, 1)
    on conflict (shop_id, name) do update set version = crash_objects.version + 1
    returning version
)sql"};

const db::Statement<db::Nothing(events::EventId, std::string, std::int64_t)> put_seen{"crash.put_seen", R"sql(
    insert into crash_seen (shop_id, event_id, object, version) values ($1, $2, $3, $4)
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
        int status = 200;
        try {
            if (request.target == "/readyz") {
                co_await database_.ping();
            } else {
                co_await write(std::string(request.target));
            }
        } catch (const Unavailable& failure) {
            fmt::print(stderr, "{}: {}\n", request.target, failure.what());
            status = 503;
        }
        co_return http::text(status, fmt::format("{}\n", status));
    }

    http::Response refuse(const http::Request&, int status) override { return http::text(status, "refused\n"); }

    void stop() noexcept override { database_.close(); }

private:
    // The request's target is the key. Whoever comes second with it finds the row of the first: the object's row is
    // locked before.
    Task<> write(std::string key) {
        const events::Origin origin{.actor = {}, .request_id = {}, .clock = parts_.clock, .ids = parts_.ids};
        const std::string object = fmt::format("object{}", std::hash<std::string>()(key) % 3);
        const auto work = [&](db::Tx& tx) -> Task<Outcome<>> {
            const auto version = co_await tx.one(move_object, object);
            const auto known = co_await tx.maybe(find_write, key);
            if (known) co_return refuse_known();
            const std::int64_t id = parts_.ids.next();
            tx.send(put_write, id, key);
            const auto change = events::Change::changed("crash.written", {"object", object}, version)
                                    .field("key", std::nullopt, key);
            events::record(tx, origin, change);
            co_return Outcome<>();
        };
        const auto done = co_await database_.in_shop(shop, {.work = db::Work::write, .repeatable = true}, work);
        (void)done;
    }

    static std::unexpected<Refusal> refuse_known() {
        static constexpr Reason known{"crash.known", Kind::conflict};
        return cartwright::refuse(known);
    }

    Parts parts_;
    db::Database database_;
    http::Route route_;
};

// The durable reader of the feed, on a thread of its own, until it is stopped.
class Reader {
public:
    explicit Reader(const Parts& parts) : database_(io_, options_of(parts), parts.rng) {
        boost::asio::co_spawn(io_, follow(), boost::asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }

    ~Reader() {
        boost::asio::post(io_, [this] {
            stopping_ = true;
            database_.close();
        });
        thread_.join();
    }

private:
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

    boost::asio::io_context io_{1};
    db::Database database_;
    bool stopping_ = false;
    std::thread thread_;
};

int serve(const std::string& folder, std::uint16_t port) {
    db::Cluster cluster({.folder = folder, .progress = [](std::string_view line) { fmt::print(stderr, "{}\n", line); }});
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
        [&](boost::asio::io_context& io, unsigned) { return std::make_unique<WriteExchange>(io, parts); }, {}, {}, clock,
        rng);
    server.listen({.address = "127.0.0.1", .port = port});
    server.start();
    const Reader reader(parts);
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
