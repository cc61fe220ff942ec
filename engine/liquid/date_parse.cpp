#include "liquid/date.hpp"
#include "liquid/date_parts.hpp"
#include "liquid/digits.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::size_t none = std::string_view::npos;

constexpr std::array<std::string_view, 12> month_names{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 12> month_numbers{
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

using Text = std::optional<std::string_view>;

bool is_sign(char letter) {
    return letter == '-' || letter == '+';
}

bool is_alpha(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           static_cast<unsigned char>(letter) >= 0x80;
}

bool is_word(char letter) {
    return is_alpha(letter) || is_digit(letter);
}

// Digits after anything that isn't one. More than fit are as good as any number that is far too large.
std::int64_t number_in(std::string_view text) {
    constexpr std::int64_t far_too_large = 100'000'000'000'000'000;
    std::size_t at = 0;
    while (at < text.size() && !is_digit(text[at])) {
        ++at;
    }
    const bool negative = at > 0 && text[at - 1] == '-';
    std::int64_t number = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        number = std::min(number * 10 + (text[at] - '0'), far_too_large);
    }
    return negative ? -number : number;
}

std::int32_t nanoseconds_in(std::string_view digits) {
    std::int32_t number = 0;
    for (std::size_t at = 0; at < 9; ++at) {
        number = number * 10 + (at < digits.size() ? digits[at] - '0' : 0);
    }
    return number;
}

// Takes a text apart as Ruby's Date._parse does: form after form, each found anywhere in what is left, the first
// one that has a date ends the search for others. Texts are short (longest_date), so looking from every place is
// cheap.
class Reader {
public:
    // False: not UTF-8.
    bool take(std::string_view text) {
        constexpr std::string_view kept = "-+',./:@[]";
        std::int32_t at = 0;
        const auto size = static_cast<std::int32_t>(text.size());
        bool gap = false;
        while (at < size) {
            const std::int32_t begin = at;
            UChar32 letter = 0;
            U8_NEXT(text.data(), at, size, letter);
            if (letter < 0) {
                return false;
            }
            const bool keep = letter < 0x80 ? is_word(static_cast<char>(letter)) ||
                                                  kept.find(static_cast<char>(letter)) != none
                                            : u_isalnum(letter) != 0;
            if (keep) {
                text_.append(
                    text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin)));
            } else if (!gap) {
                text_ += ' ';
            }
            gap = !keep;
        }
        return true;
    }

    const DateParts& read() {
        find(&Reader::weekday);
        find(&Reader::time);
        static constexpr std::array forms{&Reader::day_month,
                                          &Reader::month_day,
                                          &Reader::iso,
                                          &Reader::era,
                                          &Reader::day_name_year,
                                          &Reader::name_day_year,
                                          &Reader::slashes,
                                          &Reader::dots,
                                          &Reader::week,
                                          &Reader::week_day,
                                          &Reader::dashes_month,
                                          &Reader::dashes,
                                          &Reader::year_yearday,
                                          &Reader::yearday,
                                          &Reader::short_year,
                                          &Reader::month_name,
                                          &Reader::ordinal,
                                          &Reader::digits};
        std::ranges::any_of(forms, [this](Form form) { return find(form); });
        find(&Reader::before_christ);
        rest();
        finish_year();
        return parts_;
    }

private:
    // Takes its form from `at` on and returns where it ends, or none.
    using Form = std::size_t (Reader::*)(std::size_t at);

    // Looks from left to right; what was found is cut out.
    bool find(Form form) {
        for (std::size_t at = 0; at < text_.size(); ++at) {
            const std::size_t end = (this->*form)(at);
            if (end != none) {
                text_.replace(at, end - at, 1, ' ');
                return true;
            }
        }
        return false;
    }

    char letter(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

    bool digit(std::size_t at) const { return is_digit(letter(at)); }

    bool boundary(std::size_t at) const {
        return (at > 0 && is_word(text_[at - 1])) != (at < text_.size() && is_word(text_[at]));
    }

    std::size_t after_spaces(std::size_t at) const {
        while (letter(at) == ' ') {
            ++at;
        }
        return at;
    }

    std::size_t after_digits(std::size_t at, std::size_t most = longest_date) const {
        const std::size_t end = at + most;
        while (at < end && digit(at)) {
            ++at;
        }
        return at;
    }

    bool has(std::size_t at, std::string_view word) const {
        return std::string_view(text_).substr(std::min(at, text_.size())).starts_with(word);
    }

    bool has_digits(std::size_t at, std::size_t count) const { return after_digits(at, count) == at + count; }

    std::string_view between(std::size_t begin, std::size_t end) const {
        return std::string_view(text_).substr(begin, end - begin);
    }

    // An optional quote, an optional sign of `signs`, and digits: where they end, or none.
    std::size_t after_number(std::size_t at, std::string_view signs = "-") const {
        at += letter(at) == '\'' ? 1 : 0;
        at += at < text_.size() && signs.find(text_[at]) != none ? 1 : 0;
        return digit(at) ? after_digits(at) : none;
    }

    // A number can't begin inside of another.
    bool inside_digits(std::size_t at) const { return at > 0 && digit(at) && digit(at - 1); }

    template <std::size_t count>
    std::size_t name_at(std::size_t at, const std::array<std::string_view, count>& names) const {
        for (std::size_t name = 0; name < count; ++name) {
            if (has(at, names[name])) {
                return name;
            }
        }
        return none;
    }

    // Where letters end that are none of `but`, nor digits, nor spaces.
    std::size_t after_others(std::size_t at, std::string_view but) const {
        while (at < text_.size() && !digit(at) && text_[at] != ' ' && but.find(text_[at]) == none) {
            ++at;
        }
        return at;
    }

    std::size_t weekday(std::size_t at) {
        if (!boundary(at) || name_at(at, weekday_names) == none) {
            return none;
        }
        return after_others(at + 3, "-/");
    }

    // am, pm, a.m., p.m.: where it ends, or none.
    std::size_t after_half(std::size_t at) const {
        if (letter(at) != 'a' && letter(at) != 'p') {
            return none;
        }
        if (letter(at + 1) == 'm' && boundary(at + 2)) {
            return at + 2;
        }
        return has(at + 1, ".m.") ? at + 4 : none;
    }

    // 10:30, 10:30:15.25, 10h 30m 15s, 10 pm, each with am or pm and a zone behind it. "10 h 30" and "10:30:15, pm" are
    // found as a whole, but understood only up to the h and to the comma.
    std::size_t time(std::size_t at) {
        if (!digit(at) || inside_digits(at)) {
            return none;
        }
        const std::size_t hour_end = after_digits(at);
        std::size_t end = after_spaces(hour_end);
        Text minute;
        Text second;
        Text fraction;
        bool understood = true;
        if (letter(end) == ':' && digit(after_spaces(end + 1))) {
            const std::size_t minute_at = after_spaces(end + 1);
            end = after_digits(minute_at);
            minute = between(minute_at, end);
            const std::size_t colon = after_spaces(end);
            const std::size_t second_at = after_spaces(colon + 1);
            if (letter(colon) == ':' && digit(second_at)) {
                end = after_digits(second_at);
                second = between(second_at, end);
                if (letter(end) == '.' || letter(end) == ',') {
                    const std::size_t fraction_at = end + 1;
                    end = after_digits(fraction_at);
                    understood = end > fraction_at;
                    fraction = between(fraction_at, end);
                }
            }
        } else if (letter(end) == 'h') {
            understood = end == hour_end;
            ++end;
            if (const std::size_t minute_at = after_spaces(end); digit(minute_at)) {
                end = after_digits(minute_at);
                minute = between(minute_at, end);
                end += letter(end) == 'm' ? 1 : 0;
                if (const std::size_t second_at = after_spaces(end); digit(second_at)) {
                    end = after_digits(second_at);
                    second = between(second_at, end);
                    end += letter(end) == 's' ? 1 : 0;
                }
            }
            if (!understood) {
                minute = std::nullopt;
                second = std::nullopt;
            }
        } else if (after_half(end) == none) {
            return none;
        }
        std::int64_t hour = number_in(between(at, hour_end));
        if (const std::size_t half = after_spaces(end); after_half(half) != none) {
            constexpr std::int64_t far_too_late = std::int64_t{1} << 31;
            if (understood && hour < far_too_late) {
                hour = hour % 12 + (letter(half) == 'p' ? 12 : 0);
            }
            end = after_half(half);
        }
        parts_.hour = hour;
        if (minute) {
            parts_.minute = number_in(*minute);
        }
        if (second) {
            parts_.second = number_in(*second);
        }
        if (fraction && !fraction->empty()) {
            parts_.nanoseconds = nanoseconds_in(*fraction);
        }
        const std::size_t zone_at = after_spaces(end);
        if (const std::size_t zone_end = after_zone(zone_at); zone_end != none) {
            parts_.zone = between(zone_at, zone_end);
            end = zone_end;
        }
        return end;
    }

    // -04:00, gmt+2, eastern standard time, est, est dst: where it ends, or none.
    std::size_t after_zone(std::size_t at) const {
        std::size_t sign = at;
        if (has(at, "gmt") || has(at, "utc")) {
            sign += 3;
        } else if (has(at, "ut")) {
            sign += 2;
        }
        if (is_sign(letter(sign)) && digit(sign + 1)) {
            std::size_t end = after_digits(sign + 1);
            if (const char point = letter(end);
                (point == ',' || point == '.' || point == ':') && digit(end + 1)) {
                end = after_digits(end + 1);
                end = letter(end) == ':' && digit(end + 1) ? after_digits(end + 1) : end;
            }
            return end;
        }
        std::size_t words_end = at;
        while (is_alpha(letter(words_end)) || letter(words_end) == '.' || letter(words_end) == ' ') {
            ++words_end;
        }
        for (std::size_t word = words_end; word > at; --word) {
            const std::size_t time_at = word + 8;
            if ((has(word, "standard") || has(word, "daylight")) && has(time_at, " time") &&
                boundary(time_at + 5)) {
                return time_at + 5;
            }
        }
        std::size_t end = at;
        while (is_alpha(letter(end))) {
            ++end;
        }
        if (end == at) {
            return none;
        }
        if (has(end, " dst") && boundary(end + 4)) {
            return end + 4;
        }
        return boundary(end) ? end : none;
    }

    // c.e., b.c.e., a.d., b.c. and the like: where it ends, or `at`.
    std::size_t after_era(std::size_t at) const {
        static constexpr std::array<std::string_view, 8> eras{
            "ce", "c.e.", "bce", "b.c.e.", "ad", "a.d.", "bc", "b.c."};
        for (const std::string_view era : eras) {
            if (has(at, era)) {
                return at + era.size();
            }
        }
        return at;
    }

    // The year that follows a day and a month, with an era before it: where it ends, or none.
    std::size_t year_after_era(std::size_t at, Text& year, bool& before_christ) const {
        std::size_t year_at = after_spaces(after_era(at));
        std::size_t end = after_number(year_at);
        if (end == none) {
            return none;
        }
        before_christ = year_at > at && letter(at) == 'b';
        year = between(year_at, end);
        return end;
    }

    // 14 March 2016, 14th mar. '16
    std::size_t day_month(std::size_t at) {
        if (inside_digits(at)) {
            return none;
        }
        const std::size_t day_end = after_number(at, "");
        if (day_end == none) {
            return none;
        }
        const std::size_t others_end = after_others(day_end, "-");
        std::size_t month_at = after_spaces(others_end);
        while (name_at(month_at, month_names) == none) {
            if (month_at <= day_end) {
                return none;
            }
            month_at = std::min(month_at, others_end) - 1;
            if (month_at < day_end) {
                return none;
            }
        }
        const std::size_t month = name_at(month_at, month_names);
        const std::string_view day = between(at, day_end);
        std::size_t end = after_others(month_at + 3, "-'");
        Text year;
        bool before_christ = false;
        if (const std::size_t year_end = year_after_era(after_spaces(end), year, before_christ);
            year_end != none) {
            end = year_end;
            for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
                if (has(end, suffix) && boundary(end + 2)) {
                    year = between(static_cast<std::size_t>(year->data() - text_.data()), end + 2);
                    end += 2;
                    break;
                }
            }
        }
        set(year, month_numbers[month], day, before_christ);
        return end;
    }

    // March 14, 2016
    std::size_t month_day(std::size_t at) {
        const std::size_t month = name_at(at, month_names);
        if (!boundary(at) || month == none) {
            return none;
        }
        const std::size_t day_at = after_spaces(after_others(at + 3, "-'"));
        const std::size_t day_end = after_number(day_at, "");
        if (day_end == none) {
            return none;
        }
        std::size_t end = after_others(day_end, "-'");
        std::size_t year_at = after_spaces(end);
        year_at = after_spaces(year_at + (letter(year_at) == ',' ? 1 : 0));
        Text year;
        bool before_christ = false;
        if (const std::size_t year_end = year_after_era(year_at, year, before_christ); year_end != none) {
            end = year_end;
        }
        set(year, month_numbers[month], between(day_at, day_end), before_christ);
        return end;
    }

    // 2016-03-14
    std::size_t iso(std::size_t at) {
        if (inside_digits(at)) {
            return none;
        }
        const std::size_t first = after_number(at, "-+");
        if (first == none || letter(first) != '-' || !digit(first + 1)) {
            return none;
        }
        const std::size_t second = after_digits(first + 1);
        const std::size_t end = letter(second) == '-' ? after_number(second + 1) : none;
        if (end != none) {
            set(between(at, first), between(first + 1, second), between(second + 1, end));
        }
        return end;
    }

    // H28.03.14: the year of a Japanese era.
    std::size_t era(std::size_t at) {
        static constexpr std::string_view letters = "mtshr";
        static constexpr std::array years{1867, 1911, 1925, 1988, 2018};
        const std::size_t which = letters.find(letter(at));
        const std::size_t year_end = after_digits(at + 1);
        const std::size_t month_end = after_digits(year_end + 1);
        const std::size_t end = after_digits(month_end + 1);
        if (!boundary(at) || at >= text_.size() || which == none || year_end == at + 1 ||
            letter(year_end) != '.' || month_end == year_end + 1 || letter(month_end) != '.' ||
            end == month_end + 1) {
            return none;
        }
        parts_.year = number_in(between(at + 1, year_end)) + years[which];
        parts_.month = number_in(between(year_end + 1, month_end));
        parts_.day = number_in(between(month_end + 1, end));
        return end;
    }

    // Where anything but - / . and then a - ends.
    std::size_t after_dash(std::size_t at) const {
        while (at < text_.size() && text_[at] != '-' && text_[at] != '/' && text_[at] != '.') {
            ++at;
        }
        return letter(at) == '-' ? at + 1 : none;
    }

    // 14-mar-2016
    std::size_t day_name_year(std::size_t at) {
        const std::size_t day_end = inside_digits(at) ? none : after_number(at);
        if (day_end == none || letter(day_end) != '-') {
            return none;
        }
        const std::size_t month = name_at(day_end + 1, month_names);
        const std::size_t year_at = month == none ? none : after_dash(day_end + 4);
        const std::size_t end = year_at == none ? none : after_number(year_at);
        if (end != none) {
            set(between(year_at, end), month_numbers[month], between(at, day_end));
        }
        return end;
    }

    // mar-14-2016, mar-14
    std::size_t name_day_year(std::size_t at) {
        const std::size_t month = boundary(at) ? name_at(at, month_names) : none;
        const std::size_t day_at = month == none ? none : after_dash(at + 3);
        const std::size_t day_end = day_at == none ? none : after_number(day_at);
        if (day_end == none) {
            return none;
        }
        const std::size_t year_end = letter(day_end) == '-' ? after_number(day_end + 1) : none;
        set(year_end == none ? Text() : between(day_end + 1, year_end),
            month_numbers[month],
            between(day_at, day_end));
        return year_end == none ? day_end : year_end;
    }

    // 2016/03/14, 3/14
    std::size_t slashes(std::size_t at) {
        const std::size_t first = inside_digits(at) ? none : after_number(at);
        if (first == none || letter(first) != '/') {
            return none;
        }
        const std::size_t second_at = after_spaces(first + 1);
        const std::size_t second = after_number(second_at, "");
        if (second == none) {
            return none;
        }
        Text third;
        std::size_t end = second;
        if (second < text_.size()) {
            const std::size_t third_at = after_spaces(second + 1);
            if (const std::size_t third_end = after_number(third_at); third_end != none) {
                third = between(third_at, third_end);
                end = third_end;
            }
        }
        set(between(at, first), between(second_at, second), third);
        return end;
    }

    // 2016.03.14, 14.03.2016
    std::size_t dots(std::size_t at) {
        const std::size_t first = inside_digits(at) ? none : after_number(at);
        if (first == none || letter(first) != '.') {
            return none;
        }
        const std::size_t second_at = after_spaces(first + 1);
        const std::size_t second = after_number(second_at, "");
        if (second == none || letter(second) != '.') {
            return none;
        }
        const std::size_t third_at = after_spaces(second + 1);
        const std::size_t end = after_number(third_at);
        if (end != none) {
            set(between(at, first), between(second_at, second), between(third_at, end));
        }
        return end;
    }

    // 2016-w11-1, w11: no date, but no other date either.
    std::size_t week(std::size_t at) {
        if (!boundary(at)) {
            return none;
        }
        for (const std::size_t year_digits : {2U, 4U, 0U}) {
            std::size_t week_at = at + year_digits;
            if (!has_digits(at, year_digits)) {
                continue;
            }
            week_at += letter(week_at) == '-' ? 1 : 0;
            if (letter(week_at) != 'w' || !has_digits(week_at + 1, 2)) {
                continue;
            }
            const std::size_t end = week_at + 3;
            const std::size_t day_at = end + (letter(end) == '-' ? 1 : 0);
            if (digit(day_at) && boundary(day_at + 1)) {
                return day_at + 1;
            }
            if (boundary(end)) {
                return end;
            }
        }
        return none;
    }

    std::size_t week_day(std::size_t at) {
        return has(at, "-w-") && digit(at + 3) && boundary(at + 4) ? at + 4 : none;
    }

    // --03-14, ---14
    std::size_t dashes_month(std::size_t at) {
        if (!has(at, "--")) {
            return none;
        }
        const bool month = has_digits(at + 2, 2);
        const std::size_t dash = at + (month ? 4 : 2);
        if (letter(dash) != '-' || !has_digits(dash + 1, 2) || !boundary(dash + 3)) {
            return none;
        }
        if (month) {
            parts_.month = number_in(between(at + 2, dash));
        }
        parts_.day = number_in(between(dash + 1, dash + 3));
        return dash + 3;
    }

    // --0314, --03
    std::size_t dashes(std::size_t at) {
        if (!has(at, "--") || !has_digits(at + 2, 2)) {
            return none;
        }
        const bool day = has_digits(at + 4, 2) && boundary(at + 6);
        if (!day && !boundary(at + 4)) {
            return none;
        }
        parts_.month = number_in(between(at + 2, at + 4));
        if (day) {
            parts_.day = number_in(between(at + 4, at + 6));
        }
        return at + (day ? 6 : 4);
    }

    // 2016-074
    std::size_t year_yearday(std::size_t at) {
        if (!boundary(at) || after_point()) {
            return none;
        }
        for (const std::size_t year_digits : {2U, 4U}) {
            const std::size_t dash = at + year_digits;
            if (has_digits(at, year_digits) && letter(dash) == '-' && has_digits(dash + 1, 3) &&
                boundary(dash + 4)) {
                parts_.year = number_in(between(at, dash));
                parts_.yearday = number_in(between(dash + 1, dash + 4));
                return dash + 4;
            }
        }
        return none;
    }

    // Whether a year and its day stand behind a point or a comma somewhere: then they are none.
    bool after_point() const {
        for (std::size_t at = 0; at < text_.size(); ++at) {
            if (text_[at] != ',' && text_[at] != '.') {
                continue;
            }
            for (const std::size_t year_digits : {2U, 4U}) {
                const std::size_t dash = at + 1 + year_digits;
                if (has_digits(at + 1, year_digits) && letter(dash) == '-' && has_digits(dash + 1, 3) &&
                    boundary(dash + 4)) {
                    return true;
                }
            }
        }
        return false;
    }

    // -074, unless a digit stands before one such.
    std::size_t yearday(std::size_t at) {
        const auto is_yearday = [this](std::size_t dash) {
            return letter(dash) == '-' && has_digits(dash + 1, 3) && boundary(dash + 4);
        };
        if (!boundary(at) || !is_yearday(at)) {
            return none;
        }
        for (std::size_t dash = 1; dash < text_.size(); ++dash) {
            if (digit(dash - 1) && is_yearday(dash)) {
                return none;
            }
        }
        parts_.yearday = number_in(between(at + 1, at + 4));
        return at + 4;
    }

    // '16
    std::size_t short_year(std::size_t at) {
        const std::size_t end = after_digits(at + 1);
        if (letter(at) != '\'' || end == at + 1 || !boundary(end)) {
            return none;
        }
        parts_.year = number_in(between(at + 1, end));
        return end;
    }

    std::size_t month_name(std::size_t at) {
        const std::size_t month = boundary(at) ? name_at(at, month_names) : none;
        if (month == none) {
            return none;
        }
        parts_.month = static_cast<std::int64_t>(month) + 1;
        return std::min(text_.find(' ', at), text_.size());
    }

    // 14th
    std::size_t ordinal(std::size_t at) {
        if (!digit(at) || inside_digits(at)) {
            return none;
        }
        const std::size_t end = after_digits(at);
        for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
            if (has(end, suffix) && boundary(end + 2)) {
                parts_.day = number_in(between(at, end));
                return end + 2;
            }
        }
        return none;
    }

    // 20160314, 20160314t103015, 160314: digits whose number tells what they are. With a fraction behind them they
    // are a time, and are told apart from their end.
    std::size_t digits(std::size_t at) {
        const bool is_signed = is_sign(letter(at));
        const std::size_t begin = at + (is_signed ? 1 : 0);
        if (!has_digits(begin, 2)) {
            return none;
        }
        std::size_t end = after_digits(begin, 14);
        const std::string_view date = between(begin, end);
        end = after_spaces(end);
        end = after_spaces(end + (letter(end) == 't' ? 1 : 0));
        std::string_view time;
        if (has_digits(end, 2)) {
            time = between(end, after_digits(end, 6));
            end += time.size();
        }
        Text fraction;
        if (letter(end) == '.' || letter(end) == ',') {
            fraction = between(end + 1, after_digits(end + 1));
            end += 1 + fraction->size();
        }
        const bool negative = is_signed && letter(at) == '-';
        if (fraction && time.empty()) {
            time_from_end(date, negative);
        } else {
            date_from_begin(date, negative);
        }
        if (fraction && !time.empty() && time.size() % 2 == 0) {
            time_from_end(time, false);
        } else if (!time.empty() && time.size() % 2 == 0) {
            parts_.hour = number_in(time.substr(0, 2));
            if (time.size() >= 4) {
                parts_.minute = number_in(time.substr(2, 2));
            }
            if (time.size() >= 6) {
                parts_.second = number_in(time.substr(4, 2));
            }
        }
        if (fraction) {
            parts_.nanoseconds = nanoseconds_in(*fraction);
        }
        const std::size_t zone_at = after_spaces(end);
        if (const std::size_t zone_end = after_digits_zone(zone_at); zone_end != none) {
            std::string_view zone = between(zone_at, zone_end);
            if (zone.starts_with('[')) {
                zone = zone.substr(1, zone.size() - 2);
                zone.remove_prefix(zone.find(':') == none ? 0 : zone.find(':') + 1);
            }
            parts_.zone = zone;
            end = zone_end;
        }
        return end;
    }

    // z, +0200, [-5:est]: where it ends, or none.
    std::size_t after_digits_zone(std::size_t at) const {
        if (letter(at) == 'z' && boundary(at + 1)) {
            return at + 1;
        }
        if (is_sign(letter(at)) && digit(at + 1)) {
            const std::size_t end = after_digits(at + 1, 4);
            return boundary(end) ? end : none;
        }
        if (letter(at) == '[' && digit(at + 1 + (is_sign(letter(at + 1)) ? 1 : 0))) {
            const std::size_t end = text_.find(']', at);
            return end == none ? none : end + 1;
        }
        return none;
    }

    void date_from_begin(std::string_view digits, bool negative) {
        const auto part = [&](std::size_t from, std::size_t size) {
            return number_in(digits.substr(from, size));
        };
        const auto year = [&](std::size_t size) { parts_.year = negative ? -part(0, size) : part(0, size); };
        switch (digits.size()) {
            case 2:
                parts_.day = part(0, 2);
                break;
            case 3:
                parts_.yearday = part(0, 3);
                break;
            case 4:
                parts_.month = part(0, 2);
                parts_.day = part(2, 2);
                break;
            case 5:
                year(2);
                parts_.yearday = part(2, 3);
                break;
            case 6:
                year(2);
                parts_.month = part(2, 2);
                parts_.day = part(4, 2);
                break;
            case 7:
                year(4);
                parts_.yearday = part(4, 3);
                break;
            case 8:
            case 10:
            case 12:
            case 14:
                year(4);
                parts_.month = part(4, 2);
                parts_.day = part(6, 2);
                if (digits.size() >= 10) {
                    parts_.hour = part(8, 2);
                }
                if (digits.size() >= 12) {
                    parts_.minute = part(10, 2);
                }
                if (digits.size() >= 14) {
                    parts_.second = part(12, 2);
                }
                parts_.two_digit_years = false;
                break;
            default:
                break;
        }
    }

    void time_from_end(std::string_view digits, bool negative) {
        if (digits.size() == 9 || digits.size() == 11 || digits.size() == 13) {
            return;
        }
        const auto cut = [&](std::size_t most) -> std::optional<std::int64_t> {
            const std::size_t size = std::min(most, digits.size());
            if (size == 0) {
                return std::nullopt;
            }
            const std::int64_t number = number_in(digits.substr(digits.size() - size));
            digits.remove_suffix(size);
            return number;
        };
        const auto set_if = [](std::optional<std::int64_t>& part, std::optional<std::int64_t> number) {
            part = number ? number : part;
        };
        parts_.two_digit_years = parts_.two_digit_years && digits.size() != 14;
        set_if(parts_.second, cut(2));
        set_if(parts_.minute, cut(2));
        set_if(parts_.hour, cut(2));
        set_if(parts_.day, cut(2));
        set_if(parts_.month, cut(2));
        if (const auto year = cut(4)) {
            parts_.year = negative ? -*year : *year;
        }
    }

    std::size_t before_christ(std::size_t at) {
        if (!boundary(at)) {
            return none;
        }
        for (const std::string_view word : {"bc", "bce", "b.c.", "b.c.e."}) {
            if (has(at, word) && (word.ends_with('.') || boundary(at + word.size()))) {
                parts_.before_christ = true;
                return at + word.size();
            }
        }
        return none;
    }

    // One or two digits that are left are the day of a time, or the hour of a date.
    void rest() {
        const std::size_t begin = after_spaces(0);
        const std::size_t end = after_digits(begin);
        if (end == begin || end > begin + 2 || after_spaces(end) != text_.size()) {
            return;
        }
        const std::int64_t number = number_in(between(begin, end));
        if (parts_.hour && !parts_.day && number >= 1 && number <= 31) {
            parts_.day = number;
        }
        if (parts_.day && !parts_.hour && number <= 24) {
            parts_.hour = number;
        }
    }

    void finish_year() {
        if (!parts_.year) {
            return;
        }
        if (parts_.before_christ) {
            parts_.year = 1 - *parts_.year;
        }
        if (parts_.two_digit_years && *parts_.year >= 0 && *parts_.year <= 99) {
            *parts_.year += *parts_.year >= 69 ? 1900 : 2000;
        }
    }

    // Puts year, month and day in their places, where the texts themselves tell that they are in other ones: a quote
    // or more than two digits make a year.
    void set(Text year, Text month, Text day, bool before_christ = false) {
        const auto is_year = [](const Text& text) {
            return text && (text->starts_with('\'') || text->size() > 2);
        };
        if (year && month && !day) {
            day = std::exchange(month, std::exchange(year, std::nullopt));
        }
        if (!year && is_year(day)) {
            year = std::exchange(day, std::nullopt);
        }
        if (year && !is_digit(year->back())) {
            const std::string_view number = year->substr(0, year->size() - 2);
            year = std::exchange(day, number.substr(number.starts_with('\'') ? 1 : 0));
        }
        if (is_year(month)) {
            const Text middle = month;
            month = day;
            day = year;
            year = middle;
        }
        if (is_year(day)) {
            std::swap(year, day);
        }
        if (year) {
            const std::size_t begin = year->starts_with('\'') ? 1 : 0;
            const bool is_signed = is_sign((*year)[begin]);
            if (is_signed || year->size() - begin > 2) {
                parts_.two_digit_years = false;
            }
            parts_.year = number_in(*year);
        }
        parts_.before_christ = parts_.before_christ || before_christ;
        if (month) {
            parts_.month = std::abs(number_in(*month));
        }
        if (day) {
            parts_.day = std::abs(number_in(*day));
        }
    }

    std::string text_;
    DateParts parts_;
};

}  // namespace

std::optional<DateParts> read_date(std::string_view text) {
    Reader reader;
    if (text.size() > longest_date || !reader.take(text)) {
        return std::nullopt;
    }
    return reader.read();
}

}  // namespace cartwright::liquid
