// Takes a chunked body (RFC 9112 7.1) apart, as strictly as the guard reads heads: CRLF only, sizes of hex
// digits only, extensions by their grammar and bounded, trailers checked, bounded and thrown away. Pure:
// bytes in, pieces of the body out; nothing is copied or kept but counters.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cartwright::http {

// Nobody sends extensions or trailers but attackers and a few proxies; both are bounded for a whole body.
inline constexpr std::size_t max_chunk_extension_bytes = 8 << 10;
inline constexpr std::size_t max_trailer_bytes = 8 << 10;
inline constexpr unsigned max_chunk_size_digits = 16;  // of a 64-bit number

class ChunkedBody {
public:
    enum class Verdict : std::uint8_t {
        more,       // all bytes were taken
        data,       // `data` is the next piece of the body
        end,        // the body and its trailers are over; bytes after `taken` belong to the next request
        malformed,  // 400
        too_large,  // the chunks announce more than the limit: 413
    };

    struct Step {
        Verdict verdict = Verdict::more;
        std::size_t taken = 0;  // bytes of the input that are done with
        std::string_view data;  // a part of the input
    };

    // `limit`: bytes of body, decoded.
    explicit ChunkedBody(std::uint64_t limit) noexcept : limit_(limit) {}

    // Call again with the bytes after `taken` until `more`, `end` or a refusal.
    Step next(std::string_view bytes) noexcept;

    std::uint64_t decoded() const noexcept { return decoded_; }

private:
    enum class State : std::uint8_t {
        size_first,
        size,
        extension_space,
        extension_name_first,
        extension_name,
        extension_name_space,
        extension_value_first,
        extension_token,
        extension_quoted,
        extension_escaped,
        extension_quoted_end,
        size_newline,
        data,
        data_return,
        data_newline,
        trailer_first,
        trailer_name,
        trailer_value,
        trailer_newline,
        last_newline,
        over,
        broken,
    };

    Verdict line_byte(char c) noexcept;
    bool trailer_forbidden() const noexcept;

    State state_ = State::size_first;
    std::uint64_t limit_;
    std::uint64_t size_ = 0;  // left of the current chunk
    std::uint64_t decoded_ = 0;
    unsigned digits_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t trailer_bytes_ = 0;
    std::size_t name_size_ = 0;
    std::array<char, 24> name_;  // the trailer's name in lower case, as far as it matters
};

}  // namespace cartwright::http
