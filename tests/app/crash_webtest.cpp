// Kill -9 at random points while clients write over HTTP: of the server, of PostgreSQL, of both, of all of
// PostgreSQL's processes at once. Clients repeat what wasn't answered until it is, with the same key. In the end
// SQL that shares no code with the server looks whether anything was lost, done twice, or torn apart.
#include "app/http_client.hpp"
#include "app/server_process.hpp"
#include "base/rng.hpp"
#include "db/cluster.hpp"
#include "db/migrate.hpp"
#include "support/database.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <unistd.h>

namespace cartwright::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// Of the order of kills; printed with each failure.
constexpr std::uint64_t seed = 20260314;
constexpr int kills = 24;
constexpr int clients = 4;

const fs::path crash_server = CARTWRIGHT_BINARY_DIR "/tests/app/crash_server";

// Nothing here is unique but the ids: a second effect shows.
constexpr const char* tables = R"sql(
    create table crash_writes (shop_id bigint not null, id bigint not null, key text not null,
                               primary key (shop_id, id));
    create table crash_objects (shop_id bigint not null, name text not null, version bigint not null,
                                primary key (shop_id, name));
    create table crash_effects (shop_id bigint not null, id bigint not null, key text not null,
                                primary key (shop_id, id));
    create table crash_seen (shop_id bigint not null, seen bigint generated always as identity,
                             event_id bigint not null, object text not null, version bigint not null,
                             primary key (shop_id, seen));
    select cw_tenant_table('crash_writes'), cw_tenant_table('crash_objects'), cw_tenant_table('crash_effects'),
           cw_tenant_table('crash_seen');
    grant select, insert, update on crash_writes, crash_objects, crash_effects, crash_seen to cw_app;
)sql";

struct Acknowledged {
    std::string key;
    std::string answer;

    friend auto operator<=>(const Acknowledged&, const Acknowledged&) = default;
};

// A writer that wants each of its keys answered with 200, however often it has to ask.
class Writer {
public:
    Writer(std::uint16_t port, int number, const std::atomic<bool>& stop)
        : client_(port, "localhost"), number_(number), stop_(stop), thread_([this] { run(); }) {
        client_.limit(milliseconds(3000));
    }

    // What was acknowledged, once it has stopped.
    std::vector<Acknowledged> acknowledged() {
        thread_.join();
        return std::move(acknowledged_);
    }

    std::size_t count() const { return count_; }

    std::size_t repeats() const { return repeats_; }

private:
    void run() {
        for (int n = 0; !stop_; ++n) {
            const std::string key = fmt::format("/write/{}/{}", number_, n);
            HttpAnswer answer = client_.send("PUT", key);
            while (answer.status != 200) {
                ++repeats_;
                if (gave_up()) return;
                ::poll(nullptr, 0, 10);
                answer = client_.send("PUT", key);
            }
            acknowledged_.push_back({key, answer.body});
            // Now and then the client forgot that it was answered.
            if (n % 8 == 0) {
                const HttpAnswer again = client_.send("PUT", key);
                if (again.status == 200) acknowledged_.push_back({key, again.body});
            }
            ++count_;
        }
    }

    // At the end of the test, when even a healthy server answers no more.
    bool gave_up() {
        if (!stop_) return false;
        return ++tries_after_stop_ > 1000;
    }

    HttpClient client_;
    int number_;
    int tries_after_stop_ = 0;
    const std::atomic<bool>& stop_;
    std::vector<Acknowledged> acknowledged_;
    std::atomic<std::size_t> count_{0};
    std::atomic<std::size_t> repeats_{0};
    std::thread thread_;
};

// "1,2,3": the first column.
std::string column(const std::string& url, const std::string& sql) {
    return ask(
        url, fmt::format("select coalesce(string_agg(c::text, ',' order by c), '') from ({}) as t (c)", sql));
}

TEST(CrashTest, NothingIsLostOrDoneTwiceWhateverIsKilled) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SeededRng rng(seed);
    const TemporaryFolder place;
    const fs::path folder = place.path() / "postgres";
    const fs::path data = folder / "data";
    {
        db::Cluster cluster({.folder = folder});
        const auto files = db::embedded_migrations();
        db::migrate(cluster.owner_url(), db::parse_migrations(files));
        ask(cluster.owner_url(), tables);
    }
    const std::uint16_t port = free_port();
    const auto start = [&] {
        return std::make_unique<ServerProcess>(
            std::vector<std::string>{folder.string(), fmt::to_string(port)},
            std::vector<std::string>{},
            crash_server);
    };
    auto server = start();
    ASSERT_TRUE(server->ready(port)) << server->output();

    std::atomic<bool> stop = false;
    std::vector<std::unique_ptr<Writer>> writers;
    for (int number = 0; number < clients; ++number) {
        writers.push_back(std::make_unique<Writer>(port, number, stop));
    }
    const auto written = [&] {
        std::size_t sum = 0;
        for (const auto& writer : writers) sum += writer->count();
        return sum;
    };
    const auto kill_postgres = [&](bool all) {
        for (const auto& process : processes_in(data, "postgres")) {
            const bool postmaster = process.parent == server->pid();
            if (all || postmaster) ::kill(process.pid, SIGKILL);
        }
    };
    for (int kill = 0; kill < kills; ++kill) {
        // Some kills come while the one before is being recovered from, most after some writes.
        const std::size_t before = written();
        const std::size_t wanted = rng.below(4) == 0 ? 0 : 1 + rng.below(60);
        EXPECT_TRUE(comes_true([&] { return written() >= before + wanted; }))
            << "kill " << kill << server->output();
        ::poll(nullptr, 0, static_cast<int>(rng.below(20)));
        switch (rng.below(5)) {
            case 0:
                server->kill();
                break;
            case 1:
                kill_postgres(false);
                break;
            case 2:
                kill_postgres(true);
                break;
            case 3:  // Both at once, PostgreSQL's sessions left alone.
                kill_postgres(false);
                server->kill();
                break;
            default:  // All, while the server can't see to it.
                server->signal(SIGSTOP);
                kill_postgres(true);
                server->kill();
                break;
        }
        if (!server->running()) server = start();
    }
    const std::size_t before = written();
    EXPECT_TRUE(comes_true([&] { return written() >= before + 20; })) << server->output();
    stop = true;
    std::set<Acknowledged> acknowledged;
    std::size_t repeats = 0;
    for (auto& writer : writers) {
        for (auto& each : writer->acknowledged()) acknowledged.insert(std::move(each));
        repeats += writer->repeats();
    }
    EXPECT_GT(acknowledged.size(), static_cast<std::size_t>(kills));
    EXPECT_GT(repeats, 0U) << "no kill hit a request";

    // Straight to the database, as its superuser, for whom row level security doesn't hold.
    const std::string url =
        fmt::format("host={}/run port=5432 user=cartwright dbname=cartwright", folder.string());
    EXPECT_TRUE(comes_true([&] {
        return ask(url, "select count(*) from events where topic = 'crash.written'") ==
               ask(url, "select count(*) from crash_seen");
    })) << "the reader of the feed misses something";

    EXPECT_TRUE(comes_true([&] {
        return ask(url, "select count(*) from jobs where kind = 'crash.effect' and state <> 'done'") == "0";
    })) << "a job isn't done: "
        << ask(url, "select string_agg(distinct state || ' ' || coalesce(last_error, ''), ', ') from jobs");

    std::set<Acknowledged> kept;
    std::istringstream rows(ask(url, "select string_agg(key || ' ' || id, ' ') from crash_writes"));
    for (Acknowledged row; rows >> row.key >> row.answer;) kept.insert(row);
    for (const auto& each : acknowledged) {
        EXPECT_TRUE(kept.contains(each))
            << each.key << " was acknowledged as " << each.answer << " and is lost";
    }
    EXPECT_EQ(column(url, "select key from crash_writes group by key having count(*) > 1"), "")
        << "done twice";
    EXPECT_EQ(column(url,
                     "select key from crash_writes except all "
                     "select after ->> 'key' from events where topic = 'crash.written'"),
              "")
        << "without its event";
    EXPECT_EQ(column(url,
                     "select after ->> 'key' from events where topic = 'crash.written' except all "
                     "select key from crash_writes"),
              "")
        << "an event without its write";
    EXPECT_EQ(column(url, "select key from crash_writes except all select key from crash_effects"), "")
        << "a job without effect";
    EXPECT_EQ(column(url, "select key from crash_effects except all select key from crash_writes"), "")
        << "a job took effect twice";
    EXPECT_EQ(ask(url, "select count(*) from jobs where kind = 'crash.effect'"),
              ask(url, "select count(*) from crash_writes"));
    EXPECT_EQ(ask(url, "select count(*) from idempotency_keys where response_status is null"), "0");
    EXPECT_EQ(column(url,
                     "select name from crash_objects as o where version <> (select count(*) from events "
                     "where topic = 'crash.written' and object_id = o.name)"),
              "")
        << "versions and events differ";
    EXPECT_EQ(column(url, "select event_id from crash_seen group by event_id having count(*) > 1"), "")
        << "seen twice";
    EXPECT_EQ(
        column(url,
               "select id from events where topic = 'crash.written' except select event_id from crash_seen"),
        "")
        << "never seen";
    // The reader saw each object's versions as 1, 2, 3, …
    EXPECT_EQ(
        column(url,
               "select object || ' ' || version from (select object, version, row_number() over "
               "(partition by object order by seen) as place from crash_seen) as s where version <> place"),
        "")
        << "seen out of order";
    EXPECT_EQ(ask(url, "select coalesce(sum(checksum_failures), 0) from pg_stat_database"), "0");

    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
    EXPECT_TRUE(comes_true([&] { return processes_in(data, "postgres").empty(); }));
    RecordProperty("writes", static_cast<int>(kept.size()));
    RecordProperty("repeats", static_cast<int>(repeats));
    fmt::print("{} kills, {} writes acknowledged, {} kept, {} repeats\n",
               kills,
               acknowledged.size(),
               kept.size(),
               repeats);
}

}  // namespace
}  // namespace cartwright::test
