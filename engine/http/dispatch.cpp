#include "http/dispatch.hpp"

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "base/unavailable.hpp"
#include "http/compress.hpp"
#include "http/conditional.hpp"
#include "http/negotiate.hpp"
#include "http/path.hpp"
#include "http/security.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace cartwright::http {

namespace {

// Counts a shop's request for as long as it lives.
class InFlight {
public:
    InFlight(std::unordered_map<std::int64_t, unsigned>& counts, std::int64_t tenant)
        : counts_(&counts), tenant_(tenant), count_(++counts[tenant]) {}

    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

    ~InFlight() {
        const auto own = counts_->find(tenant_);
        if (--own->second == 0) counts_->erase(own);
    }

    unsigned count() const noexcept { return count_; }

private:
    std::unordered_map<std::int64_t, unsigned>* counts_;
    std::int64_t tenant_;
    unsigned count_;
};

Host host_of(const Request& request) noexcept {
    if (!request.site || !request.site->redirect_to.empty()) return Host::any;
    return request.site->tenant == 0 ? Host::platform : Host::shop;
}

std::string_view port_of(std::string_view authority) noexcept {
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) return {};
    return authority.substr(colon);
}

std::string_view raw_path(std::string_view target) noexcept {
    return target.substr(0, target.find('?'));
}

std::string_view raw_query(std::string_view target) noexcept {
    const std::size_t mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// Bytes that clients send in a query and that may not stand in a Location.
std::string clean_target(std::string_view target) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string clean;
    clean.reserve(target.size());
    for (const char c : target) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '\\') {
            clean.push_back(c);
        } else {
            clean.push_back('%');
            clean.push_back(digits[byte >> 4U]);
            clean.push_back(digits[byte & 15U]);
        }
    }
    return clean;
}

// Conditions beyond "do I have it already", and ranges: the long way knows them.
bool is_plain_read(const Request& request) noexcept {
    if (request.method != Method::get && request.method != Method::head) return false;
    for (const Field& field : request.fields) {
        for (const std::string_view name : {"Range", "If-Match", "If-Unmodified-Since"}) {
            if (same_ignoring_case(field.name, name)) return false;
        }
    }
    return true;
}

bool may_be_kept(const Response& response) noexcept {
    const std::string_view control = response.field("Cache-Control");
    return response.status == 200 && std::holds_alternative<std::string>(response.body) &&
           !response.has("Set-Cookie") && control.find("no-store") == std::string_view::npos &&
           control.find("private") == std::string_view::npos;
}

}  // namespace

Dispatcher::Dispatcher(const DispatchParts& parts, const DispatchLimits& limits)
    : parts_(parts), limits_(limits) {}

bool Dispatcher::needs_site(Request& request) const {
    const auto path = normal_path(raw_path(request.target), request.path_buffer);
    return !path || !parts_.router.is_on_every_name(request.method, *path);
}

Match Dispatcher::locate(Request& request) const {
    request.route = nullptr;
    request.cookies_hidden = false;
    request.query = raw_query(request.target);
    const auto path = normal_path(raw_path(request.target), request.path_buffer);
    request.path = path.value_or(std::string_view());
    if (!path) return {};
    Match match = parts_.router.find(request.method, *path, host_of(request));
    request.route = match.route;
    request.parameters = match.parameters;
    return match;
}

Sending Dispatcher::cached(Request& request) {
    if (!is_plain_read(request)) return {};
    auto [known, site] = parts_.sites.cached(request.host);
    if (!known && needs_site(request)) return {};
    request.site = std::move(site);
    const Match match = locate(request);
    if (!match.route) return {};
    std::shared_ptr<const Page> page;
    if (match.route->ready) {
        page = match.route->ready(request);
    } else if (PageKey key; match.route->page_key && page_key(request, *match.route, key)) {
        page = parts_.pages.find(key, ticks());
    }
    if (!page) return {};
    Sending sending = choose(request, std::move(page));
    sending.route = match.route->name;
    return sending;
}

Sending Dispatcher::choose(const Request& request, std::shared_ptr<const Page> page) {
    std::string buffer;
    const std::string_view accept = request.list_field("Accept-Encoding", buffer);
    const Encoding encoding = best_encoding(accept, page->gzip.has_value(), page->brotli.has_value());
    Sending sending;
    sending.variant = &page->variant(encoding);
    sending.status = page->status;
    if (page->status == 200) {
        const Validators validators{sending.variant->etag, page->last_modified};
        if (evaluate(request, validators) == Precondition::not_modified) sending.status = 304;
    }
    if (request.route) sending.route = request.route->name;
    sending.page = std::move(page);
    return sending;
}

Task<Plan> Dispatcher::plan(Request& request) {
    std::optional<Response> failure;
    try {
        auto [known, site] = parts_.sites.cached(request.host);
        request.site = std::move(site);
        if (!known && needs_site(request)) {
            request.site = co_await parts_.sites.load(std::string(request.host));
        }
    } catch (const Unavailable& gone) {
        failure = parts_.errors.answer(request, 503, gone.retry_after());
    } catch (const std::exception& broken) {
        if (parts_.failed) parts_.failed(request, broken.what());
        failure = parts_.errors.answer(request, 500);
    }
    if (!failure) co_return plan_of(request);
    Plan plan;
    plan.refusal = secured(request, std::move(*failure));
    co_return plan;
}

Plan Dispatcher::plan_of(Request& request) {
    Plan plan;
    const auto refuse_with = [&](Response response) {
        plan.refusal = secured(request, std::move(response));
        return std::move(plan);
    };
    plan.match = locate(request);
    const Route* route = plan.match.route;
    if (request.path.empty() && request.target != "*") return refuse_with(parts_.errors.answer(request, 400));
    if (!route && !request.site) return refuse_with(parts_.errors.answer(request, 421));
    if (!route && !request.site->redirect_to.empty()) return refuse_with(move_to_canonical(request));
    if (!route) {
        if (auto limited = over_rate(request, Rate::page)) return refuse_with(std::move(*limited));
        if (request.method == Method::options && (request.target == "*" || !plan.match.allow.empty())) {
            Response options(204);
            if (!plan.match.allow.empty()) options.set("Allow", plan.match.allow);
            return refuse_with(std::move(options));
        }
        if (auto moved = slash_redirect(request, host_of(request))) return refuse_with(std::move(*moved));
        Response response = parts_.errors.answer(request, plan.match.allow.empty() ? 404 : 405);
        if (!plan.match.allow.empty()) response.set("Allow", plan.match.allow);
        return refuse_with(std::move(response));
    }
    if (auto limited = over_rate(request, route->rate)) return refuse_with(std::move(*limited));
    request.cookies_hidden = route->csrf == Csrf::token_is_credential;
    plan.body = route->body;
    plan.body_limit = route->body == Body::none ? 0 : route->body_limit;
    return plan;
}

Response Dispatcher::move_to_canonical(const Request& request) const {
    std::string to(request.secure ? "https://" : "http://");
    to.append(request.site->redirect_to)
        .append(port_of(request.field("Host")))
        .append(clean_target(request.target));
    return redirect(308, to);
}

// "/orders/" leads to "/orders" where only that exists.
std::optional<Response> Dispatcher::slash_redirect(const Request& request, Host host) const {
    const std::string_view path = raw_path(request.target);
    if (path.size() < 2 || path != request.path || !path.ends_with('/')) return std::nullopt;
    const std::string_view shorter = path.substr(0, path.size() - 1);
    if (parts_.router.find(request.method, shorter, host).allow.empty()) return std::nullopt;
    return redirect(308, clean_target(std::string(shorter).append(request.target.substr(path.size()))));
}

std::optional<Response> Dispatcher::over_rate(const Request& request, Rate kind) {
    const RateLimits& rates = limits_.rates;
    const RateLimit* limit = nullptr;
    switch (kind) {
        case Rate::page:
            limit = &rates.page;
            break;
        case Rate::write:
            limit = &rates.write;
            break;
        case Rate::checkout:
            limit = &rates.checkout;
            break;
        case Rate::login:
            limit = &rates.login;
            break;
        case Rate::none:
            return std::nullopt;
    }
    const auto now = ticks();
    auto wait = parts_.rates.take(kind, request.peer, *limit, now);
    if (wait.count() == 0 && request.site && request.site->tenant != 0) {
        wait = parts_.rates.take_of_shop(request.site->tenant, rates.shop, now);
    }
    if (wait.count() == 0) return std::nullopt;
    return parts_.errors.answer(request, 429, wait);
}

Task<Response> Dispatcher::respond(Request& request, Plan& plan) {
    const Route& route = *plan.match.route;
    if (route.csrf != Csrf::token_is_credential) {
        const Outcome<> meant =
            route.csrf == Csrf::json ? parts_.csrf.check_json(request) : parts_.csrf.check(request);
        if (!meant) co_return secured(request, parts_.errors.refused(request, meant.error()));
    }
    const InFlight slot(in_flight_, request.site ? request.site->tenant : 0);
    if (slot.count() > limits_.in_flight_of_shop && route.rate != Rate::none) {
        co_return secured(request, parts_.errors.answer(request, 503, std::chrono::seconds(1)));
    }
    co_return co_await handle(request, route);
}

Task<Response> Dispatcher::handle(Request& request, const Route& route) {
    PageKey key;
    PageCache::Ticket ticket;
    std::string query;
    const std::string_view whole_query = request.query;
    const Method method = request.method;
    const bool shared = route.page_key && (request.method == Method::get || request.method == Method::head) &&
                        page_key(request, route, key);
    if (shared) {
        // The handler sees what the key holds and no more: neither a cookie nor another parameter can get
        // into a page that others are shown.
        query = key.query;
        key.query = query;
        request.query = query;
        request.method = Method::get;  // a page is kept whole, whoever asked first
        request.cookies_hidden = true;
        ticket = parts_.pages.ticket(key.tenant);
    }
    Response response;
    try {
        response = co_await route.handler(request);
        request.method = method;
        if (shared && may_be_kept(response)) {
            const std::vector<std::uint64_t> tags = std::move(response.tags);
            if (!response.has("Cache-Control")) response.set("Cache-Control", "no-cache");
            add_security(response, request.secure, !route.loosens.empty());
            auto page = std::make_shared<const Page>(make_page(std::move(response), key.tenant));
            parts_.pages.keep(key, page, tags, ticket, ticks());
            response = Response(page->status);
            response.body = std::move(page);
        }
        response = finish(request, std::move(response));
    } catch (const Unavailable& gone) {
        response = secured(request, parts_.errors.answer(request, 503, gone.retry_after()));
    } catch (const std::exception& failure) {
        if (parts_.failed) parts_.failed(request, failure.what());
        response = refuse(request, 500);
    }
    request.query = whole_query;
    request.method = method;
    co_return response;
}

// Names are compared as they are sent. A query that spells a name with an escape could mean one of the
// page's parameters, so it has no key.
std::optional<std::string_view> Dispatcher::page_query(const Request& request, const Route& route) noexcept {
    const auto pairs = [&](auto&& take) {
        std::string_view rest = request.query;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('&'), rest.size());
            const std::string_view pair = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (!take(pair, pair.substr(0, pair.find('=')))) return false;
        }
        return true;
    };
    const auto is_literal = [](std::string_view, std::string_view name) {
        return name.find_first_of("%+") == std::string_view::npos;
    };
    if (!pairs(is_literal)) return std::nullopt;
    std::size_t size = 0;
    for (const std::string& wanted : route.page_query) {
        bool fits = true;
        pairs([&](std::string_view pair, std::string_view name) {
            if (name != wanted) return true;
            fits = size + pair.size() + 1 <= query_buffer_.size();
            if (!fits) return false;
            if (size > 0) query_buffer_[size++] = '&';
            std::ranges::copy(pair, query_buffer_.begin() + static_cast<std::ptrdiff_t>(size));
            size += pair.size();
            return false;  // the first of a name counts
        });
        if (!fits) return std::nullopt;
    }
    return std::string_view(query_buffer_.data(), size);
}

bool Dispatcher::page_key(const Request& request, const Route& route, PageKey& key) noexcept {
    const auto query = page_query(request, route);
    if (!query) return false;
    key.tenant = request.site ? request.site->tenant : 0;
    key.host = request.site ? std::string_view(request.site->host) : std::string_view();
    key.secure = request.secure;
    key.route = route.name;
    key.path = request.path;
    key.query = *query;
    return route.page_key(request, key);
}

Response Dispatcher::finish(const Request& request, Response response) {
    if (const auto* page = std::get_if<std::shared_ptr<const Page>>(&response.body)) {
        const Validators validators{(*page)->identity.etag, (*page)->last_modified};
        if (evaluate(request, validators) == Precondition::failed) return refuse(request, 412);
        return response;
    }
    // A handler that says no more than "404" gets the page for it.
    if (response.status >= 400 && std::holds_alternative<std::monostate>(response.body)) {
        return refuse(request, response.status);
    }
    const bool reads = request.method == Method::get || request.method == Method::head;
    if (reads && !apply_conditions(request, response) && response.field("Accept-Ranges") == "bytes") {
        constexpr std::size_t boundary_bytes = 12;
        std::array<std::byte, boundary_bytes> boundary;
        parts_.rng.fill(boundary);
        apply_range(request, response, to_hex(boundary));
    }
    // The client's condition failed or its range lies outside: a page that says so, with the fields that
    // tell where the resource stands.
    if (response.status == 412 || response.status == 416) {
        Response refusal = refuse(request, response.status);
        if (response.has("Content-Range")) refusal.set("Content-Range", response.field("Content-Range"));
        return refusal;
    }
    return secured(request, std::move(response));
}

Response Dispatcher::secured(const Request& request, Response response) const {
    compress(request, response);
    const bool loosened = response.hardened || (request.route && !request.route->loosens.empty());
    add_security(response, request.secure, loosened);
    return response;
}

Response Dispatcher::refuse(const Request& request, int status) {
    return secured(request, parts_.errors.answer(request, status));
}

void Dispatcher::finished(const Request&,
                          std::string_view route,
                          int status,
                          std::chrono::microseconds took,
                          std::uint64_t bytes) noexcept {
    if (parts_.metrics) parts_.metrics->request(route, status, took, bytes);
}

}  // namespace cartwright::http
