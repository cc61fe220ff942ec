#include "app/serve.hpp"

#include "app/backstage.hpp"
#include "app/desk.hpp"
#include "app/home.hpp"
#include "app/node.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "http/health.hpp"
#include "http/server.hpp"
#include "http/tls.hpp"
#include "shop/commands.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace cartwright::app {

namespace {

// Each connection of a client is an open file. The soft limit is low for programs that use select(), which this
// one doesn't. Before the server's connections are counted against it.
void allow_many_files() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);  // where it is refused, the old limit stays
}

void tell(std::string_view line) {
    fmt::print(stderr, "{}\n", line);
}

LogLevel level_of(const std::string& name) {
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (name_of(level) == name) {
            return level;
        }
    }
    return LogLevel::info;
}

std::unique_ptr<LogFile> open_log(const Settings& settings,
                                  const ServeOptions& options,
                                  const std::filesystem::path& folder) {
    if (!settings.log.file.empty()) {
        return std::make_unique<LogFile>(std::filesystem::path(settings.log.file));
    }
    // The demo's terminal is for its addresses.
    if (options.demo) {
        return std::make_unique<LogFile>(folder / "cartwright.log");
    }
    return std::make_unique<LogFile>(STDOUT_FILENO);
}

http::Limits limits_of(const HttpSettings& http) {
    http::Limits limits;
    limits.head = http.head_timeout;
    limits.body = http.body_timeout;
    limits.body_rate = http.body_rate;
    limits.write = http.write_timeout;
    limits.write_rate = http.write_rate;
    limits.idle = http.idle_timeout;
    limits.handshake = http.handshake_timeout;
    limits.burst = http.pipeline_limit;
    limits.connections = http.connections;
    limits.connections_per_address = http.connections_per_address;
    limits.connections_per_shop = http.connections_per_shop;
    return limits;
}

http::DispatchLimits dispatch_limits_of(const HttpSettings& http) {
    const auto each = [](unsigned count, std::chrono::microseconds per) {
        return std::max(per / std::max(count, 1U), std::chrono::microseconds(1));
    };
    http::DispatchLimits limits;
    limits.rates.page = {each(http.requests_per_address, std::chrono::seconds(1)),
                         http.requests_per_address_burst};
    limits.rates.login = {each(http.logins_per_minute, std::chrono::minutes(1)), http.logins_per_minute};
    limits.rates.shop = {each(http.requests_per_shop, std::chrono::seconds(1)), http.requests_per_shop_burst};
    return limits;
}

// /metrics, on a listener of its own.
class AdminNode final : public http::Exchange {
public:
    AdminNode(const Shared& shared, const http::Metrics& metrics)
        : messages_(shared.catalogues),
          texts_(messages_),
          errors_(texts_),
          pages_(shared.rng),
          dispatcher_({.router = router_with(metrics),
                       .sites = sites_,
                       .errors = errors_,
                       .csrf = shared.csrf,
                       .rates = shared.rates,
                       .pages = pages_,
                       .rng = shared.rng}) {}

    Task<http::Plan> plan(http::Request& request) override { return dispatcher_.plan(request); }

    Task<http::Response> respond(http::Request& request, http::Plan& plan) override {
        return dispatcher_.respond(request, plan);
    }

    http::Response refuse(const http::Request& request, int status) override {
        return dispatcher_.refuse(request, status);
    }

private:
    class NoSites final : public http::Sites {
    public:
        std::pair<bool, std::shared_ptr<const http::Site>> cached(std::string_view) override {
            return {true, nullptr};
        }

        Task<std::shared_ptr<const http::Site>> load(std::string) override { co_return nullptr; }
    };

    const http::Router& router_with(const http::Metrics& metrics) {
        http::add_metrics_page(router_, metrics);
        return router_;
    }

    Messages messages_;
    Texts texts_;
    http::ErrorAnswers errors_;
    NoSites sites_;
    http::PageCache pages_;
    http::Router router_;
    http::Dispatcher dispatcher_;
};

// "127.0.0.1:9180", "[::1]:9180".
http::Listener admin_listener(const std::string& text) {
    const auto colon = text.rfind(':');
    http::Listener listener{.kind = http::Listener::Kind::admin};
    const auto port = parse_int64(colon == std::string::npos ? std::string_view()
                                                             : std::string_view(text).substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) {
        throw BadSettings(fmt::format(
            "server.admin_listen is \"{}\": write an address and a port, as in 127.0.0.1:9180", text));
    }
    listener.address = text.substr(0, colon);
    if (listener.address.starts_with('[') && listener.address.ends_with(']')) {
        listener.address = listener.address.substr(1, listener.address.size() - 2);
    }
    listener.port = static_cast<std::uint16_t>(*port);
    return listener;
}

// The demo's owners can be looked up again: their passwords are of no use anywhere else.
std::filesystem::path demo_note(const Home& home) {
    return home.folder() / "demo-owners.txt";
}

void make_demo(const Home& home, Desk& desk) {
    const auto made = desk.run(shop::seed_demo(desk.services(), std::nullopt));
    if (!made) {
        throw std::runtime_error(desk.sentence(made.error()));
    }
    if (made->empty()) {
        return;
    }
    const auto file = demo_note(home);
    std::ofstream note(file, std::ios::app);
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    for (const shop::CreatedShop& shop : *made) {
        note << fmt::format(
            "{}  owner {}  password {}\n", shop.address, shop.login, shop.password.value_or("as before"));
    }
}

class Serving {
public:
    // Listens first, since that fails soonest and leaves nothing behind; the system holds back who comes
    // until run() answers.
    Serving(const Settings& settings, std::span<const db::Migration> migrations, const ServeOptions& options);
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
    ~Serving();

    Exit run();

private:
    std::unique_ptr<http::Server> listening();
    void start();
    void watch_signals();
    void begin_drain();
    std::unique_ptr<http::Exchange> make_node(boost::asio::io_context& io);
    void print_welcome() const;

    const Settings& settings_;
    const ServeOptions options_;
    SystemClock clock_;
    SystemRng rng_;
    std::shared_ptr<http::Certificates> certificates_;
    std::unique_ptr<http::Server> server_;  // null in a worker
    std::optional<http::Metrics> metrics_;
    Home home_;
    std::unique_ptr<LogFile> log_file_;
    Log log_;
    std::optional<BlockingPool> blocking_;
    shop::Passwords passwords_;
    IdSource ids_;
    Catalogues catalogues_;
    http::Signer signer_;
    http::CsrfCheck csrf_;
    http::RateTable rates_;
    std::atomic<bool> draining_{false};
    std::chrono::steady_clock::time_point drain_began_;
    Shared shared_;

    // The thread that called serve() works on what no request waits for.
    boost::asio::io_context stage_{1};
    Backstage backstage_;
    boost::asio::signal_set signals_{stage_};
    Timer drain_timer_{stage_.get_executor()};

    std::mutex nodes_mutex_;  // while the threads start
    std::vector<std::pair<Executor, Node*>> nodes_;
};

Serving::Serving(const Settings& settings,
                 std::span<const db::Migration> migrations,
                 const ServeOptions& options)
    : settings_(settings),
      options_(options),
      server_(options.http ? listening() : nullptr),
      home_(settings, options.http ? Hold::own : Hold::share, tell),
      log_file_(open_log(settings, options, home_.folder())),
      log_(*log_file_, clock_, level_of(settings.log.level)),
      blocking_(std::in_place, settings.blocking.threads, settings.blocking.queue_limit),
      passwords_(*blocking_, rng_, password_cost(settings)),
      ids_(clock_, home_.claim_node()),
      catalogues_(Catalogues::parse(embedded_catalogues())),
      signer_(home_.secrets_for("cookies")),
      csrf_(signer_, rng_),
      rates_(rng_),
      shared_{.home = home_,
              .clock = clock_,
              .rng = rng_,
              .ids = ids_,
              .log = *log_file_,
              .blocking = *blocking_,
              .passwords = passwords_,
              .address = address_of(settings),
              .catalogues = catalogues_,
              .csrf = csrf_,
              .rates = rates_,
              .draining = draining_,
              .least_level = level_of(settings.log.level),
              .limits = dispatch_limits_of(settings.http)},
      backstage_(stage_, shared_, log_, options.jobs) {
    if (settings.database.migrate) {
        db::migrate(home_.owner_url(), migrations);
    } else {
        db::check_schema(home_.owner_url(), migrations);
    }
    if (options.demo) {
        Desk desk(home_);
        make_demo(home_, desk);
    }
}

// What was given to the blocking pool ends on the io_contexts of the threads, so they have to be there still.
Serving::~Serving() {
    if (server_) {
        server_->stop(Milliseconds(0));
    }
    blocking_.reset();
    server_.reset();
}

std::unique_ptr<http::Exchange> Serving::make_node(boost::asio::io_context& io) {
    auto node = std::make_unique<Node>(io, shared_);
    const std::scoped_lock lock(nodes_mutex_);
    nodes_.emplace_back(io.get_executor(), node.get());
    return node;
}

std::unique_ptr<http::Server> Serving::listening() {
    const ServerSettings& server = settings_.server;
    if (server.tls_port != 0) {
        certificates_ = std::make_shared<http::Certificates>(server.tls_folder);
    }
    auto made = std::make_unique<http::Server>(
        http::ServerOptions{.threads = server.threads,
                            .limits = limits_of(settings_.http),
                            .trusted_proxies = server.trusted_proxies,
                            .certificates = certificates_},
        [this](boost::asio::io_context& io, unsigned) { return make_node(io); },
        [this](boost::asio::io_context&, unsigned) {
            return std::make_unique<AdminNode>(shared_, *metrics_);
        },
        [this](std::string_view lines) {
            if (settings_.log.requests) {
                log_file_->write(lines);
            }
        },
        clock_,
        rng_);
    for (const std::string& address : server.listen) {
        made->listen({.address = address, .port = static_cast<std::uint16_t>(server.port)});
        if (server.tls_port != 0) {
            made->listen({.address = address,
                          .port = static_cast<std::uint16_t>(server.tls_port),
                          .kind = http::Listener::Kind::tls});
        }
    }
    if (!server.admin_listen.empty()) {
        made->listen(admin_listener(server.admin_listen));
    }
    return made;
}

void Serving::start() {
    {
        boost::asio::io_context io(1);
        metrics_.emplace(Node(io, shared_).route_names());
    }
    shared_.metrics = &*metrics_;
    metrics_->add_gauge("cartwright_connections", "open connections of clients", "", [this] {
        return static_cast<double>(server_->open_connections());
    });
    metrics_->add_gauge("cartwright_blocking_queue", "work waiting for the blocking pool", "", [this] {
        return static_cast<double>(blocking_->queued());
    });
    server_->start();
    for (const auto& [executor, node] : nodes_) {
        backstage_.subscribe(executor, [node](const events::News& news) { node->hear(news); });
    }
}

void Serving::watch_signals() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) {
            return;
        }
        if (signal == SIGHUP) {
            try {
                log_file_->reopen();
                if (certificates_) {
                    certificates_->reload();
                }
                log_.info("log reopened, certificates read again");
            } catch (const std::exception& failure) {
                log_.error("SIGHUP: what was in use stays in use", {{"error", failure.what()}});
            }
            watch_signals();
            return;
        }
        if (draining_.exchange(true)) {
            // The second one means it. The kernel stops the embedded PostgreSQL, which recovers by itself.
            log_.flush();
            std::_Exit(128 + signal);
        }
        begin_drain();
        watch_signals();
    });
}

void Serving::begin_drain() {
    drain_began_ = ticks();
    log_.info("stopping");
    log_.flush();
    if (server_) {
        server_->drain();
    }
    drain_timer_.expires_after(server_ ? settings_.server.drain_delay : Milliseconds(0));
    backstage_.stop_working([this] {
        drain_timer_.async_wait([this](const boost::system::error_code&) {
            backstage_.stop();
            stage_.stop();
        });
    });
}

void Serving::print_welcome() const {
    fmt::print("Cartwright serves {}\n", shared_.address.of_host(settings_.server.platform_host));
    std::ifstream note(demo_note(home_));
    std::string line;
    while (options_.demo && std::getline(note, line)) {
        fmt::print("  {}\n", line);
    }
    if (options_.demo) {
        fmt::print("Log: {}    Data: {}    Ctrl-C stops everything.\n",
                   (home_.folder() / "cartwright.log").string(),
                   home_.folder().string());
    }
    std::fflush(stdout);
}

Exit Serving::run() {
    if (options_.http) {
        start();
    }
    backstage_.start();
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.add(SIGHUP);
    watch_signals();
    if (options_.http) {
        print_welcome();
    }
    if (options_.http) {
        log_.info("serving", {{"port", settings_.server.port}});
    } else {
        log_.info("working on jobs");
    }
    log_.flush();

    stage_.run();

    if (server_) {
        // Jobs had their part of the drain time already; requests could still come until the delay was over.
        const auto spent = std::chrono::duration_cast<Milliseconds>(ticks() - drain_began_);
        const Milliseconds whole = settings_.server.drain_delay + settings_.server.drain;
        const std::size_t cut = server_->stop(std::max(whole - spent, Milliseconds(0)));
        if (cut != 0) {
            log_.warning("connections were cut when the drain time was over", {{"connections", cut}});
        }
    }
    log_.info("stopped");
    return Exit::ok;
}

}  // namespace

shop::Address address_of(const Settings& settings) {
    const bool secure = settings.server.tls_port != 0;
    return {.scheme = secure ? "https" : "http",
            .platform_host = settings.server.platform_host,
            .port = secure ? settings.server.tls_port : settings.server.port};
}

PasswordCost password_cost(const Settings& settings) {
    return {.log_n = settings.accounts.password_log_n, .p = settings.accounts.password_p};
}

Exit serve(const Settings& settings, std::span<const db::Migration> migrations, const ServeOptions& options) {
    allow_many_files();
    return Serving(settings, migrations, options).run();
}

}  // namespace cartwright::app
