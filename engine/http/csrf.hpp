// Proof that a request that changes something was meant by its visitor: it comes from our own page (Origin,
// Sec-Fetch-Site) and carries a token bound to the visitor's cookie. No token is stored: it is an HMAC over
// the host and the session's cookie, or over the anonymous visitor's where nobody is logged in, so it dies
// with the session. Each answer shows it under another random mask: a compressed page tells nothing of it.
#pragma once

#include "base/outcome.hpp"
#include "http/cookie.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace cartwright {
class Rng;
}

namespace cartwright::http {

inline constexpr Reason not_meant{"http.not_meant", Kind::forbidden};

inline constexpr std::string_view session_cookie = "session";
inline constexpr std::string_view visitor_cookie = "visitor";
inline constexpr std::string_view token_field = "_csrf";          // of a form
inline constexpr std::string_view token_header = "X-CSRF-Token";  // of a script

class CsrfCheck {
public:
    CsrfCheck(const Signer& signer, Rng& rng) noexcept : signer_(&signer), rng_(&rng) {}

    // The token for the forms of this answer. A visitor without session and visitor cookie gets the latter,
    // so call it before the answer is finished; such an answer is private.
    std::string token(const Request& request, Response& response) const;

    // Refuses with not_meant an unsafe request that a foreign page sent or that has no fitting token. The
    // token is taken from the header, else from a whole form body; a route that streams its body needs the
    // header. Nothing in the request can turn the method into another one.
    Outcome<> check(const Request& request) const;

    // The same for scripts and programs, which have no form to take a token from: instead of the token it
    // takes a JSON body, no body at all, or any method but POST. A page of another site can send none of them
    // without an Origin, or without asking first for a permission that is never given (decisions/0070).
    Outcome<> check_json(const Request& request) const;

    // Half of it, for those who have no token yet: no foreign Origin, no cross-site Sec-Fetch-Site.
    static bool same_origin(const Request& request);
    bool token_fits(const Request& request, std::string_view token) const;

private:
    std::string token_for(const Request& request, std::string_view binding) const;

    const Signer* signer_;
    Rng* rng_;
};

}  // namespace cartwright::http
