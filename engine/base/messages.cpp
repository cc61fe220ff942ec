#include "base/messages.hpp"

#include "base/file.hpp"
#include "base/icu.hpp"
#include "base/locale.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

#include <fmt/format.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>
#include <unicode/plurrule.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace cartwright {

namespace {

constexpr std::size_t max_pattern_bytes = 8 * 1024;

// Apostrophes quote in ICU's syntax, braces hold values: without both the pattern is the message.
bool is_plain(std::string_view pattern) {
    return pattern.find_first_of("{}'") == std::string_view::npos;
}

// The parts of a pattern are a flat list in which each start knows its limit.
using Part = icu::MessagePattern::Part;

bool is_number_argument(UMessagePatternArgType type) {
    return type == UMSGPAT_ARG_TYPE_SIMPLE || type == UMSGPAT_ARG_TYPE_PLURAL ||
           type == UMSGPAT_ARG_TYPE_SELECTORDINAL;
}

// The names of values that the pattern counts or writes as numbers.
std::set<std::string, std::less<>> number_names(const icu::MessagePattern& pattern) {
    std::set<std::string, std::less<>> names;
    for (std::int32_t i = 0; i < pattern.countParts(); ++i) {
        const Part& part = pattern.getPart(i);
        if (part.getType() == UMSGPAT_PART_TYPE_ARG_START && is_number_argument(part.getArgType())) {
            names.insert(to_utf8(pattern.getSubstring(pattern.getPart(i + 1))));
        }
    }
    return names;
}

// The forms that the plural which starts at part `start` lacks.
std::vector<std::string> lacking_forms(const icu::MessagePattern& pattern,
                                       std::int32_t start,
                                       const icu::Locale& locale) {
    const UPluralType type = pattern.getPart(start).getArgType() == UMSGPAT_ARG_TYPE_SELECTORDINAL
                                 ? UPLURAL_TYPE_ORDINAL
                                 : UPLURAL_TYPE_CARDINAL;
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::PluralRules> rules(icu::PluralRules::forLocale(locale, type, error));
    const std::unique_ptr<icu::StringEnumeration> keywords(U_FAILURE(error) ? nullptr
                                                                            : rules->getKeywords(error));
    std::set<std::string> wanted;
    while (keywords != nullptr) {
        const char* const keyword = keywords->next(nullptr, error);
        if (keyword == nullptr || U_FAILURE(error)) break;
        wanted.insert(keyword);
    }
    for (std::int32_t i = start + 1; i < pattern.getLimitPartIndex(start); ++i) {
        const Part& part = pattern.getPart(i);
        if (part.getType() == UMSGPAT_PART_TYPE_ARG_SELECTOR)
            wanted.erase(to_utf8(pattern.getSubstring(part)));
        if (part.getType() == UMSGPAT_PART_TYPE_MSG_START) i = pattern.getLimitPartIndex(i);
    }
    return {wanted.begin(), wanted.end()};
}

void check_pattern(const std::string& language, const std::string& key, const std::string& text) {
    const auto complain = [&](std::string_view what) {
        throw BadCatalogue(fmt::format("messages of {}: {}: {}", language, key, what));
    };
    if (text.size() > max_pattern_bytes) complain("it is longer than 8 KiB");
    if (is_plain(text)) return;
    UErrorCode error = U_ZERO_ERROR;
    UParseError place{};
    icu::MessagePattern pattern(error);
    pattern.parse(to_utf16(text), &place, error);
    if (U_FAILURE(error))
        complain(fmt::format("not good at character {}: {}", place.offset, u_errorName(error)));
    if (pattern.hasNumberedArguments()) complain("its values have numbers; give them names");
    const icu::Locale locale = icu_locale(language);
    for (std::int32_t i = 0; i < pattern.countParts(); ++i) {
        const Part& part = pattern.getPart(i);
        if (part.getType() != UMSGPAT_PART_TYPE_ARG_START ||
            !UMSGPAT_ARG_TYPE_HAS_PLURAL_STYLE(part.getArgType())) {
            continue;
        }
        const auto lacking = lacking_forms(pattern, i, locale);
        if (!lacking.empty()) complain(fmt::format("its plural has no form \"{}\"", lacking.front()));
    }
    // What MessagePattern lets through: kinds of values that don't exist, styles of numbers.
    const icu::MessageFormat format(to_utf16(text), locale, place, error);
    if (U_FAILURE(error)) complain(u_errorName(error));
}

}  // namespace

Catalogues Catalogues::read(const std::filesystem::path& folder) {
    std::map<std::string, std::string> texts;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".toml") continue;
        try {
            texts.emplace(entry.path().stem().string(), read_file(entry.path(), toml_max_bytes));
        } catch (const std::system_error& error) {
            throw BadCatalogue(error.what());
        }
    }
    return parse(texts);
}

Catalogues Catalogues::parse(const std::map<std::string, std::string>& texts) {
    auto all = std::make_shared<std::map<std::string, Words, std::less<>>>();
    for (const auto& [language, text] : texts) {
        if (!is_locale(language)) {
            throw BadCatalogue(fmt::format("messages of {}: not a language", language));
        }
        Words& words = (*all)[language];
        try {
            for (TomlEntry& entry : read_toml(text)) {
                auto* const pattern = std::get_if<std::string>(&entry.value);
                if (pattern == nullptr) {
                    throw BadCatalogue(fmt::format("messages of {}: {} is not a text", language, entry.name));
                }
                check_pattern(language, entry.name, *pattern);
                words.emplace(std::move(entry.name), std::move(*pattern));
            }
        } catch (const BadToml& error) {
            throw BadCatalogue(
                fmt::format("messages of {}: line {}: {}", language, error.line(), error.what()));
        }
    }
    if (!all->contains(fallback)) throw BadCatalogue(fmt::format("there are no messages of {}", fallback));
    Catalogues catalogues;
    for (const auto& [language, words] : *all) catalogues.languages_.emplace_back(language);
    const auto first = std::ranges::find(catalogues.languages_, fallback);
    std::rotate(catalogues.languages_.begin(), first, first + 1);
    catalogues.words_ = std::move(all);
    return catalogues;
}

std::optional<Catalogues::Found> Catalogues::find(std::string_view locale, std::string_view key) const {
    const auto in = [&](std::string_view language) -> std::optional<Found> {
        const auto words = words_->find(language);
        if (words == words_->end()) return std::nullopt;
        const auto word = words->second.find(key);
        if (word == words->second.end()) return std::nullopt;
        return Found{.language = words->first, .pattern = word->second};
    };
    while (!locale.empty()) {
        if (auto found = in(locale)) return found;
        const std::size_t dash = locale.find_last_of("-_");
        locale = dash == std::string_view::npos ? std::string_view() : locale.substr(0, dash);
    }
    return in(fallback);
}

std::vector<std::string> Catalogues::missing(std::string_view language) const {
    std::set<std::string> keys;
    const auto own = words_->find(language);
    for (const auto& [other, words] : *words_) {
        for (const auto& [key, pattern] : words) {
            if (own == words_->end() || !own->second.contains(key)) keys.insert(key);
        }
    }
    return {keys.begin(), keys.end()};
}

struct Messages::Format {
    icu::MessageFormat compiled;
    std::set<std::string, std::less<>> numbers;
};

Messages::Messages(const Catalogues& catalogues) : catalogues_(&catalogues) {}

Messages::~Messages() = default;

const Messages::Format& Messages::format_of(const Catalogues::Found& found) const {
    auto& kept = formats_[found.pattern.data()];
    if (kept == nullptr) {
        UErrorCode error = U_ZERO_ERROR;
        const icu::UnicodeString pattern = to_utf16(found.pattern);
        UParseError place{};
        icu::MessageFormat compiled(pattern, icu_locale(found.language), place, error);
        const icu::MessagePattern parts(pattern, &place, error);
        if (U_FAILURE(error))
            throw BadCatalogue(fmt::format("a message that was good: {}", u_errorName(error)));
        kept = std::make_unique<const Format>(Format{.compiled = compiled, .numbers = number_names(parts)});
    }
    return *kept;
}

std::optional<std::string> Messages::find(std::string_view locale,
                                          std::string_view key,
                                          MessageValues values) const {
    const auto found = catalogues_->find(locale, key);
    if (!found) return std::nullopt;
    if (is_plain(found->pattern)) return std::string(found->pattern);
    const Format& format = format_of(*found);
    std::vector<icu::UnicodeString> names;
    std::vector<icu::Formattable> arguments;
    for (const auto& [name, value] : values) {
        names.push_back(to_utf16(name));
        const auto number = format.numbers.contains(name) ? parse_int64(value) : std::nullopt;
        arguments.emplace_back(number ? icu::Formattable(*number) : icu::Formattable(to_utf16(value)));
    }
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeString out;
    format.compiled.format(
        names.data(), arguments.data(), static_cast<std::int32_t>(names.size()), out, error);
    // A plural without its number: the words as they stand tell more than nothing.
    return U_FAILURE(error) ? std::string(found->pattern) : to_utf8(out);
}

std::string Messages::text(std::string_view locale, std::string_view key, MessageValues values) const {
    if (auto told = find(locale, key, values)) return *std::move(told);
    ++missed_;
    return std::string(key);
}

}  // namespace cartwright
