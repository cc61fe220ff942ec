#include "api/answers.hpp"

#include "base/crypto.hpp"
#include "base/text.hpp"
#include "http/cookie.hpp"

#include <algorithm>

namespace cartwright::api {

namespace {

constexpr std::string_view bearer_scheme = "Bearer ";
constexpr std::size_t key_max_bytes = 255;

std::string_view bearer_of(const http::Request& request) {
    const std::string_view authorization = request.field("Authorization");
    const std::string_view scheme = authorization.substr(0, bearer_scheme.size());
    if (!same_ignoring_case(scheme, bearer_scheme)) return {};
    return trim(authorization.substr(bearer_scheme.size()));
}

}  // namespace

shop::Visitor visitor_of(const http::Request& request) {
    shop::Visitor visitor;
    visitor.shop = ShopId(request.site->tenant);
    visitor.bearer = bearer_of(request);
    if (visitor.bearer.empty()) visitor.session_token = http::own_cookie(request, http::session_cookie);
    visitor.address = request.peer;
    visitor.agent = request.field("User-Agent");
    visitor.request_id = request.id;
    visitor.sql_count = request.sql_count;
    return visitor;
}

http::Response refused(const Parts& parts, const http::Request& request, const Refusal& refusal) {
    http::Response response = parts.errors.refused(request, refusal);
    // RFC 9110 section 11.6.1 wants a challenge with every 401.
    if (refusal.kind() == Kind::unauthenticated) response.set("WWW-Authenticate", "Bearer");
    return response;
}

http::Response answered(int status, json::Writer writer) {
    return http::json(status, writer.take());
}

std::expected<json::Document, http::Response> parse_body(const Parts& parts, const http::Request& request) {
    if (!same_ignoring_case(request.media_type(), "application/json")) {
        return std::unexpected(parts.errors.answer(request, 415));
    }
    auto document = json::Document::parse(request.body, {.bytes = body_limit});
    if (!document) return std::unexpected(parts.errors.refused(request, document.error()));
    return std::move(*document);
}

Outcome<PageOfList> page_of(const http::Request& request) {
    PageOfList page;
    if (const auto before = request.query_value("before")) {
        const auto id = parse_int64(*before);
        if (!id || *id <= 0) return refuse(bad_page, "before");
        page.before = *id;
    }
    if (const auto limit = request.query_value("limit")) {
        const auto number = parse_int64(*limit);
        if (!number || *number < 1 || *number > page_limit) return refuse(bad_page, "limit");
        page.limit = static_cast<std::int32_t>(*number);
    }
    return page;
}

Outcome<std::optional<db::IdempotentRequest>> idempotent(const http::Request& request,
                                                         const shop::Scope& scope,
                                                         std::string_view operation) {
    const std::string_view key = request.field("Idempotency-Key");
    if (key.empty()) return std::nullopt;
    if (key.size() > key_max_bytes ||
        !std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; })) {
        return refuse(bad_idempotency_key);
    }
    Sha256 hash;
    for (const std::string_view part : {operation, request.path, request.query, request.body}) {
        hash.add(as_bytes(std::to_string(part.size()) + ":"));
        hash.add(as_bytes(part));
    }
    const bool is_token = scope.actor.kind == shop::Actor::Kind::token;
    const std::int64_t sender = is_token ? scope.actor.token.value() : scope.actor.account.value();
    std::string whose =
        std::string(operation) + (is_token ? "/token " : "/account ") + std::to_string(sender);
    return db::IdempotentRequest{std::move(whose), std::string(key), hash.finish()};
}

}  // namespace cartwright::api
