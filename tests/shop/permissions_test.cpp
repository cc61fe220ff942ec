#include "shop/permissions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace cartwright::shop {
namespace {

TEST(PermissionsTest, EachPermissionHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < permission_count; ++i) {
        names.insert(name_of(static_cast<Permission>(i)));
    }
    EXPECT_EQ(names.size(), permission_count);
    EXPECT_EQ(name_of(Permission::settings_read), "settings.read");
    EXPECT_EQ(name_of(Permission::catalog_write), "catalog.write");
    EXPECT_EQ(name_of(Permission::customers_write), "customers.write");
    EXPECT_EQ(name_of(Permission::billing_write), "billing.write");
}

TEST(PermissionsTest, NamesOfASetAreParsedBackToIt) {
    for (const DefaultRole& role : default_roles()) {
        EXPECT_EQ(Permissions::parse(role.permissions.names()), role.permissions) << role.key;
    }
    EXPECT_EQ(Permissions::all().names().size(), permission_count);
    EXPECT_EQ(Permissions{}.names(), std::vector<std::string>());
}

TEST(PermissionsTest, AnUnknownNameIsRefusedByParseAndGrantsNothingWhenStored) {
    const std::vector<std::string> names{"orders.read", "moon.walk"};
    const auto parsed = Permissions::parse(names);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), Refusal(unknown_permission, "permissions").with("permission", "moon.walk"));
    EXPECT_EQ(Permissions::known_of(names), Permissions{Permission::orders_read});
}

TEST(PermissionsTest, CoversMeansEachOfTheOthers) {
    const Permissions both{Permission::orders_read, Permission::orders_write};
    const Permissions one{Permission::orders_read};
    EXPECT_TRUE(both.covers(one));
    EXPECT_TRUE(both.covers(both));
    EXPECT_TRUE(one.covers({}));
    EXPECT_FALSE(one.covers(both));
    EXPECT_EQ(both & one, one);
}

TEST(PermissionsTest, OnlyTheOwnersRoleHasAll) {
    for (const DefaultRole& role : default_roles()) {
        EXPECT_EQ(role.is_owner, role.permissions == Permissions::all()) << role.key;
        EXPECT_EQ(role.is_owner, role.permissions.has(Permission::staff_write)) << role.key;
    }
}

TEST(PermissionsTest, TheReaderWritesNothing) {
    const auto roles = default_roles();
    const auto reader = std::ranges::find(roles, "reader", &DefaultRole::key);
    ASSERT_NE(reader, roles.end());
    for (const std::string& name : reader->permissions.names()) {
        EXPECT_TRUE(name.ends_with(".read")) << name;
    }
}

}  // namespace
}  // namespace cartwright::shop
