#include "shop/permissions.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cartwright::shop {

namespace {

// In the order of the enumeration; tests/shop/permissions_test holds the two together.
constexpr std::array<std::string_view, permission_count> names_in_order{
    "settings.read",
    "settings.write",
    "domains.write",
    "staff.read",
    "staff.write",
    "tokens.write",
    "audit.read",
    "catalog.read",
    "catalog.write",
    "content.read",
    "content.write",
    "orders.read",
    "orders.write",
    "customers.read",
    "customers.write",
    "discounts.write",
    "reports.read",
    "billing.write",
};

static_assert(static_cast<std::size_t>(Permission::billing_write) + 1 == permission_count);

using enum Permission;

constexpr std::array<DefaultRole, 5> roles_of_a_new_shop{{
    {"owner", true, Permissions::all()},
    {"manager",
     false,
     {settings_read,
      settings_write,
      staff_read,
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
      reports_read}},
    {"content", false, {settings_read, catalog_read, catalog_write, content_read, content_write}},
    {"orders",
     false,
     {settings_read, catalog_read, orders_read, orders_write, customers_read, customers_write}},
    {"reader",
     false,
     {settings_read, staff_read, catalog_read, content_read, orders_read, customers_read, reports_read}},
}};

std::optional<Permission> permission_of(std::string_view name) noexcept {
    const auto found = std::ranges::find(names_in_order, name);
    if (found == names_in_order.end()) {
        return std::nullopt;
    }
    return static_cast<Permission>(found - names_in_order.begin());
}

}  // namespace

std::string_view name_of(Permission permission) noexcept {
    return names_in_order[static_cast<std::size_t>(permission)];
}

Outcome<Permissions> Permissions::parse(std::span<const std::string> names) {
    Permissions parsed;
    for (const std::string& name : names) {
        const auto permission = permission_of(name);
        if (!permission) {
            return refuse(Refusal(unknown_permission, "permissions").with("permission", name));
        }
        parsed.add(*permission);
    }
    return parsed;
}

Permissions Permissions::known_of(std::span<const std::string> names) noexcept {
    Permissions known;
    for (const std::string& name : names) {
        if (const auto permission = permission_of(name)) {
            known.add(*permission);
        }
    }
    return known;
}

std::vector<std::string> Permissions::names() const {
    std::vector<std::string> held;
    for (std::size_t i = 0; i < permission_count; ++i) {
        if (has(static_cast<Permission>(i))) {
            held.emplace_back(names_in_order[i]);
        }
    }
    return held;
}

std::span<const DefaultRole> default_roles() noexcept {
    return roles_of_a_new_shop;
}

}  // namespace cartwright::shop
