// What the benchmarks' servers have in common: one thread's router, dispatcher and page cache, over one site that
// every host names, without a database of shops.
#pragma once

#include "base/rng.hpp"
#include "http/cookie.hpp"
#include "http/csrf.hpp"
#include "http/dispatch.hpp"
#include "http/errors.hpp"
#include "http/texts.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cartwright::bench {

inline constexpr std::int64_t tenant = 7;

class AnySite final : public http::Sites {
public:
    std::pair<bool, std::shared_ptr<const http::Site>> cached(std::string_view) override {
        return {true, site_};
    }

    Task<std::shared_ptr<const http::Site>> load(std::string) override { co_return site_; }

private:
    std::shared_ptr<const http::Site> site_ =
        std::make_shared<http::Site>(http::Site{.tenant = tenant, .host = "localhost", .redirect_to = {}});
};

class BenchNode : public http::Exchange {
public:
    BenchNode(Rng& rng, http::Router router)
        : router_(std::move(router)),
          csrf_(signer_, rng),
          rates_(rng, 1024),
          pages_(rng),
          dispatcher_(http::DispatchParts{.router = router_,
                                          .sites = sites_,
                                          .errors = errors_,
                                          .csrf = csrf_,
                                          .rates = rates_,
                                          .pages = pages_,
                                          .rng = rng},
                      unlimited()) {}

    http::Sending cached(http::Request& request) override { return dispatcher_.cached(request); }

    http::Sending choose(const http::Request& request, std::shared_ptr<const http::Page> page) override {
        return dispatcher_.choose(request, std::move(page));
    }

    Task<http::Plan> plan(http::Request& request) override { return dispatcher_.plan(request); }

    Task<http::Response> respond(http::Request& request, http::Plan& plan) override {
        return dispatcher_.respond(request, plan);
    }

    http::Response refuse(const http::Request& request, int status) override {
        return dispatcher_.refuse(request, status);
    }

    void finished(const http::Request& request,
                  std::string_view route,
                  int status,
                  std::chrono::microseconds took,
                  std::uint64_t bytes) noexcept override {
        dispatcher_.finished(request, route, status, took, bytes);
    }

private:
    // One address asks for everything here.
    static http::DispatchLimits unlimited() {
        http::DispatchLimits limits;
        limits.rates.page = limits.rates.shop = {std::chrono::microseconds(1), 1'000'000};
        return limits;
    }

    http::Router router_;
    AnySite sites_;
    http::test::Texts texts_;
    http::ErrorAnswers errors_{texts_};
    http::Signer signer_{{std::string(32, 'k')}};
    http::CsrfCheck csrf_;
    http::RateTable rates_;
    http::PageCache pages_;
    http::Dispatcher dispatcher_;
};

}  // namespace cartwright::bench
