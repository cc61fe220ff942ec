#include "base/settings_values.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace cartwright {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// The larger first, for printing.
constexpr auto durations =
    std::to_array<Unit>({{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}});
constexpr auto sizes = std::to_array<Unit>({{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}});

std::optional<std::int64_t> parse_unit(std::string_view text, std::span<const Unit> units) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_int64(text.substr(0, end));
    const auto unit = std::ranges::find(units, text.substr(end), &Unit::name);
    std::int64_t value = 0;
    if (!number || unit == units.end() || __builtin_mul_overflow(*number, unit->factor, &value)) {
        return std::nullopt;
    }
    return value;
}

std::string print_unit(std::int64_t value, std::span<const Unit> units) {
    const auto unit = std::ranges::find_if(
        units, [value](const Unit& candidate) { return value != 0 && value % candidate.factor == 0; });
    const Unit& chosen = unit == units.end() ? units.back() : *unit;
    return fmt::format("{}{}", value / chosen.factor, chosen.name);
}

Strings split_list(std::string_view text) {
    Strings parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = trim(text.substr(0, comma));
        if (!part.empty()) {
            parts.emplace_back(part);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

struct Assign {
    const SettingRow& row;
    Settings& settings;
    const RawSetting& value;
    Written written;

    std::optional<std::int64_t> bounded(std::optional<std::int64_t> number) const {
        return number && *number >= row.least && *number <= row.most ? number : std::nullopt;
    }

    const std::string* text() const { return std::get_if<std::string>(&value); }

    bool operator()(bool& (*place)(Settings&)) const {
        if (const bool* const flag = std::get_if<bool>(&value)) {
            place(settings) = *flag;
            return true;
        }
        if (written != Written::as_text || (*text() != "true" && *text() != "false")) {
            return false;
        }
        place(settings) = *text() == "true";
        return true;
    }

    bool operator()(unsigned& (*place)(Settings&)) const {
        const auto* const integer = std::get_if<std::int64_t>(&value);
        const auto number = bounded(integer != nullptr            ? std::optional(*integer)
                                    : written == Written::as_text ? parse_int64(*text())
                                                                  : std::nullopt);
        if (number) {
            place(settings) = static_cast<unsigned>(*number);
        }
        return number.has_value();
    }

    bool operator()(std::size_t& (*place)(Settings&)) const {
        const auto* const integer = std::get_if<std::int64_t>(&value);
        const auto number = bounded(integer != nullptr  ? std::optional(*integer)
                                    : text() != nullptr ? parse_unit(*text(), sizes)
                                                        : std::nullopt);
        if (number) {
            place(settings) = static_cast<std::size_t>(*number);
        }
        return number.has_value();
    }

    bool operator()(Milliseconds& (*place)(Settings&)) const {
        const auto number = bounded(text() != nullptr ? parse_unit(*text(), durations) : std::nullopt);
        if (number) {
            place(settings) = Milliseconds(*number);
        }
        return number.has_value();
    }

    bool operator()(std::string& (*place)(Settings&)) const {
        if (text() == nullptr || !is_utf8(*text()) || text()->find('\0') != std::string::npos ||
            !bounded(static_cast<std::int64_t>(text()->size())) ||
            (!row.choices.empty() && std::ranges::find(row.choices, *text()) == row.choices.end())) {
            return false;
        }
        place(settings) = *text();
        return true;
    }

    bool operator()(Strings& (*place)(Settings&)) const {
        const auto* const list = std::get_if<Strings>(&value);
        if (list == nullptr && written != Written::as_text) {
            return false;
        }
        Strings parts = list != nullptr ? *list : split_list(*text());
        if (!bounded(static_cast<std::int64_t>(parts.size()))) {
            return false;
        }
        place(settings) = std::move(parts);
        return true;
    }
};

}  // namespace

bool assign_setting(Settings& settings, const SettingRow& row, const RawSetting& value, Written written) {
    return std::visit(Assign{row, settings, value, written}, row.place);
}

std::string kind_of(const SettingRow& row) {
    struct Describe {
        const SettingRow& row;

        std::string operator()(bool& (*)(Settings&)) const { return "true or false"; }

        std::string operator()(unsigned& (*)(Settings&)) const {
            return fmt::format("a number from {} to {}", row.least, row.most);
        }

        std::string operator()(std::size_t& (*)(Settings&)) const {
            return fmt::format(
                "a size from {} to {}", print_unit(row.least, sizes), print_unit(row.most, sizes));
        }

        std::string operator()(Milliseconds& (*)(Settings&)) const {
            return fmt::format("a duration from {} to {}",
                               print_unit(row.least, durations),
                               print_unit(row.most, durations));
        }

        std::string operator()(std::string& (*)(Settings&)) const {
            if (!row.choices.empty()) {
                return fmt::format("one of {}", fmt::join(row.choices, ", "));
            }
            return row.least == 0 ? "a text" : "a text that is not empty";
        }

        std::string operator()(Strings& (*)(Settings&)) const {
            return row.least == 0 ? "a list of texts" : "a list of texts that is not empty";
        }
    };

    return std::visit(Describe{row}, row.place);
}

std::string print_setting(const SettingRow& row, Settings& settings) {
    struct Print {
        Settings& settings;

        std::string operator()(bool& (*place)(Settings&)) const { return place(settings) ? "true" : "false"; }

        std::string operator()(unsigned& (*place)(Settings&)) const {
            return std::to_string(place(settings));
        }

        std::string operator()(std::size_t& (*place)(Settings&)) const {
            const auto value = static_cast<std::int64_t>(place(settings));
            return in_quotes(print_unit(value, sizes));
        }

        std::string operator()(Milliseconds& (*place)(Settings&)) const {
            return in_quotes(print_unit(place(settings).count(), durations));
        }

        std::string operator()(std::string& (*place)(Settings&)) const { return in_quotes(place(settings)); }

        std::string operator()(Strings& (*place)(Settings&)) const {
            Strings parts;
            std::ranges::transform(place(settings), std::back_inserter(parts), in_quotes);
            return fmt::format("[{}]", fmt::join(parts, ", "));
        }
    };

    return std::visit(Print{settings}, row.place);
}

}  // namespace cartwright
