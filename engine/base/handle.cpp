#include "base/handle.hpp"

#include "base/icu.hpp"
#include "base/text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>

#include <algorithm>
#include <array>
#include <memory>

namespace cartwright {

namespace {

constexpr std::size_t max_title_bytes = 1024;
constexpr char32_t first_russian = U'а';

// а…я, then ё apart. ъ and ь have no sound of their own.
constexpr std::array<std::string_view, 32> russian{
    "a", "b", "v", "g", "d", "e",  "zh", "z",  "i",  "y",    "k", "l", "m", "n", "o",  "p",
    "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "",  "y", "",  "e", "yu", "ya"};

bool is_handle_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Composed, compatible forms (ﬁ, №, full-width letters) resolved, lower case, soft hyphens gone.
icu::UnicodeString simplified(std::string_view title) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(error);
    expect_icu(error, "fold case");
    const auto text = to_utf16(title);
    icu::UnicodeString folded = folding->normalize(text, error);
    expect_icu(error, "fold a title");
    return folded;
}

// One a thread: making it takes milliseconds.
const icu::Transliterator& romanizer() {
    thread_local const std::unique_ptr<icu::Transliterator> made = [] {
        UErrorCode error = U_ZERO_ERROR;
        std::unique_ptr<icu::Transliterator> transliterator(
            icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, error));
        expect_icu(error, "romanize");
        return transliterator;
    }();
    return *made;
}

std::string romanized(std::string_view title) {
    const icu::UnicodeString folded = simplified(title);
    icu::UnicodeString rest;
    bool is_ascii = true;
    for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
        const auto character = static_cast<char32_t>(folded.char32At(i));
        if (character >= first_russian && character < first_russian + russian.size()) {
            const std::string_view latin = russian[character - first_russian];
            rest.append(to_utf16(latin));
        } else if (character == U'ё') {
            rest.append(u"yo", 2);
        } else {
            is_ascii = is_ascii && character < 0x80;
            rest.append(static_cast<UChar32>(character));
        }
    }
    if (!is_ascii) {
        romanizer().transliterate(rest);
    }
    return to_utf8(rest);
}

}  // namespace

Outcome<Handle> Handle::parse(std::string_view text) {
    const auto is_allowed = [](char c) { return is_handle_character(c) || c == '-'; };
    if (text.empty() || text.size() > max_bytes || text.front() == '-' || text.back() == '-' ||
        !std::ranges::all_of(text, is_allowed)) {
        return refuse(bad_handle, "handle");
    }
    return Handle(std::string(text));
}

std::optional<Handle> make_handle(std::string_view title, std::size_t max_bytes) {
    std::string text;
    for (const char c : romanized(utf8_prefix(title, max_title_bytes))) {
        if (is_handle_character(c)) {
            text += c;
        } else if (c != '\'' && !text.empty() && text.back() != '-') {
            text += '-';
        }
    }
    const std::size_t limit = std::min(max_bytes, Handle::max_bytes);
    if (text.size() > limit) {
        const std::size_t word_end = text.rfind('-', limit);
        text.resize(word_end == std::string::npos ? limit : word_end);
    }
    while (text.ends_with('-')) {
        text.pop_back();
    }
    auto handle = Handle::parse(text);
    if (!handle) {
        return std::nullopt;
    }
    return std::move(*handle);
}

}  // namespace cartwright
