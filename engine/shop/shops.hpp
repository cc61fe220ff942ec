// Shops themselves: opening one, and the few facts that the platform knows of it.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"
#include "shop/shop_store.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::shop {

// The label before the platform's host: one label of DNS (RFC 1035 section 2.3.1), 2 to 63 characters, no
// "--" at the third place (IDNA keeps those), and none of the reserved names.
class Slug {
public:
    static Outcome<Slug> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }

private:
    explicit Slug(std::string text) noexcept : text_(std::move(text)) {}

    std::string text_;
};

// Names that a platform needs for itself or that a swindler would like to have.
std::span<const std::string_view> reserved_slugs() noexcept;

struct CreateShop {
    std::string slug = {};
    std::string name = {};  // "" = the slug
    AccountId owner = {};
    std::string currency = {};  // ISO 4217, "RUB"
    std::string locale = {};    // one that the platform speaks: "ru", "en"
    std::string tz = {};        // IANA zone, "Europe/Moscow"
    std::string country = {};   // ISO 3166-1 alpha-2, "RU"
};

inline constexpr Reason bad_slug{"shop.bad_slug", Kind::invalid};
inline constexpr Reason slug_reserved{"shop.slug_reserved", Kind::conflict};
inline constexpr Reason slug_taken{"shop.slug_taken", Kind::conflict};
inline constexpr Reason bad_shop_name{"shop.bad_name", Kind::invalid};
inline constexpr Reason unknown_currency{"shop.unknown_currency", Kind::invalid};
inline constexpr Reason unknown_locale{"shop.unknown_locale", Kind::invalid};
inline constexpr Reason unknown_time_zone{"shop.unknown_time_zone", Kind::invalid};
inline constexpr Reason unknown_country{"shop.unknown_country", Kind::invalid};
inline constexpr Reason no_such_shop{"shop.no_such_shop", Kind::not_found};
inline constexpr Reason no_such_account{"shop.no_such_account", Kind::not_found};

// The languages that shops and their people can choose from: those with messages in themes/locales.
std::span<const std::string_view> spoken_locales() noexcept;

// Opens a shop with its default roles and its owner as the only member of staff. The caller has made sure
// that whoever asks may open shops in the owner's name; this runs before there is a shop whose roles could
// say so. The transaction becomes one of the new shop.
Task<Outcome<Shop>> create_shop(db::PlatformTx& tx, const Services& services, CreateShop request);

Task<std::optional<Shop>> find_shop(db::PlatformTx& tx, ShopId id);
Task<std::optional<Shop>> find_shop(db::PlatformTx& tx, std::string slug);

// What everybody may know of the shop of the scope. Needs no permission.
Task<Outcome<Shop>> describe(Scope& scope);

// The same for a page that doesn't ask who looks: one read, which travels with others of its moment.
// `sql_count` as in db::TxOptions.
Task<Outcome<Shop>> describe_to_anybody(const Services& services, ShopId id, std::uint32_t* sql_count);

}  // namespace cartwright::shop
