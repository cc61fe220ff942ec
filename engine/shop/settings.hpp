// A shop's own settings: named values that its owner changes, one row a name, each with a version. Not the
// server's configuration, which is base/settings.
//
// Every setting is declared in one table with its type, bounds and default, so that nothing unknown is ever
// stored and a shop that never changed a setting has no row for it.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cartwright::shop {

enum class SettingType : std::uint8_t { text, boolean, integer };

struct SettingInfo {
    std::string_view key;
    SettingType type;
    std::int64_t min;  // characters of a text, or the value of an integer
    std::int64_t max;
    std::string_view fallback;  // JSON
};

std::span<const SettingInfo> known_settings() noexcept;

using SettingValue = std::variant<std::string, bool, std::int64_t>;

struct Setting {
    std::string key = {};
    std::string json = {};     // the value
    std::int32_t version = 0;  // 0: never changed, the value is the default
};

struct PutSetting {
    std::string key = {};
    SettingValue value = {};
    std::int32_t version = 0;  // the one that the change was based on
};

inline constexpr Reason unknown_setting{"shop.unknown_setting", Kind::not_found};
// Not of the setting's type, or out of its bounds. Values "min", "max" for the latter.
inline constexpr Reason bad_setting{"shop.bad_setting", Kind::invalid};
// Somebody was faster. Values "version" and "value" are what stands now.
inline constexpr Reason setting_changed{"shop.setting_changed", Kind::conflict};

// Needs settings_read. All known settings, in the order of the table.
Task<Outcome<std::vector<Setting>>> list_settings(Scope& scope);
Task<Outcome<Setting>> get_setting(Scope& scope, std::string key);

// Needs settings_write. Writing what stands already is no change: it keeps the version and writes no event.
Task<Outcome<Setting>> put_setting(Scope& scope, PutSetting request);

}  // namespace cartwright::shop
