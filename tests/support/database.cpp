#include "support/database.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "db/migrate.hpp"
#include "support/programs.hpp"
#include "support/sql_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace cartwright::test {

namespace {

namespace fs = std::filesystem;

int open_lock(const fs::path& path) {
    const int descriptor = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), path.string());
    return descriptor;
}

void lock(int descriptor, int how) {
    while (flock(descriptor, how) != 0) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "flock");
    }
}

bool answers(const std::string& url) {
    return PQping(url.c_str()) == PQPING_OK;
}

// A clone does not get the rights on the database itself, which the migration has set.
void create(SqlSession& session, const std::string& name, const std::string& from) {
    session.execute(fmt::format("create database {} template {} strategy = file_copy", name, from));
    session.execute(fmt::format("revoke temporary on database {} from public", name));
}

// What the template is made of.
std::string schema_name() {
    std::string all(db::roles_sql());
    for (const auto& file : db::embedded_migrations()) all += file.name + '\n' + file.sql;
    return "cw_template_" + to_hex(sha256(all)).substr(0, 16);
}

}  // namespace

TestDatabase& TestDatabase::instance() {
    static TestDatabase database;
    return database;
}

std::string TestDatabase::url(const std::string& role, const std::string& database) const {
    return fmt::format("host={} user={} dbname={}", socket_folder_, role, database);
}

std::string TestDatabase::app_url() const {
    return url("cw_app", name_);
}

std::string TestDatabase::owner_url() const {
    return url("postgres", name_);
}

TestDatabase::TestDatabase() : template_(schema_name()) {
    // Short, since a socket's path may have 107 characters, and one for each build folder.
    const fs::path folder = fmt::format(
        "/tmp/cartwright-test-{}-{}", geteuid(), to_hex(sha256(CARTWRIGHT_BINARY_DIR)).substr(0, 12));
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    socket_folder_ = folder / "socket";
    const fs::path data = folder / "data";
    const int starting = open_lock(folder / "starting.lock");
    lock(starting, LOCK_EX);
    // While the watcher of a server that is being stopped holds it, this waits.
    users_lock_ = open_lock(folder / "users.lock");
    lock(users_lock_, LOCK_SH);
    const std::string admin = url("postgres", "postgres");
    if (!answers(admin)) {
        own_folder(socket_folder_);
        if (!fs::exists(data / "complete")) {
            fs::remove_all(data);
            own_folder(data);
            run_program(unprivileged({postgres_programs / "initdb",
                                      "-D",
                                      data,
                                      "-U",
                                      "postgres",
                                      "-A",
                                      "trust",
                                      "-E",
                                      "UTF8",
                                      "--locale=C.UTF-8",
                                      "--no-sync"}));
            run_program(unprivileged({"touch", data / "complete"}));
        }
        const std::string options = fmt::format(
            "-c listen_addresses='' -c unix_socket_directories={} -c fsync=off -c synchronous_commit=off "
            "-c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB -c jit=off -c autovacuum=on "
            "-c max_wal_size=256MB -c log_min_messages=warning -c max_prepared_transactions=0",
            socket_folder_);
        run_program(unprivileged({postgres_programs / "pg_ctl",
                                  "-D",
                                  data,
                                  "-l",
                                  data / "server.log",
                                  "-w",
                                  "-t",
                                  "60",
                                  "-o",
                                  options,
                                  "start"}));
        // Waits until the last user is gone, and keeps new ones waiting until the server has stopped.
        run_program(
            {"setsid",
             "--fork",
             "flock",
             "-x",
             folder / "users.lock",
             "sh",
             "-c",
             fmt::format(
                 "exec {}",
                 fmt::join(
                     unprivileged({postgres_programs / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop"}),
                     " "))});
        // What binaries that were killed, and earlier schemas, have left.
        SqlSession session(admin);
        const auto left = session.list(
            "select datname from pg_database where datname like 'cw\\_%' and datname <> '" + template_ + "'");
        for (const auto& name : left) session.execute(fmt::format("drop database \"{}\"", name));
    }
    SqlSession session(admin);
    if (session.value("select count(*) from pg_database where datname = '" + template_ + "'") == "0") {
        session.execute("drop database if exists cw_making");
        session.execute("create database cw_making");
        const auto files = db::embedded_migrations();
        db::migrate(url("postgres", "cw_making"), db::parse_migrations(files));
        session.execute("alter database cw_making rename to " + template_);
    }
    close(starting);
    name_ = fmt::format("cw_t_{}", getpid());
    create(session, name_, template_);
}

TestDatabase::~TestDatabase() {
    try {
        SqlSession session(url("postgres", "postgres"));
        for (unsigned n = 1; n <= made_; ++n) {
            session.execute(fmt::format("drop database if exists cw_t_{}_{} with (force)", getpid(), n));
        }
        session.execute("drop database if exists " + name_ + " with (force)");
    } catch (const std::exception&) {
        // The next start clears what is left.
    }
    close(users_lock_);
}

std::string TestDatabase::empty_database_url() {
    const std::string name = fmt::format("cw_t_{}_{}", getpid(), ++made_);
    SqlSession(url("postgres", "postgres")).execute("create database " + name);
    return url("postgres", name);
}

std::string TestDatabase::fresh_database_url() {
    const std::string name = fmt::format("cw_t_{}_{}", getpid(), ++made_);
    SqlSession session(url("postgres", "postgres"));
    create(session, name, template_);
    return url("postgres", name);
}

std::string ask(const std::string& url, const std::string& sql) {
    return SqlSession(url).value(sql);
}

DatabaseTest::DatabaseTest()
    : clock_(Instant(std::chrono::sys_days(std::chrono::year{2026} / 3 / 14)) + std::chrono::hours(12)),
      rng_(20260314),
      // Ids go with the real time, so that no two tests make the same shop.
      ids_(system_clock_, static_cast<unsigned>(getpid())) {}

DatabaseTest::~DatabaseTest() = default;

db::Database& DatabaseTest::database() {
    if (!database_) {
        db::DatabaseOptions options;
        options.url = TestDatabase::instance().app_url();
        database_ = std::make_unique<db::Database>(io_, options, rng_);
    }
    return *database_;
}

std::string DatabaseTest::as_owner(const std::string& sql) {
    return ask(TestDatabase::instance().owner_url(), sql);
}

Task<> DatabaseTest::body() {
    co_return;
}

void DatabaseTest::run(std::function<Task<>()> coroutine) {
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(io_, std::move(coroutine), [&](std::exception_ptr thrown) {
        ended = true;
        failure = thrown;
        io_.stop();
    });
    io_.restart();
    io_.run_for(std::chrono::seconds(60));
    EXPECT_TRUE(ended) << "the test hangs";
    if (failure) std::rethrow_exception(failure);
}

}  // namespace cartwright::test
