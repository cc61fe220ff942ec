#include "jobs/cron.hpp"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace cartwright::jobs {

namespace {

constexpr int years_ahead = 28;  // after so many the days of the week come round, leap days included

std::optional<unsigned> number_in(std::string_view text, unsigned least, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size() && text.size() <= 2;
    if (!whole || value < least || value > most) return std::nullopt;
    return value;
}

// "*", "5", "1-5", each perhaps with "/2".
template <std::size_t Size>
bool add_part(std::bitset<Size>& values, std::string_view part, unsigned least, unsigned most) {
    unsigned step = 1;
    const std::size_t slash = part.find('/');
    if (slash != std::string_view::npos) {
        const std::optional<unsigned> given = number_in(part.substr(slash + 1), 1, most);
        if (!given) return false;
        step = *given;
        part = part.substr(0, slash);
    }
    unsigned first = least;
    unsigned last = most;
    if (part != "*") {
        const std::size_t dash = part.find('-');
        const std::optional<unsigned> low = number_in(part.substr(0, dash), least, most);
        if (!low) return false;
        first = last = *low;
        if (dash != std::string_view::npos) {
            const std::optional<unsigned> high = number_in(part.substr(dash + 1), *low, most);
            if (!high) return false;
            last = *high;
        } else if (slash != std::string_view::npos) {
            return false;  // "5/10" means different things to different crons
        }
    }
    for (unsigned value = first; value <= last; value += step) values.set(value);
    return true;
}

template <std::size_t Size>
bool add_field(std::bitset<Size>& values, std::string_view field, unsigned least, unsigned most) {
    while (true) {
        const std::size_t comma = field.find(',');
        if (!add_part(values, field.substr(0, comma), least, most)) return false;
        if (comma == std::string_view::npos) return true;
        field.remove_prefix(comma + 1);
    }
}

std::unique_ptr<icu::BasicTimeZone> zone_of(const std::string& name) {
    std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
    if (zone == nullptr || *zone == icu::TimeZone::getUnknown()) return nullptr;
    // All zones that createTimeZone makes are.
    auto* basic = dynamic_cast<icu::BasicTimeZone*>(zone.get());
    if (basic != nullptr) std::ignore = zone.release();
    return std::unique_ptr<icu::BasicTimeZone>(basic);
}

using Seconds = std::chrono::seconds;
using LocalSeconds = std::chrono::local_seconds;

Seconds offset_at(const icu::BasicTimeZone& zone, std::chrono::sys_seconds at) {
    std::int32_t raw = 0;
    std::int32_t saving = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone.getOffset(static_cast<UDate>(at.time_since_epoch().count()) * 1000.0, false, raw, saving, status);
    if (U_FAILURE(status)) throw std::runtime_error("ICU can't tell the offset of a time zone");
    return Seconds((raw + saving) / 1000);
}

// The moments that a local time stands for: one; two where clocks were set back; where they were set forward
// over it, none, and `gap_end` is when that was.
struct Moments {
    std::optional<std::chrono::sys_seconds> first;
    std::optional<std::chrono::sys_seconds> second;
};

Moments moments_of(const icu::BasicTimeZone& zone, LocalSeconds local) {
    // No zone is further from UTC than 15 hours, nor changes twice in a day: the offsets before and after are
    // the only ones that can apply.
    const std::chrono::sys_seconds as_utc(local.time_since_epoch());
    const Seconds before = offset_at(zone, as_utc - std::chrono::hours(24));
    const Seconds after = offset_at(zone, as_utc + std::chrono::hours(24));
    const std::chrono::sys_seconds by_before = as_utc - before;
    const std::chrono::sys_seconds by_after = as_utc - after;
    const bool before_holds = offset_at(zone, by_before) == before;
    const bool after_holds = offset_at(zone, by_after) == after;
    if (before_holds && after_holds && by_before != by_after) {
        return {std::min(by_before, by_after), std::max(by_before, by_after)};
    }
    if (before_holds) return {by_before, std::nullopt};
    if (after_holds) return {by_after, std::nullopt};
    // Skipped: the clocks were set forward between the two readings.
    UDate change = 0;
    icu::TimeZoneTransition transition;
    const UDate start = static_cast<UDate>(std::min(by_before, by_after).time_since_epoch().count()) * 1000.0;
    if (!zone.getNextTransition(start - 1, false, transition)) return {};
    change = transition.getTime();
    return {std::chrono::sys_seconds(Seconds(static_cast<std::int64_t>(change / 1000.0))), std::nullopt};
}

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text) {
    std::array<std::string_view, 5> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::size_t space = text.find(' ');
        if ((space == std::string_view::npos) != (i + 1 == fields.size())) return std::nullopt;
        fields[i] = text.substr(0, space);
        if (i + 1 < fields.size()) text.remove_prefix(space + 1);
    }
    Cron cron;
    const bool good = add_field(cron.minutes_, fields[0], 0, 59) &&
                      add_field(cron.hours_, fields[1], 0, 23) && add_field(cron.days_, fields[2], 1, 31) &&
                      add_field(cron.months_, fields[3], 1, 12) && add_field(cron.weekdays_, fields[4], 0, 7);
    if (!good) return std::nullopt;
    if (cron.weekdays_[7]) cron.weekdays_.set(0);
    cron.any_hour_ = fields[1].starts_with('*');
    cron.any_day_ = fields[2].starts_with('*');
    cron.any_weekday_ = fields[4].starts_with('*');
    return cron;
}

bool Cron::includes(std::chrono::year_month_day date) const {
    if (!months_[static_cast<unsigned>(date.month())]) return false;
    const bool day = days_[static_cast<unsigned>(date.day())];
    const bool weekday = weekdays_[std::chrono::weekday(std::chrono::local_days(date)).c_encoding()];
    return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

std::optional<Instant> Cron::next(Instant from, const std::string& time_zone) const {
    const std::unique_ptr<icu::BasicTimeZone> zone = zone_of(time_zone);
    if (zone == nullptr) throw std::invalid_argument("no such time zone: " + time_zone);
    const auto from_seconds = std::chrono::floor<Seconds>(from);
    const Seconds offset = offset_at(*zone, from_seconds);
    const LocalSeconds local(from_seconds.time_since_epoch() + offset);
    // A day earlier, for what was due then in a gap around midnight.
    auto day = std::chrono::floor<std::chrono::days>(local) - std::chrono::days(1);
    const auto last = day + std::chrono::days(366 * years_ahead);
    for (; day <= last; day += std::chrono::days(1)) {
        if (!includes(std::chrono::year_month_day(day))) continue;
        std::optional<std::chrono::sys_seconds> earliest;
        const auto consider = [&](const std::optional<std::chrono::sys_seconds>& moment) {
            if (moment && *moment > from && (!earliest || *moment < *earliest)) earliest = *moment;
        };
        for (unsigned hour = 0; hour < hours_.size(); ++hour) {
            if (!hours_[hour]) continue;
            for (unsigned minute = 0; minute < minutes_.size(); ++minute) {
                if (!minutes_[minute]) continue;
                const Moments moments =
                    moments_of(*zone, day + std::chrono::hours(hour) + std::chrono::minutes(minute));
                consider(moments.first);
                if (any_hour_) consider(moments.second);
            }
        }
        if (earliest) return Instant(*earliest);
    }
    return std::nullopt;
}

bool is_time_zone(const std::string& name) {
    return zone_of(name) != nullptr;
}

}  // namespace cartwright::jobs
