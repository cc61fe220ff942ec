// Numbers, money and dates as people of a language write them, by ICU's data: "1 234,50 ₽" in ru, "₽1,234.50"
// in en (the spaces are no-break). Machines get to_decimal() and RFC 3339 instead.
//
// Amounts go to ICU as decimal texts, never through floating point. A locale is a BCP 47 tag ("ru", "en-GB");
// one that isn't known is written in the neutral way of CLDR's root.
#pragma once

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/quantity.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright {

// Whether it is a tag of BCP 47 whose language ICU has data for.
bool is_locale(std::string_view tag);

// Whether it is a time zone of the IANA database, "Europe/Moscow"; names such as "GMT+3" are not.
bool is_time_zone(std::string_view name);

// What is shown of a moment. numeric "28.02.2026", medium "28 февр. 2026 г.", full "28 февраля 2026 г.".
enum class DateStyle : std::uint8_t { numeric, medium, full };

// One thread's: it keeps ICU's objects, which take tens of microseconds to make, for up to 256 pairs of kind
// and locale. Not safe to share.
class Formats {
public:
    Formats();
    Formats(const Formats&) = delete;
    Formats& operator=(const Formats&) = delete;
    ~Formats();

    // With all digits of the currency and its symbol as the locale has it.
    std::string money(std::string_view locale, Money amount);

    // "1 234 567"
    std::string number(std::string_view locale, std::int64_t number);

    // "1,154" for 1.154: no zeros at the end.
    std::string quantity(std::string_view locale, Quantity quantity);

    // "7,25 %" for 72,500 millionths.
    std::string percent(std::string_view locale, Rate rate);

    // In a time zone of the IANA database; an unknown one counts as UTC.
    std::string date(std::string_view locale,
                     std::string_view zone,
                     Instant at,
                     DateStyle style = DateStyle::numeric);
    std::string time(std::string_view locale, std::string_view zone, Instant at);  // "09:05"
    std::string date_time(std::string_view locale,
                          std::string_view zone,
                          Instant at,
                          DateStyle style = DateStyle::numeric);

    // What a person typed, as the plain decimal that Money::parse and Quantity::parse take: "1 234,5" in ru and
    // "1,234.5" in en are "1234.5". Groups have to be of three digits. Where the dot groups nothing in the
    // locale, it is taken for the comma. Nothing for what is no number, and for more than 64 bytes.
    std::optional<std::string> plain_decimal(std::string_view locale, std::string_view typed);

private:
    struct Kept;

    std::unique_ptr<Kept> kept_;
};

}  // namespace cartwright
