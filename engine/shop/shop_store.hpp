// Rows of shops and shop_domains: the platform's directory, which is asked before a shop is known.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::shop {

struct Shop {
    ShopId id = {};
    std::string slug = {};
    std::string name = {};
    AccountId owner = {};
    bool is_open = true;
    std::string plan = {};
    std::string currency = {};  // ISO 4217
    std::string locale = {};    // "ru", "en", "ru-RU"
    std::string tz = {};        // IANA zone
    std::string country = {};   // ISO 3166-1 alpha-2
    std::int32_t version = 1;
    static constexpr auto columns = db::columns("id",
                                                &Shop::id,
                                                "slug",
                                                &Shop::slug,
                                                "name",
                                                &Shop::name,
                                                "owner_account_id",
                                                &Shop::owner,
                                                "is_open",
                                                &Shop::is_open,
                                                "plan_code",
                                                &Shop::plan,
                                                "currency",
                                                &Shop::currency,
                                                "locale",
                                                &Shop::locale,
                                                "tz",
                                                &Shop::tz,
                                                "country",
                                                &Shop::country,
                                                "version",
                                                &Shop::version);
};

struct Domain {
    std::string host = {};
    bool is_verified = false;
    bool is_primary = false;
    std::string token = {};
    Instant created_at = {};
    std::optional<Instant> verified_at = {};
    static constexpr auto columns = db::columns("host",
                                                &Domain::host,
                                                "is_verified",
                                                &Domain::is_verified,
                                                "is_primary",
                                                &Domain::is_primary,
                                                "token",
                                                &Domain::token,
                                                "created_at",
                                                &Domain::created_at,
                                                "verified_at",
                                                &Domain::verified_at);
};

}  // namespace cartwright::shop

namespace cartwright::shop::store {

// Nothing when the slug is taken.
Task<std::optional<ShopId>> insert_shop(db::PlatformTx& tx, Shop shop, Instant now);
Task<std::optional<Shop>> find_shop(db::PlatformTx& tx, ShopId id);
Task<std::optional<Shop>> read_shop(db::Database& database, ShopId id, std::uint32_t* sql_count);
Task<std::optional<Shop>> find_shop_by_slug(db::PlatformTx& tx, std::string slug);
// Where `from` is the shop's owner before the platform, `to` is from now on.
Task<> pass_shop_on(db::PlatformTx& tx, ShopId shop, AccountId from, AccountId to);
// In the order of slugs, after `after`.
Task<std::vector<Shop>> list_shops(db::PlatformTx& tx, std::string after, std::int32_t limit);
// The plan's bound for a thing it limits; nothing where it sets none.
Task<std::optional<std::int64_t>> plan_limit(db::PlatformTx& tx, ShopId shop, std::string name);

// A host, whose shop it is, and the host that the shop wants to be seen at.
struct HostRow {
    ShopId id = {};
    std::string slug = {};
    std::optional<std::string> primary_host = {};
    static constexpr auto columns =
        db::columns("id", &HostRow::id, "slug", &HostRow::slug, "primary_host", &HostRow::primary_host);
};

Task<std::optional<HostRow>> host_of_shop(db::PlatformTx& tx, ShopId shop);
Task<std::vector<HostRow>> shop_of_slug(db::Database& database, std::string slug);
Task<std::vector<HostRow>> shop_of_domain(db::Database& database, std::string host);

// Locks the shop's row, so that changes of its domains come one after another.
Task<> lock_shop(db::PlatformTx& tx, ShopId shop);
// A new claim with a new token; nothing when the shop has one already that is verified or was made after
// `stale_before`.
Task<std::optional<std::string>> insert_domain(
    db::PlatformTx& tx, ShopId shop, std::string host, std::string token, Instant now, Instant stale_before);
Task<std::vector<Domain>> list_domains(db::PlatformTx& tx, ShopId shop);
Task<std::optional<Domain>> find_domain(db::PlatformTx& tx, ShopId shop, std::string host);
// False when another shop has proven the host, when another shop released it after the claim was made (the
// record in DNS may be older than that), or when the claim is gone, stale, or was made with another token.
Task<bool> verify_domain(
    db::PlatformTx& tx, ShopId shop, std::string host, std::string token, Instant now, Instant stale_before);
Task<> clear_primary_domain(db::PlatformTx& tx, ShopId shop);
Task<bool> set_primary_domain(db::PlatformTx& tx, ShopId shop, std::string host);
Task<bool> delete_domain_claim(db::PlatformTx& tx, ShopId shop, std::string host);
Task<bool> release_domain(db::PlatformTx& tx, ShopId shop, std::string host, Instant now);
Task<std::int64_t> forget_released_domains(db::PlatformTx& tx, Instant before);

}  // namespace cartwright::shop::store
