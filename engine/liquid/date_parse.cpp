#include "liquid/date_reader.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdlib>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::array<std::string_view, 12> month_names{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 12> month_numbers{
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

}  // namespace

bool DateReader::read_usual(std::string_view text) {
    text_ = text;
    if (!has_digits(0, 4) || letter(4) != '-' || !has_digits(5, 2) || letter(7) != '-' || !has_digits(8, 2)) {
        return false;
    }
    constexpr std::size_t date_size = 10;
    constexpr std::size_t time_size = 19;
    if (text_.size() > date_size) {
        if ((letter(10) != ' ' && letter(10) != 't') || !has_digits(11, 2) || letter(13) != ':' ||
            !has_digits(14, 2) || letter(16) != ':' || !has_digits(17, 2)) {
            return false;
        }
        const std::size_t zone_at = time_size + (letter(time_size) == ' ' ? 1 : 0);
        const std::string_view zone = between(zone_at, text_.size());
        const std::size_t minutes = zone_at + (letter(zone_at + 3) == ':' ? 4 : 3);
        const bool offset = is_sign(letter(zone_at)) && has_digits(zone_at + 1, 2) &&
                            has_digits(minutes, 2) && text_.size() == minutes + 2;
        if (text_.size() != time_size && zone != "z" && zone != "utc" && !offset) {
            return false;
        }
        parts_.hour = number_in(between(11, 13));
        parts_.minute = number_in(between(14, 16));
        parts_.second = number_in(between(17, 19));
        parts_.zone = zone;
    }
    parts_.year = number_in(between(0, 4));
    parts_.month = number_in(between(5, 7));
    parts_.day = number_in(between(8, 10));
    parts_.two_digit_years = false;
    return true;
}

bool DateReader::take(std::string_view text) {
    constexpr std::string_view kept = "-+',./:@[]";
    text_.clear();
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
        const bool keep =
            letter < 0x80 ? is_word(static_cast<char>(letter)) || kept.find(static_cast<char>(letter)) != none
                          : u_isalnum(letter) != 0;
        if (keep) {
            text_.append(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin)));
        } else if (!gap) {
            text_ += ' ';
        }
        gap = !keep;
    }
    return true;
}

bool DateReader::find(Form form) {
    for (std::size_t at = 0; at < text_.size(); ++at) {
        const std::size_t end = (this->*form)(at);
        if (end != none) {
            text_.replace(at, end - at, 1, ' ');
            return true;
        }
    }
    return false;
}

const DateParts& DateReader::read() {
    find(&DateReader::weekday);
    find(&DateReader::time);
    static constexpr std::array forms{&DateReader::day_month,
                                      &DateReader::month_day,
                                      &DateReader::iso,
                                      &DateReader::era,
                                      &DateReader::day_name_year,
                                      &DateReader::name_day_year,
                                      &DateReader::slashes,
                                      &DateReader::dots,
                                      &DateReader::week,
                                      &DateReader::week_day,
                                      &DateReader::dashes_month,
                                      &DateReader::dashes,
                                      &DateReader::year_yearday,
                                      &DateReader::yearday,
                                      &DateReader::short_year,
                                      &DateReader::month_name,
                                      &DateReader::ordinal,
                                      &DateReader::digits};
    std::ranges::any_of(forms, [this](Form form) { return find(form); });
    find(&DateReader::before_christ);
    rest();
    finish_year();
    return parts_;
}

std::size_t DateReader::weekday(std::size_t at) {
    if (!boundary(at) || name_at(at, weekday_names) == none) {
        return none;
    }
    return after_others(at + 3, "-/");
}

std::size_t DateReader::after_era(std::size_t at) const {
    static constexpr std::array<std::string_view, 8> eras{
        "ce", "c.e.", "bce", "b.c.e.", "ad", "a.d.", "bc", "b.c."};
    for (const std::string_view era : eras) {
        if (has(at, era)) {
            return at + era.size();
        }
    }
    return at;
}

std::size_t DateReader::year_after_era(std::size_t at, Text& year, bool& before_christ) const {
    std::size_t year_at = after_spaces(after_era(at));
    std::size_t end = after_number(year_at);
    if (end == none) {
        return none;
    }
    before_christ = year_at > at && letter(at) == 'b';
    year = between(year_at, end);
    return end;
}

std::size_t DateReader::day_month(std::size_t at) {
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

std::size_t DateReader::month_day(std::size_t at) {
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

std::size_t DateReader::iso(std::size_t at) {
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

std::size_t DateReader::after_dash(std::size_t at) const {
    while (at < text_.size() && text_[at] != '-' && text_[at] != '/' && text_[at] != '.') {
        ++at;
    }
    return letter(at) == '-' ? at + 1 : none;
}

std::size_t DateReader::day_name_year(std::size_t at) {
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

std::size_t DateReader::name_day_year(std::size_t at) {
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

std::size_t DateReader::slashes(std::size_t at) {
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

std::size_t DateReader::dots(std::size_t at) {
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

std::size_t DateReader::era(std::size_t at) {
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

std::size_t DateReader::short_year(std::size_t at) {
    const std::size_t end = after_digits(at + 1);
    if (letter(at) != '\'' || end == at + 1 || !boundary(end)) {
        return none;
    }
    parts_.year = number_in(between(at + 1, end));
    return end;
}

std::size_t DateReader::month_name(std::size_t at) {
    const std::size_t month = boundary(at) ? name_at(at, month_names) : none;
    if (month == none) {
        return none;
    }
    parts_.month = static_cast<std::int64_t>(month) + 1;
    return std::min(text_.find(' ', at), text_.size());
}

std::size_t DateReader::ordinal(std::size_t at) {
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

std::size_t DateReader::before_christ(std::size_t at) {
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

void DateReader::rest() {
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

void DateReader::finish_year() {
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

void DateReader::set(Text year, Text month, Text day, bool before_christ) {
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

std::optional<DateParts> read_date(std::string_view text) {
    DateReader reader;
    if (text.size() > longest_date) {
        return std::nullopt;
    }
    if (reader.read_usual(text)) {
        return reader.parts();
    }
    return reader.take(text) ? std::optional(reader.read()) : std::nullopt;
}

}  // namespace cartwright::liquid
