// Everything that an operator can set, and every limit with its reason. Settings are read once, when the
// program starts: from a TOML file, then the environment, then the command line, the later one winning.
// What a shop's owner sets is data of the shop, not here.
//
// The members below are plain values with their defaults; settings_rows.cpp has the one table of names, bounds
// and sentences from which parsing, the environment, `cartwright config` and the documentation come.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright {

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

using Milliseconds = std::chrono::milliseconds;

struct ServerSettings {
    std::vector<std::string> listen{"127.0.0.1"};
    unsigned port = 8080;
    std::string platform_host = "localhost";
    std::string admin_listen = "127.0.0.1:9180";
    unsigned threads = 0;
    unsigned node = 0;
    Milliseconds drain = std::chrono::seconds(30);
    Milliseconds drain_delay{0};
    std::vector<std::string> trusted_proxies;
    unsigned tls_port = 0;
    std::string tls_folder;
    bool worker = true;
};

struct DataSettings {
    std::string folder = "var";
    std::string key_file;
};

struct DatabaseSettings {
    std::string url;
    std::string direct_url;
    std::string programs;
    unsigned pool_size = 8;
    bool prepared_statements = true;
    bool migrate = true;
    unsigned queue_limit = 256;
    Milliseconds connect_timeout = std::chrono::seconds(5);
};

struct HttpSettings {
    unsigned pipeline_limit = 100;
    Milliseconds head_timeout = std::chrono::seconds(10);
    Milliseconds body_timeout = std::chrono::seconds(30);
    std::size_t body_rate = 16 * kibibyte;
    Milliseconds write_timeout = std::chrono::seconds(60);
    std::size_t write_rate = kibibyte;
    Milliseconds idle_timeout = std::chrono::seconds(15);
    Milliseconds handshake_timeout = std::chrono::seconds(5);
    unsigned connections = 0;
    unsigned connections_per_address = 64;
    unsigned connections_per_shop = 2000;
    unsigned requests_per_shop = 200;
    unsigned requests_per_shop_burst = 400;
    unsigned requests_per_address = 20;
    unsigned requests_per_address_burst = 60;
    unsigned logins_per_minute = 5;
    std::size_t page_cache = 64 * mebibyte;
};

struct FilesSettings {
    std::string kind = "local";
    std::string folder;
    std::string s3_endpoint;
    std::string s3_region = "us-east-1";
    std::string s3_bucket;
    std::string s3_access_key_variable = "AWS_ACCESS_KEY_ID";
    std::string s3_secret_key_variable = "AWS_SECRET_ACCESS_KEY";
    bool s3_path_style = false;
};

struct JobsSettings {
    unsigned concurrency = 4;
    Milliseconds poll = std::chrono::seconds(1);
    Milliseconds lease = std::chrono::seconds(60);
    Milliseconds keep_done = std::chrono::days(3);
};

struct AccountsSettings {
    Milliseconds session_lifetime = std::chrono::days(30);
    Milliseconds session_idle = std::chrono::days(14);
    unsigned password_log_n = 15;
    unsigned password_p = 3;
};

struct BlockingSettings {
    unsigned threads = 2;
    unsigned queue_limit = 64;
};

struct LogSettings {
    std::string level = "info";
    std::string file;
    bool requests = true;
};

struct Settings {
    ServerSettings server;
    DataSettings data;
    DatabaseSettings database;
    HttpSettings http;
    FilesSettings files;
    JobsSettings jobs;
    AccountsSettings accounts;
    BlockingSettings blocking;
    LogSettings log;
};

// What was set is wrong. what() is one sentence that names the file and line, the variable or the option,
// and what to do.
class BadSettings : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct SettingsSources {
    std::filesystem::path file;                      // empty: none
    std::map<std::string, std::string> environment;  // as process_environment gives it
    std::map<std::string, std::string> options;      // by the names of settings, "server.port"
};

// The variables of this process that speak to Cartwright: those that begin with CARTWRIGHT_, PORT and
// DATABASE_URL.
std::map<std::string, std::string> process_environment();

// One variable of this process by its name, for secrets that settings refer to (files.s3_secret_key_variable);
// empty where it isn't set.
std::string environment_variable(const std::string& name);

// CARTWRIGHT_SERVER_PORT sets server.port; PORT, DATABASE_URL and CARTWRIGHT_DATA set server.port,
// database.url and data.folder where the long names don't. Durations are written "250ms", "30s", "5m", "2h",
// "14d", sizes "512", "16KiB", "1MiB", "2GiB", lists in variables and options with commas. Throws BadSettings.
Settings load_settings(const SettingsSources& sources);

// Of a text as it stands in a file; `name` is what complaints call it.
Settings parse_settings(std::string_view toml, const std::string& name);

// A line of `cartwright config`.
struct SettingLine {
    std::string name;      // "server.port"
    std::string variable;  // "CARTWRIGHT_SERVER_PORT"
    std::string kind;      // "number from 1 to 65535"
    std::string value;     // as it is written in a file; of a secret only whether it is set
    std::string fallback;  // the default, written in the same way
    std::string sentence;
};

// All settings, in the order of the documentation.
std::vector<SettingLine> list_settings(const Settings& settings);

// A TOML file of all settings at their defaults, each with its sentence above it.
std::string example_settings();

}  // namespace cartwright
