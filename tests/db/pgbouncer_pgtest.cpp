// Through PgBouncer in transaction mode, as Debian ships it: no prepared statements there, and a server
// connection may be another one for each transaction.
#include "db/database.hpp"
#include "support/database.hpp"
#include "support/programs.hpp"
#include "support/sql_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace cartwright::db {

namespace {

const Statement<std::string()> setting{"bouncertest.setting", R"sql(
    select current_setting('app.shop_id') || ' ' || $1::text || ' ' || current_setting('statement_timeout')
)sql"};
const PlatformStatement<std::string()> leftover{"bouncertest.leftover", R"sql(
    select coalesce(current_setting('app.shop_id', true), '')
)sql"};
const PlatformStatement<Nothing(std::int64_t)> insert_row{"bouncertest.insert_row",
                                                          "insert into test_bounced (id) values ($1)"};
const PlatformStatement<std::int64_t()> count_rows{"bouncertest.count_rows",
                                                   "select count(*) from test_bounced"};

class Bouncer {
public:
    Bouncer() {
        std::string name = "/tmp/cartwright-bouncer-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder under /tmp");
        folder_ = name;
        const std::string upstream = test::TestDatabase::instance().app_url();
        const std::string config = folder_ / "bouncer.ini";
        std::ofstream(config)
            << "[databases]\nshop = host=" << test::TestDatabase::instance().socket_folder()
            << " user=cw_app dbname=" << upstream.substr(upstream.find("dbname=") + 7)
            << "\n[pgbouncer]\nlisten_port = 6432\nlisten_addr =\nunix_socket_dir = " << name
            << "\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\npidfile = " << name
            << "/pid\nlogfile = " << name << "/log\n";
        if (geteuid() == 0) test::run_program({"chown", "-R", "postgres:postgres", name});
        test::run_program(test::unprivileged({"pgbouncer", "-q", "-d", config}));
        // The daemon may not listen yet when its starter returns.
        const auto give_up = ticks() + std::chrono::seconds(10);
        while (true) {
            try {
                test::SqlSession session(url());
                break;
            } catch (const test::SqlFailure&) {
                if (ticks() > give_up) throw;
            }
        }
    }

    ~Bouncer() {
        std::ifstream file(folder_ / "pid");
        pid_t pid = 0;
        if (file >> pid) kill(pid, SIGINT);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    Bouncer(const Bouncer&) = delete;
    Bouncer& operator=(const Bouncer&) = delete;

    std::string url() const {
        return fmt::format("host={} port=6432 user=cw_app dbname=shop", folder_.string());
    }

private:
    std::filesystem::path folder_;
};

class BouncerTest : public test::DatabaseTest {};

}  // namespace

PG_TEST(BouncerTest, TransactionsAndReadsWorkAndLeaveNothingBehind) {
    if (!std::filesystem::exists("/usr/sbin/pgbouncer")) {
        ADD_FAILURE() << "pgbouncer is missing: run deploy/setup --test";
        co_return;
    }
    as_owner(
        "create table test_bounced (id bigint primary key); grant select, insert on test_bounced to cw_app");
    const Bouncer bouncer;
    Database database(
        io(), {.url = bouncer.url(), .prepared_statements = false, .role = {}, .connections = 6}, rng());
    unsigned right = 0;
    unsigned ended = 0;
    Wakeup all;
    auto rounds = [&](std::int64_t number) -> Task<> {
        const ShopId shop(number);
        const std::string id = std::to_string(number);
        for (int round = 0; round < 5; ++round) {
            const auto read = co_await database.fetch(shop, setting);
            if (read == std::vector<std::string>{id + " " + id + " 2s"}) ++right;
            auto work = [&](Tx& tx) -> Task<std::string> {
                tx.send(insert_row, number * 10 + round);
                co_return co_await tx.one(setting);
            };
            const auto inside = co_await database.in_shop(shop, {}, work);
            if (inside == id + " " + id + " 5s") ++right;
            const auto left = co_await database.fetch(leftover);
            if (left == std::vector<std::string>{""}) ++right;
        }
    };
    auto client = [&](std::int64_t number) -> Task<> {
        try {
            co_await rounds(number);
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
        }
        if (++ended == 20) all.wake();
    };
    for (std::int64_t number = 1; number <= 20; ++number) {
        boost::asio::co_spawn(io(), [&client, number] { return client(number); }, boost::asio::detached);
    }
    co_await all.wait();
    EXPECT_EQ(right, 300U);
    const auto count = co_await database.fetch(count_rows);
    EXPECT_EQ(count, std::vector<std::int64_t>{100});
}

}  // namespace cartwright::db
