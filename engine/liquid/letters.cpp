#include "liquid/letters.hpp"

#include "liquid/render.hpp"
#include "liquid/utf8.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringoptions.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace cartwright::liquid {

namespace {

class BuilderSink final : public icu::ByteSink {
public:
    explicit BuilderSink(TextBuilder& out) : out_(out) {}

    void Append(const char* bytes, std::int32_t size) override {
        out_.append({bytes, static_cast<std::size_t>(size)});
    }

private:
    TextBuilder& out_;
};

enum class Letters : std::uint8_t { upper, lower, title };

// The root locale's full mapping; title is for one character.
void append_mapped(TextBuilder& out, Letters letters, std::string_view text) {
    BuilderSink sink(out);
    UErrorCode status = U_ZERO_ERROR;
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    switch (letters) {
        case Letters::upper:
            icu::CaseMap::utf8ToUpper("", 0, piece, sink, nullptr, status);
            break;
        case Letters::lower:
            icu::CaseMap::utf8ToLower("", 0, piece, sink, nullptr, status);
            break;
        case Letters::title:
            icu::CaseMap::utf8ToTitle("",
                                      U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_BREAK_ADJUSTMENT,
                                      nullptr,
                                      piece,
                                      sink,
                                      nullptr,
                                      status);
            break;
    }
}

// What becomes of the characters below U+0800, which are one or two bytes long: those of Latin, Greek, Cyrillic,
// Hebrew and Arabic. Ruby knows no context, so capital sigma is an ordinary letter here, unlike ICU's.
class LetterTable {
public:
    explicit LetterTable(Letters letters) {
        for (std::uint32_t code = 0; code < changed_.size(); ++code) {
            const UChar letter = static_cast<UChar>(code);
            std::array<UChar, 8> mapped{};
            UErrorCode status = U_ZERO_ERROR;
            const auto size = letters == Letters::upper
                                  ? u_strToUpper(mapped.data(), std::ssize(mapped), &letter, 1, "", &status)
                                  : u_strToLower(mapped.data(), std::ssize(mapped), &letter, 1, "", &status);
            const bool same_length = size == 1 && mapped[0] < 0x800 && (mapped[0] < 0x80) == (code < 0x80);
            changed_[code] = same_length ? mapped[0] : none;
        }
    }

    // Appends the beginning of the text that the table knows, and returns its size.
    std::size_t append_known(TextBuilder& out, std::string_view text) const {
        char* const begin = out.room(text.size());
        if (begin == nullptr) {
            return text.size();
        }
        std::size_t at = 0;
        while (at < text.size()) {
            const auto lead = static_cast<unsigned char>(text[at]);
            if (lead < 0x80) {
                begin[at] = static_cast<char>(changed_[lead]);
                ++at;
                continue;
            }
            if (lead >= 0xE0) {
                break;
            }
            const char16_t changed = of_two_bytes(text, at);
            if (changed == none) {
                break;
            }
            begin[at] = static_cast<char>(0xC0 | changed >> 6);
            begin[at + 1] = static_cast<char>(0x80 | (changed & 0x3F));
            at += 2;
        }
        out.wrote(at);
        return at;
    }

    // Size of the beginning of valid UTF-8 that it doesn't know, or of a piece of it.
    std::size_t unknown(std::string_view text) const noexcept {
        constexpr std::size_t piece = 4096;
        std::size_t at = 0;
        while (at < std::min(text.size(), piece)) {
            const auto lead = static_cast<unsigned char>(text[at]);
            if (lead < 0x80) {
                break;
            }
            if (lead < 0xE0) {
                if (of_two_bytes(text, at) != none) {
                    break;
                }
                at += 2;
            } else {
                at += lead < 0xF0 ? 3 : 4;
            }
        }
        return at;
    }

private:
    static constexpr char16_t none = 0xFFFF;

    char16_t of_two_bytes(std::string_view text, std::size_t at) const noexcept {
        return changed_[(static_cast<unsigned char>(text[at]) & 0x1FU) << 6 |
                        (static_cast<unsigned char>(text[at + 1]) & 0x3FU)];
    }

    std::array<char16_t, 0x800> changed_{};
};

// `text` is valid UTF-8.
void append_changed_letters(TextBuilder& out, Letters letters, std::string_view text) {
    static const LetterTable upper(Letters::upper);
    static const LetterTable lower(Letters::lower);
    const LetterTable& table = letters == Letters::upper ? upper : lower;
    while (!text.empty() && !out.overflowed()) {
        text.remove_prefix(table.append_known(out, text));
        const std::size_t unknown = table.unknown(text);
        if (unknown != 0) {
            append_mapped(out, letters, text.substr(0, unknown));
            text.remove_prefix(unknown);
        }
    }
}

// U+1C90 to U+1CBF: Ruby knows them as capitals of texts in capitals only, and begins no word with one.
constexpr bool is_georgian_capital(std::string_view character) noexcept {
    return character.size() == 3 && character.starts_with("\xE1\xB2") &&
           static_cast<unsigned char>(character[2]) >= 0x90;
}

constexpr bool is_letter_from(char first, char c) noexcept {
    return static_cast<unsigned char>(c - first) < 26;
}

// The ASCII letters of the alphabet that begins with `first` change to the other one.
bool has_letter_from(char first, std::string_view text) noexcept {
    unsigned found = 0;
    for (const char c : text) {
        found |= static_cast<unsigned>(is_letter_from(first, c));
    }
    return found != 0;
}

void append_changed(TextBuilder& out, char first, std::string_view text) {
    char* to = out.room(text.size());
    if (to == nullptr) {
        return;
    }
    std::ranges::transform(
        text, to, [first](char c) { return is_letter_from(first, c) ? static_cast<char>(c ^ 0x20) : c; });
    out.wrote(text.size());
}

// Only ASCII letters are letters of a text that isn't UTF-8.
bool has_only_ascii_letters(std::string_view text) noexcept {
    return is_ascii(text) || !is_utf8(text);
}

}  // namespace

Value in_capital_letters(Render& render, std::string_view text) {
    const bool simple = has_only_ascii_letters(text);
    if (simple && !has_letter_from('a', text)) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size());
    if (simple) {
        append_changed(out, 'a', text);
    } else {
        append_changed_letters(out, Letters::upper, text);
    }
    return out.finish();
}

Value in_small_letters(Render& render, std::string_view text) {
    const bool simple = has_only_ascii_letters(text);
    if (simple && !has_letter_from('A', text)) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size());
    if (simple) {
        append_changed(out, 'A', text);
    } else {
        append_changed_letters(out, Letters::lower, text);
    }
    return out.finish();
}

Value capitalized(Render& render, std::string_view text) {
    const bool simple = has_only_ascii_letters(text);
    const std::string_view first = simple ? text.substr(0, 1) : first_character(text);
    const std::string_view rest = text.substr(first.size());
    if (simple && !has_letter_from('a', first) && !has_letter_from('A', rest)) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size());
    if (simple) {
        append_changed(out, 'a', first);
        append_changed(out, 'A', rest);
    } else {
        append_mapped(out, is_georgian_capital(first) ? Letters::lower : Letters::title, first);
        append_changed_letters(out, Letters::lower, rest);
    }
    return out.finish();
}

}  // namespace cartwright::liquid
