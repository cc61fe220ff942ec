#include "app/home.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace cartwright::app {

namespace {

namespace fs = std::filesystem;

// PostgreSQL writes where its socket is to the fifth line of its pid file.
std::string socket_folder_of_running(const fs::path& cluster_folder) {
    std::ifstream file(cluster_folder / "data" / "postmaster.pid");
    std::string line;
    for (int i = 0; i < 5; ++i) {
        if (!std::getline(file, line)) {
            return {};
        }
    }
    return line;
}

std::string socket_url(const std::string& socket_folder, std::string_view role) {
    return fmt::format("host='{}' port=5432 dbname=cartwright user={}", socket_folder, role);
}

// `user=` or `//user@` of a libpq address is enough to tell: what isn't found there comes from the
// environment or the system and isn't cw_app.
bool logs_in_as_app(std::string_view url) {
    return url.find("//cw_app@") != std::string_view::npos ||
           url.find("//cw_app:") != std::string_view::npos ||
           url.find("user=cw_app") != std::string_view::npos;
}

// Every thread's pool, that of the background work, and room for commands, LISTEN and psql.
int connections_of(const Settings& settings) {
    constexpr unsigned spare = 30;
    const unsigned threads = settings.server.threads != 0 ? settings.server.threads
                                                          : std::max(std::thread::hardware_concurrency(), 1U);
    return static_cast<int>((threads + 1) * settings.database.pool_size + spare);
}

constexpr const char* app_role = "cw_app";

}  // namespace

Home::Home(const Settings& settings, Hold hold, std::function<void(std::string_view)> progress)
    : settings_(settings) {
    fs::create_directories(settings.data.folder);
    folder_ = fs::canonical(settings.data.folder);
    if (settings.database.url.empty()) {
        open_embedded(hold, std::move(progress));
    } else {
        app_url_ = settings.database.url;
        direct_url_ = settings.database.direct_url.empty() ? app_url_ : settings.database.direct_url;
        owner_url_ = direct_url_;
    }
    open_keys();
}

void Home::open_embedded(Hold hold, std::function<void(std::string_view)> progress) {
    const fs::path folder = folder_ / "postgres";
    try {
        cluster_.emplace(db::ClusterOptions{.folder = folder,
                                            .programs = settings_.database.programs,
                                            .max_connections = connections_of(settings_),
                                            .progress = std::move(progress)});
    } catch (const db::ClusterError& error) {
        const std::string socket_folder = socket_folder_of_running(folder);
        if (hold == Hold::own || error.trouble != db::ClusterTrouble::in_use || socket_folder.empty()) {
            throw;
        }
        owner_url_ = socket_url(socket_folder, "cartwright");
        app_url_ = direct_url_ = socket_url(socket_folder, app_role);
        return;
    }
    owner_url_ = cluster_->owner_url();
    app_url_ = direct_url_ = cluster_->app_url();
}

void Home::open_keys() {
    const fs::path file =
        settings_.data.key_file.empty() ? folder_ / "keys" : fs::path(settings_.data.key_file);
    if (!fs::exists(file)) {
        try {
            KeyRing::create(file, rng_);
        } catch (const BadKeyFile&) {
            // Another process of ours made it at the same moment, or it can't be made: reading tells which.
            if (!fs::exists(file)) {
                throw;
            }
        }
    }
    keys_ = KeyRing::read(file);
}

unsigned Home::claim_node() {
    const unsigned wanted = settings_.server.node;
    if (!settings_.database.url.empty()) {
        return wanted;
    }
    const fs::path folder = folder_ / "nodes";
    fs::create_directories(folder);
    // That of commands is left to them.
    for (unsigned i = 0; i < command_node; ++i) {
        const unsigned node = (wanted + i) % command_node;
        auto lock = LockFile::take(folder / fmt::to_string(node), std::chrono::milliseconds(0));
        if (!lock) {
            continue;
        }
        node_lock_.emplace(std::move(*lock));
        return node;
    }
    throw std::runtime_error(
        fmt::format("all {} node numbers of {} are taken", command_node, folder.string()));
}

db::DatabaseOptions Home::database_options() const {
    const DatabaseSettings& database = settings_.database;
    // Behind a pooler there is no session of ours to set a role in: its address logs in as cw_app itself.
    const bool pooled = !database.direct_url.empty();
    return {.url = app_url_,
            .prepared_statements = database.prepared_statements,
            .role = pooled || logs_in_as_app(app_url_) ? "" : app_role,
            .connections = database.pool_size,
            .waiting = database.queue_limit,
            .connect_limit = database.connect_timeout};
}

db::DatabaseOptions Home::direct_options() const {
    db::DatabaseOptions options = database_options();
    options.url = direct_url_;
    options.prepared_statements = true;
    options.role = logs_in_as_app(direct_url_) ? "" : app_role;
    return options;
}

std::vector<std::string> Home::secrets_for(std::string_view purpose) const {
    return keys_->derive(purpose);
}

}  // namespace cartwright::app
