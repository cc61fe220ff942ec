// Finds the handler of a request, and keeps what the route declared: methods, body limit, who may call,
// CSRF, rate class, cacheability. One Router a thread, filled once by the faces and never changed later.
#pragma once

#include "base/task.hpp"
#include "http/message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {

using Handler = std::function<Task<Response>(Request&)>;

enum class Body : std::uint8_t { none, whole, stream };

// Token buckets of a client's address; `login` is the strictest.
enum class Rate : std::uint8_t { page, write, checkout, login, none };

// Who has to prove that the request was meant: forms carry a token bound to the session, `api` routes
// take no cookies at all and so need none.
enum class Csrf : std::uint8_t { required, token_is_credential };

enum class Host : std::uint8_t { shop, any, platform };

struct Route {
    std::string_view name;       // for the log line and the metrics: "shop.login"
    std::initializer_list<Method> methods;
    // Literal segments and parameters: {handle} (a-z 0-9 - _, up to 255), {id:id} (decimal, fits int64, > 0),
    // {name:any} (one segment, anything), and a last {path:rest} (one or more segments).
    std::string_view pattern;
    Handler handler;
    Body body = Body::none;
    std::size_t body_limit = 64 << 10;  // bytes; more is refused with 413 before it is read
    Csrf csrf = Csrf::required;         // only unsafe methods are checked
    Rate rate = Rate::page;
    Host host = Host::shop;
    bool cacheable = false;             // the answer may be kept for other visitors: PageCache is asked first
};

struct Match {
    const Route* route = nullptr;       // null: no such path (404) or not with that method (405, `allow`)
    std::vector<Parameter> parameters;
    std::string_view allow;             // "GET, HEAD, OPTIONS" where the path is known
};

class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // Throws std::logic_error when the pattern is malformed or already taken for one of the methods.
    void add(Route route);

    // HEAD falls back to GET; OPTIONS is answered by the caller from `allow`.
    Match find(Method method, std::string_view path) const;

    std::span<const std::unique_ptr<Route>> routes() const noexcept;

private:
    struct Tree;
    std::unique_ptr<Tree> tree_;
};

}  // namespace cartwright::http
