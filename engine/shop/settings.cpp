#include "shop/settings.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "shop/changes.hpp"
#include "shop/setting_store.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cartwright::shop {

namespace {

using enum SettingType;

constexpr std::array<SettingInfo, 10> settings_of_a_shop{{
    {"carts.days_kept", integer, 1, 365, "30"},
    {"catalog.page_size", integer, 4, 100, "24"},
    {"checkout.guests_allowed", boolean, 0, 0, "true"},
    {"checkout.terms_required", boolean, 0, 0, "false"},
    {"general.contact_email", text, 0, 254, R"("")"},
    {"general.description", text, 0, 2000, R"("")"},
    {"general.legal_name", text, 0, 300, R"("")"},
    {"general.phone", text, 0, 40, R"("")"},
    {"orders.number_prefix", text, 0, 10, R"("")"},
    {"storefront.hidden_from_search", boolean, 0, 0, "false"},
}};

static_assert(std::ranges::is_sorted(settings_of_a_shop, {}, &SettingInfo::key));

const SettingInfo* info_of(std::string_view key) noexcept {
    const auto found = std::ranges::find(settings_of_a_shop, key, &SettingInfo::key);
    return found == settings_of_a_shop.end() ? nullptr : &*found;
}

std::int64_t characters(std::string_view text) noexcept {
    return std::ranges::count_if(text,
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

Outcome<> within(const SettingInfo& info, std::int64_t size) {
    if (size >= info.min && size <= info.max) {
        return {};
    }
    return refuse(Refusal(bad_setting, "value")
                      .with("min", std::to_string(info.min))
                      .with("max", std::to_string(info.max)));
}

Outcome<std::string> json_of(const SettingInfo& info, const SettingValue& value) {
    if (const auto* text_value = std::get_if<std::string>(&value);
        text_value != nullptr && info.type == text) {
        if (!is_utf8(*text_value) || text_value->find('\0') != std::string::npos) {
            return refuse(bad_setting, "value");
        }
        if (auto good = within(info, characters(*text_value)); !good) {
            return refuse(std::move(good).error());
        }
        std::string json;
        append_json_string(json, *text_value);
        return json;
    }
    if (const auto* flag = std::get_if<bool>(&value); flag != nullptr && info.type == boolean) {
        return std::string(*flag ? "true" : "false");
    }
    if (const auto* number = std::get_if<std::int64_t>(&value); number != nullptr && info.type == integer) {
        if (auto good = within(info, *number); !good) {
            return refuse(std::move(good).error());
        }
        return std::to_string(*number);
    }
    return refuse(bad_setting, "value");
}

Task<std::unexpected<Refusal>> changed_meanwhile(Scope& scope, const SettingInfo& info) {
    const auto row = co_await store::find_setting(scope.tx, std::string(info.key));
    co_return refuse(Refusal(setting_changed, "version")
                         .with("version", std::to_string(row ? row->version : 0))
                         .with("value", row ? row->value.text : std::string(info.fallback)));
}

}  // namespace

std::span<const SettingInfo> known_settings() noexcept {
    return settings_of_a_shop;
}

Task<Outcome<std::vector<Setting>>> list_settings(Scope& scope) {
    if (auto permitted = require(scope, Permission::settings_read); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    const auto rows = co_await store::list_settings(scope.tx);
    std::vector<Setting> settings;
    for (const SettingInfo& info : settings_of_a_shop) {
        const auto row = std::ranges::find(rows, info.key, &store::SettingRow::key);
        const bool is_set = row != rows.end();
        settings.push_back({std::string(info.key),
                            is_set ? row->value.text : std::string(info.fallback),
                            is_set ? row->version : 0});
    }
    co_return settings;
}

Task<Outcome<Setting>> get_setting(Scope& scope, std::string key) {
    if (auto permitted = require(scope, Permission::settings_read); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    const SettingInfo* info = info_of(key);
    if (info == nullptr) {
        co_return refuse(unknown_setting);
    }
    auto row = co_await store::find_setting(scope.tx, key);
    if (!row) {
        co_return Setting{key, std::string(info->fallback), 0};
    }
    co_return Setting{key, std::move(row->value.text), row->version};
}

Task<Outcome<Setting>> put_setting(Scope& scope, PutSetting request) {
    if (auto permitted = require(scope, Permission::settings_write); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    const SettingInfo* info = info_of(request.key);
    if (info == nullptr) {
        co_return refuse(unknown_setting);
    }
    const auto json = json_of(*info, request.value);
    if (!json) {
        co_return refuse(json.error());
    }
    const db::Json value{*json};

    const auto row = co_await store::compare_setting(scope.tx, request.key, value);
    const std::int32_t current = row ? row->version : 0;
    const std::string before = row ? row->value.text : std::string(info->fallback);
    if (current != request.version) {
        co_return co_await changed_meanwhile(scope, *info);
    }
    if (row ? row->is_same : before == *json) {
        co_return Setting{request.key, before, current};
    }

    const auto version =
        row ? co_await store::update_setting(scope.tx, request.key, value, current, scope.now)
            : co_await store::insert_setting(scope.tx, request.key, value, scope.now);
    if (!version) {
        co_return co_await changed_meanwhile(scope, *info);
    }
    record(scope,
           events::Change::changed("shop.setting_changed", {"setting", request.key}, *version)
               .field("value", db::Json{before}, value));
    co_return Setting{request.key, *json, *version};
}

}  // namespace cartwright::shop
