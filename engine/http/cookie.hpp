// Cookies, read strictly and written in one safe way (RFC 6265bis). Reading never repairs: a header that
// breaks the grammar yields no cookie at that place, and a name sent twice yields none, since that is how a
// neighbouring host plants one.
#pragma once

#include "base/crypto.hpp"
#include "http/message.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cartwright::http {

// The value of that cookie among the Cookie fields; "" if absent, malformed or sent twice. At most 100
// pairs are looked at.
std::string_view find_cookie(std::span<const Field> fields, std::string_view name) noexcept;

// The name under which a cookie travels: "__Host-name", which binds it to this host, to https and to Path=/.
// On plain http only a developer's own machine ("*.localhost") gets cookies that work: there it is the bare
// name, since clients disagree on Secure cookies over http.
std::string cookie_name(const Request& request, std::string_view name);

// The cookie's value by its plain name, looked up as cookie_name spells it.
std::string_view own_cookie(const Request& request, std::string_view name);

enum class SameSite : std::uint8_t { lax, strict, none };

struct Cookie {
    std::string_view name;  // plain, without "__Host-"
    std::string_view value;
    std::optional<std::chrono::seconds> max_age = {};  // absent: until the browser closes
    SameSite same_site = SameSite::lax;
    bool script_readable = false;  // leaves HttpOnly out
};

// Adds Set-Cookie: `__Host-` and Secure (but see cookie_name), Path=/, HttpOnly, SameSite. Throws
// std::invalid_argument for a name or value outside RFC 6265's grammar, or longer than 4,096 bytes in all.
void set_cookie(const Request& request, Response& response, const Cookie& cookie);

// Makes the browser forget it.
void clear_cookie(const Request& request, Response& response, std::string_view name);

// Values that a visitor can read but not change: "payload.signature", HMAC-SHA-256 over purpose, host and
// payload. The host is in it so that a cookie of one shop is worth nothing at another.
class Signer {
public:
    // `keys`: the first signs, all are accepted; at least one, each of 32 bytes or more.
    explicit Signer(std::vector<std::string> keys);

    std::string sign(std::string_view purpose, std::string_view host, std::string_view payload) const;

    // The payload, a view of `text`; nullopt unless it was signed for that purpose and host.
    std::optional<std::string_view> verify(std::string_view purpose,
                                           std::string_view host,
                                           std::string_view text) const;

    // What `sign` appends, for other uses of the same keys. All keys' codes; the first is the current one.
    std::vector<Digest> codes(std::string_view purpose,
                              std::string_view host,
                              std::string_view payload) const;

private:
    std::vector<std::string> keys_;
};

}  // namespace cartwright::http
