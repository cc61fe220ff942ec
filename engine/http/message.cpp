#include "http/message.hpp"

#include "base/text.hpp"
#include "http/cookie.hpp"
#include "http/form.hpp"
#include "http/negotiate.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace cartwright::http {

namespace {

// RFC 9110 5.6.2.
bool is_token(std::string_view text) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

// RFC 9110 5.5: no controls but HTAB, no space at the ends.
bool is_field_value(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    if (!text.empty() && (blank(text.front()) || blank(text.back()))) return false;
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

// Fields that come as several lines and mustn't be joined or replaced.
bool is_repeated(std::string_view name) noexcept {
    return same_ignoring_case(name, "Set-Cookie") || same_ignoring_case(name, "Link");
}

bool is_local(std::string_view to) noexcept {
    return to.starts_with('/') && !to.starts_with("//");
}

// Printable ASCII without what browsers change: "/\host" is read as "//host".
bool is_clean_target(std::string_view to) noexcept {
    return std::ranges::all_of(to, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

}  // namespace

std::string_view name_of(Method method) noexcept {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
    }
    return "";
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "";
    }
}

std::string_view Request::field(std::string_view name) const noexcept {
    if (cookies_hidden && same_ignoring_case(name, "Cookie")) return {};
    for (const Field& sent : fields) {
        if (same_ignoring_case(sent.name, name)) return sent.value;
    }
    return {};
}

std::string_view Request::list_field(std::string_view name, std::string& buffer) const {
    std::string_view whole;
    bool joined = false;
    for (const Field& sent : fields) {
        if (!same_ignoring_case(sent.name, name) || sent.value.empty()) continue;
        if (whole.empty() && !joined) {
            whole = sent.value;
            continue;
        }
        if (!joined) buffer.assign(whole);
        joined = true;
        buffer.append(", ").append(sent.value);
    }
    return joined ? std::string_view(buffer) : whole;
}

std::string_view Request::cookie(std::string_view name) const noexcept {
    return cookies_hidden ? std::string_view() : find_cookie(fields, name);
}

std::string_view Request::parameter(std::string_view name) const noexcept {
    for (const Parameter& known : parameters) {
        if (known.name == name) return known.value;
    }
    return {};
}

std::int64_t Request::id_parameter(std::string_view name) const noexcept {
    const std::string_view value = parameter(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size() && number > 0 ? number : 0;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    return first_value(query, name);
}

bool Request::accepts_json() const noexcept {
    const std::string_view accept = field("Accept");
    if (accept.empty()) return false;
    const int json = std::max(media_quality(accept, "application", "json"),
                              media_quality(accept, "application", "problem+json"));
    return json > media_quality(accept, "text", "html");
}

std::string_view Request::media_type() const noexcept {
    const std::string_view type = field("Content-Type");
    return trim(type.substr(0, type.find(';')));
}

const Page::Variant& Page::variant(Encoding encoding) const noexcept {
    if (encoding == Encoding::brotli && brotli) return *brotli;
    if (encoding == Encoding::gzip && gzip) return *gzip;
    return identity;
}

Response& Response::set(std::string_view name, std::string_view value) {
    if (!is_token(name)) throw std::invalid_argument("a response field's name is no token");
    if (!is_field_value(value)) {
        throw std::invalid_argument("the value of the response field " + std::string(name) +
                                    " holds a forbidden byte");
    }
    if (!is_repeated(name)) remove(name);
    fields.emplace_back(name, value);
    return *this;
}

Response& Response::remove(std::string_view name) noexcept {
    std::erase_if(fields, [&](const auto& known) { return same_ignoring_case(known.first, name); });
    return *this;
}

bool Response::has(std::string_view name) const noexcept {
    return std::ranges::any_of(fields,
                               [&](const auto& known) { return same_ignoring_case(known.first, name); });
}

std::string_view Response::field(std::string_view name) const noexcept {
    for (const auto& [known, value] : fields) {
        if (same_ignoring_case(known, name)) return value;
    }
    return {};
}

Response text(int status, std::string body, std::string_view type) {
    Response response(status);
    response.set("Content-Type", type);
    response.body = std::move(body);
    return response;
}

Response html(int status, std::string body) {
    return text(status, std::move(body), "text/html; charset=utf-8");
}

Response json(int status, std::string body) {
    return text(status, std::move(body), "application/json");
}

Response redirect(int status, std::string_view to) {
    const bool absolute = to.starts_with("https://") || to.starts_with("http://");
    if (!(is_local(to) || absolute) || !is_clean_target(to)) {
        throw std::invalid_argument("a redirect leads to a path of this site or an absolute URL");
    }
    Response response(status);
    response.set("Location", to);
    return response;
}

std::string_view local_path(std::string_view wanted, std::string_view otherwise) noexcept {
    return is_local(wanted) && is_clean_target(wanted) ? wanted : otherwise;
}

}  // namespace cartwright::http
