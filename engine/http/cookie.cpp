#include "http/cookie.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace cartwright::http {

namespace {

constexpr std::size_t most_pairs = 100;
constexpr std::size_t longest_cookie = 4096;  // what browsers take (RFC 6265bis 5.6)
constexpr std::string_view host_prefix = "__Host-";

// RFC 6265 4.1.1, cookie-octet.
bool is_value(std::string_view value) noexcept {
    return std::ranges::all_of(
        value, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

bool is_name(std::string_view name) noexcept {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

bool is_development(const Request& request) noexcept {
    return !request.secure && (request.host == "localhost" || request.host.ends_with(".localhost"));
}

// Parts can't run into each other: each is preceded by its length.
void append_part(std::string& out, std::string_view part) {
    out.append(std::to_string(part.size())).append(":").append(part);
}

}  // namespace

std::string_view find_cookie(std::span<const Field> fields, std::string_view name) noexcept {
    std::string_view found;
    bool seen = false;
    std::size_t pairs = 0;
    for (const Field& field : fields) {
        if (!same_ignoring_case(field.name, "Cookie")) continue;
        std::string_view rest = field.value;
        while (!rest.empty() && pairs++ < most_pairs) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            std::string_view pair = trim(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
            if (seen) return {};
            seen = true;
            std::string_view value = pair.substr(equals + 1);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            if (is_value(value)) found = value;
        }
    }
    return found;
}

std::string cookie_name(const Request& request, std::string_view name) {
    std::string full;
    if (!is_development(request)) full = host_prefix;
    return full.append(name);
}

std::string_view own_cookie(const Request& request, std::string_view name) {
    return request.cookie(cookie_name(request, name));
}

void set_cookie(const Request& request, Response& response, const Cookie& cookie) {
    if (!is_name(cookie.name) || !is_value(cookie.value)) {
        throw std::invalid_argument("a cookie's name or value breaks the grammar");
    }
    std::string line = cookie_name(request, cookie.name);
    if (line.size() + cookie.value.size() > longest_cookie)
        throw std::invalid_argument("a cookie is too long");
    line.append("=").append(cookie.value).append("; Path=/");
    if (cookie.max_age) line.append("; Max-Age=").append(std::to_string(cookie.max_age->count()));
    if (!is_development(request)) line.append("; Secure");
    if (!cookie.script_readable) line.append("; HttpOnly");
    switch (cookie.same_site) {
        case SameSite::lax:
            line.append("; SameSite=Lax");
            break;
        case SameSite::strict:
            line.append("; SameSite=Strict");
            break;
        case SameSite::none:
            line.append("; SameSite=None");
            break;
    }
    response.set("Set-Cookie", line);
}

void clear_cookie(const Request& request, Response& response, std::string_view name) {
    set_cookie(request, response, {.name = name, .value = {}, .max_age = std::chrono::seconds(0)});
}

Signer::Signer(std::vector<std::string> keys) : keys_(std::move(keys)) {
    constexpr std::size_t shortest = 32;
    if (keys_.empty() || std::ranges::any_of(keys_, [](const auto& key) { return key.size() < shortest; })) {
        throw std::invalid_argument("signing takes keys of 32 bytes or more");
    }
}

std::string Signer::sign(std::string_view purpose, std::string_view host, std::string_view payload) const {
    std::string text(payload);
    text.append(".").append(to_base64url(codes(purpose, host, payload).front()));
    return text;
}

std::optional<std::string_view> Signer::verify(std::string_view purpose,
                                               std::string_view host,
                                               std::string_view text) const {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view payload = text.substr(0, dot);
    const auto given = from_base64url(text.substr(dot + 1), sizeof(Digest));
    if (!given) return std::nullopt;
    for (const Digest& code : codes(purpose, host, payload)) {
        if (same_secret(*given, code)) return payload;
    }
    return std::nullopt;
}

std::vector<Digest> Signer::codes(std::string_view purpose,
                                  std::string_view host,
                                  std::string_view payload) const {
    std::string data;
    append_part(data, purpose);
    append_part(data, host);
    data.append(payload);
    std::vector<Digest> all;
    all.reserve(keys_.size());
    for (const std::string& key : keys_) all.push_back(hmac_sha256(std::string_view(key), data));
    return all;
}

}  // namespace cartwright::http
