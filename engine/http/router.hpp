// Finds the handler of a request, and keeps what the route declared: methods, body limit, who may call,
// CSRF, rate class, cacheability. One Router a thread, filled once by the faces and never changed later.
// Who is logged in is no matter of the router: the face opens the scope and asks.
#pragma once

#include "base/task.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {

struct PageKey;

using Handler = std::function<Task<Response>(Request&)>;

enum class Body : std::uint8_t { none, whole, stream };

// Token buckets of a client's address (http/rate.hpp); `login` is the strictest.
enum class Rate : std::uint8_t { page, write, checkout, login, none };

// How a request that changes something proves that it was meant.
enum class Csrf : std::uint8_t {
    required,  // a token bound to the visitor's cookie, and no foreign Origin (http/csrf.hpp)
    json,      // nothing that a foreign page can send unasked: a JSON body, PUT, DELETE (http/csrf.hpp)
    token_is_credential,  // API keys and signed callbacks: cookies are hidden from the handler
};

// Which names of the server have the route: the shops', the platform's own, or every name, also one that
// leads nowhere (health checks come with an address as Host).
enum class Host : std::uint8_t { shop, any, platform };

// Refusals of a JSON route are always problem documents; elsewhere the client's Accept decides.
enum class Answers : std::uint8_t { page, json };

struct Route {
    std::string name;  // for the log line and the metrics: "shop.login"
    std::vector<Method> methods;
    // Literal segments and parameters: {handle} (a-z 0-9 - _, up to 255), {id:id} (decimal, fits int64, > 0),
    // {name:any} (one segment, anything), and a last {path:rest} (one or more segments). Where several fit a
    // segment, this is their order: literal, id, handle, any, rest. The most specific pattern owns the path
    // with all methods. A pattern has no final "/", but for the root.
    std::string pattern;
    Handler handler;
    Body body = Body::none;
    std::size_t body_limit = 64 << 10;  // bytes; more is refused with 413 before it is read
    Csrf csrf = Csrf::required;         // only unsafe methods are checked
    Rate rate = Rate::page;
    Host host = Host::shop;
    Answers answers = Answers::page;
    // Set: pages that are at hand without waiting, such as files in memory, are asked for here first; a null
    // pointer sends the request to the handler. No allocation.
    std::function<std::shared_ptr<const Page>(const Request&)> ready = {};
    // Set: the answer may be kept for other visitors, and the page cache is asked first. Fills what only the
    // face knows of the key (locale, currency, customer class, theme version; the dispatcher has set the
    // rest) and answers false where this visitor's page mustn't be shared. Called for each request: no
    // allocation, no waiting.
    std::function<bool(const Request&, PageKey&)> page_key = {};
    // The query parameters that the page depends on. All others (utm_source, …) are no part of the key.
    std::vector<std::string> page_query = {};
    // Why a security default may be replaced by this route's own header, as `security.hpp` lists them.
    // Empty: they may not. The word is for grep: each use is a decision.
    std::string loosens = {};
};

struct Match {
    const Route* route = nullptr;  // null: no such path (404) or not with that method (405, `allow`)
    Parameters parameters;
    std::string_view allow;  // "GET, HEAD, OPTIONS" where the path is known
};

class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // Throws std::logic_error when the pattern is malformed, the name is taken, or path and method are
    // already taken on the same host by a pattern of the same shape.
    void add(Route route);

    // `path` is a normal_path. HEAD falls back to GET; OPTIONS is answered by the caller from `allow`.
    // `host`: shop or platform; `any` finds the routes that every name has.
    Match find(Method method, std::string_view path, Host host = Host::shop) const;

    // Whether one route answers this on every name, so that nobody has to know whose name it is.
    bool is_on_every_name(Method method, std::string_view path) const;

    std::span<const std::unique_ptr<Route>> routes() const noexcept;

private:
    struct Tree;
    std::unique_ptr<Tree> tree_;
};

}  // namespace cartwright::http
