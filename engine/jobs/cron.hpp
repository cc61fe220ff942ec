// When something is due again and again: five fields of crontab(5) in a time zone, as "30 4 * * 1-5".
//
//   minute 0-59, hour 0-23, day of the month 1-31, month 1-12, day of the week 0-7 (0 and 7 are Sunday)
//   each: *, a number, a range 1-5, a list 1,3,5-7; with a step: */15, 8-18/2
//
// As in crontab(5), where both days are restricted (neither begins with *), either of them matches. There are
// no names and no "@daily".
//
// When clocks change, nothing is left out and nothing comes twice: a time that doesn't exist is due at the moment
// when the clocks are set forward; one that exists twice is due the first time. Only where the hour begins with *
// it is due both times, so that "*/15 * * * *" is every quarter of an hour all year.
#pragma once

#include "base/clock.hpp"

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::jobs {

class Cron {
public:
    // Nothing unless it is written as above, single spaces between the fields.
    static std::optional<Cron> parse(std::string_view text);

    // The first moment later than `from`, in a zone of the IANA database ("Europe/Moscow"). Nothing if there is
    // none ("0 0 30 2 *"). Throws std::invalid_argument for a zone that doesn't exist.
    std::optional<Instant> next(Instant from, const std::string& time_zone) const;

private:
    Cron() = default;

    bool includes(std::chrono::year_month_day date) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<8> weekdays_;
    bool any_day_ = false;
    bool any_weekday_ = false;
    bool any_hour_ = false;
};

// Whether ICU knows the zone.
bool is_time_zone(const std::string& name);

}  // namespace cartwright::jobs
