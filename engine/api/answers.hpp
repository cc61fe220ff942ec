// What every handler of the JSON face does before and after its operation.
#pragma once

#include "api/api.hpp"
#include "base/outcome.hpp"
#include "db/idempotency.hpp"
#include "http/message.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "shop/scope.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cartwright::api {

// A JSON body of these routes is a handful of fields; the largest is a setting's text.
inline constexpr std::size_t body_limit = 16 << 10;

// Who asks, as the request says.
shop::Visitor visitor_of(const http::Request& request);

http::Response refused(const Parts& parts, const http::Request& request, const Refusal& refusal);

// A finished document, private to whoever asked.
http::Response answered(int status, json::Writer writer);

// Parses the body and hands its object to `read`, which returns a command; then says everything that was
// wrong at once. 415 where the body is not declared to be JSON.
template <class Read>
auto read_body(const Parts& parts, const http::Request& request, Read read)
    -> std::expected<std::invoke_result_t<Read&, json::Object&>, http::Response>;

// ?before=ID&limit=N of lists that are read page by page, newest first.
struct PageOfList {
    std::int64_t before = 0;  // 0 = from the start
    std::int32_t limit = 50;
};

inline constexpr std::int32_t page_limit = 200;
inline constexpr Reason bad_page{"api.bad_page", Kind::invalid};

Outcome<PageOfList> page_of(const http::Request& request);

inline constexpr Reason bad_idempotency_key{"api.bad_idempotency_key", Kind::invalid};

// The request as its Idempotency-Key makes it known; nothing where it has none. A key is its sender's own:
// `operation` and the actor are part of it. Printable ASCII, at most 255 bytes.
Outcome<std::optional<db::IdempotentRequest>> idempotent(const http::Request& request,
                                                         const shop::Scope& scope,
                                                         std::string_view operation);

// Half of read_body that doesn't depend on the command.
std::expected<json::Document, http::Response> parse_body(const Parts& parts, const http::Request& request);

template <class Read>
auto read_body(const Parts& parts, const http::Request& request, Read read)
    -> std::expected<std::invoke_result_t<Read&, json::Object&>, http::Response> {
    auto document = parse_body(parts, request);
    if (!document) return std::unexpected(std::move(document).error());
    json::Object in = document->object();
    auto command = read(in);
    const auto faults = document->faults();
    if (!faults.empty()) return std::unexpected(parts.errors.refused(request, faults));
    return command;
}

}  // namespace cartwright::api
