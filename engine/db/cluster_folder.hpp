// The folder of the embedded PostgreSQL: who owns it, which programs fit it, what a killed run left in it,
// its settings. Of Cluster alone; holds the lock for as long as it lives.
#pragma once

#include "base/process.hpp"
#include "db/cluster.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace cartwright::db {

class ClusterFolder {
public:
    // Makes the folder if need be, locks it, and finds the user and the programs. Keeps a reference to the
    // options.
    explicit ClusterFolder(const ClusterOptions& options);

    bool has_data() const;

    // initdb, into a folder that gets its name when it is complete.
    void make_data();

    // Ends what a killed run left on the data folder: a postmaster of ours that is still shutting down (or
    // hangs), sessions without a postmaster; then takes away the pid file, if no process of PostgreSQL is
    // left that it could mean. PostgreSQL itself refuses to start when the number in it belongs to any live
    // process or to a zombie. A postmaster that somebody else started is refused with in_use.
    void end_leftovers();

    // Ends what our own postmaster left behind, after it was stopped or died.
    void end_orphans();

    // Writes the settings and makes the folders of socket and log.
    void prepare();

    // How to start PostgreSQL; `output` gets what it says before its log is open. The descriptor that the
    // child gets belongs to this object.
    Launch launch(int output) const;

    // The pid file says that this postmaster accepts connections.
    bool is_ready(pid_t postmaster) const;

    // Remembers where the log files end, and gives what was written since.
    void mark_log();
    std::string log_since_mark() const;

    // Turns PostgreSQL's own words into the sentence for the operator.
    ClusterError explain(const std::string& doing, const std::string& output) const;

    void remove_private_socket_folder() const noexcept;

    const std::filesystem::path& socket_folder() const noexcept { return socket_folder_; }

    const std::filesystem::path& data() const noexcept { return data_; }

private:
    struct Programs {
        std::filesystem::path folder;
        int version = 0;
    };

    void say(const std::string& line) const;
    OsUser choose_user() const;
    std::optional<int> data_version() const;
    Programs find_programs() const;
    bool may_be_entered(const std::filesystem::path& folder) const;
    void choose_socket_folder();
    void make_folder(const std::filesystem::path& path, mode_t mode, const OsUser* owner) const;
    void write_file(const std::filesystem::path& path, const std::string& content, const OsUser* owner) const;
    std::string settings() const;
    std::string host_rules() const;
    std::string user_map() const;
    std::optional<pid_t> pid_in_file() const;
    void end_all(const std::vector<ProcessFacts>& processes) const;

    const ClusterOptions& options_;
    std::filesystem::path folder_;
    std::filesystem::path data_;
    std::filesystem::path log_;
    std::filesystem::path socket_folder_;
    bool private_socket_folder_ = false;
    bool as_root_ = false;
    OsUser user_;
    std::optional<LockFile> lock_;
    Programs programs_;
    Descriptor handle_;  // of folder_, when the user can't reach it by its path
    std::string place_;  // how PostgreSQL names folder_
    std::map<std::filesystem::path, std::uintmax_t> log_sizes_;
};

}  // namespace cartwright::db
