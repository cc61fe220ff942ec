#include "http/errors.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "http/negotiate.hpp"
#include "http/router.hpp"

#include <algorithm>

namespace cartwright::http {

namespace {

// Stands in the page, so that it looks the same when nothing else of the server works.
constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6876;--paper:#f6f7f9;--card:#fff;--line:#dfe4ea;--mark:#1f6feb}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa7b5;--paper:#12171d;--card:#1a2129;--line:#2c3641;--mark:#6cb0ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{width:100%;max-width:34rem;padding:clamp(1.5rem,5vw,3rem);background:var(--card);border:1px solid var(--line);border-radius:1rem}
.status{margin:0 0 .75rem;font-size:.875rem;font-weight:600;letter-spacing:.08em;color:var(--mark)}
h1{margin:0 0 .75rem;font-size:clamp(1.5rem,1.2rem + 1.6vw,2.125rem);line-height:1.2;overflow-wrap:anywhere}
p{margin:0 0 1.25rem;overflow-wrap:anywhere}
a{color:var(--mark);font-weight:600;text-underline-offset:.2em}
footer{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--soft)}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
)css";

constexpr std::string_view retry_value = "retry_after";

std::string seconds_of(std::chrono::microseconds wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return std::to_string(std::max<std::int64_t>(seconds, 1));
}

bool wants_json(const Request& request) {
    return (request.route && request.route->answers == Answers::json) || request.accepts_json();
}

std::string retry_of(const Refusal& refusal) {
    for (const auto& [name, value] : refusal.values()) {
        if (name == retry_value && parse_int64(value).value_or(0) > 0) return value;
    }
    return "1";
}

}  // namespace

struct ErrorAnswers::Words {
    std::string_view locale;
    std::string title;
    std::string advice;
    std::string code;  // the problem's type: the refusal's code, or "http.404"
};

int status_of(Kind kind) noexcept {
    switch (kind) {
        case Kind::invalid:
            return 422;
        case Kind::unauthenticated:
            return 401;
        case Kind::forbidden:
            return 403;
        case Kind::not_found:
            return 404;
        case Kind::conflict:
            return 409;
        case Kind::limited:
            return 429;
        case Kind::busy:
            break;
    }
    return 503;
}

ErrorAnswers::ErrorAnswers(const ErrorTexts& texts) : texts_(&texts) {
    policy_ = "default-src 'none'; style-src 'sha256-" + to_base64(sha256(style)) +
              "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

Response ErrorAnswers::answer(const Request& request, int status) const {
    const Words words = words_for(locale_of(request), status);
    return wants_json(request) ? problem(status, words, request, {}) : page(status, words, request);
}

Response ErrorAnswers::answer(const Request& request,
                              int status,
                              std::chrono::microseconds retry_after) const {
    Response response = answer(request, status);
    response.set("Retry-After", seconds_of(retry_after));
    return response;
}

Response ErrorAnswers::refused(const Request& request, const Refusal& refusal) const {
    return refused(request, std::span(&refusal, 1));
}

Response ErrorAnswers::refused(const Request& request, std::span<const Refusal> refusals) const {
    if (refusals.empty()) return answer(request, 500);
    const Refusal& first = refusals.front();
    const int status = status_of(first.kind());
    Words words = words_for(locale_of(request), status);
    words.code = first.code();
    if (std::string told = texts_->text(words.locale, first.code(), first.values()); !told.empty()) {
        words.advice = std::move(told);
    }
    Response response =
        wants_json(request) ? problem(status, words, request, refusals) : page(status, words, request);
    if (status == 429 || status == 503) response.set("Retry-After", retry_of(first));
    return response;
}

std::string_view ErrorAnswers::locale_of(const Request& request) const {
    const auto locales = texts_->locales();
    if (locales.empty()) return "en";
    std::string buffer;
    return locales[best_language(request.list_field("Accept-Language", buffer), locales)];
}

ErrorAnswers::Words ErrorAnswers::words_for(std::string_view locale, int status) const {
    Words words;
    words.locale = locale;
    words.code = "http." + std::to_string(status);
    words.title = texts_->text(locale, words.code + ".title", {});
    if (words.title.empty()) words.title = reason_phrase(status);
    words.advice = texts_->text(locale, words.code + ".advice", {});
    return words;
}

Response ErrorAnswers::page(int status, const Words& words, const Request& request) const {
    const auto label = [&](std::string_view key, std::string_view otherwise) {
        const std::string text = texts_->text(words.locale, key, {});
        return escape_html(text.empty() ? otherwise : text);
    };
    std::string body;
    body.reserve(style.size() + 1024);
    body.append("<!doctype html>\n<html lang=\"").append(escape_html(words.locale));
    body.append(
        "\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    body.append("<meta name=\"robots\" content=\"noindex\">\n<title>").append(escape_html(words.title));
    body.append("</title>\n<style>").append(style).append("</style>\n<main>\n<p class=\"status\">");
    body.append(std::to_string(status))
        .append("</p>\n<h1>")
        .append(escape_html(words.title))
        .append("</h1>\n");
    if (!words.advice.empty()) body.append("<p>").append(escape_html(words.advice)).append("</p>\n");
    if (!request.host.empty() && status != 421) {
        body.append("<p><a href=\"/\">").append(label("http.home", "Home")).append("</a></p>\n");
    }
    if (!request.id.empty()) {
        body.append("<footer>").append(label("http.request_id", "Request")).append(" <code>");
        body.append(escape_html(request.id)).append("</code></footer>\n");
    }
    body.append("</main>\n</html>\n");
    Response response = html(status, std::move(body));
    response.set("Content-Security-Policy", policy_);
    response.hardened = true;
    response.compressible = false;  // two packets either way, and a flood of them should cost little
    response.set("Content-Language", words.locale);
    return response;
}

Response ErrorAnswers::problem(int status,
                               const Words& words,
                               const Request& request,
                               std::span<const Refusal> refusals) const {
    std::string body = "{\"type\":";
    append_json_string(body, words.code);
    body.append(",\"title\":");
    append_json_string(body, words.title);
    body.append(",\"status\":").append(std::to_string(status));
    if (!words.advice.empty()) {
        body.append(",\"detail\":");
        append_json_string(body, words.advice);
    }
    if (!request.id.empty()) {
        body.append(",\"request_id\":");
        append_json_string(body, request.id);
    }
    bool first = true;
    for (const Refusal& refusal : refusals) {
        if (refusal.field().empty()) continue;
        body.append(first ? ",\"errors\":[" : ",");
        first = false;
        body.append("{\"field\":");
        append_json_string(body, refusal.field());
        body.append(",\"type\":");
        append_json_string(body, refusal.code());
        if (const auto told = texts_->text(words.locale, refusal.code(), refusal.values()); !told.empty()) {
            body.append(",\"detail\":");
            append_json_string(body, told);
        }
        body.append("}");
    }
    if (!first) body.append("]");
    body.append("}\n");
    Response response = text(status, std::move(body), "application/problem+json");
    response.set("Content-Language", words.locale);
    return response;
}

}  // namespace cartwright::http
