#include "base/settings_rows.hpp"

namespace cartwright {

namespace {

template <auto Section, auto Member>
auto& in(Settings& settings) {
    return settings.*Section.*Member;
}

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

}  // namespace

const std::vector<SettingRow>& setting_rows() {
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
    static const std::vector<SettingRow> all{
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
        {"server.drain_delay",
         in<server, &Server::drain_delay>,
         0,
         hour,
         "How long after SIGTERM connections are still accepted while /readyz fails already, so that a load "
         "balancer notices before it is refused."},
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
        {"database.connect_timeout",
         in<database, &Database::connect_timeout>,
         100,
         minute,
         "How long making a connection may take."},

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
         "Memory for finished pages, of each thread."},

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
    };
    return all;
}

}  // namespace cartwright
