// What a visitor sees when something was refused or went wrong: a plain page in the visitor's language with
// the request's id, or a problem document (RFC 9457) where JSON is wanted. No answer made here tells more
// than its status and reason: causes are in the log, under the same id.
#pragma once

#include "base/outcome.hpp"
#include "http/message.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::http {

// Where the words come from. Composition hands in the message catalogues.
class ErrorTexts {
public:
    ErrorTexts() = default;
    ErrorTexts(const ErrorTexts&) = delete;
    ErrorTexts& operator=(const ErrorTexts&) = delete;
    virtual ~ErrorTexts() = default;

    // The locales that there are texts in; the first is the one for everybody else.
    virtual std::span<const std::string_view> locales() const = 0;

    // "" where there is no such text. Keys: "http.404.title", "http.404.advice", "http.request_id",
    // "http.home", and the codes of refusals.
    virtual std::string text(std::string_view locale,
                             std::string_view key,
                             std::span<const std::pair<std::string, std::string>> values) const = 0;
};

// invalid 422, unauthenticated 401, forbidden 403, not_found 404, conflict 409, limited 429, busy 503.
int status_of(Kind kind) noexcept;

class ErrorAnswers {
public:
    explicit ErrorAnswers(const ErrorTexts& texts);

    // An answer of that status, 400 or more. Good for half-read requests too: an empty Request gets the plain
    // page in the first locale.
    Response answer(const Request& request, int status) const;

    // With Retry-After, in whole seconds, at least 1.
    Response answer(const Request& request, int status, std::chrono::microseconds retry_after) const;

    // What a face answers when an operation refused; the reason's code is the problem's type and the
    // message's key, its field is the one of the form. limited and busy tell "Retry-After" of the refusal's
    // value "retry_after" (seconds), 1 if it has none.
    Response refused(const Request& request, const Refusal& refusal) const;

    // Several faults of one form at once; the first decides the status.
    Response refused(const Request& request, std::span<const Refusal> refusals) const;

private:
    struct Words;

    Response page(int status, const Words& words, const Request& request) const;
    Response problem(int status,
                     const Words& words,
                     const Request& request,
                     std::span<const Refusal> refusals) const;
    std::string_view locale_of(const Request& request) const;
    Words words_for(std::string_view locale, int status) const;

    const ErrorTexts* texts_;
    std::string policy_;  // the page's Content-Security-Policy: nothing but its own style, by hash
};

}  // namespace cartwright::http
