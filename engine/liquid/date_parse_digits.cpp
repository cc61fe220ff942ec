#include "liquid/date_reader.hpp"

#include <algorithm>
#include <array>

namespace cartwright::liquid {

std::size_t DateReader::after_half(std::size_t at) const {
    if (letter(at) != 'a' && letter(at) != 'p') {
        return none;
    }
    if (letter(at + 1) == 'm' && boundary(at + 2)) {
        return at + 2;
    }
    return has(at + 1, ".m.") ? at + 4 : none;
}

std::size_t DateReader::time(std::size_t at) {
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

std::size_t DateReader::after_zone(std::size_t at) const {
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

std::size_t DateReader::week(std::size_t at) {
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

std::size_t DateReader::week_day(std::size_t at) {
    return has(at, "-w-") && digit(at + 3) && boundary(at + 4) ? at + 4 : none;
}

std::size_t DateReader::dashes_month(std::size_t at) {
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

std::size_t DateReader::dashes(std::size_t at) {
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

std::size_t DateReader::year_yearday(std::size_t at) {
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

bool DateReader::after_point() const {
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

std::size_t DateReader::yearday(std::size_t at) {
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

std::size_t DateReader::digits(std::size_t at) {
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

std::size_t DateReader::after_digits_zone(std::size_t at) const {
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

void DateReader::date_from_begin(std::string_view digits, bool negative) {
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

void DateReader::time_from_end(std::string_view digits, bool negative) {
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

}  // namespace cartwright::liquid
