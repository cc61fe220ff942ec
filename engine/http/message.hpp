// A request and a response as the faces see them: no Beast, no sockets. http/session makes Requests and
// sends Responses; http/router finds the handler between them.
#pragma once

#include "base/task.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cartwright::http {

struct Route;

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };

// "GET", as in a request line.
std::string_view name_of(Method method) noexcept;

// GET, HEAD and OPTIONS change nothing (RFC 9110 9.2.1); all others need a proof that they were meant.
constexpr bool is_safe(Method method) noexcept {
    return method == Method::get || method == Method::head || method == Method::options;
}

// The reason phrase of a status line, "" for a status that we never send.
std::string_view reason_phrase(int status) noexcept;

enum class Encoding : std::uint8_t { identity, gzip, brotli };

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

// The parameters of one path, in its order, without an allocation.
class Parameters {
public:
    static constexpr std::size_t most = 8;  // Router::add refuses patterns with more

    void push(Parameter parameter) noexcept { values_[size_++] = parameter; }

    void truncate(std::size_t size) noexcept { size_ = size; }

    std::size_t size() const noexcept { return size_; }

    const Parameter& operator[](std::size_t at) const noexcept { return values_[at]; }

    const Parameter* begin() const noexcept { return values_.data(); }

    const Parameter* end() const noexcept { return values_.data() + size_; }

private:
    std::array<Parameter, most> values_{};
    std::size_t size_ = 0;
};

// Views point into the connection's buffer and are good until the response has been written.
// The session fills what the client sent; Dispatcher::plan sets `path`, `query`, `site`, `route`,
// `parameters` and `cookies_hidden`. After that a Request doesn't move: `path` may point into
// `path_buffer`, the request's own.
struct Request {
    Method method = Method::get;
    unsigned version_minor = 1;  // HTTP/1.0 or 1.1
    std::string_view target;     // as sent, origin form
    std::string_view path;       // percent-decoded once, no dot segments, no empty ones (http/path.hpp)
    std::string_view query;      // still encoded, without "?"
    std::string_view host;       // canonical
    std::shared_ptr<const Site> site;
    std::span<const Field> fields;
    std::string_view body;  // whole, for routes that don't stream
    BodyReader* stream = nullptr;
    std::string_view peer;  // the client's address; of X-Forwarded-For where the peer is a known proxy
    bool secure = false;    // https, here or at a known proxy
    std::string_view id;    // X-Request-Id of the answer and the log line
    const Route* route = nullptr;
    Parameters parameters;
    std::uint32_t* sql_count = nullptr;  // the log line's number of statements
    bool cookies_hidden = false;         // the route takes no cookies (Csrf::token_is_credential)
    std::string path_buffer;

    // The value of the first field of that name, "" if there is none; ASCII case is ignored. Fields that
    // frame or route (Host, Content-Length, …) occur once: the guard has seen to it.
    std::string_view field(std::string_view name) const noexcept;
    // All values of a list field joined in order, as RFC 9110 5.3 has it; no copy where there is one.
    std::string_view list_field(std::string_view name, std::string& buffer) const;
    // The value of a cookie, "" if it is absent, malformed, sent twice, or hidden from this route.
    std::string_view cookie(std::string_view name) const noexcept;
    std::string_view parameter(std::string_view name) const noexcept;  // "" if the pattern has none
    std::int64_t id_parameter(std::string_view name) const noexcept;   // for {name:id}; 0 if there is none
    // The first value of a query parameter, decoded; nullopt if it is absent or badly encoded.
    std::optional<std::string> query_value(std::string_view name) const;
    // JSON is wanted rather than a page: by Accept, where application/json outweighs text/html.
    // "*/*" alone, as curl sends it, is no wish for JSON.
    bool accepts_json() const noexcept;
    // The body's media type without parameters, lower case not guaranteed: compare with same_ignoring_case.
    std::string_view media_type() const noexcept;
};

// An immutable answer kept in memory, ready to be sent: heads and bodies are made once, one for each
// encoding that paid off (http/compress.hpp makes them). Shared between connections of a thread, or of all.
struct Page {
    struct Variant {
        std::string head;  // field lines, each ended by CRLF, with Content-Length, ETag, Vary, …
        std::string body;
        std::string etag;  // with quotes, another one for each encoding; "" = none
    };

    int status = 200;
    Variant identity;
    std::optional<Variant> gzip;
    std::optional<Variant> brotli;
    std::int64_t last_modified = 0;  // seconds since 1970, 0 = none
    std::int64_t tenant = 0;         // checked against the request's site before it is sent

    // That encoding's variant, identity where there is none.
    const Variant& variant(Encoding encoding) const noexcept;
};

// A file that is sent from disk: `length` bytes from `offset` on. `file` is the open descriptor's owner,
// so that a file replaced meanwhile can't change what was promised in Content-Length.
struct FileBody {
    std::shared_ptr<const int> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::variant<std::monostate, std::string, std::shared_ptr<const Page>, FileBody> body;
    bool close = false;     // end the connection after it
    bool hardened = false;  // brings a stricter policy than the default one (http/errors)
    // False where the body holds a secret next to something that a stranger chose: compressing would
    // tell its length (BREACH; decisions/0030). CSRF tokens are masked and need no care.
    bool compressible = true;
    // What a cacheable answer was made of (http/page_cache.hpp); empty for others.
    std::vector<std::uint64_t> tags;

    Response() = default;

    explicit Response(int status_code) : status(status_code) {}

    // Sets a field, replacing those of that name; Set-Cookie and Link are added instead. Throws
    // std::invalid_argument when name or value holds a byte that HTTP forbids there (CR, LF, NUL and other
    // controls).
    Response& set(std::string_view name, std::string_view value);
    Response& remove(std::string_view name) noexcept;
    bool has(std::string_view name) const noexcept;
    std::string_view field(std::string_view name) const noexcept;  // of the first of that name, "" if none
};

Response text(int status, std::string body, std::string_view type = "text/plain; charset=utf-8");
Response html(int status, std::string body);
Response json(int status, std::string body);
// 303 after a form, 301/302/307/308 elsewhere. `to` must be a path of this site ("/…", never "//…" or with a
// backslash) or an absolute http(s) URL that the caller built itself; anything else, and controls or spaces
// in it, throw std::invalid_argument. What a visitor sent goes through `local_path` first.
Response redirect(int status, std::string_view to);
// `wanted` if it is a path of this site that `redirect` takes, else `otherwise`.
std::string_view local_path(std::string_view wanted, std::string_view otherwise) noexcept;

}  // namespace cartwright::http
