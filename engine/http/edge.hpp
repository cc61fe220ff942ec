// What the session asks of the code behind it: which body a request may bring, and what the answer is.
// http/dispatch is the real one; tests and benchmarks bring smaller ones. One Exchange a thread, called
// on that thread only.
//
// The order for each request: `cached` (GET and HEAD without a body), else `plan`, then the session reads
// the body that the plan allows, then `respond`. A plan with a refusal is never followed by `respond`.
#pragma once

#include "base/task.hpp"
#include "http/message.hpp"
#include "http/router.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace cartwright::http {

// What the head of a request leads to. The session keeps it until the response has been written.
struct Plan {
    Match match;                      // route null: nothing was found, `refusal` says what is answered
    Body body = Body::none;           // a body that comes nevertheless is read and dropped, within limits
    std::size_t body_limit = 0;       // bytes, after chunked decoding; more is refused with 413
    std::optional<Response> refusal;  // answered instead of calling `respond`
};

// One way of sending a page: whole (status of the page), or 304 without its body.
struct Sending {
    std::shared_ptr<const Page> page;        // null: none
    const Page::Variant* variant = nullptr;  // of `page`
    int status = 200;
    std::string_view route;  // for the log line; lives as long as the Exchange
};

class Exchange {
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    // A page from memory, without waiting and without allocating; no page: take the long way. May set
    // `site` of the request.
    virtual Sending cached(Request&) { return {}; }

    // How a response that is a Page is sent: which encoding, and whether the client has it already.
    virtual Sending choose(const Request&, std::shared_ptr<const Page> page) {
        const auto* variant = &page->identity;
        const int status = page->status;
        return {std::move(page), variant, status, {}};
    }

    virtual Task<Plan> plan(Request& request) = 0;

    virtual Task<Response> respond(Request& request, Plan& plan) = 0;

    // The answer to what never reaches a handler: a head that HTTP forbids (400, 405, 414, 417, 431, 501,
    // 505), a body too large or too slow (413, 408), too many connections (503), an exception that got out
    // of `respond` (500). `request` holds what is known so far, at least `id`.
    virtual Response refuse(const Request& request, int status) = 0;

    // After the last byte of the answer was handed to the kernel, or the client was lost.
    virtual void finished(const Request&,
                          std::string_view /*route*/,
                          int /*status*/,
                          std::chrono::microseconds /*took*/,
                          std::uint64_t /*bytes*/) noexcept {}

    // The thread is about to end: what still waits (a database, a plugin) has to fail now.
    virtual void stop() noexcept {}
};

}  // namespace cartwright::http
