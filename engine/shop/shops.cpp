#include "shop/shops.hpp"

#include "base/money.hpp"
#include "base/text.hpp"
#include "shop/account_store.hpp"
#include "shop/changes.hpp"
#include "shop/names.hpp"
#include "shop/staff_store.hpp"

#include <unicode/ucal.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <array>

namespace cartwright::shop {

namespace {

constexpr std::size_t slug_min_bytes = 2;
constexpr std::size_t slug_max_bytes = 63;
constexpr std::size_t name_max_bytes = 200;
constexpr std::size_t zone_max_bytes = 64;

constexpr std::array<std::string_view, 2> locales{"en", "ru"};

constexpr std::array<std::string_view, 61> reserved{
    "abuse",      "account",    "accounts",  "admin",    "administrator", "affiliate",    "api",
    "app",        "apps",       "assets",    "auth",     "autoconfig",    "autodiscover", "billing",
    "blog",       "cartwright", "cdn",       "checkout", "console",       "dashboard",    "dev",
    "dns",        "docs",       "email",     "files",    "forum",         "ftp",          "help",
    "hostmaster", "images",     "imap",      "info",     "localhost",     "login",        "mail",
    "media",      "metrics",    "mx",        "noreply",  "ns1",           "ns2",          "operator",
    "panel",      "partner",    "partners",  "pay",      "payment",       "pop",          "postmaster",
    "root",       "secure",     "security",  "smtp",     "sso",           "static",       "status",
    "support",    "system",     "webmaster", "wpad",     "www",
};

bool is_time_zone(const std::string& name) {
    if (name.empty() || name.size() > zone_max_bytes) {
        return false;
    }
    if (!std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F; })) {
        return false;
    }
    const std::u16string wide(name.begin(), name.end());
    std::array<char16_t, 128> canonical{};
    UBool is_system = false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(wide.data(),
                                static_cast<std::int32_t>(wide.size()),
                                canonical.data(),
                                static_cast<std::int32_t>(canonical.size()),
                                &is_system,
                                &status);
    return U_SUCCESS(status) && is_system;
}

bool is_country(std::string_view code) {
    for (const char* const* known = uloc_getISOCountries(); *known != nullptr; ++known) {
        if (code == *known) {
            return true;
        }
    }
    return false;
}

// What a role is called at first; the shop renames it as it likes.
std::string role_name(const DefaultRole& role, std::string_view locale) {
    struct Names {
        std::string_view key, en, ru;
    };

    static constexpr std::array<Names, 5> names{{
        {"owner", "Owner", "Владелец"},
        {"manager", "Manager", "Управляющий"},
        {"content", "Content editor", "Контент-менеджер"},
        {"orders", "Order handler", "Менеджер заказов"},
        {"reader", "Reader", "Наблюдатель"},
    }};
    const auto& named = *std::ranges::find(names, role.key, &Names::key);
    return std::string(locale == "ru" ? named.ru : named.en);
}

Outcome<> check(const CreateShop& request) {
    if (!Currency::parse(request.currency)) {
        return refuse(unknown_currency, "currency");
    }
    if (std::ranges::find(locales, request.locale) == locales.end()) {
        return refuse(unknown_locale, "locale");
    }
    if (!is_time_zone(request.tz)) {
        return refuse(unknown_time_zone, "tz");
    }
    if (!is_country(request.country)) {
        return refuse(unknown_country, "country");
    }
    return {};
}

}  // namespace

Outcome<Slug> Slug::parse(std::string_view text) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    const bool is_label = text.size() >= slug_min_bytes && text.size() <= slug_max_bytes &&
                          std::ranges::all_of(text, is_allowed) && text.front() != '-' &&
                          text.back() != '-' && (text.size() < 4 || text.substr(2, 2) != "--");
    if (!is_label) {
        return refuse(bad_slug, "slug");
    }
    if (std::ranges::find(reserved, text) != reserved.end()) {
        return refuse(slug_reserved, "slug");
    }
    return Slug(std::string(text));
}

std::span<const std::string_view> reserved_slugs() noexcept {
    return reserved;
}

std::span<const std::string_view> spoken_locales() noexcept {
    return locales;
}

Task<Outcome<Shop>> create_shop(db::PlatformTx& tx, const Services& services, CreateShop request) {
    const auto slug = Slug::parse(request.slug);
    if (!slug) {
        co_return refuse(slug.error());
    }
    const auto name = clean_name(request.name, name_max_bytes, bad_shop_name);
    if (!name) {
        co_return refuse(name.error());
    }
    if (auto good = check(request); !good) {
        co_return refuse(std::move(good).error());
    }
    if (!co_await store::find_account(tx, request.owner)) {
        co_return refuse(no_such_account, "owner");
    }

    const Instant now = services.clock.now();
    Shop shop{.id = services.ids.next_as<ShopId>(),
              .slug = slug->text(),
              .name = name->empty() ? slug->text() : *name,
              .owner = request.owner,
              .plan = "free",
              .currency = request.currency,
              .locale = request.locale,
              .tz = request.tz,
              .country = request.country};
    if (!co_await store::insert_shop(tx, shop, now)) {
        co_return refuse(slug_taken, "slug");
    }

    db::Tx& of_shop = tx.enter(shop.id);
    RoleId owners;
    for (const DefaultRole& role : default_roles()) {
        const auto id = services.ids.next_as<RoleId>();
        if (role.is_owner) {
            owners = id;
        }
        Role row{.id = id,
                 .name = role_name(role, shop.locale),
                 .is_owner = role.is_owner,
                 .permissions = role.permissions.names()};
        co_await store::insert_role(of_shop, std::move(row), now);
    }
    co_await store::insert_totals(of_shop);
    co_await store::insert_staff(of_shop, shop.owner, owners, now);
    co_await store::insert_membership(of_shop, shop.owner, shop.id, now);

    const Actor actor{.kind = Actor::Kind::staff, .account = shop.owner};
    const Visitor owner{.shop = shop.id};
    Scope scope = scope_of(of_shop, services, owner, actor);
    auto change = events::Change::created("shop.created", {"shop", shop.id}, shop.version);
    change.field("slug", std::nullopt, shop.slug);
    change.field("name", std::nullopt, shop.name);
    change.field("currency", std::nullopt, shop.currency);
    change.field("locale", std::nullopt, shop.locale);
    change.field("tz", std::nullopt, shop.tz);
    change.field("country", std::nullopt, shop.country);
    record(scope, change);
    co_return shop;
}

Task<std::optional<Shop>> find_shop(db::PlatformTx& tx, ShopId id) {
    co_return co_await store::find_shop(tx, id);
}

Task<std::optional<Shop>> find_shop(db::PlatformTx& tx, std::string slug) {
    co_return co_await store::find_shop_by_slug(tx, std::move(slug));
}

Task<Outcome<Shop>> describe(Scope& scope) {
    auto shop = co_await store::find_shop(scope.tx, scope.shop);
    if (!shop) {
        co_return refuse(no_such_shop);
    }
    co_return std::move(*shop);
}

Task<Outcome<Shop>> describe_to_anybody(const Services& services, ShopId id, std::uint32_t* sql_count) {
    auto shop = co_await store::read_shop(services.database, id, sql_count);
    if (!shop) {
        co_return refuse(no_such_shop);
    }
    co_return std::move(*shop);
}

}  // namespace cartwright::shop
