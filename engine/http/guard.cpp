#include "http/guard.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>

namespace cartwright::http {
namespace {

constexpr std::uint8_t token_byte = 1;   // RFC 9110 5.6.2 tchar
constexpr std::uint8_t value_byte = 2;   // RFC 9110 5.5: VCHAR, SP, HTAB, obs-text
constexpr std::uint8_t target_byte = 4;  // printable ASCII but '#': a fragment is never sent
constexpr std::uint8_t name_byte = 8;    // RFC 3986 3.2.2 reg-name but '%'

constexpr auto classes = [] {
    std::array<std::uint8_t, 256> table{};
    const auto mark = [&table](std::string_view bytes, std::uint8_t kind) {
        for (const char c : bytes) table[static_cast<unsigned char>(c)] |= kind;
    };
    for (unsigned c = 0; c < 256; ++c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (alphanumeric) table[c] |= token_byte | name_byte;
        if (c == '\t' || (c >= 0x20 && c != 0x7f)) table[c] |= value_byte;
        if (c > 0x20 && c < 0x7f && c != '#') table[c] |= target_byte;
    }
    mark("!#$%&'*+-.^_`|~", token_byte);
    mark("-._~!$&'()*+,;=", name_byte);
    return table;
}();

constexpr bool is(char c, std::uint8_t kind) noexcept {
    return (classes[static_cast<unsigned char>(c)] & kind) != 0;
}

constexpr bool is_hex(char c) noexcept {
    return (c >= '0' && c <= '9') || (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'f');
}

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && same_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::optional<Method> known_method(std::string_view text) noexcept {
    switch (text.size()) {
        case 3:
            if (text == "GET") return Method::get;
            if (text == "PUT") return Method::put;
            break;
        case 4:
            if (text == "HEAD") return Method::head;
            if (text == "POST") return Method::post;
            break;
        case 5:
            if (text == "PATCH") return Method::patch;
            break;
        case 6:
            if (text == "DELETE") return Method::del;
            break;
        case 7:
            if (text == "OPTIONS") return Method::options;
            break;
        default:
            break;
    }
    return std::nullopt;
}

// The inside of "[...]": an IPv6 address, or IPvFuture (RFC 3986 3.2.2).
bool is_ip_literal(std::string_view text) noexcept {
    if (!text.empty() && lower_ascii(text.front()) == 'v') {
        const auto dot = text.find('.');
        if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
        return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(dot), is_hex) &&
               std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(), [](char c) {
                   return is(c, name_byte) || c == ':';
               });
    }
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size()) return false;
    std::copy(text.begin(), text.end(), copy.begin());
    in6_addr address{};
    return ::inet_pton(AF_INET6, copy.data(), &address) == 1;
}

}  // namespace

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is(c, token_byte); });
}

std::optional<std::string_view> canonical_host(std::string_view authority,
                                               std::array<char, max_host_bytes>& into) noexcept {
    std::string_view host = authority;
    std::string_view rest;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos || !is_ip_literal(authority.substr(1, close - 1)))
            return std::nullopt;
        host = authority.substr(0, close + 1);
        rest = authority.substr(close + 1);
    } else {
        const auto colon = authority.find(':');
        if (colon != std::string_view::npos) {
            host = authority.substr(0, colon);
            rest = authority.substr(colon);
        }
        for (std::size_t i = 0; i < host.size(); ++i) {
            if (is(host[i], name_byte)) continue;
            if (host[i] != '%' || host.size() - i < 3 || !is_hex(host[i + 1]) || !is_hex(host[i + 2])) {
                return std::nullopt;
            }
            i += 2;
        }
    }
    if (!rest.empty() && (rest.front() != ':' || !std::all_of(rest.begin() + 1, rest.end(), is_digit))) {
        return std::nullopt;
    }
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > into.size()) return std::nullopt;
    std::transform(host.begin(), host.end(), into.begin(), lower_ascii);
    return std::string_view(into.data(), host.size());
}

void Guard::reset() noexcept {
    *this = Guard(*head_);
}

Guard::Verdict Guard::refuse(int status) noexcept {
    status_ = status;
    return Verdict::refused;
}

Guard::Verdict Guard::feed(std::string_view bytes) {
    if (status_ != 0) return Verdict::refused;
    if (at_ == 0) {
        Head& head = *head_;
        head.field_count = 0;
        head.length = 0;
        head.framing = Framing::none;
        head.expect = Expect::nothing;
        head.host = {};
        head.forwarded_for = head.forwarded_proto = head.forwarded_host = head.request_id = {};
    }
    while (at_ < bytes.size()) {
        const char first = bytes[at_];
        if (at_ == line_ && have_request_line_ && (first == ' ' || first == '\t')) {
            return refuse(400);  // obs-fold, or white space before the first field (RFC 9112 2.2, 5.2)
        }
        // A line's bytes; the request line is checked more closely when it is whole.
        if (first != '\r') begun_ = true;
        const std::size_t limit = have_request_line_ ? max_head_bytes : line_ + max_request_line;
        const std::size_t end = std::min(bytes.size(), limit);
        while (at_ < end && is(bytes[at_], value_byte)) ++at_;
        if (at_ >= limit) return refuse(have_request_line_ ? 431 : 414);
        if (at_ == bytes.size()) break;
        if (bytes[at_] != '\r') return refuse(400);  // bare LF, NUL and other controls
        if (at_ + 1 == bytes.size()) break;
        if (bytes[at_ + 1] != '\n') return refuse(400);
        const std::string_view line = bytes.substr(line_, at_ - line_);
        at_ += 2;
        if (at_ > max_head_bytes) return refuse(431);
        const bool first_line = line_ == 0;
        line_ = at_;
        if (!have_request_line_) {
            if (line.empty()) {
                // One empty line before the request line is skipped (RFC 9112 2.2), not more.
                if (!first_line) return refuse(400);
                continue;
            }
            if (!request_line(line)) return Verdict::refused;
            have_request_line_ = true;
        } else if (line.empty()) {
            return whole_head() ? Verdict::head : Verdict::refused;
        } else if (!field_line(line)) {
            return Verdict::refused;
        }
    }
    return Verdict::more;
}

// request-line = method SP request-target SP HTTP-version (RFC 9112 3), single spaces only.
bool Guard::request_line(std::string_view line) {
    const auto fail = [this](int status) {
        status_ = status;
        return false;
    };
    const auto after_method = line.find(' ');
    if (after_method == std::string_view::npos) return fail(400);
    Head& head = *head_;
    head.method_text = line.substr(0, after_method);
    if (!is_token(head.method_text)) return fail(400);
    const auto after_target = line.find(' ', after_method + 1);
    if (after_target == std::string_view::npos) return fail(400);
    const std::string_view target = line.substr(after_method + 1, after_target - after_method - 1);
    const std::string_view version = line.substr(after_target + 1);
    if (target.empty() ||
        !std::all_of(target.begin(), target.end(), [](char c) { return is(c, target_byte); })) {
        return fail(400);
    }
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7])) {
        return fail(400);
    }
    if (version[5] != '1' || version[7] > '1') return fail(505);
    head.version_minor = version[7] == '1' ? 1 : 0;

    if (const auto method = known_method(head.method_text)) {
        head.method = *method;
    } else if (head.method_text == "CONNECT" || head.method_text == "TRACE") {
        // No tunnels, and no echo of a client's secrets (RFC 9110 9.3.6, 9.3.8).
        deferred_status_ = 405;
    } else {
        deferred_status_ = 501;
    }
    return parse_target(target) || fail(400);
}

// RFC 9112 3.2: origin form, absolute form with http or https, "*" with OPTIONS. The authority form belongs
// to CONNECT alone, which is refused anyway.
bool Guard::parse_target(std::string_view target) {
    Head& head = *head_;
    target_names_host_ = false;
    if (target == "*") {
        if (head.method_text != "OPTIONS") return false;
    } else if (head.method_text == "CONNECT") {
        if (!canonical_host(target, head.host_bytes)) return false;
    } else if (target.front() != '/') {
        std::size_t scheme = 0;
        if (starts_ignoring_case(target, "http://")) scheme = 7;
        if (starts_ignoring_case(target, "https://")) scheme = 8;
        if (scheme == 0) return false;
        const auto end = std::min(target.find_first_of("/?", scheme), target.size());
        // Userinfo in a target is a trap for readers (RFC 9110 4.2.4): '@' is no byte of a host.
        if (!take_host(target.substr(scheme, end - scheme))) return false;
        target_names_host_ = true;
        target.remove_prefix(end);
        if (target.empty()) target = "/";
    }
    head.target = target;
    const auto question = target.find('?');
    head.path = target.substr(0, question);
    if (head.path.empty()) head.path = "/";  // http://host?query
    head.query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    return true;
}

bool Guard::take_host(std::string_view authority) {
    const auto host = canonical_host(authority, head_->host_bytes);
    if (!host) return false;
    head_->host = *host;
    return true;
}

// field-line = field-name ":" OWS field-value OWS (RFC 9112 5); the bytes of the value are checked already.
bool Guard::field_line(std::string_view line) {
    const auto fail = [this](int status) {
        status_ = status;
        return false;
    };
    if (++line_count_ > max_fields) return fail(431);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return fail(400);
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name)) return fail(400);  // white space before the colon, too (RFC 9112 5.1)
    const std::string_view value = trimmed(line.substr(colon + 1));
    Head& head = *head_;
    bool visible = true;

    switch (name.size()) {
        case 4:
            if (same_ignoring_case(name, "Host")) {
                if (have_host_) return fail(400);
                have_host_ = true;
                // Both must be well formed; the target's name wins (RFC 9112 3.2.2).
                std::array<char, max_host_bytes> unused;
                if (target_names_host_ ? !canonical_host(value, unused) : !take_host(value)) return fail(400);
            }
            break;
        case 6:
            if (same_ignoring_case(name, "Expect") && head.version_minor == 1) {
                const bool known =
                    head.expect != Expect::unknown && same_ignoring_case(value, "100-continue");
                head.expect = known ? Expect::continue_100 : Expect::unknown;
            }
            break;
        case 9:
            if (same_ignoring_case(name, "Forwarded") || same_ignoring_case(name, "X-Real-IP"))
                visible = false;
            break;
        case 10:
            if (same_ignoring_case(name, "Connection")) {
                std::string_view rest = value;
                while (!rest.empty()) {
                    const auto comma = std::min(rest.find(','), rest.size());
                    const std::string_view option = trimmed(rest.substr(0, comma));
                    // What ends a connection for one reader has to end it for all (RFC 9110 7.6.1).
                    if (!option.empty() && !is_token(option)) return fail(400);
                    if (same_ignoring_case(option, "close")) says_close_ = true;
                    if (same_ignoring_case(option, "keep-alive")) says_keep_alive_ = true;
                    rest.remove_prefix(std::min(comma + 1, rest.size()));
                }
            }
            break;
        case 12:
            if (same_ignoring_case(name, "X-Request-Id")) {
                head.request_id = value;
                visible = false;
            }
            break;
        case 14:
            if (same_ignoring_case(name, "Content-Length")) {
                // Once, digits only; 15 of them can't overflow (RFC 9112 6.3 rule 5, stricter).
                if (have_length_ || value.empty() || value.size() > 15) return fail(400);
                have_length_ = true;
                for (const char c : value) {
                    if (!is_digit(c)) return fail(400);
                    head.length = head.length * 10 + static_cast<std::uint64_t>(c - '0');
                }
            }
            break;
        case 17:
            if (same_ignoring_case(name, "Transfer-Encoding")) {
                // Exactly one, exactly "chunked": no server in front can have framed it otherwise
                // (RFC 9112 6.1, 6.3 rules 3 and 4).
                if (have_transfer_encoding_ || !same_ignoring_case(value, "chunked")) return fail(400);
                have_transfer_encoding_ = true;
            }
            break;
        default:
            break;
    }
    if (starts_ignoring_case(name, "X-Forwarded-")) {
        visible = false;
        const std::string_view what = name.substr(12);
        if (same_ignoring_case(what, "For")) head.forwarded_for = value;
        if (same_ignoring_case(what, "Proto")) head.forwarded_proto = value;
        if (same_ignoring_case(what, "Host")) head.forwarded_host = value;
    }
    if (visible && name.find('_') == std::string_view::npos) head.fields[head.field_count++] = {name, value};
    return true;
}

bool Guard::whole_head() {
    const auto fail = [this](int status) {
        status_ = status;
        return false;
    };
    Head& head = *head_;
    if (head.version_minor == 1 && !have_host_) return fail(400);  // RFC 9112 3.2
    if (have_transfer_encoding_) {
        // With a length beside it, or from HTTP/1.0, someone in between reads it otherwise (RFC 9112 6.1).
        if (have_length_ || head.version_minor == 0) return fail(400);
        head.framing = Framing::chunked;
    } else if (have_length_ && head.length > 0) {
        head.framing = Framing::length;
    }
    head.keep_alive = !says_close_ && (head.version_minor == 1 || says_keep_alive_);  // RFC 9112 9.3
    if (deferred_status_ != 0) return fail(deferred_status_);
    return true;
}

}  // namespace cartwright::http
