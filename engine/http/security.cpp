#include "http/security.hpp"

#include <array>

namespace cartwright::http {

namespace {

constexpr std::array<Field, 7> defaults{{
    {"Content-Security-Policy",
     "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},  // for browsers without frame-ancestors
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy",
     "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), midi=()"},
}};

// A year, as the preload lists ask. Subdomains are not included: an owner's other sites are not ours.
constexpr std::string_view hsts = "max-age=31536000";

}  // namespace

std::span<const Field> security_defaults() noexcept {
    return defaults;
}

void add_security(Response& response, bool secure, bool loosened) {
    for (const Field& field : defaults) {
        if (!loosened || !response.has(field.name)) response.set(field.name, field.value);
    }
    if (secure) response.set("Strict-Transport-Security", hsts);
    const bool undecided = !response.has("Cache-Control");
    const bool shared =
        !undecided && response.field("Cache-Control").find("private") == std::string_view::npos;
    if (undecided || (shared && response.has("Set-Cookie"))) response.set("Cache-Control", "no-store");
}

}  // namespace cartwright::http
