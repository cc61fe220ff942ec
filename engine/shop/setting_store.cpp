#include "shop/setting_store.hpp"

namespace cartwright::shop::store {

namespace {

using Text = std::string;

const db::Statement<SettingRow()> settings_of_shop{"shop.list_settings", R"sql(
    select key, value, version from shop_settings where shop_id = $1 order by key
)sql"};

const db::Statement<SettingRow(Text)> setting_by_key{"shop.find_setting", R"sql(
    select key, value, version from shop_settings where shop_id = $1 and key = $2
)sql"};

const db::Statement<ComparedSetting(Text, db::Json)> setting_compared{"shop.compare_setting", R"sql(
    select value, version, value = $3 as is_same from shop_settings where shop_id = $1 and key = $2
)sql"};

const db::Statement<std::int32_t(Text, db::Json, Instant)> insert_setting_row{"shop.insert_setting", R"sql(
    insert into shop_settings (shop_id, key, value, version, updated_at) values ($1, $2, $3, 1, $4)
    on conflict (shop_id, key) do nothing
    returning version
)sql"};

const db::Statement<std::int32_t(Text, db::Json, std::int32_t, Instant)> update_setting_row{
    "shop.update_setting", R"sql(
    update shop_settings set value = $3, version = version + 1, updated_at = $5
     where shop_id = $1 and key = $2 and version = $4
    returning version
)sql"};

const db::Statement<std::int64_t(Text)> take_number{"shop.next_number", R"sql(
    insert into shop_counters as c (shop_id, name, next_value) values ($1, $2, 2)
    on conflict (shop_id, name) do update set next_value = c.next_value + 1
    returning next_value - 1 as number
)sql"};

}  // namespace

Task<std::vector<SettingRow>> list_settings(db::Tx& tx) {
    co_return co_await tx.all(settings_of_shop);
}

Task<std::optional<SettingRow>> find_setting(db::Tx& tx, std::string key) {
    co_return co_await tx.maybe(setting_by_key, key);
}

Task<std::optional<ComparedSetting>> compare_setting(db::Tx& tx, std::string key, db::Json value) {
    co_return co_await tx.maybe(setting_compared, key, value);
}

Task<std::optional<std::int32_t>> insert_setting(db::Tx& tx, std::string key, db::Json value, Instant now) {
    co_return co_await tx.maybe(insert_setting_row, key, value, now);
}

Task<std::optional<std::int32_t>> update_setting(
    db::Tx& tx, std::string key, db::Json value, std::int32_t version, Instant now) {
    co_return co_await tx.maybe(update_setting_row, key, value, version, now);
}

Task<std::int64_t> next_number(db::Tx& tx, std::string counter) {
    co_return co_await tx.one(take_number, counter);
}

}  // namespace cartwright::shop::store
