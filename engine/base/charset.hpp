// Bytes in the encodings that spreadsheets and accounting programs save in, made UTF-8 piece by piece. Which
// encoding it is, is guessed where nobody says: a byte order mark, zero bytes at every second place, good
// UTF-8, and else windows-1251, which is what Russian programs mean by "text".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright {

enum class Charset : std::uint8_t { utf8, utf16le, utf16be, windows1251 };

class TextDecoder {
public:
    // Nothing: guess.
    explicit TextDecoder(std::optional<Charset> charset = std::nullopt) : charset_(charset) {}

    // Takes the next bytes and appends what they say to `out`, always well-formed UTF-8 without NUL and byte
    // order mark. Holds back a few kilobytes at most while it can't decide, and less than a character later;
    // `is_last` ends that. False where the bytes are not of the encoding, then and ever after; `out` has what
    // was good before.
    bool add(std::string_view bytes, bool is_last, std::string& out);

    // Nothing as long as the text could be of several (only ASCII so far).
    std::optional<Charset> charset() const noexcept { return charset_; }

private:
    bool decide(bool is_last, std::string& out);
    bool decode(bool is_last, std::string& out);
    bool decode_utf8(bool is_last, std::string& out);
    bool decode_utf16(bool is_last, std::string& out);
    bool decode_windows1251(std::string& out);

    std::optional<Charset> charset_;
    std::string held_;
    bool began_ = false;
    bool failed_ = false;
};

}  // namespace cartwright
