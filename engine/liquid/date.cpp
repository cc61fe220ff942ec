#include "liquid/date.hpp"

#include "liquid/date_parts.hpp"
#include "liquid/digits.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace cartwright::liquid {

namespace {

constexpr std::int64_t seconds_in_day = 86'400;

struct NamedOffset {
    std::string_view name;
    std::int32_t hours;
};

// RFC 2822 (section 4.3) and the military letters.
constexpr std::array<NamedOffset, 36> named_offsets{{
    {"utc", 0},  {"ut", 0},   {"gmt", 0},  {"z", 0},    {"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5},
    {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}, {"a", 1},    {"b", 2},    {"c", 3},    {"d", 4},
    {"e", 5},    {"f", 6},    {"g", 7},    {"h", 8},    {"i", 9},    {"k", 10},   {"l", 11},   {"m", 12},
    {"n", -1},   {"o", -2},   {"p", -3},   {"q", -4},   {"r", -5},   {"s", -6},   {"t", -7},   {"u", -8},
    {"v", -9},   {"w", -10},  {"x", -11},  {"y", -12},
}};

// The fields of Time.utc and Time.local.
struct Fields {
    std::int64_t year = 0;
    std::int64_t month = 1;
    std::int64_t day = 1;
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;

    bool possible() const {
        return std::abs(year) <= most_years && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
               hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60 &&
               (hour < 24 || (minute == 0 && second == 0));
    }

    std::int64_t seconds() const {
        return days_of(year, month, day) * seconds_in_day + hour * 3600 + minute * 60 + second;
    }
};

Fields fields_at(std::int64_t local_seconds) {
    const std::int64_t days = floor_division(local_seconds, seconds_in_day);
    const std::int64_t second = local_seconds - days * seconds_in_day;
    const CalendarDay day = calendar_day(days);
    return {day.year, day.month, day.day, second / 3600, second / 60 % 60, second % 60};
}

// 0: there is no such month.
std::int64_t days_in(std::int64_t year, std::int64_t month) {
    constexpr std::array<std::int64_t, 13> days{31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 0 || month > 12) {
        return 0;
    }
    return days[static_cast<std::size_t>(month)] + (month == 2 && is_leap(year) ? 1 : 0);
}

// From local fields to UTC. As in Ruby the fields needn't be possible yet (24:30 +01:00 is 23:30), and passing the
// end of a month leads to the first day of the next, even from 31 February.
void apply_offset(Fields& fields, std::int64_t offset) {
    std::int64_t carry = -offset;
    const auto carry_into = [&](std::int64_t& part, std::int64_t base) {
        const std::int64_t own = carry % base;
        carry /= base;
        if (own != 0) {
            const std::int64_t sum = part + own;
            carry += floor_division(sum, base);
            part = sum - floor_division(sum, base) * base;
        }
    };
    carry_into(fields.second, 60);
    carry_into(fields.minute, 60);
    carry_into(fields.hour, 24);
    fields.day += carry;
    if (offset < 0) {
        const std::int64_t days = days_in(fields.year, fields.month);
        if (carry != 0 && days != 0 && days < fields.day) {
            fields.day = 1;
            if (++fields.month > 12) {
                fields.month = 1;
                ++fields.year;
            }
        }
    } else if (carry != 0 && fields.day < 1) {
        if (--fields.month < 1) {
            fields.month = 12;
            --fields.year;
        }
        fields.day = days_in(fields.year, fields.month);
    }
}

// The moment of a time on the clock's walls: the earlier one where clocks were set back, a later time where they
// were put forward over it.
std::int64_t from_local(std::int64_t local_seconds, const Clock& clock) {
    const std::int64_t before = clock.offset(local_seconds - seconds_in_day).seconds;
    const std::int64_t after = clock.offset(local_seconds + seconds_in_day).seconds;
    if (clock.offset(local_seconds - before).seconds != before &&
        clock.offset(local_seconds - after).seconds == after) {
        return local_seconds - after;
    }
    return local_seconds - before;
}

Moment local_moment(std::int64_t seconds, const Clock& clock) {
    const ZoneOffset offset = clock.offset(seconds);
    return {.unix_seconds = seconds, .offset = offset.seconds, .zone = offset.abbreviation};
}

bool is_utc(std::string_view zone) {
    return zone == "utc" || zone == "z" || zone == "ut" || zone == "-00:00" || zone == "-0000" ||
           zone == "-00";
}

bool equal_but_case(std::string_view lower, std::string_view other) {
    return std::ranges::equal(lower, other, [](char a, char b) {
        return a == b || (b >= 'A' && b <= 'Z' && a == static_cast<char>(b | 0x20));
    });
}

// +hh, +hhmm, +hh:mm, +hhmmss, +hh:mm:ss.
std::optional<std::int64_t> numeric_offset(std::string_view zone) {
    const auto two = [&](std::size_t at) -> std::int64_t {
        return at + 1 < zone.size() && is_digit(zone[at]) && is_digit(zone[at + 1])
                   ? (zone[at] - '0') * 10 + (zone[at + 1] - '0')
                   : -1;
    };
    if (two(1) < 0) {
        return std::nullopt;
    }
    std::int64_t seconds = two(1) * 3600;
    const bool colon = zone.size() > 3 && zone[3] == ':';
    const std::size_t step = colon ? 3 : 2;
    if (zone.size() > 3) {
        const std::size_t minutes = colon ? 4 : 3;
        if (two(minutes) < 0) {
            return std::nullopt;
        }
        seconds += two(minutes) * 60;
        if (zone.size() > minutes + 2) {
            if (two(minutes + step) < 0 || zone.size() != minutes + step + 2 ||
                (colon && zone[minutes + 2] != ':')) {
                return std::nullopt;
            }
            seconds += two(minutes + step);
        }
    }
    return zone[0] == '-' ? -seconds : seconds;
}

// Of a zone in lower case; nullopt: not known, so the time is local.
std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t year, const Clock& clock) {
    if (zone.starts_with('+') || zone.starts_with('-')) {
        return numeric_offset(zone);
    }
    for (const NamedOffset& named : named_offsets) {
        if (named.name == zone) {
            return std::int64_t{named.hours} * 3600;
        }
    }
    for (const std::int64_t month : {1, 7}) {
        const ZoneOffset offset = clock.offset(
            from_local(days_of(std::clamp(year, -most_years, most_years), month, 1) * seconds_in_day, clock));
        if (equal_but_case(zone, offset.abbreviation)) {
            return offset.seconds;
        }
    }
    return std::nullopt;
}

// Parts to a moment, without regard to a day of the year.
class Builder {
public:
    Builder(const DateParts& parts, const Clock& clock)
        : parts_(parts),
          clock_(clock),
          here_(clock.offset(clock.unix_seconds).seconds),
          assumed_year_(parts.year.value_or(fields_at(clock.unix_seconds + here_).year)),
          offset_(offset_in(assumed_year_)) {}

    std::int64_t assumed_year() const { return assumed_year_; }

    std::optional<Moment> build(std::optional<std::int64_t> month, std::optional<std::int64_t> day) const {
        if (offset_ && std::abs(*offset_) >= seconds_in_day) {
            return std::nullopt;
        }
        Fields fields = fill(month, day);
        const auto offset = fields.year == assumed_year_ ? offset_ : offset_in(fields.year);
        if (offset) {
            apply_offset(fields, *offset);
        }
        if (!fields.possible()) {
            return std::nullopt;
        }
        Moment moment =
            local_moment(offset ? fields.seconds() : from_local(fields.seconds(), clock_), clock_);
        moment.nanoseconds = parts_.nanoseconds.value_or(0);
        if (is_utc(parts_.zone)) {
            moment.offset = 0;
            moment.zone = "UTC";
            moment.utc = true;
        } else if (offset && moment.offset != *offset) {
            moment.offset = static_cast<std::int32_t>(*offset);
            moment.zone = {};
        }
        return moment;
    }

private:
    std::optional<std::int64_t> offset_in(std::int64_t year) const {
        return parts_.zone.empty() ? std::nullopt : zone_offset(parts_.zone, year, clock_);
    }

    // What is above the first given part is taken from now, what is below is the least.
    Fields fill(std::optional<std::int64_t> month, std::optional<std::int64_t> day) const {
        Fields fields = fields_at(clock_.unix_seconds + offset_.value_or(here_));
        bool given = false;
        const auto take = [&given](
                              std::int64_t& field, std::optional<std::int64_t> part, std::int64_t least) {
            given = given || part.has_value();
            field = given ? part.value_or(least) : field;
        };
        take(fields.year, parts_.year, 0);
        take(fields.month, month, 1);
        take(fields.day, day, 1);
        take(fields.hour, parts_.hour, 0);
        take(fields.minute, parts_.minute, 0);
        take(fields.second, parts_.second, 0);
        return fields;
    }

    const DateParts& parts_;
    const Clock& clock_;
    std::int32_t here_;
    std::int64_t assumed_year_;
    std::optional<std::int64_t> offset_;
};

// A day of the year is found as Ruby finds it: by a first guess, which is then corrected by the days it is off.
std::optional<Moment> build_from_yearday(const Builder& builder, std::int64_t yearday) {
    if (yearday < 1 || yearday > 366) {
        return std::nullopt;
    }
    std::int64_t month = (yearday - 1) / 31 + 1;
    std::int64_t day = (yearday - 1) % 31 + 1;
    const std::optional<Moment> guess = builder.build(month, day);
    if (!guess) {
        return std::nullopt;
    }
    const std::int64_t days = floor_division(guess->unix_seconds + guess->offset, seconds_in_day);
    day += yearday - (calendar_day(days).yearday + 1);
    if (const std::int64_t last = days_in(builder.assumed_year(), month); day > 28 && day > last) {
        day -= last;
        ++month;
    }
    return builder.build(month, day);
}

}  // namespace

std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
    // Years begin in March, so that the leap day is their last; 400 years are an era of 146,097 days.
    const std::int64_t shifted = year - (month <= 2 ? 1 : 0);
    const std::int64_t era = floor_division(shifted, 400);
    const std::int64_t year_of_era = shifted - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

CalendarDay calendar_day(std::int64_t days) {
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = floor_division(shifted, 146'097);
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    CalendarDay day;
    day.day = static_cast<std::int32_t>(day_of_year - (153 * month + 2) / 5 + 1);
    day.month = static_cast<std::int32_t>(month < 10 ? month + 3 : month - 9);
    day.year = year_of_era + era * 400 + (day.month <= 2 ? 1 : 0);
    day.weekday = static_cast<std::int32_t>(days + 4 - floor_division(days + 4, 7) * 7);
    day.yearday = static_cast<std::int32_t>(days - days_of(day.year, 1, 1));
    return day;
}

Moment now(const Clock& clock) {
    Moment moment = local_moment(clock.unix_seconds, clock);
    moment.nanoseconds = clock.nanoseconds;
    return moment;
}

std::optional<Moment> at_unix_time(std::int64_t seconds, const Clock& clock) {
    constexpr std::int64_t seconds_in_year = 31'556'952;
    if (std::abs(seconds / seconds_in_year) > most_years) {
        return std::nullopt;
    }
    return local_moment(seconds, clock);
}

std::optional<Moment> parse_date(std::string_view text, const Clock& clock) {
    const std::optional<DateParts> parts = read_date(text);
    if (!parts || parts->empty()) {
        return std::nullopt;
    }
    const Builder builder(*parts, clock);
    return parts->yearday ? build_from_yearday(builder, *parts->yearday)
                          : builder.build(parts->month, parts->day);
}

}  // namespace cartwright::liquid
