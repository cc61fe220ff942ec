// The way of a request from its head to the answer's fields: host to site, path to route, limits, CSRF, the
// handler, and what every answer needs (conditions, ranges, compression, security fields). It is what the
// session asks (http/edge.hpp). It knows nothing of sockets and nothing of shops but their numbers.
#pragma once

#include "http/csrf.hpp"
#include "http/edge.hpp"
#include "http/errors.hpp"
#include "http/metrics.hpp"
#include "http/page_cache.hpp"
#include "http/rate.hpp"
#include "http/router.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cartwright {
class Rng;
}

namespace cartwright::http {

struct DispatchLimits {
    RateLimits rates;
    // Requests of one shop that a thread works on at once: a quarter of what its database connections and
    // queue hold, so that a slow shop leaves room for the others. More are answered with 503.
    unsigned in_flight_of_shop = 64;
};

// What a Dispatcher works with; all of it outlives the Dispatcher. Router, Sites and PageCache belong to
// its thread, the rest may be shared. Without metrics nothing is counted; without `failed` nothing is told.
struct DispatchParts {
    const Router& router;
    Sites& sites;
    const ErrorAnswers& errors;
    const CsrfCheck& csrf;
    RateTable& rates;
    PageCache& pages;
    Rng& rng;
    Metrics::Recorder* metrics = nullptr;
    // An exception got out of a handler and the visitor gets 500: for the log, under the request's id.
    std::function<void(const Request&, std::string_view what)> failed = {};
};

class Dispatcher final : public Exchange {
public:
    explicit Dispatcher(const DispatchParts& parts, const DispatchLimits& limits = {});

    // Pages that are at hand cost less than refusing them, so no rate limit counts them.
    Sending cached(Request& request) override;
    Sending choose(const Request& request, std::shared_ptr<const Page> page) override;

    // In this order: path (400), site (421, 308 to its canonical name), route (404), method (405, OPTIONS),
    // rate of the client (429) and of the shop (429). A route of every name waits for no site, and sees one
    // only if it is in memory: health checks are answered while the database is away.
    Task<Plan> plan(Request& request) override;

    // CSRF (403), requests in flight (503), the handler, and the finish of its answer.
    Task<Response> respond(Request& request, Plan& plan) override;

    Response refuse(const Request& request, int status) override;
    void finished(const Request& request,
                  std::string_view route,
                  int status,
                  std::chrono::microseconds took,
                  std::uint64_t bytes) noexcept override;

private:
    Plan plan_of(Request& request);
    bool needs_site(Request& request) const;
    Match locate(Request& request) const;
    Response move_to_canonical(const Request& request) const;
    std::optional<Response> slash_redirect(const Request& request, Host host) const;
    std::optional<Response> over_rate(const Request& request, Rate kind);
    Task<Response> handle(Request& request, const Route& route);
    std::optional<std::string_view> page_query(const Request& request, const Route& route) noexcept;
    bool page_key(const Request& request, const Route& route, PageKey& key) noexcept;
    Response finish(const Request& request, Response response);
    Response secured(const Request& request, Response response) const;

    DispatchParts parts_;
    DispatchLimits limits_;
    std::unordered_map<std::int64_t, unsigned> in_flight_;
    std::array<char, 1024> query_buffer_{};  // of the key that is being looked up; a longer query isn't kept
};

}  // namespace cartwright::http
