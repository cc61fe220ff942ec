#include "http/csrf.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "http/form.hpp"
#include "http/multipart.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

namespace cartwright::http {

namespace {

constexpr std::string_view purpose = "csrf";
constexpr std::size_t code_size = sizeof(Digest);

// The two cookies can't stand in for each other.
std::string binding_of(const Request& request) {
    if (const auto session = own_cookie(request, session_cookie); !session.empty()) {
        return "session " + std::string(session);
    }
    if (const auto visitor = own_cookie(request, visitor_cookie); !visitor.empty()) {
        return "visitor " + std::string(visitor);
    }
    return {};
}

struct Authority {
    std::string_view host;
    std::string_view port;  // "" where there is none
};

Authority split(std::string_view authority) noexcept {
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
        return {authority, {}};
    }
    return {authority.substr(0, colon), authority.substr(colon + 1)};
}

std::string_view sent_token(const Request& request, std::string& buffer) {
    if (const auto header = request.field(token_header); !header.empty()) return header;
    const std::string_view type = request.media_type();
    if (same_ignoring_case(type, "application/x-www-form-urlencoded")) {
        buffer = first_value(request.body, token_field).value_or("");
    } else if (same_ignoring_case(type, "multipart/form-data")) {
        buffer = first_part(request.field("Content-Type"), request.body, token_field).value_or("");
    }
    return buffer;
}

}  // namespace

std::string CsrfCheck::token(const Request& request, Response& response) const {
    std::string binding = binding_of(request);
    if (binding.empty()) {
        const std::string id = make_token(*rng_, TokenBits::short_lived);
        constexpr auto remembered = std::chrono::hours(24 * 30);
        set_cookie(request, response, {.name = visitor_cookie, .value = id, .max_age = remembered});
        binding = "visitor " + id;
    }
    return token_for(request, binding);
}

std::string CsrfCheck::token_for(const Request& request, std::string_view binding) const {
    const Digest code = signer_->codes(purpose, request.host, binding).front();
    std::array<std::byte, 2 * code_size> masked{};
    rng_->fill(std::span(masked).first(code_size));
    for (std::size_t at = 0; at < code_size; ++at) masked[code_size + at] = code[at] ^ masked[at];
    return to_base64url(masked);
}

Outcome<> CsrfCheck::check(const Request& request) const {
    if (is_safe(request.method)) return {};
    if (!same_origin(request)) return refuse(not_meant);
    std::string buffer;
    if (!token_fits(request, sent_token(request, buffer))) return refuse(not_meant);
    return {};
}

Outcome<> CsrfCheck::check_json(const Request& request) const {
    if (is_safe(request.method)) return {};
    if (!same_origin(request)) return refuse(not_meant);
    if (request.method != Method::post) return {};
    const std::string_view type = request.media_type();
    const bool is_empty = type.empty() && request.body.empty();
    if (is_empty || same_ignoring_case(type, "application/json")) return {};
    return check(request);
}

bool CsrfCheck::same_origin(const Request& request) {
    const std::string_view site = request.field("Sec-Fetch-Site");
    if (!site.empty() && site != "same-origin" && site != "none") return false;
    std::string_view origin = request.field("Origin");
    if (origin.empty()) return true;
    const std::string_view scheme = request.secure ? "https://" : "http://";
    if (!origin.starts_with(scheme)) return false;  // "null" too
    origin.remove_prefix(scheme.size());
    const Authority from = split(origin);
    const Authority here = split(request.field("Host"));
    if (!same_ignoring_case(from.host, request.host)) return false;
    // A proxy that passes Host on without the port leaves nothing to compare.
    return here.port.empty() || from.port == here.port ||
           (from.port.empty() && here.port == (request.secure ? "443" : "80"));
}

bool CsrfCheck::token_fits(const Request& request, std::string_view token) const {
    const std::string binding = binding_of(request);
    if (binding.empty()) return false;
    const auto masked = from_base64url(token, 2 * code_size);
    if (!masked || masked->size() != 2 * code_size) return false;
    Digest code{};
    for (std::size_t at = 0; at < code_size; ++at) code[at] = (*masked)[code_size + at] ^ (*masked)[at];
    const auto codes = signer_->codes(purpose, request.host, binding);
    return std::ranges::any_of(codes, [&](const Digest& known) { return same_secret(code, known); });
}

}  // namespace cartwright::http
