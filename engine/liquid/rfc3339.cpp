#include "liquid/rfc3339.hpp"

#include <chrono>

namespace cartwright::liquid {

namespace {

// `pattern`: a 0 for each digit, anything else as itself.
bool looks_like(std::string_view text, std::string_view pattern) noexcept {
    if (text.size() != pattern.size()) {
        return false;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool digit = text[at] >= '0' && text[at] <= '9';
        if (pattern[at] == '0' ? !digit : text[at] != pattern[at]) {
            return false;
        }
    }
    return true;
}

int number(std::string_view text, std::size_t at, std::size_t digits) noexcept {
    int value = 0;
    for (const char digit : text.substr(at, digits)) {
        value = value * 10 + (digit - '0');
    }
    return value;
}

}  // namespace

std::optional<std::int64_t> from_rfc3339(std::string_view text) noexcept {
    using namespace std::chrono;
    constexpr std::size_t zone_at = 19;
    if (text.size() <= zone_at || !looks_like(text.substr(0, zone_at), "0000-00-00T00:00:00")) {
        return std::nullopt;
    }
    const std::string_view zone = text.substr(zone_at);
    std::int64_t offset = 0;
    if (looks_like(zone, "+00:00") || looks_like(zone, "-00:00")) {
        offset = number(zone, 1, 2) * 3600 + number(zone, 4, 2) * 60;
        offset = zone[0] == '-' ? -offset : offset;
    } else if (zone != "Z") {
        return std::nullopt;
    }
    const year_month_day day(year(number(text, 0, 4)),
                             month(static_cast<unsigned>(number(text, 5, 2))),
                             std::chrono::day(static_cast<unsigned>(number(text, 8, 2))));
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const int second = number(text, 17, 2);
    if (!day.ok() || hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    return sys_seconds(sys_days(day)).time_since_epoch().count() + hour * 3600 + minute * 60 + second -
           offset;
}

}  // namespace cartwright::liquid
