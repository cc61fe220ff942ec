#include "app/node.hpp"

#include "api/api.hpp"
#include "app/home.hpp"
#include "base/within.hpp"
#include "http/health.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <filesystem>
#include <system_error>

namespace cartwright::app {

namespace {

// A load balancer asks every second or two and gives up soon: the check is over before that.
constexpr std::chrono::milliseconds ping_limit{1500};

// PostgreSQL stops when its disk is full; below this part of it being free no more traffic is asked for.
constexpr double least_free_disk = 0.02;

constexpr Reason database_away{"http.database_away", Kind::busy};
constexpr Reason draining{"http.draining", Kind::busy};
constexpr Reason disk_full{"http.disk_full", Kind::busy};

Task<Outcome<>> check_database(db::Database& database) {
    try {
        co_await within(ping_limit, database.ping());
    } catch (const std::exception&) {
        co_return refuse(database_away);
    }
    co_return Outcome<>();
}

Task<Outcome<>> check_disk(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error ||
        static_cast<double>(space.available) < least_free_disk * static_cast<double>(space.capacity)) {
        co_return refuse(disk_full);
    }
    co_return Outcome<>();
}

Task<Outcome<>> check_drain(const std::atomic<bool>& is_draining) {
    if (is_draining.load()) {
        co_return refuse(draining);
    }
    co_return Outcome<>();
}

}  // namespace

Node::Node(boost::asio::io_context& io, const Shared& shared)
    : shared_(shared),
      log_(shared.log, shared.clock, shared.least_level),
      messages_(shared.catalogues),
      texts_(messages_),
      errors_(texts_),
      database_(io, shared.home.database_options(), shared.rng),
      bell_(database_, io.get_executor()),
      services_{.database = database_,
                .clock = shared.clock,
                .ids = shared.ids,
                .rng = shared.rng,
                .passwords = shared.passwords,
                .address = shared.address},
      sites_(database_, shared.clock, shared.address.platform_host),
      pages_(shared.rng, http::PageCacheLimits{.bytes = shared.home.settings().http.page_cache}) {
    add_routes();
    const http::DispatchParts parts{
        .router = router_,
        .sites = sites_,
        .errors = errors_,
        .csrf = shared.csrf,
        .rates = shared.rates,
        .pages = pages_,
        .rng = shared.rng,
        .metrics = shared.metrics == nullptr ? nullptr : &shared.metrics->add_recorder(),
        .failed = [this](const http::Request& request, std::string_view what) {
            log_.error(what, {{"request", request.id}, {"path", request.path}});
        }};
    dispatcher_.emplace(parts, shared.limits);
    boost::asio::co_spawn(io, bell_.run(), boost::asio::detached);
}

Node::~Node() = default;

void Node::add_routes() {
    const std::atomic<bool>& is_draining = shared_.draining;
    const std::filesystem::path folder = shared_.home.folder();
    http::add_health_pages(router_,
                           {{"database", [this] { return check_database(database_); }},
                            {"disk", [folder] { return check_disk(folder); }},
                            {"drain", [&is_draining] { return check_drain(is_draining); }}});
    const api::Parts parts{.services = services_, .errors = errors_, .csrf = shared_.csrf};
    api::add_shop_routes(router_, parts);
    api::add_account_routes(router_, parts);
}

std::vector<std::string> Node::route_names() const {
    std::vector<std::string> names;
    for (const auto& route : router_.routes()) {
        names.push_back(route->name);
    }
    return names;
}

void Node::hear(const events::News& news) {
    if (news.lost) {
        sites_.forget_all();
        pages_.forget_all();
        return;
    }
    for (const auto& [shop, event] : news.events) {
        if (event.topic == "shop.created" || event.topic.starts_with("shop.domain_")) {
            sites_.forget(shop);
        }
        pages_.forget_tenant(shop.value());
    }
}

// A request that was allowed to change something may have written events and jobs: their readers are woken.
void Node::finished(const http::Request& request,
                    std::string_view route,
                    int status,
                    std::chrono::microseconds took,
                    std::uint64_t bytes) noexcept {
    const bool safe = request.method == http::Method::get || request.method == http::Method::head ||
                      request.method == http::Method::options;
    if (!safe && status < 400) {
        bell_.ring();
    }
    dispatcher_->finished(request, route, status, took, bytes);
}

void Node::stop() noexcept {
    bell_.stop();
    database_.close();
}

}  // namespace cartwright::app
