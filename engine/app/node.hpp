// What one thread of the server works with: its database, its routes, its caches. The composition of the
// program happens here and in serve.cpp, by constructors, and nowhere else; threads share only what Shared
// names, all of which is immutable or safe to share.
#pragma once

#include "app/texts.hpp"
#include "base/blocking.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/messages.hpp"
#include "base/rng.hpp"
#include "db/database.hpp"
#include "events/bell.hpp"
#include "events/dispatcher.hpp"
#include "http/cookie.hpp"
#include "http/csrf.hpp"
#include "http/dispatch.hpp"
#include "http/edge.hpp"
#include "http/errors.hpp"
#include "http/metrics.hpp"
#include "http/page_cache.hpp"
#include "http/rate.hpp"
#include "http/router.hpp"
#include "shop/passwords.hpp"
#include "shop/scope.hpp"
#include "shop/sites.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::app {

class Home;

// Of the whole process; outlives every Node.
struct Shared {
    const Home& home;
    const Clock& clock;
    Rng& rng;
    IdSource& ids;
    LogFile& log;
    BlockingPool& blocking;
    shop::Passwords& passwords;
    shop::Address address;
    const Catalogues& catalogues;
    const http::CsrfCheck& csrf;
    http::RateTable& rates;
    std::atomic<bool>& draining;
    LogLevel least_level = LogLevel::info;
    http::DispatchLimits limits = {};
    http::Metrics* metrics = nullptr;
};

class Node final : public http::Exchange {
public:
    Node(boost::asio::io_context& io, const Shared& shared);
    ~Node() override;

    http::Sending cached(http::Request& request) override { return dispatcher_->cached(request); }

    http::Sending choose(const http::Request& request, std::shared_ptr<const http::Page> page) override {
        return dispatcher_->choose(request, std::move(page));
    }

    Task<http::Plan> plan(http::Request& request) override { return dispatcher_->plan(request); }

    Task<http::Response> respond(http::Request& request, http::Plan& plan) override {
        return dispatcher_->respond(request, plan);
    }

    http::Response refuse(const http::Request& request, int status) override {
        return dispatcher_->refuse(request, status);
    }

    void finished(const http::Request& request,
                  std::string_view route,
                  int status,
                  std::chrono::microseconds took,
                  std::uint64_t bytes) noexcept override;

    void stop() noexcept override;

    // What was committed, anywhere: throws away what this thread's caches know of it.
    void hear(const events::News& news);

    std::vector<std::string> route_names() const;

private:
    void add_routes();

    const Shared& shared_;
    Log log_;
    Messages messages_;
    Texts texts_;
    http::ErrorAnswers errors_;
    db::Database database_;
    events::Bell bell_;
    shop::Services services_;
    shop::ShopSites sites_;
    http::PageCache pages_;
    http::Router router_;
    std::optional<http::Dispatcher> dispatcher_;
};

}  // namespace cartwright::app
