// Where a process of Cartwright lives: its data folder with keys and files, and its database, which is either
// the embedded PostgreSQL of that folder or the one that the settings name. Opened once, before anything else;
// closing it stops what it started.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/process.hpp"
#include "base/rng.hpp"
#include "base/seal.hpp"
#include "base/settings.hpp"
#include "db/cluster.hpp"
#include "db/options.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::app {

// The node number of commands, so that their ids differ from those of any server: the last one.
inline constexpr unsigned command_node = 1023;

// How a process takes the embedded PostgreSQL.
enum class Hold : std::uint8_t {
    own,    // start it; refused with ClusterError (in_use) when another process has it
    share,  // start it, or use the one that a running server has started: commands of the operator, workers
};

class Home {
public:
    // Makes the data folder, starts the embedded PostgreSQL if no database is named, and reads the keys, which
    // it makes once. Throws db::ClusterError, BadKeyFile, BadSettings, std::filesystem::filesystem_error.
    Home(const Settings& settings, Hold hold, std::function<void(std::string_view)> progress);

    // The number of this process in the ids that it makes (IdSource), until it ends: that of the settings. Those
    // who share the embedded PostgreSQL share their settings too, so each of them gets the first number from
    // there on that no other has. Call it once.
    unsigned claim_node();

    // For migrations: a direct connection of a role that may become cw_owner.
    const std::string& owner_url() const noexcept { return owner_url_; }

    // How the server reaches the database, on each thread.
    db::DatabaseOptions database_options() const;

    // For LISTEN, which a pooler in transaction mode can't do.
    db::DatabaseOptions direct_options() const;

    const KeyRing& keys() const noexcept { return *keys_; }

    // 32 bytes that only this installation has, different for each purpose; the same on all nodes that share
    // the key file.
    std::vector<std::string> secrets_for(std::string_view purpose) const;

    const std::filesystem::path& folder() const noexcept { return folder_; }

    const Settings& settings() const noexcept { return settings_; }

    // Of the embedded PostgreSQL; null with another one.
    db::Cluster* cluster() noexcept { return cluster_ ? &*cluster_ : nullptr; }

private:
    void open_embedded(Hold hold, std::function<void(std::string_view)> progress);
    void open_keys();

    const Settings& settings_;
    std::filesystem::path folder_;
    SystemRng rng_;
    std::optional<db::Cluster> cluster_;
    std::optional<KeyRing> keys_;
    std::optional<LockFile> node_lock_;
    std::string owner_url_;
    std::string app_url_;
    std::string direct_url_;
};

}  // namespace cartwright::app
