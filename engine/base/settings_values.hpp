// How the values of settings are written and read: "30s", "16KiB", lists. For settings.cpp alone.
#pragma once

#include "base/settings_rows.hpp"
#include "base/toml.hpp"

#include <string>

namespace cartwright {

using RawSetting = decltype(TomlEntry::value);

// In a file values have types; in the environment and on the command line all are text.
enum class Written : bool { in_toml, as_text };

// Puts the value into its place. False where it isn't of the setting's kind or out of its bounds; nothing has
// changed then.
bool assign_setting(Settings& settings, const SettingRow& row, const RawSetting& value, Written written);

// "a number from 1 to 65535"
std::string kind_of(const SettingRow& row);

// As it is written in a file.
std::string print_setting(const SettingRow& row, Settings& settings);

}  // namespace cartwright
