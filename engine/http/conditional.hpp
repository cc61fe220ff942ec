// Conditional requests (RFC 9110 section 13) and ranges (section 14): what a client already has, and which
// bytes it wants. Pure functions of fields and validators.
#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {

// What identifies a representation. `etag` with its quotes, "" = none; a weak one starts with W/.
// `last_modified` in seconds since 1970, 0 = none.
struct Validators {
    std::string_view etag;
    std::int64_t last_modified = 0;
};

enum class Precondition : std::uint8_t {
    proceed,
    not_modified,  // 304
    failed,        // 412
};

// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110
// 13.2.2. `exists`: there is a current representation (matters for "*").
Precondition evaluate(const Request& request, const Validators& validators, bool exists = true);

// "a" of `list` matches `etag` weakly or strongly (RFC 9110 8.8.3.2); "*" matches anything. A malformed
// member matches nothing.
bool matches_weakly(std::string_view list, std::string_view etag) noexcept;
bool matches_strongly(std::string_view list, std::string_view etag) noexcept;

// A strong entity tag of these bytes.
std::string make_etag(std::string_view body);

// The same representation in another encoding is another one: "abc" → "abc-br".
std::string etag_for(std::string_view etag, Encoding encoding);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7). Reading takes the two obsolete forms too; a two-digit
// year lies at most 50 years ahead of `now`.
std::string http_date(std::int64_t seconds);
std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now) noexcept;

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;

    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// Which part of a body of `size` bytes is wanted. No ranges and satisfiable: the whole (the field is
// malformed, of another unit, or abusive: more than 8 ranges, or overlapping ones that would send more than
// the whole). Ranges that touch are joined. Not satisfiable: 416.
struct Ranges {
    static constexpr std::size_t most = 8;  // a PDF reader asks for three or four

    bool satisfiable = true;
    std::vector<ByteRange> ranges;
};

Ranges parse_ranges(std::string_view range, std::uint64_t size);

// Whether If-Range, if it is there, names this very representation (strong comparison, RFC 9110 13.1.5).
bool if_range_holds(const Request& request, const Validators& validators);

// Answers a GET whose body is at hand with 206 or 416 where it asks for ranges, 200 as it is otherwise. Text
// bodies may be split into several ranges (multipart/byteranges, with that boundary); of a file only one
// range is sent, and several make it whole. Other statuses and methods pass through.
void apply_range(const Request& request, Response& response, std::string_view boundary);

// Turns a 200 into 304 or 412 where the request's conditions say so, by the response's own ETag and
// Last-Modified. The fields that a 304 has to repeat stay (RFC 9110 15.4.5). Answers true if it did.
bool apply_conditions(const Request& request, Response& response);

}  // namespace cartwright::http
