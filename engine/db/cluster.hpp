// The embedded PostgreSQL: made once with initdb, run as a child of the server, reached over a unix socket
// only. It recovers what a kill -9 left behind, starts PostgreSQL again when it dies, and stops it when it
// goes itself. It knows nothing of schemas and pools: it hands out addresses, and the rest of the engine
// can't tell them from those of any other PostgreSQL.
//
// Layout of the folder: `data` (PostgreSQL's own, of the unprivileged user), `log`, `run` (the socket),
// `cartwright.conf`, `hba.conf` and `ident.conf` (rewritten at each start), `lock`. Lines of an operator go
// to data/postgresql.conf. decisions/0050 tells why it is so.
//
// Surprises: PostgreSQL is the child of a thread of this object and asks the kernel to be shut down when that
// thread ends, so nothing is left running even if the server is killed with -9. A data folder that lies
// where the unprivileged user may not go (under /root, say) works: PostgreSQL then gets it as a descriptor.
#pragma once

#include "base/descriptor.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace cartwright::db {

enum class ClusterTrouble : std::uint8_t {
    no_programs,    // initdb or postgres isn't installed
    wrong_version,  // the data folder belongs to a version that isn't installed
    in_use,         // another process works on the data folder
    no_permission,
    no_space,
    read_only,  // the file system
    damaged,    // the folder isn't what it should be, or PostgreSQL refuses to start on it
};

// Why the cluster can't be started. what() is one sentence for the operator that says what to do; PostgreSQL's
// own last lines, if there are any, are in `log`.
class ClusterError : public std::runtime_error {
public:
    ClusterError(ClusterTrouble trouble_, const std::string& sentence, std::string log_ = {})
        : std::runtime_error(sentence), trouble(trouble_), log(std::move(log_)) {}

    ClusterTrouble trouble;
    std::string log;
};

struct ClusterOptions {
    std::filesystem::path folder;  // made if it isn't there
    // The folder with initdb and postgres; empty: the version of the data folder, else 15, else the newest
    // from 14 on, of /usr/lib/postgresql/*/bin and PATH.
    std::filesystem::path programs{};
    // Besides the owner; the migrations make them.
    std::vector<std::string> login_roles{"cw_app"};
    int max_connections = 100;
    // Recovery after a crash reads back at most max_wal_size (1 GB) of log: minutes on a slow disk.
    std::chrono::seconds start_limit{300};
    // For a checkpoint of all of shared_buffers on a slow disk; then PostgreSQL is stopped the hard way, and
    // recovers at its next start.
    std::chrono::seconds stop_limit{30};
    // What a killed server left running gets this long for each of: a fast shutdown, an immediate one, kill.
    std::chrono::milliseconds leftover_limit{15000};
    // Gets one line for a person at each notable step, also from the object's own thread.
    std::function<void(std::string_view)> progress{};
};

class Cluster {
public:
    // Starts PostgreSQL and waits until it answers: some 0.1 s on an existing folder, 1 to 2 s on a new one.
    // Throws ClusterError; then nothing runs and a folder that wasn't there holds no half-made data. Call it
    // before signals are caught, so that Ctrl-C ends a long recovery.
    explicit Cluster(ClusterOptions options);

    // Stops it.
    ~Cluster();

    // Ends all sessions, writes a checkpoint and waits until no process is left. May be called twice.
    void stop();

    // For migrations: the superuser `cartwright`, who owns the database of that name.
    std::string owner_url() const { return url("cartwright"); }

    // For the server: cw_app, who owns nothing.
    std::string app_url() const { return url("cw_app"); }

    std::string url(std::string_view role) const;

    // False from the moment that PostgreSQL has died until it is started again (after 0.1 s, later less often).
    bool running() const noexcept { return running_; }

    // Of the postmaster; changes with each start.
    pid_t pid() const noexcept { return pid_; }

    // How often it has been started again.
    std::uint64_t restarts() const noexcept { return restarts_; }

    const std::filesystem::path& socket_folder() const noexcept { return socket_folder_; }

private:
    class Postmaster;

    void supervise(Postmaster& postmaster);
    void say(std::string_view line) const;

    ClusterOptions options_;
    std::filesystem::path socket_folder_;
    std::atomic<bool> running_{false};
    std::atomic<pid_t> pid_{0};
    std::atomic<std::uint64_t> restarts_{0};
    Descriptor stop_request_;  // an eventfd: readable when the thread is to stop
    std::thread thread_;
};

}  // namespace cartwright::db
