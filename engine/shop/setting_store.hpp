// Rows of one shop: shop_settings and shop_counters.
#pragma once

#include "base/clock.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::shop::store {

struct SettingRow {
    std::string key = {};
    db::Json value = {};
    std::int32_t version = 0;
    static constexpr auto columns =
        db::columns("key", &SettingRow::key, "value", &SettingRow::value, "version", &SettingRow::version);
};

Task<std::vector<SettingRow>> list_settings(db::Tx& tx);
Task<std::optional<SettingRow>> find_setting(db::Tx& tx, std::string key);

// How the stored value compares to `value`.
struct ComparedSetting {
    db::Json value = {};
    std::int32_t version = 0;
    bool is_same = false;
    static constexpr auto columns = db::columns("value",
                                                &ComparedSetting::value,
                                                "version",
                                                &ComparedSetting::version,
                                                "is_same",
                                                &ComparedSetting::is_same);
};

Task<std::optional<ComparedSetting>> compare_setting(db::Tx& tx, std::string key, db::Json value);
// From no row to version 1. Nothing when there is a row.
Task<std::optional<std::int32_t>> insert_setting(db::Tx& tx, std::string key, db::Json value, Instant now);
// From `version` to the next one. Nothing when the row has another version.
Task<std::optional<std::int32_t>> update_setting(
    db::Tx& tx, std::string key, db::Json value, std::int32_t version, Instant now);

Task<std::int64_t> next_number(db::Tx& tx, std::string counter);

}  // namespace cartwright::shop::store
