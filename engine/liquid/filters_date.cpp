#include "liquid/date.hpp"
#include "liquid/digits.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace cartwright::liquid {

namespace {

constexpr std::size_t longest_unix_time = 18;

std::optional<Moment> moment_of(const Value& value, const Clock& clock) {
    if (value.is(Kind::integer)) {
        return at_unix_time(value.as_integer(), clock);
    }
    if (!value.is_string()) {
        return std::nullopt;
    }
    const std::string_view text = value.as_string();
    if (text.empty()) {
        return std::nullopt;
    }
    if (std::ranges::all_of(text, is_digit)) {
        const std::string_view digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
        std::int64_t seconds = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        return digits.size() > longest_unix_time ? std::nullopt : at_unix_time(seconds, clock);
    }
    if (text.size() > longest_date) {
        return std::nullopt;
    }
    std::array<char, longest_date> lower;
    std::ranges::transform(text, lower.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter;
    });
    const std::string_view lowered(lower.data(), text.size());
    if (lowered == "now" || lowered == "today") {
        return now(clock);
    }
    return parse_date(lowered, clock);
}

Value date(Render& render, const Value& input, const Arguments& arguments) {
    const std::string_view format = render.text(arguments[0]);
    if (format.empty()) {
        return input;
    }
    const std::optional<Moment> moment = moment_of(render.primitive(input), render.options().clock);
    return moment ? format_date(render, *moment, format) : input;
}

constexpr std::array filters{
    Filter{.name = "date",
           .apply = date,
           .least = 1,
           .most = 1,
           .summary = "A date in another form; what isn't a date stays as it is."},
};

}  // namespace

std::span<const Filter> date_filters() {
    return filters;
}

}  // namespace cartwright::liquid
