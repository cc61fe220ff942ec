#include "support/postgres.hpp"

#include "db/migrate.hpp"
#include "support/programs.hpp"
#include "support/sql_session.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace cartwright::test {

namespace {

std::filesystem::path new_folder() {
    std::string name = "/tmp/cartwright-pg-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder under /tmp");
    return name;
}

}  // namespace

OwnPostgres::OwnPostgres() : folder_(new_folder()) {
    const auto data = folder_ / "data";
    own_folder(folder_);
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
    start();
    const auto files = db::embedded_migrations();
    db::migrate(owner_url(), db::parse_migrations(files));
}

OwnPostgres::~OwnPostgres() {
    try {
        if (std::filesystem::exists(folder_ / "data" / "postmaster.pid")) {
            thaw();
            stop(true);
        }
    } catch (const std::exception&) {
        // It has ended already.
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void OwnPostgres::start() {
    const std::string options = fmt::format(
        "-c listen_addresses='' -c unix_socket_directories={} -c fsync=off -c shared_buffers=16MB "
        "-c max_connections=60 -c log_min_messages=warning",
        folder_.string());
    run_program(unprivileged({postgres_programs / "pg_ctl",
                              "-D",
                              folder_ / "data",
                              "-l",
                              folder_ / "data" / "server.log",
                              "-w",
                              "-t",
                              "60",
                              "-o",
                              options,
                              "start"}));
}

void OwnPostgres::stop(bool crash) {
    run_program(unprivileged({postgres_programs / "pg_ctl",
                              "-D",
                              folder_ / "data",
                              "-w",
                              "-t",
                              "60",
                              "-m",
                              crash ? "immediate" : "fast",
                              "stop"}));
}

// The postmaster and its children, by their numbers.
void OwnPostgres::signal_all(int number) {
    std::ifstream file(folder_ / "data" / "postmaster.pid");
    pid_t postmaster = 0;
    if (!(file >> postmaster)) throw std::runtime_error("PostgreSQL is not running");
    std::vector<pid_t> all{postmaster};
    std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", postmaster));
    for (pid_t child = 0; children >> child;) all.push_back(child);
    for (const pid_t each : all) kill(each, number);
}

void OwnPostgres::freeze() {
    signal_all(SIGSTOP);
}

void OwnPostgres::thaw() {
    signal_all(SIGCONT);
}

std::string OwnPostgres::app_url() const {
    return fmt::format("host={} user=cw_app dbname=postgres", folder_.string());
}

std::string OwnPostgres::owner_url() const {
    return fmt::format("host={} user=postgres dbname=postgres", folder_.string());
}

}  // namespace cartwright::test
