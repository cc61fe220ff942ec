#include "liquid/date.hpp"
#include "liquid/digits.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

namespace cartwright::liquid {

namespace {

constexpr std::array<std::string_view, 7> weekdays{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

constexpr std::array<std::string_view, 12> months{"January",
                                                  "February",
                                                  "March",
                                                  "April",
                                                  "May",
                                                  "June",
                                                  "July",
                                                  "August",
                                                  "September",
                                                  "October",
                                                  "November",
                                                  "December"};

constexpr std::size_t abbreviated = 3;

// What stands between a directive's % and its letter.
struct Flags {
    bool unpadded = false;  // -
    bool upper = false;     // ^
    bool swapped = false;   // #
    char padding = 0;       // _ is a blank, 0 a zero
    std::size_t colons = 0;
    int width = 0;  // 0: the directive's own
};

// Week of the year and its year, ISO 8601.
struct Week {
    std::int64_t year;
    std::int32_t number;
};

Week iso_week(const CalendarDay& day) {
    const int weekday = (day.weekday + 6) % 7;  // from Monday
    const int week = (day.yearday - weekday + 10) / 7;
    const auto weeks_in = [](std::int64_t year) {
        const CalendarDay last = calendar_day(days_of(year, 12, 31));
        return last.weekday == 4 || (last.weekday == 5 && is_leap(year)) ? 53 : 52;
    };
    if (week < 1) {
        return {day.year - 1, weeks_in(day.year - 1)};
    }
    return week > weeks_in(day.year) ? Week{day.year + 1, 1} : Week{day.year, week};
}

// What clocks and calendars show at a moment.
struct Wall {
    CalendarDay day;
    std::int32_t hour;
    std::int32_t minute;
    std::int32_t second;
    std::int64_t unix_seconds;
};

Wall wall_at(const Moment& moment) {
    constexpr std::int64_t seconds_in_day = 86'400;
    const std::int64_t local = moment.unix_seconds + moment.offset;
    const std::int64_t days = floor_division(local, seconds_in_day);
    const auto second = static_cast<std::int32_t>(local - days * seconds_in_day);
    return {calendar_day(days), second / 3600, second / 60 % 60, second % 60, moment.unix_seconds};
}

std::int64_t in_century(std::int64_t year) {
    return year - floor_division(year, 100) * 100;
}

// Weeks of the year begin with their first day, which is so many days ago.
std::int64_t week_of(const Wall& wall, std::int32_t days_since_first) {
    return (wall.day.yearday + 7 - days_since_first) / 7;
}

struct Numeric {
    char letter;
    int width;
    char padding;
    std::int64_t (*value)(const Wall&);
};

constexpr std::array numerics{
    Numeric{'C', 2, '0', [](const Wall& wall) { return floor_division(wall.day.year, 100); }},
    Numeric{'y', 2, '0', [](const Wall& wall) { return in_century(wall.day.year); }},
    Numeric{'m', 2, '0', [](const Wall& wall) { return std::int64_t{wall.day.month}; }},
    Numeric{'d', 2, '0', [](const Wall& wall) { return std::int64_t{wall.day.day}; }},
    Numeric{'e', 2, ' ', [](const Wall& wall) { return std::int64_t{wall.day.day}; }},
    Numeric{'j', 3, '0', [](const Wall& wall) { return std::int64_t{wall.day.yearday} + 1; }},
    Numeric{'H', 2, '0', [](const Wall& wall) { return std::int64_t{wall.hour}; }},
    Numeric{'k', 2, ' ', [](const Wall& wall) { return std::int64_t{wall.hour}; }},
    Numeric{'I', 2, '0', [](const Wall& wall) { return std::int64_t{(wall.hour + 11) % 12 + 1}; }},
    Numeric{'l', 2, ' ', [](const Wall& wall) { return std::int64_t{(wall.hour + 11) % 12 + 1}; }},
    Numeric{'M', 2, '0', [](const Wall& wall) { return std::int64_t{wall.minute}; }},
    Numeric{'S', 2, '0', [](const Wall& wall) { return std::int64_t{wall.second}; }},
    Numeric{'u', 1, '0', [](const Wall& wall) { return std::int64_t{(wall.day.weekday + 6) % 7 + 1}; }},
    Numeric{'w', 1, '0', [](const Wall& wall) { return std::int64_t{wall.day.weekday}; }},
    Numeric{'g', 2, '0', [](const Wall& wall) { return in_century(iso_week(wall.day).year); }},
    Numeric{'V', 2, '0', [](const Wall& wall) { return std::int64_t{iso_week(wall.day).number}; }},
    Numeric{'U', 2, '0', [](const Wall& wall) { return week_of(wall, wall.day.weekday); }},
    Numeric{'W', 2, '0', [](const Wall& wall) { return week_of(wall, (wall.day.weekday + 6) % 7); }},
    Numeric{'s', 1, '0', [](const Wall& wall) { return wall.unix_seconds; }},
};

struct Composition {
    char letter;
    std::string_view format;
};

constexpr std::array compositions{
    Composition{'c', "%a %b %e %H:%M:%S %Y"},
    Composition{'D', "%m/%d/%y"},
    Composition{'x', "%m/%d/%y"},
    Composition{'F', "%Y-%m-%d"},
    Composition{'T', "%H:%M:%S"},
    Composition{'X', "%H:%M:%S"},
    Composition{'R', "%H:%M"},
    Composition{'r', "%I:%M:%S %p"},
    Composition{'v', "%e-%^b-%4Y"},
};

class Formatter {
public:
    Formatter(Render& render, const Moment& moment) : out_(render), moment_(moment), wall_(wall_at(moment)) {}

    // False: the format ends inside of a directive.
    bool write(std::string_view format) {
        std::size_t at = 0;
        while (at < format.size() && !out_.overflowed()) {
            const std::size_t percent = std::min(format.find('%', at), format.size());
            out_.append(format.substr(at, percent - at));
            if (percent == format.size()) {
                return true;
            }
            Flags flags;
            const std::size_t letter = read_flags(format, percent + 1, flags);
            if (letter == std::string_view::npos) {
                return false;
            }
            at = letter + 1;
            if (!write_directive(format[letter], flags)) {
                out_.append(format.substr(percent, at - percent));
            }
        }
        return true;
    }

    Value finish() { return out_.finish(); }

private:
    static constexpr std::size_t too_many_colons = 4;

    // Where the directive's letter stands; npos: nowhere. What isn't a flag is taken as an (unknown) letter.
    static std::size_t read_flags(std::string_view format, std::size_t at, Flags& flags) {
        for (; at < format.size(); ++at) {
            const char letter = format[at];
            if (is_digit(letter)) {
                if (letter == '0') {
                    flags.padding = '0';
                }
                const auto [end, error] =
                    std::from_chars(format.data() + at, format.data() + format.size(), flags.width);
                at = static_cast<std::size_t>(end - format.data()) - 1;
                if (error != std::errc{}) {
                    return at;
                }
                continue;
            }
            const bool flag = letter == '-' || letter == '^' || letter == '#' || letter == '_';
            if (flag && flags.width > 0) {
                return at;
            }
            switch (letter) {
                case '-':
                    flags.unpadded = true;
                    flags.padding = 0;
                    break;
                case '^':
                    flags.upper = true;
                    break;
                case '#':
                    flags.swapped = true;
                    break;
                case '_':
                    flags.padding = ' ';
                    break;
                case ':': {
                    // Up to three lead to a z; four, as Ruby reads them, to any directive but z.
                    const std::size_t run = std::min(format.find_first_not_of(':', at), format.size()) - at;
                    flags.colons = std::min(run, too_many_colons);
                    if (run < too_many_colons && !format.substr(at + run).starts_with('z')) {
                        return at;
                    }
                    at += flags.colons - 1;
                    break;
                }
                case 'E':
                case 'O': {
                    const std::string_view followers = letter == 'E' ? "cCxXyY" : "deHkIlmMSuUVwWy";
                    if (at + 1 == format.size() || followers.find(format[at + 1]) == std::string_view::npos) {
                        return at;
                    }
                    break;
                }
                default:
                    return at;
            }
        }
        return std::string_view::npos;
    }

    void pad(char with, std::int64_t count) {
        if (count <= 0) {
            return;
        }
        const auto size = static_cast<std::size_t>(count);
        if (char* room = out_.room(size)) {
            std::memset(room, with, size);
            out_.wrote(size);
        }
    }

    void number(const Flags& flags, std::int64_t value, int width, char padding) {
        std::array<char, 24> digits;
        const bool negative = value < 0;
        const char* const end =
            std::to_chars(digits.data(), digits.data() + digits.size(), negative ? -value : value).ptr;
        const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
        const int wanted = flags.unpadded ? 1 : flags.width > 0 ? flags.width : width;
        const char with = flags.padding != 0 ? flags.padding : padding;
        const std::int64_t missing = wanted - static_cast<std::int64_t>(text.size()) - (negative ? 1 : 0);
        if (with == ' ') {
            pad(' ', missing);
        }
        if (negative) {
            out_.append('-');
        }
        if (with == '0') {
            pad('0', missing);
        }
        out_.append(text);
    }

    void year(const Flags& flags, std::int64_t value) { number(flags, value, value < 0 ? 5 : 4, '0'); }

    enum class Case : std::uint8_t { as_is, upper, lower };

    void text(const Flags& flags, std::string_view text, Case letters = Case::as_is) {
        if (!flags.unpadded) {
            pad(flags.padding != 0 ? flags.padding : ' ',
                flags.width - static_cast<std::int64_t>(text.size()));
        }
        if (letters == Case::as_is && flags.upper) {
            letters = Case::upper;
        }
        for (const char letter : text) {
            const bool to_lower = letters == Case::lower && letter >= 'A' && letter <= 'Z';
            const bool to_upper = letters == Case::upper && letter >= 'a' && letter <= 'z';
            out_.append(to_lower || to_upper ? static_cast<char>(letter ^ 0x20) : letter);
        }
    }

    void name(const Flags& flags, std::string_view name) {
        text(flags, name, flags.swapped ? Case::upper : Case::as_is);
    }

    void composed(const Flags& flags, std::string_view format) {
        const std::size_t from = out_.size();
        write(format);
        const std::string whole(out_.text().substr(from));
        out_.truncate(from);
        text(flags, whole);
    }

    void half_of_day(const Flags& flags, bool lower) {
        text(flags,
             wall_.hour < 12 ? "AM" : "PM",
             (lower ? !(flags.swapped || flags.upper) : flags.swapped) ? Case::lower : Case::as_is);
    }

    void zone(const Flags& flags) {
        if (!moment_.zone.empty()) {
            text(flags, moment_.zone, flags.swapped ? Case::lower : Case::as_is);
        }
    }

    void fraction(const Flags& flags, int digits) {
        constexpr int digits_of_nanoseconds = 9;
        std::string text = std::to_string(1'000'000'000 + moment_.nanoseconds).substr(1);
        const int wanted = flags.width > 0 ? flags.width : digits;
        out_.append(std::string_view(text).substr(
            0, static_cast<std::size_t>(std::min(wanted, digits_of_nanoseconds))));
        pad('0', wanted - digits_of_nanoseconds);
    }

    void offset(const Flags& flags) {
        const int size = std::abs(moment_.offset);
        const int minutes = size / 60 % 60;
        const int seconds = size % 60;
        const bool negative = moment_.offset < 0 || (moment_.utc && flags.unpadded);
        const bool with_minutes = flags.colons != 3 || minutes != 0 || seconds != 0;
        const bool with_seconds = flags.colons == 2 || (flags.colons == 3 && seconds != 0);
        const int behind = flags.colons == 0 ? 2 : (with_minutes ? 3 : 0) + (with_seconds ? 3 : 0);
        const int width = std::max(3, flags.width - behind);
        const int hours = size / 3600;
        const int missing = width - 1 - (hours < 10 ? 1 : 2);
        if (flags.padding == ' ') {
            pad(' ', missing);
        }
        out_.append(negative ? '-' : '+');
        if (flags.padding != ' ') {
            pad('0', missing);
        }
        out_.append_integer(hours);
        const auto part = [&](int value) {
            if (flags.colons > 0) {
                out_.append(':');
            }
            out_.append(static_cast<char>('0' + value / 10));
            out_.append(static_cast<char>('0' + value % 10));
        };
        if (with_minutes) {
            part(minutes);
        }
        if (with_seconds) {
            part(seconds);
        }
    }

    // False: there is no such directive.
    bool write_directive(char letter, const Flags& flags) {
        if (const auto* found = std::ranges::find(numerics, letter, &Numeric::letter);
            found != numerics.end()) {
            number(flags, found->value(wall_), found->width, found->padding);
            return true;
        }
        if (const auto* found = std::ranges::find(compositions, letter, &Composition::letter);
            found != compositions.end()) {
            composed(flags, found->format);
            return true;
        }
        const std::string_view weekday = weekdays[static_cast<std::size_t>(wall_.day.weekday)];
        const std::string_view month = months[static_cast<std::size_t>(wall_.day.month - 1)];
        switch (letter) {
            case 'Y':
                year(flags, wall_.day.year);
                break;
            case 'G':
                year(flags, iso_week(wall_.day).year);
                break;
            case 'B':
                name(flags, month);
                break;
            case 'b':
            case 'h':
                name(flags, month.substr(0, abbreviated));
                break;
            case 'A':
                name(flags, weekday);
                break;
            case 'a':
                name(flags, weekday.substr(0, abbreviated));
                break;
            case 'L':
                fraction(flags, 3);
                break;
            case 'N':
                fraction(flags, 9);
                break;
            case 'p':
            case 'P':
                half_of_day(flags, letter == 'P');
                break;
            case 'Z':
                zone(flags);
                break;
            case 'n':
                text(flags, "\n");
                break;
            case 't':
                text(flags, "\t");
                break;
            case '%':
                text(flags, "%");
                break;
            case 'z':
                if (flags.colons < too_many_colons) {
                    offset(flags);
                    break;
                }
                return false;
            default:
                return false;
        }
        return true;
    }

    TextBuilder out_;
    const Moment& moment_;
    Wall wall_;
};

}  // namespace

Value format_date(Render& render, const Moment& moment, std::string_view format) {
    if (!render.spend(format.size())) {
        return render.exhausted();
    }
    Formatter formatter(render, moment);
    if (!formatter.write(format)) {
        return render.argument_error("invalid format: " + std::string(format));
    }
    return formatter.finish();
}

}  // namespace cartwright::liquid
