#include "db/cluster.hpp"

#include "base/clock.hpp"
#include "base/process.hpp"
#include "db/cluster_folder.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <memory>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace cartwright::db {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How often the pid file is looked at while PostgreSQL starts.
constexpr milliseconds ready_step{5};
constexpr seconds progress_step{5};

// Between a death and the next start; doubled at each that fails, begun anew after a run of `steady`.
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{5000};
constexpr seconds steady{30};

constexpr seconds immediate_limit{10};

struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};

using Session = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Clear>;

// True when the descriptor is readable within so long.
bool readable(int descriptor, milliseconds limit) {
    pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, static_cast<int>(limit.count())) > 0;
}

// A path may hold anything; in the query of a connection URI everything but letters and digits may be written
// as %XX (RFC 3986, 2.1).
std::string percent_encoded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '_' || c == '-' || c == '.';
        if (plain) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

}  // namespace

// PostgreSQL as a child of the thread that makes it.
class Cluster::Postmaster {
public:
    Postmaster(ClusterFolder& folder, const ClusterOptions& options, int stop_request)
        : folder_(folder), options_(options), stop_request_(stop_request) {}

    // Starts it and waits until it takes connections; throws ClusterError, and then nothing runs.
    void start() {
        folder_.end_leftovers();
        folder_.prepare();
        folder_.mark_log();
        const Descriptor output = memory_file("postgres");
        try {
            child_.emplace(Child::start(folder_.launch(output.number())));
        } catch (const LaunchError& failure) {
            throw folder_.explain("start on", fmt::format("error: {}", failure.what()));
        }
        const auto begun = ticks();
        auto next_word = begun + progress_step;
        while (!folder_.is_ready(child_->pid())) {
            if (child_->wait(ready_step)) {
                child_.reset();
                throw folder_.explain("start on", tail_of(output.number(), 16384) + folder_.log_since_mark());
            }
            const auto now = ticks();
            if (now - begun > options_.start_limit || readable(stop_request_, milliseconds(0))) {
                stop();
                throw folder_.explain("start in time on", folder_.log_since_mark());
            }
            if (now > next_word) {
                if (options_.progress)
                    options_.progress("still waiting for PostgreSQL, which recovers from its log");
                next_word = now + progress_step;
            }
        }
        started_ = ticks();
    }

    void stop() {
        if (!child_) return;
        child_->signal(SIGINT);
        if (!child_->wait(options_.stop_limit)) {
            child_->signal(SIGQUIT);
            if (!child_->wait(immediate_limit)) child_->signal(SIGKILL);
        }
        child_.reset();
        folder_.end_orphans();
        folder_.remove_private_socket_folder();
    }

    // Waits for its death or for the wish that it stop; how it died, or nothing.
    std::optional<ProcessExit> watch() {
        pollfd wanted[2]{{.fd = child_->descriptor(), .events = POLLIN, .revents = 0},
                         {.fd = stop_request_, .events = POLLIN, .revents = 0}};
        while (true) {
            ::poll(wanted, 2, -1);
            if (wanted[1].revents) return std::nullopt;
            if (const auto exit = child_->wait(milliseconds(0))) {
                child_.reset();
                return exit;
            }
        }
    }

    pid_t pid() const noexcept { return child_ ? child_->pid() : 0; }

    bool was_steady() const noexcept { return ticks() - started_ > steady; }

private:
    ClusterFolder& folder_;
    const ClusterOptions& options_;
    int stop_request_;
    std::optional<Child> child_;
    std::chrono::steady_clock::time_point started_;
};

namespace {

Session connect(const std::string& folder, const char* database) {
    const char* keys[] = {"host", "port", "user", "dbname", "connect_timeout", "application_name", nullptr};
    const char* values[] = {
        folder.c_str(), "5432", "cartwright", database, "30", "cartwright start", nullptr};
    Session session(PQconnectdbParams(keys, values, 0));
    if (!session || PQstatus(session.get()) != CONNECTION_OK) {
        throw ClusterError(ClusterTrouble::damaged,
                           fmt::format("PostgreSQL runs but refuses its owner: {}",
                                       session ? PQerrorMessage(session.get()) : "out of memory"));
    }
    return session;
}

// CREATE DATABASE is all or nothing, so a killed first start is continued by the next.
void make_database(const std::string& folder) {
    const Session session = connect(folder, "postgres");
    const Result there(PQexec(session.get(), "select 1 from pg_database where datname = 'cartwright'"));
    if (PQresultStatus(there.get()) == PGRES_TUPLES_OK && PQntuples(there.get()) == 1) return;
    const Result made(PQexec(session.get(), "create database cartwright"));
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) {
        throw ClusterError(
            ClusterTrouble::damaged,
            fmt::format("PostgreSQL couldn't make the database: {}", PQerrorMessage(session.get())));
    }
}

}  // namespace

Cluster::Cluster(ClusterOptions options) : options_(std::move(options)) {
    auto folder = std::make_unique<ClusterFolder>(options_);
    if (!folder->has_data()) folder->make_data();
    stop_request_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!stop_request_) throw std::system_error(errno, std::generic_category(), "eventfd");

    std::promise<void> started;
    auto is_started = started.get_future();
    // Signals belong to the server's own threads.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this, folder = std::move(folder), started = std::move(started)]() mutable {
        Postmaster postmaster(*folder, options_, stop_request_.number());
        try {
            postmaster.start();
            socket_folder_ = folder->socket_folder();
            make_database(socket_folder_.string());
        } catch (...) {
            postmaster.stop();
            started.set_exception(std::current_exception());
            return;
        }
        pid_ = postmaster.pid();
        running_ = true;
        started.set_value();
        supervise(postmaster);
    });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    try {
        is_started.get();
    } catch (...) {
        thread_.join();
        throw;
    }
}

Cluster::~Cluster() {
    stop();
}

void Cluster::stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t sent = ::write(stop_request_.number(), &one, sizeof one);
    thread_.join();
}

void Cluster::supervise(Postmaster& postmaster) {
    auto pause = first_pause;
    while (const auto exit = postmaster.watch()) {
        running_ = false;
        pid_ = 0;
        if (postmaster.was_steady()) pause = first_pause;
        say(fmt::format("PostgreSQL {}; it is started again", describe(*exit)));
        while (!running_) {
            if (readable(stop_request_.number(), pause)) return;
            pause = std::min(pause * 2, longest_pause);
            try {
                postmaster.start();
                pid_ = postmaster.pid();
                ++restarts_;
                running_ = true;
                say("PostgreSQL runs again");
            } catch (const std::exception& failure) {
                say(failure.what());
            }
        }
    }
    running_ = false;
    pid_ = 0;
    postmaster.stop();
}

void Cluster::say(std::string_view line) const {
    if (options_.progress) options_.progress(line);
}

std::string Cluster::url(std::string_view role) const {
    return fmt::format("postgresql:///cartwright?host={}&port=5432&user={}",
                       percent_encoded(socket_folder_.native()),
                       percent_encoded(role));
}

}  // namespace cartwright::db
