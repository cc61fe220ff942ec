#include "base/settings.hpp"

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <variant>

#include <arpa/inet.h>
#include <unistd.h>

namespace cartwright {

namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;
constexpr std::string_view prefix = "CARTWRIGHT_";

using Strings = std::vector<std::string>;

// Where the value of a setting lives; the type of the member says how it is written. `unsigned` is a
// number, `std::size_t` a size in bytes.
using Place = std::variant<bool& (*)(Settings&),
                           unsigned& (*)(Settings&),
                           std::size_t& (*)(Settings&),
                           Milliseconds& (*)(Settings&),
                           std::string& (*)(Settings&),
                           Strings& (*)(Settings&)>;

template <auto Section, auto Member>
auto& in(Settings& settings) {
    return settings.*Section.*Member;
}

enum class Shown : bool { openly, as_secret };

// Bounds of numbers as they are, of sizes in bytes, of durations in milliseconds; of texts in characters.
struct Row {
    std::string_view name;
    Place place;
    std::int64_t least;
    std::int64_t most;
    std::string_view sentence;
    Shown shown = Shown::openly;
    Strings choices = {};
};

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

const std::vector<Row>& rows() {
    constexpr auto server = &Settings::server;
    constexpr auto data = &Settings::data;
    constexpr auto database = &Settings::database;
    constexpr auto http = &Settings::http;
    constexpr auto files = &Settings::files;
    constexpr auto jobs = &Settings::jobs;
    constexpr auto accounts = &Settings::accounts;
    constexpr auto blocking = &Settings::blocking;
    constexpr auto log = &Settings::log;
    using Server = ServerSettings;
    using Database = DatabaseSettings;
    using Http = HttpSettings;
    using Files = FilesSettings;
    using Jobs = JobsSettings;
    using Accounts = AccountsSettings;
    static const std::vector<Row> all{
        {"server.listen",
         in<server, &Server::listen>,
         1,
         16,
         "The IP addresses that shops are served on; \"0.0.0.0\" and \"::\" mean all of the machine."},
        {"server.port", in<server, &Server::port>, 1, 65535, "The port for HTTP."},
        {"server.platform_host",
         in<server, &Server::platform_host>,
         1,
         253,
         "The domain of the platform: a shop has its address below it until it has a domain of its own."},
        {"server.admin_listen",
         in<server, &Server::admin_listen>,
         0,
         255,
         "The address and port for /metrics, which is never public; empty for none."},
        {"server.threads",
         in<server, &Server::threads>,
         0,
         256,
         "Threads that serve requests; 0 means one for each core."},
        {"server.node",
         in<server, &Server::node>,
         0,
         1023,
         "The number of this process among those on the same database; it is a part of the ids it makes, so "
         "no "
         "two may share one."},
        {"server.drain",
         in<server, &Server::drain>,
         0,
         hour,
         "How long running requests may take to finish after SIGTERM; longer than http.body_timeout for "
         "uploads to end."},
        {"server.trusted_proxies",
         in<server, &Server::trusted_proxies>,
         0,
         256,
         "The networks (\"10.0.0.0/8\") whose X-Forwarded-For, -Proto and -Host are believed; anyone else "
         "could "
         "claim any address."},
        {"server.tls_port", in<server, &Server::tls_port>, 0, 65535, "The port for HTTPS; 0 for none."},
        {"server.tls_folder",
         in<server, &Server::tls_folder>,
         0,
         4096,
         "The folder of certificates: NAME.crt and NAME.key for each domain; needed for server.tls_port."},
        {"server.worker",
         in<server, &Server::worker>,
         0,
         1,
         "Whether `serve` runs background jobs too; false where `cartwright worker` runs beside it."},

        {"data.folder",
         in<data, &DataSettings::folder>,
         1,
         4096,
         "Where the private database, files and keys are kept."},
        {"data.key_file",
         in<data, &DataSettings::key_file>,
         0,
         4096,
         "The file of keys that seal secrets in the database; empty for `keys` in data.folder. Keep a copy "
         "apart "
         "from the backups of the database."},

        {"database.url",
         in<database, &Database::url>,
         0,
         4096,
         "The PostgreSQL to use, postgresql://user:password@host/name; empty for a private one in "
         "data.folder.",
         Shown::as_secret},
        {"database.direct_url",
         in<database, &Database::direct_url>,
         0,
         4096,
         "The same database without the pooler between, for LISTEN and migrations; empty where database.url "
         "is "
         "direct.",
         Shown::as_secret},
        {"database.programs",
         in<database, &Database::programs>,
         0,
         4096,
         "The folder with PostgreSQL's initdb and postgres, for the private database; empty for "
         "/usr/lib/postgresql/*/bin and those of PATH."},
        {"database.pool_size",
         in<database, &Database::pool_size>,
         1,
         1000,
         "Connections of each thread; more than the database has cores and disks for makes all of them "
         "slower."},
        {"database.prepared_statements",
         in<database, &Database::prepared_statements>,
         0,
         1,
         "false behind PgBouncer before 1.21 in transaction mode, which loses them."},
        {"database.migrate",
         in<database, &Database::migrate>,
         0,
         1,
         "Whether `serve` brings the schema up to date before it serves."},
        {"database.queue_limit",
         in<database, &Database::queue_limit>,
         1,
         100'000,
         "Requests of a thread that may wait for a connection; the next one is answered 503, for it would "
         "wait in "
         "vain."},
        {"database.queue_timeout",
         in<database, &Database::queue_timeout>,
         1,
         minute,
         "How long a request waits for a connection before it is answered 503; shoppers leave after a few "
         "seconds."},
        {"database.connect_timeout",
         in<database, &Database::connect_timeout>,
         100,
         minute,
         "How long making a connection may take."},
        {"database.statement_timeout",
         in<database, &Database::statement_timeout>,
         10,
         hour,
         "The longest statement of a shop's page; one shop's slow query must not hold what others need."},
        {"database.admin_statement_timeout",
         in<database, &Database::admin_statement_timeout>,
         10,
         hour,
         "The longest statement of the panels, whose lists and reports take more."},
        {"database.job_statement_timeout",
         in<database, &Database::job_statement_timeout>,
         10,
         day,
         "The longest statement of a background job."},
        {"database.lock_timeout",
         in<database, &Database::lock_timeout>,
         10,
         hour,
         "The longest wait for a row that another transaction holds, before the operation is tried again."},
        {"database.idle_in_transaction_timeout",
         in<database, &Database::idle_in_transaction_timeout>,
         100,
         hour,
         "When the database ends a transaction that its server has forgotten, with the locks it holds."},

        {"http.head_limit",
         in<http, &Http::head_limit>,
         4 * kib,
         mib,
         "The largest request line and header together (431 above it); trackers' cookies need more than the "
         "usual 8 KiB."},
        {"http.field_limit",
         in<http, &Http::field_limit>,
         10,
         1000,
         "The most header fields of a request (431)."},
        {"http.request_line_limit",
         in<http, &Http::request_line_limit>,
         kib,
         64 * kib,
         "The longest request line (414); RFC 9112 asks for 8,000 bytes at least."},
        {"http.body_limit",
         in<http, &Http::body_limit>,
         kib,
         gib,
         "The largest body where a route names no limit of its own (413 before it is read)."},
        {"http.upload_limit",
         in<http, &Http::upload_limit>,
         kib,
         100 * gib,
         "The largest uploaded file (413)."},
        {"http.read_ahead",
         in<http, &Http::read_ahead>,
         4 * kib,
         mib,
         "What is read from a connection before the request in hand is answered; it bounds the memory of a "
         "connection. At least http.head_limit."},
        {"http.pipeline_limit",
         in<http, &Http::pipeline_limit>,
         1,
         10'000,
         "Requests that are answered of one burst on a connection before others get their turn."},
        {"http.head_timeout",
         in<http, &Http::head_timeout>,
         100,
         hour,
         "From the first byte of a head to its last, however slowly the others come (slowloris)."},
        {"http.body_timeout",
         in<http, &Http::body_timeout>,
         100,
         hour,
         "What a body may take, besides the time that http.body_rate allows for its length."},
        {"http.body_rate",
         in<http, &Http::body_rate>,
         1,
         gib,
         "Bytes a second that the slowest sender of a large body has to reach."},
        {"http.write_timeout",
         in<http, &Http::write_timeout>,
         100,
         hour,
         "How long a reader may take nothing at all of a response."},
        {"http.write_rate",
         in<http, &Http::write_rate>,
         1,
         gib,
         "Bytes a second that the slowest reader has to reach."},
        {"http.idle_timeout",
         in<http, &Http::idle_timeout>,
         100,
         hour,
         "How long a connection stays open between two requests; a proxy in front must wait for less."},
        {"http.handshake_timeout",
         in<http, &Http::handshake_timeout>,
         100,
         minute,
         "How long a TLS handshake may take."},
        {"http.connections",
         in<http, &Http::connections>,
         0,
         1'000'000,
         "Open connections of the process; 0 means as many as descriptors allow, less 500 for files and the "
         "database."},
        {"http.connections_per_address",
         in<http, &Http::connections_per_address>,
         1,
         1'000'000,
         "Open connections of one client's address; a browser opens 6, an office behind one address some "
         "dozens."},
        {"http.connections_per_shop",
         in<http, &Http::connections_per_shop>,
         1,
         1'000'000,
         "Open connections of one shop, so that a popular one leaves room for the others."},
        {"http.requests_per_shop",
         in<http, &Http::requests_per_shop>,
         1,
         1'000'000,
         "Requests a second of one shop, on average (429 above it)."},
        {"http.requests_per_shop_burst",
         in<http, &Http::requests_per_shop_burst>,
         1,
         1'000'000,
         "Requests of one shop that may come at once."},
        {"http.requests_per_address",
         in<http, &Http::requests_per_address>,
         1,
         1'000'000,
         "Requests a second of one client's address, on average (429 above it)."},
        {"http.requests_per_address_burst",
         in<http, &Http::requests_per_address_burst>,
         1,
         1'000'000,
         "Requests of one client's address that may come at once: a page with its pictures."},
        {"http.logins_per_minute",
         in<http, &Http::logins_per_minute>,
         1,
         10'000,
         "Attempts to log in of one client's address; each costs tens of milliseconds of a core."},
        {"http.page_cache",
         in<http, &Http::page_cache>,
         0,
         64 * gib,
         "Memory for finished pages, of all threads together."},

        {"files.kind",
         in<files, &Files::kind>,
         1,
         10,
         "Where uploaded files are kept: \"local\" in a folder, or \"s3\" in a bucket of S3 or a server that "
         "speaks "
         "its protocol.",
         Shown::openly,
         {"local", "s3"}},
        {"files.folder",
         in<files, &Files::folder>,
         0,
         4096,
         "The folder of local files; empty for `files` in data.folder."},
        {"files.s3_endpoint", in<files, &Files::s3_endpoint>, 0, 1024, "The server, https://s3.example.com."},
        {"files.s3_region", in<files, &Files::s3_region>, 1, 64, "The region that requests are signed for."},
        {"files.s3_bucket", in<files, &Files::s3_bucket>, 0, 63, "The bucket; it has to be there."},
        {"files.s3_access_key_variable",
         in<files, &Files::s3_access_key_variable>,
         1,
         128,
         "The environment variable that holds the access key's id; secrets don't stand in files of "
         "settings."},
        {"files.s3_secret_key_variable",
         in<files, &Files::s3_secret_key_variable>,
         1,
         128,
         "The environment variable that holds the secret access key."},
        {"files.s3_path_style",
         in<files, &Files::s3_path_style>,
         0,
         1,
         "true for https://server/bucket/key instead of https://bucket.server/key."},

        {"jobs.concurrency",
         in<jobs, &Jobs::concurrency>,
         1,
         1000,
         "Jobs that a process runs at the same time."},
        {"jobs.poll",
         in<jobs, &Jobs::poll>,
         10,
         hour,
         "How often due jobs are looked for when nothing announces them."},
        {"jobs.lease",
         in<jobs, &Jobs::lease>,
         second,
         day,
         "When a job whose process has died may be taken by another one; running jobs renew theirs."},
        {"jobs.attempts",
         in<jobs, &Jobs::attempts>,
         1,
         100,
         "Attempts before a job that fails is put aside for a person to look at."},
        {"jobs.keep_done", in<jobs, &Jobs::keep_done>, 0, 365 * day, "How long finished jobs are kept."},

        {"accounts.session_lifetime",
         in<accounts, &Accounts::session_lifetime>,
         minute,
         365 * day,
         "When a session ends at the latest."},
        {"accounts.session_idle",
         in<accounts, &Accounts::session_idle>,
         minute,
         365 * day,
         "When a session ends that nobody uses."},
        {"accounts.reset_lifetime",
         in<accounts, &Accounts::reset_lifetime>,
         minute,
         7 * day,
         "How long a link to set a new password is good."},
        {"accounts.password_log_n",
         in<accounts, &Accounts::password_log_n>,
         4,
         20,
         "Cost of scrypt: a hash takes 2^n KiB of memory; below 15 it is too cheap for a public server."},
        {"accounts.password_p",
         in<accounts, &Accounts::password_p>,
         1,
         16,
         "Cost of scrypt: how many times over the time is spent."},

        {"blocking.threads",
         in<blocking, &BlockingSettings::threads>,
         1,
         256,
         "Threads for what would hold up requests: password hashes, images, mail. Each may take tens of "
         "MiB."},
        {"blocking.queue_limit",
         in<blocking, &BlockingSettings::queue_limit>,
         1,
         100'000,
         "Work that may wait for them; above it requests are answered 503."},

        {"log.level",
         in<log, &LogSettings::level>,
         1,
         10,
         "The least that is written.",
         Shown::openly,
         {"debug", "info", "warning", "error"}},
        {"log.file",
         in<log, &LogSettings::file>,
         0,
         4096,
         "The file to append to; empty for standard output. SIGHUP opens it again after a rotation."},
        {"log.requests", in<log, &LogSettings::requests>, 0, 1, "Whether each request is a line of the log."},
        {"log.flush",
         in<log, &LogSettings::flush>,
         1,
         minute,
         "How long a line may wait in memory for others; errors never do."},
    };
    return all;
}

// Variables that are for scripts and tests, not for the server.
constexpr auto foreign_variables = std::to_array<std::string_view>(
    {"CARTWRIGHT_SHARED", "CARTWRIGHT_CONFIG", "CARTWRIGHT_PRESET", "CARTWRIGHT_JOBS"});

struct Alias {
    std::string_view variable;
    std::string_view setting;
};

constexpr auto aliases = std::to_array<Alias>(
    {{"PORT", "server.port"}, {"DATABASE_URL", "database.url"}, {"CARTWRIGHT_DATA", "data.folder"}});

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// The larger first, for printing.
constexpr auto durations =
    std::to_array<Unit>({{"d", day}, {"h", hour}, {"m", minute}, {"s", second}, {"ms", 1}});
constexpr auto sizes = std::to_array<Unit>({{"GiB", gib}, {"MiB", mib}, {"KiB", kib}, {"", 1}});

std::optional<std::int64_t> parse_unit(std::string_view text, std::span<const Unit> units) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_int64(text.substr(0, end));
    const auto unit = std::ranges::find(units, text.substr(end), &Unit::name);
    std::int64_t value = 0;
    if (!number || unit == units.end() || __builtin_mul_overflow(*number, unit->factor, &value)) {
        return std::nullopt;
    }
    return value;
}

std::string print_unit(std::int64_t value, std::span<const Unit> units) {
    const auto unit = std::ranges::find_if(
        units, [value](const Unit& candidate) { return value != 0 && value % candidate.factor == 0; });
    const Unit& chosen = unit == units.end() ? units.back() : *unit;
    return fmt::format("{}{}", value / chosen.factor, chosen.name);
}

const Row* find_row(std::string_view name) {
    const auto found = std::ranges::find(rows(), name, &Row::name);
    return found == rows().end() ? nullptr : &*found;
}

std::string variable_of(std::string_view name) {
    std::string variable(prefix);
    for (const char c : name) {
        variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return variable;
}

// "number from 1 to 65535"
std::string kind_of(const Row& row) {
    struct Describe {
        const Row& row;

        std::string operator()(bool& (*)(Settings&)) const { return "true or false"; }

        std::string operator()(unsigned& (*)(Settings&)) const {
            return fmt::format("a number from {} to {}", row.least, row.most);
        }

        std::string operator()(std::size_t& (*)(Settings&)) const {
            return fmt::format(
                "a size from {} to {}", print_unit(row.least, sizes), print_unit(row.most, sizes));
        }

        std::string operator()(Milliseconds& (*)(Settings&)) const {
            return fmt::format("a duration from {} to {}",
                               print_unit(row.least, durations),
                               print_unit(row.most, durations));
        }

        std::string operator()(std::string& (*)(Settings&)) const {
            if (!row.choices.empty()) {
                return fmt::format("one of {}", fmt::join(row.choices, ", "));
            }
            return row.least == 0 ? "a text" : "a text that is not empty";
        }

        std::string operator()(Strings& (*)(Settings&)) const {
            return row.least == 0 ? "a list of texts" : "a list of texts that is not empty";
        }
    };

    return std::visit(Describe{row}, row.place);
}

using RawValue = decltype(TomlEntry::value);

Strings split_list(std::string_view text) {
    Strings parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = trim(text.substr(0, comma));
        if (!part.empty()) {
            parts.emplace_back(part);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

// Puts a value into its place. `is_text` tells that it came from a variable or an option, where numbers and
// lists are text. False where it isn't of the setting's kind or out of its bounds.
struct Assign {
    const Row& row;
    Settings& settings;
    const RawValue& value;
    bool is_text;

    std::optional<std::int64_t> bounded(std::optional<std::int64_t> number) const {
        return number && *number >= row.least && *number <= row.most ? number : std::nullopt;
    }

    const std::string* text() const { return std::get_if<std::string>(&value); }

    bool operator()(bool& (*place)(Settings&)) const {
        if (const bool* const flag = std::get_if<bool>(&value)) {
            place(settings) = *flag;
            return true;
        }
        if (!is_text || (*text() != "true" && *text() != "false")) {
            return false;
        }
        place(settings) = *text() == "true";
        return true;
    }

    bool operator()(unsigned& (*place)(Settings&)) const {
        const auto* const integer = std::get_if<std::int64_t>(&value);
        const auto number = bounded(integer != nullptr ? std::optional(*integer)
                                    : is_text          ? parse_int64(*text())
                                                       : std::nullopt);
        if (number) {
            place(settings) = static_cast<unsigned>(*number);
        }
        return number.has_value();
    }

    bool operator()(std::size_t& (*place)(Settings&)) const {
        const auto* const integer = std::get_if<std::int64_t>(&value);
        const auto number = bounded(integer != nullptr  ? std::optional(*integer)
                                    : text() != nullptr ? parse_unit(*text(), sizes)
                                                        : std::nullopt);
        if (number) {
            place(settings) = static_cast<std::size_t>(*number);
        }
        return number.has_value();
    }

    bool operator()(Milliseconds& (*place)(Settings&)) const {
        const auto number = bounded(text() != nullptr ? parse_unit(*text(), durations) : std::nullopt);
        if (number) {
            place(settings) = Milliseconds(*number);
        }
        return number.has_value();
    }

    bool operator()(std::string& (*place)(Settings&)) const {
        if (text() == nullptr || !is_utf8(*text()) || text()->find('\0') != std::string::npos ||
            !bounded(static_cast<std::int64_t>(text()->size())) ||
            (!row.choices.empty() && std::ranges::find(row.choices, *text()) == row.choices.end())) {
            return false;
        }
        place(settings) = *text();
        return true;
    }

    bool operator()(Strings& (*place)(Settings&)) const {
        const auto* const list = std::get_if<Strings>(&value);
        if (list == nullptr && !is_text) {
            return false;
        }
        Strings parts = list != nullptr ? *list : split_list(*text());
        if (!bounded(static_cast<std::int64_t>(parts.size()))) {
            return false;
        }
        place(settings) = std::move(parts);
        return true;
    }
};

void assign(
    Settings& settings, const Row& row, const RawValue& value, bool is_text, std::string_view origin) {
    if (!std::visit(Assign{row, settings, value, is_text}, row.place)) {
        const auto* const text = std::get_if<std::string>(&value);
        const std::string got = text != nullptr && row.shown == Shown::openly
                                    ? fmt::format(", not \"{}\"", utf8_prefix(*text, 100))
                                    : "";
        throw BadSettings(fmt::format("{}: {} must be {}{}.", origin, row.name, kind_of(row), got));
    }
}

[[noreturn]] void unknown(std::string_view origin,
                          std::string_view name,
                          std::span<const std::string_view> names) {
    const auto meant = nearest(name, names);
    const std::string advice = meant ? fmt::format("did you mean {}?", *meant)
                                     : std::string("`cartwright config` lists all of them.");
    throw BadSettings(fmt::format("{}: {} is not a setting; {}", origin, name, advice));
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> names;
    std::ranges::transform(rows(), std::back_inserter(names), &Row::name);
    return names;
}

void apply_file(Settings& settings, const std::filesystem::path& file) {
    std::string text;
    try {
        text = read_file(file, max_file_bytes);
    } catch (const std::system_error& error) {
        throw BadSettings(fmt::format("The settings file {}: {}; name another one or make it readable.",
                                      file.string(),
                                      error.code().message()));
    }
    try {
        for (const TomlEntry& entry : read_toml(text)) {
            const std::string origin = fmt::format("{} line {}", file.string(), entry.line);
            const Row* const row = find_row(entry.name);
            if (row == nullptr) {
                unknown(origin, entry.name, all_names());
            }
            assign(settings, *row, entry.value, false, origin);
        }
    } catch (const BadToml& error) {
        throw BadSettings(
            fmt::format("{} line {}: not good TOML: {}.", file.string(), error.line(), error.what()));
    }
}

void apply_environment(Settings& settings, const std::map<std::string, std::string>& environment) {
    for (const Alias& alias : aliases) {
        const auto found = environment.find(std::string(alias.variable));
        if (found != environment.end()) {
            assign(settings,
                   *find_row(alias.setting),
                   found->second,
                   true,
                   fmt::format("Environment variable {}", alias.variable));
        }
    }
    std::map<std::string, const Row*, std::less<>> by_variable;
    for (const Row& row : rows()) {
        by_variable.emplace(variable_of(row.name), &row);
    }
    for (const auto& [variable, value] : environment) {
        if (std::ranges::find(aliases, variable, &Alias::variable) != aliases.end() ||
            std::ranges::find(foreign_variables, variable) != foreign_variables.end() ||
            !variable.starts_with(prefix)) {
            continue;
        }
        const auto found = by_variable.find(variable);
        if (found == by_variable.end()) {
            std::vector<std::string_view> names;
            std::ranges::transform(by_variable, std::back_inserter(names), [](const auto& known) {
                return std::string_view(known.first);
            });
            unknown("Environment", variable, names);
        }
        assign(settings, *found->second, value, true, fmt::format("Environment variable {}", variable));
    }
}

bool is_network(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string address = text.substr(0, slash);
    std::array<unsigned char, 16> bytes;
    const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
    if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
        return false;
    }
    if (slash == std::string::npos) {
        return true;
    }
    const auto length = parse_int64(std::string_view(text).substr(slash + 1));
    return length && *length >= 0 && *length <= (is_v4 ? 32 : 128);
}

bool is_address(const std::string& text) {
    return text.find('/') == std::string::npos && is_network(text);
}

// "127.0.0.1:9180" or "[::1]:9180"
bool is_endpoint(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        return false;
    }
    std::string address = text.substr(0, colon);
    const bool is_bracketed = address.starts_with('[') && address.ends_with(']');
    if (is_bracketed) {
        address = address.substr(1, address.size() - 2);
    }
    const auto port = parse_int64(std::string_view(text).substr(colon + 1));
    const bool is_v6 = address.find(':') != std::string::npos;
    return is_address(address) && is_v6 == is_bracketed && port && *port >= 1 && *port <= 65535;
}

void require(bool holds, std::string_view sentence) {
    if (!holds) {
        throw BadSettings(std::string(sentence));
    }
}

// What no single setting can be asked.
void check(Settings& settings) {
    ServerSettings& server = settings.server;
    for (const std::string& address : server.listen) {
        require(is_address(address), fmt::format("server.listen: \"{}\" is not an IP address.", address));
    }
    for (const std::string& network : server.trusted_proxies) {
        require(is_network(network),
                fmt::format("server.trusted_proxies: \"{}\" is neither an IP address nor a "
                            "network such as 10.0.0.0/8.",
                            network));
    }
    require(server.admin_listen.empty() || is_endpoint(server.admin_listen),
            fmt::format("server.admin_listen: \"{}\" is not an address with a port such as 127.0.0.1:9180.",
                        server.admin_listen));
    auto host = canonical_host(server.platform_host);
    require(host.has_value(),
            fmt::format("server.platform_host: \"{}\" is not the name of a host.", server.platform_host));
    server.platform_host = std::move(*host);
    require(server.tls_port == 0 || !server.tls_folder.empty(),
            "server.tls_port is set; set server.tls_folder to the folder of certificates too.");
    require(server.tls_port == 0 || server.tls_port != server.port,
            "server.tls_port and server.port are the same; choose two ports.");
    const HttpSettings& http = settings.http;
    require(http.read_ahead >= http.head_limit,
            "http.read_ahead is below http.head_limit; a head of that size could not be read.");
    require(http.request_line_limit <= http.head_limit,
            "http.request_line_limit is above http.head_limit, of which it is a part.");
    require(settings.accounts.session_idle <= settings.accounts.session_lifetime,
            "accounts.session_idle is above accounts.session_lifetime, and would never count.");
    const FilesSettings& files = settings.files;
    require(files.kind != "s3" || (!files.s3_bucket.empty() && !files.s3_endpoint.empty()),
            "files.kind is \"s3\"; set files.s3_endpoint and files.s3_bucket too.");
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

// As it is written in a file of settings.
std::string print(const Row& row, Settings& settings) {
    struct Print {
        Settings& settings;

        std::string operator()(bool& (*place)(Settings&)) const { return place(settings) ? "true" : "false"; }

        std::string operator()(unsigned& (*place)(Settings&)) const {
            return std::to_string(place(settings));
        }

        std::string operator()(std::size_t& (*place)(Settings&)) const {
            const auto value = static_cast<std::int64_t>(place(settings));
            return in_quotes(print_unit(value, sizes));
        }

        std::string operator()(Milliseconds& (*place)(Settings&)) const {
            return in_quotes(print_unit(place(settings).count(), durations));
        }

        std::string operator()(std::string& (*place)(Settings&)) const { return in_quotes(place(settings)); }

        std::string operator()(Strings& (*place)(Settings&)) const {
            Strings parts;
            std::ranges::transform(place(settings), std::back_inserter(parts), in_quotes);
            return fmt::format("[{}]", fmt::join(parts, ", "));
        }
    };

    return std::visit(Print{settings}, row.place);
}

}  // namespace

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> ours;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        const bool is_alias = std::ranges::find(aliases, name, &Alias::variable) != aliases.end();
        if (equals != std::string_view::npos && (is_alias || name.starts_with(prefix))) {
            ours.emplace(name, text.substr(equals + 1));
        }
    }
    return ours;
}

std::string environment_variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

Settings load_settings(const SettingsSources& sources) {
    Settings settings;
    if (!sources.file.empty()) {
        apply_file(settings, sources.file);
    }
    apply_environment(settings, sources.environment);
    for (const auto& [name, value] : sources.options) {
        const Row* const row = find_row(name);
        if (row == nullptr) {
            unknown("Command line", name, all_names());
        }
        assign(settings, *row, value, true, "Command line");
    }
    check(settings);
    return settings;
}

std::vector<SettingLine> list_settings(const Settings& settings) {
    Settings current = settings;
    Settings defaults;
    std::vector<SettingLine> lines;
    for (const Row& row : rows()) {
        std::string value = print(row, current);
        std::string fallback = print(row, defaults);
        if (row.shown == Shown::as_secret) {
            value = value == fallback ? "(not set)" : "(set)";
        }
        lines.push_back({.name = std::string(row.name),
                         .variable = variable_of(row.name),
                         .kind = kind_of(row),
                         .value = std::move(value),
                         .fallback = std::move(fallback),
                         .sentence = std::string(row.sentence)});
    }
    return lines;
}

std::string example_settings() {
    std::string text;
    std::string section;
    for (const SettingLine& line : list_settings(Settings())) {
        const std::size_t dot = line.name.find('.');
        if (line.name.substr(0, dot) != section) {
            section = line.name.substr(0, dot);
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
        }
        text += fmt::format("# {}\n# {}; {}\n{} = {}\n",
                            line.sentence,
                            line.kind,
                            line.variable,
                            line.name.substr(dot + 1),
                            line.fallback);
    }
    return text;
}

}  // namespace cartwright
