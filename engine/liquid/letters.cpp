#include "liquid/letters.hpp"

#include "liquid/render.hpp"
#include "liquid/search.hpp"
#include "liquid/utf8.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringoptions.h>

#include <algorithm>
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

// Ruby knows no context: capital sigma is small sigma at the end of a word, too.
void append_lower(TextBuilder& out, std::string_view text) {
    constexpr std::string_view capital_sigma = "\u03A3";
    while (true) {
        const std::size_t sigma = find_text(text, capital_sigma);
        append_mapped(out, Letters::lower, text.substr(0, sigma));
        if (sigma == std::string_view::npos) {
            return;
        }
        out.append("\u03C3");
        text.remove_prefix(sigma + capital_sigma.size());
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
        append_mapped(out, Letters::upper, text);
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
        append_lower(out, text);
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
        append_lower(out, rest);
    }
    return out.finish();
}

}  // namespace cartwright::liquid
