// Between the two steps of reading a date: date_parse.cpp finds its parts in a text, date.cpp makes a moment of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::liquid {

// What was found of a date in a text, before any check of ranges and before a zone's name is understood. Whatever
// else Ruby finds (days of the week, weeks) has no part in a moment.
struct DateParts {
    std::optional<std::int64_t> year, yearday, month, day, hour, minute, second;
    std::optional<std::int32_t> nanoseconds;
    std::string zone;
    bool before_christ = false;
    bool two_digit_years = true;  // 0..99 are those from 1969 to 2068

    bool empty() const {
        return !(year || yearday || month || day || hour || minute || second || nanoseconds);
    }
};

// The parts of a text in lower case, as Ruby's Date._parse finds them; nullopt: longer than longest_date, or not UTF-8.
std::optional<DateParts> read_date(std::string_view text);

}  // namespace cartwright::liquid
