// What a person or a key may do in a shop: the one vocabulary that roles, API tokens, operations and the
// panel share. A role is data (a row with names from here), the names themselves are code.
//
// Names are kept in the database and shown to integrators, so they are never renamed or reused.
#pragma once

#include "base/outcome.hpp"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::shop {

enum class Permission : std::uint8_t {
    settings_read,
    settings_write,
    domains_write,
    staff_read,
    staff_write,
    tokens_write,
    audit_read,
    catalog_read,
    catalog_write,
    content_read,
    content_write,
    orders_read,
    orders_write,
    customers_read,
    customers_write,
    discounts_write,
    reports_read,
    billing_write,
};

inline constexpr std::size_t permission_count = 18;

// "catalog.write"
std::string_view name_of(Permission permission) noexcept;

inline constexpr Reason unknown_permission{"shop.unknown_permission", Kind::invalid};
// A role or token would get more permissions than whoever makes it has.
inline constexpr Reason permission_not_held{"shop.permission_not_held", Kind::forbidden};

// A set of them.
class Permissions {
public:
    constexpr Permissions() noexcept = default;

    constexpr Permissions(std::initializer_list<Permission> of) noexcept {
        for (const Permission each : of) {
            add(each);
        }
    }

    static constexpr Permissions all() noexcept {
        Permissions every;
        every.bits_ = (1U << permission_count) - 1;
        return every;
    }

    // Refuses with unknown_permission (value "permission") at the first name that is none.
    static Outcome<Permissions> parse(std::span<const std::string> names);

    // Of names that were checked when they were stored; one that this program doesn't know (a newer program
    // wrote it) grants nothing.
    static Permissions known_of(std::span<const std::string> names) noexcept;

    constexpr void add(Permission permission) noexcept { bits_ |= bit(permission); }

    constexpr bool has(Permission permission) const noexcept { return (bits_ & bit(permission)) != 0; }

    // Whether each of `others` is in this set, too.
    constexpr bool covers(Permissions others) const noexcept { return (others.bits_ & ~bits_) == 0; }

    // In the order of the enumeration.
    std::vector<std::string> names() const;

    friend constexpr Permissions operator&(Permissions a, Permissions b) noexcept {
        Permissions both;
        both.bits_ = a.bits_ & b.bits_;
        return both;
    }

    friend constexpr bool operator==(Permissions, Permissions) = default;

private:
    static constexpr std::uint32_t bit(Permission permission) noexcept {
        return 1U << static_cast<unsigned>(permission);
    }

    std::uint32_t bits_ = 0;
};

// The roles that a new shop starts with. Afterwards they are the shop's own rows; only the owner's role
// stays as it is.
struct DefaultRole {
    std::string_view key;  // its name is the message "shop.role.<key>" in the shop's language
    bool is_owner;
    Permissions permissions = {};
};

std::span<const DefaultRole> default_roles() noexcept;

}  // namespace cartwright::shop
