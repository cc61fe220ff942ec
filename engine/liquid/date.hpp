// Moments for the date filter: read from the many forms that Ruby's Time.parse takes, printed by the directives
// of Ruby's Time#strftime, in English. Not a calendar library: nothing else in the engine knows of time.
#pragma once

#include "liquid/value.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::liquid {

class Render;
struct Clock;

struct Moment {
    std::int64_t unix_seconds = 0;
    std::int32_t nanoseconds = 0;
    std::int32_t offset = 0;     // seconds east of UTC
    std::string_view zone = {};  // abbreviation; none of a bare offset
    bool utc = false;            // told to be in UTC, not in a zone that happens to be there
};

// The largest number of bytes of a text that is read as a date, as in Ruby (Date._parse).
inline constexpr std::size_t longest_date = 128;

// Years from -most_years to most_years are read and printed.
inline constexpr std::int64_t most_years = 1'000'000'000;

Moment now(const Clock& clock);

// In the clock's zone; nullopt: beyond most_years.
std::optional<Moment> at_unix_time(std::int64_t seconds, const Clock& clock);

// Reads text in lower case, ignoring what isn't understood; missing parts are those of now, or the least ones below
// the first that was given. An offset is kept, otherwise it is local time. nullopt: no date, or an impossible one
// (but 30 February is 1 or 2 March, as in Ruby).
std::optional<Moment> parse_date(std::string_view text, const Clock& clock);

// A string, or a failure: a directive without its end, or a text that grew too long.
Value format_date(Render& render, const Moment& moment, std::string_view format);

// Rounded down; b is positive.
constexpr std::int64_t floor_division(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b < 0 ? 1 : 0);
}

constexpr bool is_leap(std::int64_t year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days since 1970-01-01 in the Gregorian calendar; any day of the month is taken, so that 2023-02-30 is 2 March.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day);

struct CalendarDay {
    std::int64_t year;
    std::int32_t month;    // 1..12
    std::int32_t day;      // 1..31
    std::int32_t weekday;  // 0..6 from Sunday
    std::int32_t yearday;  // 0..365
};

CalendarDay calendar_day(std::int64_t days);

}  // namespace cartwright::liquid
