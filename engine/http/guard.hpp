// The first reader of a request's bytes, and the only one: decides whether they are one well-formed HTTP/1
// head, where its body begins and how the body is framed. A pure function of bytes. It is stricter than
// RFC 9112 wherever leniency has let two servers in a row see different requests (CRLF only, no folding,
// one Host, exactly "chunked"), and lenient only in spelling (case, white space around values).
//
// decisions/0020 says why no library's parser stands behind it.
#pragma once

#include "http/message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::http {

// Limits of a head. Trackers' cookies need more than the 8 KiB of common servers; a browser sends about 20
// fields, a proxy in front adds five.
inline constexpr std::size_t max_head_bytes = 16 << 10;  // more: 431
inline constexpr std::size_t max_request_line = 8000;    // more: 414 (RFC 9112 3 asks for at least 8,000)
inline constexpr std::size_t max_fields = 100;           // more: 431
inline constexpr std::size_t max_host_bytes = 255;       // longest name of the DNS

enum class Framing : std::uint8_t { none, length, chunked };

enum class Expect : std::uint8_t { nothing, continue_100, unknown };

// Views point into the bytes that were parsed; `host` into the Head itself, so a Head is not copied.
struct Head {
    Head() = default;
    Head(const Head&) = delete;
    Head& operator=(const Head&) = delete;

    Method method = Method::get;
    std::string_view method_text;
    unsigned version_minor = 1;
    std::string_view target;  // origin form, of the absolute form too; "*" for OPTIONS *
    std::string_view path;    // of `target`, still percent-encoded
    std::string_view query;   // of `target`, without the question mark
    std::string_view host;    // lower case, no port, no trailing dot; "" only in HTTP/1.0 without Host
    Framing framing = Framing::none;
    std::uint64_t length = 0;  // of Framing::length
    bool keep_alive = true;
    Expect expect = Expect::nothing;

    // Fields that a handler may see, in order. Left out: names with an underscore (CGI-like code behind us
    // would take Content_Length for Content-Length; nginx drops them too), and what follows here.
    std::array<Field, max_fields> fields;
    std::size_t field_count = 0;

    // Claims of a proxy; to be believed only if the peer is a configured one. Of several the last counts,
    // which the nearest proxy wrote.
    std::string_view forwarded_for;
    std::string_view forwarded_proto;
    std::string_view forwarded_host;
    std::string_view request_id;

    std::array<char, max_host_bytes> host_bytes;
};

// Reads one head from a growing piece of memory. `feed` is given all bytes since the head's first one each
// time and looks only at the new ones; the memory must not move between calls.
class Guard {
public:
    enum class Verdict : std::uint8_t { more, head, refused };

    explicit Guard(Head& head) noexcept : head_(&head) {}

    Verdict feed(std::string_view bytes);

    // After `head`: the bytes of the head, to the end of its empty line. The body begins there.
    std::size_t size() const noexcept { return at_; }

    // After `refused`: 400, 405, 414, 431, 501 or 505. Nothing after these bytes may be read as a request.
    int status() const noexcept { return status_; }

    // Some byte of a request has come (a lone CRLF before it does not count).
    bool begun() const noexcept { return begun_; }

    // Forgets everything, for the next head.
    void reset() noexcept;

private:
    Verdict refuse(int status) noexcept;
    bool request_line(std::string_view line);
    bool field_line(std::string_view line);
    bool whole_head();
    bool parse_target(std::string_view target);
    bool take_host(std::string_view authority);

    Head* head_;
    std::size_t at_ = 0;          // next byte to look at
    std::size_t line_ = 0;        // first byte of the current line
    std::size_t line_count_ = 0;  // field lines, dropped ones too
    int status_ = 0;
    int deferred_status_ = 0;  // a well-formed request that is refused anyway
    bool begun_ = false;
    bool have_request_line_ = false;
    bool have_host_ = false;
    bool target_names_host_ = false;
    bool have_transfer_encoding_ = false;
    bool have_length_ = false;
    bool says_close_ = false;
    bool says_keep_alive_ = false;
};

// `authority` without userinfo: host and optional port (RFC 3986 3.2.2, 3.2.3). Writes the canonical name
// (lower case, port and trailing dot cut off) to `into` and returns it; nullopt if it is malformed.
std::optional<std::string_view> canonical_host(std::string_view authority,
                                               std::array<char, max_host_bytes>& into) noexcept;

// tchar of RFC 9110 5.6.2.
bool is_token(std::string_view text) noexcept;

}  // namespace cartwright::http
