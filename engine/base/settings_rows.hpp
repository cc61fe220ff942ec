// The table behind settings.hpp: each setting's name, place, bounds and sentence. For settings.cpp alone.
#pragma once

#include "base/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cartwright {

using Strings = std::vector<std::string>;

// Where the value of a setting lives; the type of the member says how it is written. `unsigned` is a
// number, `std::size_t` a size in bytes.
using Place = std::variant<bool& (*)(Settings&),
                           unsigned& (*)(Settings&),
                           std::size_t& (*)(Settings&),
                           Milliseconds& (*)(Settings&),
                           std::string& (*)(Settings&),
                           Strings& (*)(Settings&)>;

enum class Shown : bool { openly, as_secret };

// Bounds of numbers as they are, of sizes in bytes, of durations in milliseconds; of texts in characters.
struct SettingRow {
    std::string_view name;
    Place place;
    std::int64_t least;
    std::int64_t most;
    std::string_view sentence;
    Shown shown = Shown::openly;
    Strings choices = {};
};

const std::vector<SettingRow>& setting_rows();

}  // namespace cartwright
