// How date_parse.cpp and date_parse_digits.cpp take a text apart; for nobody else.
#pragma once

#include "liquid/date.hpp"
#include "liquid/date_parts.hpp"
#include "liquid/digits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::liquid {

// Takes a text apart as Ruby's Date._parse does: form after form, each found anywhere in what is left, the first
// one that has a date ends the search for others. Texts are short (longest_date), so looking from every place is
// cheap.
class DateReader {
public:
    // The usual form of data, at once: 2016-03-14, 2016-03-14 10:15:30, with t between them, with z, utc or an offset
    // behind. False: it is another form, take and read it.
    bool read_usual(std::string_view text);

    // False: not UTF-8.
    bool take(std::string_view text);

    const DateParts& read();

    const DateParts& parts() const { return parts_; }

private:
    static constexpr std::size_t none = std::string_view::npos;

    using Text = std::optional<std::string_view>;

    // Takes its form from `at` on and returns where it ends, or none.
    using Form = std::size_t (DateReader::*)(std::size_t at);

    // Looks from left to right; what was found is cut out.
    bool find(Form form);

    static bool is_sign(char letter) { return letter == '-' || letter == '+'; }

    static bool is_alpha(char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               static_cast<unsigned char>(letter) >= 0x80;
    }

    static bool is_word(char letter) { return is_alpha(letter) || is_digit(letter); }

    // Digits after anything that isn't one. More than fit are as good as any number that is far too large.
    static std::int64_t number_in(std::string_view text) {
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

    // Of the digits after a point.
    static std::int32_t nanoseconds_in(std::string_view digits) {
        std::int32_t number = 0;
        for (std::size_t at = 0; at < 9; ++at) {
            number = number * 10 + (at < digits.size() ? digits[at] - '0' : 0);
        }
        return number;
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

    template <std::size_t Count>
    std::size_t name_at(std::size_t at, const std::array<std::string_view, Count>& names) const {
        for (std::size_t name = 0; name < Count; ++name) {
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

    std::size_t weekday(std::size_t at);

    // c.e., b.c.e., a.d., b.c. and the like: where it ends, or `at`.
    std::size_t after_era(std::size_t at) const;

    // The year that follows a day and a month, with an era before it: where it ends, or none.
    std::size_t year_after_era(std::size_t at, Text& year, bool& before_christ) const;

    // 14 March 2016, 14th mar. '16
    std::size_t day_month(std::size_t at);

    // March 14, 2016
    std::size_t month_day(std::size_t at);

    // 2016-03-14
    std::size_t iso(std::size_t at);

    // Where anything but - / . and then a - ends.
    std::size_t after_dash(std::size_t at) const;

    // 14-mar-2016
    std::size_t day_name_year(std::size_t at);

    // mar-14-2016, mar-14
    std::size_t name_day_year(std::size_t at);

    // 2016/03/14, 3/14
    std::size_t slashes(std::size_t at);

    // 2016.03.14, 14.03.2016
    std::size_t dots(std::size_t at);

    // H28.03.14: the year of a Japanese era.
    std::size_t era(std::size_t at);

    // '16
    std::size_t short_year(std::size_t at);
    std::size_t month_name(std::size_t at);

    // 14th
    std::size_t ordinal(std::size_t at);
    std::size_t before_christ(std::size_t at);

    // One or two digits that are left are the day of a time, or the hour of a date.
    void rest();
    void finish_year();

    // Puts year, month and day in their places, where the texts themselves tell that they are in other ones: a quote
    // or more than two digits make a year.
    void set(Text year, Text month, Text day, bool before_christ = false);

    // am, pm, a.m., p.m.: where it ends, or none.
    std::size_t after_half(std::size_t at) const;

    // 10:30, 10:30:15.25, 10h 30m 15s, 10 pm, each with am or pm and a zone behind it. "10 h 30" and "10:30:15, pm" are
    // found as a whole, but understood only up to the h and to the comma.
    std::size_t time(std::size_t at);

    // -04:00, gmt+2, eastern standard time, est, est dst: where it ends, or none.
    std::size_t after_zone(std::size_t at) const;

    // 2016-w11-1, w11: no date, but no other date either.
    std::size_t week(std::size_t at);
    std::size_t week_day(std::size_t at);

    // --03-14, ---14
    std::size_t dashes_month(std::size_t at);

    // --0314, --03
    std::size_t dashes(std::size_t at);

    // 2016-074
    std::size_t year_yearday(std::size_t at);

    // Whether a year and its day stand behind a point or a comma somewhere: then they are none.
    bool after_point() const;

    // -074, unless a digit stands before one such.
    std::size_t yearday(std::size_t at);

    // 20160314, 20160314t103015, 160314: digits whose number tells what they are. With a fraction behind them they
    // are a time, and are told apart from their end.
    std::size_t digits(std::size_t at);

    // z, +0200, [-5:est]: where it ends, or none.
    std::size_t after_digits_zone(std::size_t at) const;
    void date_from_begin(std::string_view digits, bool negative);
    void time_from_end(std::string_view digits, bool negative);

    std::string text_;
    DateParts parts_;
};

}  // namespace cartwright::liquid
