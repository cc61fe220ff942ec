#include "base/locale.hpp"

#include "base/decimal.hpp"
#include "base/icu.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <unicode/dcfmtsym.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

namespace cartwright {

namespace {

constexpr std::size_t max_tag_bytes = 64;
constexpr std::size_t max_zone_bytes = 64;
constexpr std::size_t max_typed_bytes = 64;
constexpr std::size_t max_kept = 256;

bool is_name(std::string_view text, std::string_view marks) {
    return !text.empty() && std::ranges::all_of(text, [marks](char c) {
        return (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

// The languages that ICU has data for.
const std::set<std::string, std::less<>>& languages() {
    static const auto all = [] {
        std::set<std::string, std::less<>> known;
        std::int32_t count = 0;
        const icu::Locale* const locales = icu::Locale::getAvailableLocales(count);
        for (std::int32_t i = 0; i < count; ++i) known.insert(locales[i].getLanguage());
        return known;
    }();
    return all;
}

std::unique_ptr<icu::TimeZone> icu_zone(std::string_view name) {
    if (!is_time_zone(name)) name = "Etc/UTC";
    return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(to_utf16(name)));
}

// What one formatter is for; the text holds locale, currency or zone.
enum class Use : std::uint8_t { money, number, percent, date, time, date_time };

struct Key {
    Use use;
    std::uint8_t style;
    std::string text;

    friend auto operator<=>(const Key&, const Key&) = default;
};

struct Separators {
    std::string decimal;
    std::string group;
};

Separators separators_of(const icu::Locale& locale) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::DecimalFormatSymbols symbols(locale, error);
    expect_icu(error, "tell the separators of a locale");
    return {.decimal = to_utf8(symbols.getConstSymbol(icu::DecimalFormatSymbols::kDecimalSeparatorSymbol)),
            .group = to_utf8(symbols.getConstSymbol(icu::DecimalFormatSymbols::kGroupingSeparatorSymbol))};
}

// Space, no-break space, thin space, narrow no-break space: all are typed where a locale groups by one.
constexpr auto spaces = std::to_array<std::string_view>({" ", "\u00A0", "\u2009", "\u202F"});

bool is_space(std::string_view text) {
    return std::ranges::find(spaces, text) != spaces.end();
}

// Takes a separator off the front of `text`.
bool take(std::string_view& text, std::string_view separator) {
    if (is_space(separator)) {
        return std::ranges::any_of(spaces, [&text](std::string_view space) {
            if (!text.starts_with(space)) return false;
            text.remove_prefix(space.size());
            return true;
        });
    }
    if (separator.empty() || !text.starts_with(separator)) return false;
    text.remove_prefix(separator.size());
    return true;
}

std::string take_digits(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string digits(text.substr(0, end));
    text.remove_prefix(end);
    return digits;
}

}  // namespace

struct Formats::Kept {
    std::map<Key, icu::number::LocalizedNumberFormatter> numbers;
    std::map<Key, std::unique_ptr<icu::DateFormat>> dates;
    std::map<std::string, Separators, std::less<>> separators;

    // Keys come from requests; what is thrown away is made again.
    template <class Map>
    static void make_room(Map& map) {
        if (map.size() >= max_kept) map.clear();
    }

    template <class Make>
    std::string number(Key key, std::string_view decimal, const Make& make) {
        auto found = numbers.find(key);
        if (found == numbers.end()) {
            make_room(numbers);
            found = numbers.emplace(std::move(key), make()).first;
        }
        UErrorCode error = U_ZERO_ERROR;
        const auto text =
            found->second.formatDecimal({decimal.data(), static_cast<std::int32_t>(decimal.size())}, error);
        const icu::UnicodeString out = text.toString(error);
        expect_icu(error, "write a number");
        return to_utf8(out);
    }

    std::string moment(Use use, DateStyle style, std::string_view locale, std::string_view zone, Instant at) {
        locale = locale.substr(0, max_tag_bytes);
        zone = zone.substr(0, max_zone_bytes);
        Key key{.use = use,
                .style = static_cast<std::uint8_t>(style),
                .text = fmt::format("{} {}", locale, zone)};
        auto found = dates.find(key);
        if (found == dates.end()) {
            make_room(dates);
            found = dates.emplace(std::move(key), date_format(use, style, locale, zone)).first;
        }
        const auto since = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
        icu::UnicodeString out;
        found->second->format(static_cast<UDate>(since.count()), out);
        return to_utf8(out);
    }

    static std::unique_ptr<icu::DateFormat> date_format(Use use,
                                                        DateStyle style,
                                                        std::string_view locale,
                                                        std::string_view zone) {
        // "yMMdd" asks for a year of all its digits, which CLDR's short style does not give in every locale.
        constexpr auto skeletons = std::to_array<const char*>({"yMMdd", "yMMMd", "yMMMMd"});
        std::string skeleton = use == Use::time ? "" : skeletons[static_cast<std::size_t>(style)];
        if (use != Use::date) skeleton += "jjmm";
        UErrorCode error = U_ZERO_ERROR;
        std::unique_ptr<icu::DateFormat> format(
            icu::DateFormat::createInstanceForSkeleton(to_utf16(skeleton), icu_locale(locale), error));
        expect_icu(error, "write a date");
        format->adoptTimeZone(icu_zone(zone).release());
        return format;
    }
};

Formats::Formats() : kept_(std::make_unique<Kept>()) {}

Formats::~Formats() = default;

std::string Formats::money(std::string_view locale, Money amount) {
    locale = locale.substr(0, max_tag_bytes);
    const Currency currency = amount.currency();
    Key key{.use = Use::money, .style = 0, .text = fmt::format("{} {}", locale, currency.code())};
    return kept_->number(std::move(key), amount.to_decimal(), [&] {
        UErrorCode error = U_ZERO_ERROR;
        const icu::CurrencyUnit unit(icu::StringPiece(currency.code().data(), 3), error);
        expect_icu(error, "write a currency");
        return icu::number::NumberFormatter::withLocale(icu_locale(locale))
            .unit(unit)
            .precision(icu::number::Precision::fixedFraction(static_cast<std::int32_t>(currency.exponent())));
    });
}

std::string Formats::number(std::string_view locale, std::int64_t number) {
    locale = locale.substr(0, max_tag_bytes);
    return kept_->number({.use = Use::number, .style = 0, .text = std::string(locale)},
                         std::to_string(number),
                         [&] { return icu::number::NumberFormatter::withLocale(icu_locale(locale)); });
}

std::string Formats::quantity(std::string_view locale, Quantity quantity) {
    locale = locale.substr(0, max_tag_bytes);
    // The default of ICU is at most six digits behind the point; ours has three.
    return kept_->number({.use = Use::number, .style = 0, .text = std::string(locale)},
                         quantity.to_decimal(),
                         [&] { return icu::number::NumberFormatter::withLocale(icu_locale(locale)); });
}

std::string Formats::percent(std::string_view locale, Rate rate) {
    locale = locale.substr(0, max_tag_bytes);
    return kept_->number(
        {.use = Use::percent, .style = 0, .text = std::string(locale)}, rate.to_percent(), [&] {
            return icu::number::NumberFormatter::withLocale(icu_locale(locale))
                .unit(icu::NoUnit::percent())
                .precision(icu::number::Precision::maxFraction(4));
        });
}

std::string Formats::date(std::string_view locale, std::string_view zone, Instant at, DateStyle style) {
    return kept_->moment(Use::date, style, locale, zone, at);
}

std::string Formats::time(std::string_view locale, std::string_view zone, Instant at) {
    return kept_->moment(Use::time, DateStyle::numeric, locale, zone, at);
}

std::string Formats::date_time(std::string_view locale, std::string_view zone, Instant at, DateStyle style) {
    return kept_->moment(Use::date_time, style, locale, zone, at);
}

std::optional<std::string> Formats::plain_decimal(std::string_view locale, std::string_view typed) {
    typed = trim(typed);
    locale = locale.substr(0, max_tag_bytes);
    if (typed.empty() || typed.size() > max_typed_bytes) return std::nullopt;
    auto found = kept_->separators.find(locale);
    if (found == kept_->separators.end()) {
        Kept::make_room(kept_->separators);
        found = kept_->separators.emplace(std::string(locale), separators_of(icu_locale(locale))).first;
    }
    const auto& [decimal, group] = found->second;
    std::string plain;
    if (take(typed, "-") || take(typed, "\u2212")) plain = "-";
    std::string whole = take_digits(typed);
    if (whole.empty()) return std::nullopt;
    const std::size_t first_group = whole.size();
    while (take(typed, group)) {
        const std::string digits = take_digits(typed);
        if (digits.size() != 3 || first_group > 3) return std::nullopt;
        whole += digits;
    }
    plain += whole;
    if (take(typed, decimal) || (group != "." && take(typed, "."))) {
        const std::string fraction = take_digits(typed);
        if (fraction.empty()) return std::nullopt;
        plain += '.' + fraction;
    }
    if (!typed.empty()) return std::nullopt;
    return plain;
}

bool is_locale(std::string_view tag) {
    if (tag.size() > max_tag_bytes || !is_name(tag, "-")) return false;
    UErrorCode error = U_ZERO_ERROR;
    const auto locale =
        icu::Locale::forLanguageTag({tag.data(), static_cast<std::int32_t>(tag.size())}, error);
    return U_SUCCESS(error) && !locale.isBogus() && languages().contains(locale.getLanguage());
}

bool is_time_zone(std::string_view name) {
    if (name.size() > max_zone_bytes || !is_name(name, "/_+-")) return false;
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeString canonical;
    UBool is_system = 0;
    icu::TimeZone::getCanonicalID(to_utf16(name), canonical, is_system, error);
    return U_SUCCESS(error) && is_system != 0;
}

}  // namespace cartwright
