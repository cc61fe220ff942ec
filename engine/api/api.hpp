// The JSON face: routes under /api and the public /shop.json. Each handler reads its body and parameters,
// calls one operation and writes what it returned; a refusal becomes a problem document (RFC 9457).
//
// Whoever calls is a person with a session cookie or a program with an API token (Authorization: Bearer); a
// request that brings both is the program's.
#pragma once

#include "http/csrf.hpp"
#include "http/errors.hpp"
#include "http/router.hpp"
#include "shop/scope.hpp"

namespace cartwright::api {

// All of it outlives the router.
struct Parts {
    shop::Services& services;
    const http::ErrorAnswers& errors;
    const http::CsrfCheck& csrf;
};

// GET /shop.json, GET and PUT /api/settings…, GET /api/permissions, /api/events, and /api/tokens.
void add_shop_routes(http::Router& router, const Parts& parts);

// POST /api/login, /api/logout, /api/password/…, and /api/me, /api/sessions.
void add_account_routes(http::Router& router, const Parts& parts);

}  // namespace cartwright::api
