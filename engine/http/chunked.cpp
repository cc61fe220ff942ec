#include "http/chunked.hpp"

#include "http/guard.hpp"

#include <algorithm>

namespace cartwright::http {
namespace {

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool token_byte(char c) noexcept {
    return is_token(std::string_view(&c, 1));
}

// HTAB, SP, VCHAR, obs-text
bool text_byte(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool space(char c) noexcept {
    return c == ' ' || c == '\t';
}

}  // namespace

// Fields that frame or route a message, carry credentials or change how it is understood may not come
// after it (RFC 9110 6.5.1). A sender of one means to be misread somewhere, so the request is refused.
bool ChunkedBody::trailer_forbidden() const noexcept {
    const std::string_view name(name_.data(), std::min(name_size_, name_.size()));
    if (name_size_ > name_.size()) return name.starts_with("content-");
    static constexpr std::array<std::string_view, 25> forbidden{"age",
                                                                "authorization",
                                                                "cache-control",
                                                                "connection",
                                                                "cookie",
                                                                "date",
                                                                "expect",
                                                                "expires",
                                                                "host",
                                                                "keep-alive",
                                                                "location",
                                                                "max-forwards",
                                                                "origin",
                                                                "pragma",
                                                                "proxy-authenticate",
                                                                "proxy-authorization",
                                                                "proxy-connection",
                                                                "range",
                                                                "referer",
                                                                "set-cookie",
                                                                "te",
                                                                "trailer",
                                                                "transfer-encoding",
                                                                "upgrade",
                                                                "via"};
    return name.starts_with("content-") || name.starts_with("if-") ||
           std::binary_search(forbidden.begin(), forbidden.end(), name);
}

// One byte outside of a chunk's data. `more` = go on.
ChunkedBody::Verdict ChunkedBody::line_byte(char c) noexcept {
    const auto go = [this](State to) {
        state_ = to;
        return Verdict::more;
    };
    const auto after_size = [&](bool space_allowed) {
        if (c == '\r') return go(State::size_newline);
        if (c == ';') return go(State::extension_name_first);
        if (space_allowed && space(c)) return go(State::extension_space);
        return Verdict::malformed;
    };
    if (state_ >= State::extension_space && state_ <= State::extension_quoted_end &&
        ++extension_bytes_ > max_chunk_extension_bytes) {
        return Verdict::malformed;
    }
    if (state_ >= State::trailer_first && state_ <= State::trailer_newline &&
        ++trailer_bytes_ > max_trailer_bytes) {
        return Verdict::malformed;
    }
    switch (state_) {
        case State::size_first:
        case State::size: {
            const int digit = hex_value(c);
            if (digit < 0) return state_ == State::size ? after_size(true) : Verdict::malformed;
            if (++digits_ > max_chunk_size_digits) return Verdict::malformed;
            size_ = (size_ << 4) | static_cast<std::uint64_t>(digit);
            return go(State::size);
        }
        // chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), RFC 9112 7.1.1
        case State::extension_space:
            if (space(c)) return Verdict::more;
            return c == ';' ? go(State::extension_name_first) : Verdict::malformed;
        case State::extension_name_first:
            if (space(c)) return Verdict::more;
            return token_byte(c) ? go(State::extension_name) : Verdict::malformed;
        case State::extension_name:
            if (token_byte(c)) return Verdict::more;
            if (c == '=') return go(State::extension_value_first);
            if (space(c)) return go(State::extension_name_space);
            return after_size(false);
        case State::extension_name_space:
            if (space(c)) return Verdict::more;
            if (c == '=') return go(State::extension_value_first);
            return c == ';' ? go(State::extension_name_first) : Verdict::malformed;
        case State::extension_value_first:
            if (space(c)) return Verdict::more;
            if (c == '"') return go(State::extension_quoted);
            return token_byte(c) ? go(State::extension_token) : Verdict::malformed;
        case State::extension_token:
            return token_byte(c) ? Verdict::more : after_size(true);
        case State::extension_quoted:
            if (c == '"') return go(State::extension_quoted_end);
            if (c == '\\') return go(State::extension_escaped);
            return text_byte(c) ? Verdict::more : Verdict::malformed;
        case State::extension_escaped:
            return text_byte(c) ? go(State::extension_quoted) : Verdict::malformed;
        case State::extension_quoted_end:
            return after_size(true);
        case State::size_newline:
            if (c != '\n') return Verdict::malformed;
            if (size_ == 0) return go(State::trailer_first);
            if (size_ > limit_ - decoded_) return Verdict::too_large;
            return go(State::data);
        case State::data_return:
            return c == '\r' ? go(State::data_newline) : Verdict::malformed;
        case State::data_newline:
            digits_ = 0;
            return c == '\n' ? go(State::size_first) : Verdict::malformed;
        case State::trailer_first:
            if (c == '\r') return go(State::last_newline);
            name_size_ = 0;
            [[fallthrough]];
        case State::trailer_name:
            if (c == ':' && name_size_ > 0) {
                return trailer_forbidden() ? Verdict::malformed : go(State::trailer_value);
            }
            if (!token_byte(c)) return Verdict::malformed;
            if (name_size_ < name_.size()) {
                name_[name_size_] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
            }
            ++name_size_;
            return go(State::trailer_name);
        case State::trailer_value:
            if (c == '\r') return go(State::trailer_newline);
            return text_byte(c) ? Verdict::more : Verdict::malformed;
        case State::trailer_newline:
            return c == '\n' ? go(State::trailer_first) : Verdict::malformed;
        case State::last_newline:
            if (c != '\n') return Verdict::malformed;
            state_ = State::over;
            return Verdict::end;
        case State::data:
        case State::over:
        case State::broken:
            break;
    }
    return Verdict::malformed;
}

ChunkedBody::Step ChunkedBody::next(std::string_view bytes) noexcept {
    if (state_ == State::over) return {Verdict::end, 0, {}};
    Step step;
    while (step.taken < bytes.size()) {
        if (state_ == State::data) {
            const auto size =
                static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size() - step.taken));
            step.data = bytes.substr(step.taken, size);
            step.taken += size;
            step.verdict = Verdict::data;
            size_ -= size;
            decoded_ += size;
            if (size_ == 0) state_ = State::data_return;
            return step;
        }
        step.verdict = line_byte(bytes[step.taken]);
        ++step.taken;
        if (step.verdict == Verdict::more) continue;
        if (step.verdict != Verdict::end) state_ = State::broken;
        return step;
    }
    step.verdict = state_ == State::broken ? Verdict::malformed : Verdict::more;
    return step;
}

}  // namespace cartwright::http
