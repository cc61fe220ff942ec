// A request and a response as the faces see them: no Beast, no sockets. http/session makes Requests and
// sends Responses; http/router finds the handler between them.
#pragma once

#include "base/task.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cartwright::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };

struct Field {
    std::string_view name;
    std::string_view value;
};

// Whom the Host of a request names. `tenant` is the shop's id; http knows nothing else of it.
// `host` is the canonical name (lower case, no trailing dot, no port) that links, cookies and cache keys
// use, never what the client sent. `redirect_to` is set where this name only leads to another one.
struct Site {
    std::int64_t tenant = 0;
    std::string host;
    std::string redirect_to;
};

// Finds sites. One object a thread; `cached` answers from memory without waiting, `load` asks the database
// (and remembers, unknown names too, for a bounded time). A null pointer: no such site.
class Sites {
public:
    Sites() = default;
    Sites(const Sites&) = delete;
    Sites& operator=(const Sites&) = delete;
    virtual ~Sites() = default;

    // First member false: not in memory, ask `load`.
    virtual std::pair<bool, std::shared_ptr<const Site>> cached(std::string_view host) = 0;
    virtual Task<std::shared_ptr<const Site>> load(std::string host) = 0;
};

// The rest of a request's body, for routes that stream it. Bounded by the route's limit; throws on a
// broken or too slow client.
class BodyReader {
public:
    BodyReader() = default;
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;
    virtual ~BodyReader() = default;

    // Fills up to into.size() bytes; 0 at the end of the body.
    virtual Task<std::size_t> read(std::span<char> into) = 0;
};

// One parsed path parameter: `{id}` of "/orders/{id:id}".
struct Parameter {
    std::string_view name;
    std::string_view value;
};

// Views point into the connection's buffer and are good until the response has been written.
// `path` is the target's path, percent-decoded once and free of dot segments; `query` is still encoded.
struct Request {
    Method method = Method::get;
    unsigned version_minor = 1;  // HTTP/1.0 or 1.1
    std::string_view target;     // as sent, origin form
    std::string_view path;
    std::string_view query;
    std::string_view host;       // canonical
    std::shared_ptr<const Site> site;
    std::span<const Field> fields;
    std::string_view body;       // whole, for routes that don't stream
    BodyReader* stream = nullptr;
    std::string_view peer;       // the client's address; of X-Forwarded-For where the peer is a known proxy
    bool secure = false;         // https, here or at a known proxy
    std::string_view id;         // X-Request-Id of the answer and the log line
    std::span<const Parameter> parameters;
    std::uint32_t* sql_count = nullptr;  // the log line's number of statements

    // The value of the only field of that name, "" if there is none; ASCII case is ignored.
    std::string_view field(std::string_view name) const noexcept;
    std::string_view cookie(std::string_view name) const noexcept;
    std::string_view parameter(std::string_view name) const noexcept;
    std::int64_t id_parameter(std::string_view name) const noexcept;  // for {name:id}; 0 never happens
    // The first value of a query parameter, decoded; nullopt if absent.
    std::optional<std::string> query_value(std::string_view name) const;
    bool accepts_json() const noexcept;
};

// An immutable answer kept in memory, ready to be sent: heads and bodies are made once, one for each
// encoding that paid off. Shared between connections of a thread, or of all threads.
struct Page {
    struct Variant {
        std::string head;  // field lines, each ended by CRLF, with Content-Length, ETag, Vary, …
        std::string body;
    };

    int status = 200;
    Variant identity;
    std::optional<Variant> gzip;
    std::optional<Variant> brotli;
    std::string etag;           // with quotes; "" = none
    std::int64_t last_modified = 0;  // seconds since 1970, 0 = none
    std::int64_t tenant = 0;    // checked against the request's site before it is sent
};

// A file that is sent from disk, whole or in ranges.
struct FileBody {
    std::string path;
    std::uint64_t size = 0;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::variant<std::monostate, std::string, std::shared_ptr<const Page>, FileBody> body;
    bool close = false;          // end the connection after it

    Response() = default;

    explicit Response(int status_code) : status(status_code) {}

    // Adds a field, replacing one of that name unless it is Set-Cookie. Throws std::invalid_argument when
    // name or value holds a byte that HTTP forbids there (CR, LF, NUL and other controls).
    Response& set(std::string_view name, std::string_view value);
    std::string_view field(std::string_view name) const noexcept;
};

Response text(int status, std::string body, std::string_view type = "text/plain; charset=utf-8");
Response html(int status, std::string body);
Response json(int status, std::string body);
// 303 after a form, 301/302/307/308 elsewhere. `to` must be a path of this site ("/…", never "//…") or an
// absolute URL that the caller built itself; anything else throws std::invalid_argument.
Response redirect(int status, std::string_view to);

}  // namespace cartwright::http
