#include "base/charset.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace cartwright {

namespace {

// Enough to see a byte order mark and the zero bytes of UTF-16 in digits and separators.
constexpr std::size_t first_look_bytes = 1024;

// Enough letters to tell UTF-8 from windows-1251: each Russian letter that follows another halves the chance
// of good UTF-8.
constexpr std::size_t second_look_bytes = 4096;

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view utf16le_mark = "\xFF\xFE";
constexpr std::string_view utf16be_mark = "\xFE\xFF";

// 0x80 to 0xFF, by the Unicode Consortium's table CP1251.TXT; 0x98 means nothing there.
constexpr std::array<char16_t, 128> windows1251{
    0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x0409, 0x2039, 0x040A,
    0x040C, 0x040B, 0x040F, 0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0xFFFD, 0x2122,
    0x0459, 0x203A, 0x045A, 0x045C, 0x045B, 0x045F, 0x00A0, 0x040E, 0x045E, 0x0408, 0x00A4, 0x0490, 0x00A6,
    0x00A7, 0x0401, 0x00A9, 0x0404, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x0407, 0x00B0, 0x00B1, 0x0406, 0x0456,
    0x0491, 0x00B5, 0x00B6, 0x00B7, 0x0451, 0x2116, 0x0454, 0x00BB, 0x0458, 0x0405, 0x0455, 0x0457, 0x0410,
    0x0411, 0x0412, 0x0413, 0x0414, 0x0415, 0x0416, 0x0417, 0x0418, 0x0419, 0x041A, 0x041B, 0x041C, 0x041D,
    0x041E, 0x041F, 0x0420, 0x0421, 0x0422, 0x0423, 0x0424, 0x0425, 0x0426, 0x0427, 0x0428, 0x0429, 0x042A,
    0x042B, 0x042C, 0x042D, 0x042E, 0x042F, 0x0430, 0x0431, 0x0432, 0x0433, 0x0434, 0x0435, 0x0436, 0x0437,
    0x0438, 0x0439, 0x043A, 0x043B, 0x043C, 0x043D, 0x043E, 0x043F, 0x0440, 0x0441, 0x0442, 0x0443, 0x0444,
    0x0445, 0x0446, 0x0447, 0x0448, 0x0449, 0x044A, 0x044B, 0x044C, 0x044D, 0x044E, 0x044F};

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&out](std::uint32_t bits) { out += static_cast<char>(0x80U | (bits & 0x3FU)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(code);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(code >> 6U);
        tail(code);
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        tail(code >> 12U);
        tail(code >> 6U);
        tail(code);
    }
}

// In UTF-16 every second byte is the high one: zero for ASCII, 4 for Cyrillic. It comes second where the low
// byte is first. Text in other scripts has its byte order mark.
std::optional<Charset> guess_utf16(std::string_view text) {
    std::array<std::size_t, 2> zeros{};
    std::array<std::size_t, 2> likely{};
    for (std::size_t i = 0; i < text.size(); ++i) {
        zeros[i % 2] += text[i] == '\0' ? 1U : 0U;
        likely[i % 2] += text[i] == '\0' || text[i] == '\4' ? 1U : 0U;
    }
    const auto is_high = [&](std::size_t place) {
        return zeros[place] > zeros[1 - place] && likely[place] * 4 >= text.size();
    };
    if (is_high(1)) return Charset::utf16le;
    if (is_high(0)) return Charset::utf16be;
    return std::nullopt;
}

// The end of what can be decoded now: `text` may be cut within its last character, up to three bytes of it.
std::optional<std::size_t> good_utf8_bytes(std::string_view text, bool is_last) {
    const std::size_t most_cut = is_last ? 0 : std::min<std::size_t>(3, text.size());
    for (std::size_t cut = 0; cut <= most_cut; ++cut) {
        if (is_utf8(text.substr(0, text.size() - cut))) return text.size() - cut;
    }
    return std::nullopt;
}

}  // namespace

bool TextDecoder::add(std::string_view bytes, bool is_last, std::string& out) {
    if (failed_) return false;
    held_ += bytes;
    const std::size_t before = out.size();
    failed_ = !decode(is_last, out);
    const std::size_t zero = out.find('\0', before);
    if (zero != std::string::npos) {
        out.resize(zero);
        failed_ = true;
    }
    return !failed_;
}

bool TextDecoder::decode(bool is_last, std::string& out) {
    if (!began_) {
        if (held_.size() < first_look_bytes && !is_last) return true;
        began_ = true;
        const auto marked = [this](std::string_view mark, Charset charset) {
            if ((charset_ && *charset_ != charset) || !held_.starts_with(mark)) return;
            held_.erase(0, mark.size());
            charset_ = charset;
        };
        marked(utf8_mark, Charset::utf8);
        marked(utf16le_mark, Charset::utf16le);
        marked(utf16be_mark, Charset::utf16be);
        if (!charset_) charset_ = guess_utf16(std::string_view(held_).substr(0, first_look_bytes));
    }
    if (!charset_ && !decide(is_last, out)) return true;
    switch (*charset_) {
        case Charset::utf8:
            return decode_utf8(is_last, out);
        case Charset::utf16le:
        case Charset::utf16be:
            return decode_utf16(is_last, out);
        case Charset::windows1251:
            break;
    }
    return decode_windows1251(out);
}

// Lets ASCII through until something else comes, and decides on that. False: not yet.
bool TextDecoder::decide(bool is_last, std::string& out) {
    const auto foreign =
        std::ranges::find_if(held_, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    out.append(held_.begin(), foreign);
    held_.erase(held_.begin(), foreign);
    if (held_.empty() || (held_.size() < second_look_bytes && !is_last)) return false;
    const std::string_view sample = std::string_view(held_).substr(0, second_look_bytes);
    const bool is_whole = is_last && sample.size() == held_.size();
    charset_ = good_utf8_bytes(sample, is_whole) ? Charset::utf8 : Charset::windows1251;
    return true;
}

bool TextDecoder::decode_utf8(bool is_last, std::string& out) {
    const auto good = good_utf8_bytes(held_, is_last);
    if (!good) {
        std::string_view rest = held_;
        while (const std::size_t length = utf8_character_bytes(rest)) {
            out += rest.substr(0, length);
            rest.remove_prefix(length);
        }
        return false;
    }
    out.append(held_, 0, *good);
    held_.erase(0, *good);
    return true;
}

bool TextDecoder::decode_utf16(bool is_last, std::string& out) {
    const std::size_t high = charset_ == Charset::utf16le ? 1 : 0;
    const auto unit_at = [&](std::size_t i) {
        return static_cast<std::uint32_t>((static_cast<unsigned char>(held_[i + high]) << 8U) |
                                          static_cast<unsigned char>(held_[i + 1 - high]));
    };
    std::size_t i = 0;
    while (i + 2 <= held_.size()) {
        const std::uint32_t unit = unit_at(i);
        if (unit < 0xD800 || unit > 0xDFFF) {
            append_utf8(out, unit);
            i += 2;
            continue;
        }
        if (unit > 0xDBFF) return false;
        if (i + 4 > held_.size()) break;
        const std::uint32_t low = unit_at(i + 2);
        if (low < 0xDC00 || low > 0xDFFF) return false;
        append_utf8(out, 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00));
        i += 4;
    }
    held_.erase(0, i);
    return !is_last || held_.empty();
}

bool TextDecoder::decode_windows1251(std::string& out) {
    for (const char c : held_) {
        const auto byte = static_cast<unsigned char>(c);
        append_utf8(out, byte < 0x80 ? byte : windows1251[byte - 0x80U]);
    }
    held_.clear();
    return true;
}

}  // namespace cartwright
