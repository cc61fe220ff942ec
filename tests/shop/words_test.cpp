// What people may call things: slugs, names, passwords, tokens, addresses. Pure rules, no database.
#include "base/password.hpp"
#include "base/rng.hpp"
#include "shop/accounts.hpp"
#include "shop/common_passwords.hpp"
#include "shop/domains.hpp"
#include "shop/names.hpp"
#include "shop/passwords.hpp"
#include "shop/settings.hpp"
#include "shop/shops.hpp"
#include "shop/throttle.hpp"
#include "shop/tokens.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cartwright::shop {
namespace {

TEST(SlugTest, OneLabelOfDns) {
    for (const char* good : {"demo", "ab", "a-b", "0zero", "shop-42", "a--b"}) {
        EXPECT_TRUE(Slug::parse(good)) << good;
    }
    EXPECT_TRUE(Slug::parse(std::string(63, 'a')));
    for (const char* bad :
         {"", "a", "-ab", "ab-", "Demo", "a.b", "a_b", "xn--abc", "лавка", "a b", "ab--c"}) {
        const auto slug = Slug::parse(bad);
        ASSERT_FALSE(slug) << bad;
        EXPECT_EQ(slug.error(), Refusal(bad_slug, "slug")) << bad;
    }
    EXPECT_FALSE(Slug::parse(std::string(64, 'a')));
}

TEST(SlugTest, ReservedNamesAreRefusedEachByItsOwnReason) {
    for (const std::string_view name : reserved_slugs()) {
        const auto slug = Slug::parse(name);
        ASSERT_FALSE(slug) << name;
        EXPECT_EQ(slug.error(), Refusal(slug_reserved, "slug")) << name;
    }
}

TEST(NameTest, IsTrimmedAndFreeOfControls) {
    constexpr Reason reason{"test.bad", Kind::invalid};
    EXPECT_EQ(clean_name("  Анна \n", 20, reason), "Анна");
    EXPECT_EQ(clean_name(" \t ", 20, reason), "");
    EXPECT_EQ(clean_name("abcd", 4, reason), "abcd");
    for (const std::string_view bad : {std::string_view("a\0b", 3),
                                       std::string_view("a\nb"),
                                       std::string_view("a\x7F"),
                                       std::string_view("\xC3"),
                                       std::string_view("abcde")}) {
        const auto name = clean_name(bad, 4, reason);
        ASSERT_FALSE(name) << bad;
        EXPECT_EQ(name.error(), Refusal(reason, "name")) << bad;
    }
    EXPECT_EQ(required_name("   ", 20, reason).error(), Refusal(reason, "name"));
}

TEST(PasswordRuleTest, LengthIsCountedInCharacters) {
    EXPECT_TRUE(check_password("парольищ", ""));
    EXPECT_EQ(check_password("короткий"
                             "x",
                             ""),
              Outcome<>());
    EXPECT_EQ(check_password("семьзна", "").error(),
              Refusal(password_too_short, "password").with("min", "8"));
    EXPECT_EQ(check_password("1234567", "").error(),
              Refusal(password_too_short, "password").with("min", "8"));
    EXPECT_EQ(check_password("\xFF\xFE\xFF\xFE\xFF\xFE\xFF\xFE\xFF", "").error().reason(),
              password_too_short);
    EXPECT_TRUE(check_password(std::string(500, 'a') + std::string(524, 'b'), ""));
    EXPECT_EQ(check_password(std::string(1025, 'a'), "").error(),
              Refusal(password_too_long, "password").with("max", "1024"));
}

TEST(PasswordRuleTest, WhatGuessersTryFirstIsRefused) {
    for (const char* common : {"password1",
                               "Password1",
                               "QWERTYUIOP",
                               "12345678",
                               "aaaaaaaaaaaa",
                               "anna@shop.test",
                               "ANNA@shop.test",
                               "йцукенгшщз"}) {
        const auto checked = check_password(common, "anna@shop.test");
        ASSERT_FALSE(checked) << common;
        EXPECT_EQ(checked.error(), Refusal(password_too_common, "password")) << common;
    }
    EXPECT_EQ(check_password("annashop", "annashop@example.org").error(),
              Refusal(password_too_common, "password"));
    EXPECT_TRUE(check_password("annas shop", "annashop@example.org"));
}

TEST(PasswordRuleTest, GeneratedOnesAreGoodAndDiffer) {
    SeededRng rng(7);
    std::set<std::string> made;
    for (int i = 0; i < 100; ++i) {
        const std::string password = generated_password(rng);
        EXPECT_EQ(password.size(), 17U);
        EXPECT_EQ(password[5], '-');
        EXPECT_EQ(password[11], '-');
        EXPECT_TRUE(check_password(password, ""));
        made.insert(password);
    }
    EXPECT_EQ(made.size(), 100U);
}

TEST(TokenTextTest, SaysItsShop) {
    const std::string secret(43, 'x');
    const std::string text = "cw_42_" + secret;
    const auto parsed = parse_token(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->shop, ShopId(42));
    EXPECT_EQ(parsed->secret, secret);
}

TEST(TokenTextTest, HasOneSpelling) {
    const std::string secret(43, 'x');
    for (const std::string& bad : {std::string(),
                                   std::string("cw_"),
                                   "cw_" + secret,
                                   "cw_0_" + secret,
                                   "cw_042_" + secret,
                                   "cw_-1_" + secret,
                                   "cw_+1_" + secret,
                                   "cw_1 _" + secret,
                                   "CW_1_" + secret,
                                   "cw_1_" + secret + "x",
                                   "cw_1_" + secret.substr(1),
                                   "cw_1_" + std::string(42, 'x') + "=",
                                   "cw_99999999999999999999_" + secret,
                                   " cw_1_" + secret}) {
        EXPECT_FALSE(parse_token(bad)) << bad;
    }
}

TEST(ThrottledAddressTest, Ipv6CountsByItsFirst64Bits) {
    EXPECT_EQ(throttled_address("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(throttled_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(throttled_address("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
    EXPECT_EQ(throttled_address("2001:db8:1:3::1"), "2001:db8:1:3::/64");
    EXPECT_EQ(throttled_address("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(throttled_address("unix"), "unix");
}

TEST(DomainProofTest, StandsBelowTheHostAndHoldsTheToken) {
    EXPECT_EQ(proof_name("lavka.example"), "_cartwright.lavka.example");
    EXPECT_EQ(proof_record("abc"), "cartwright-domain=abc");
}

TEST(SettingTableTest, EachDefaultIsOfItsType) {
    std::set<std::string_view> keys;
    for (const SettingInfo& info : known_settings()) {
        EXPECT_TRUE(keys.insert(info.key).second) << info.key;
        switch (info.type) {
            case SettingType::text:
                EXPECT_EQ(info.fallback, R"("")") << info.key;
                break;
            case SettingType::boolean:
                EXPECT_TRUE(info.fallback == "true" || info.fallback == "false") << info.key;
                break;
            case SettingType::integer: {
                const auto value = parse_int64(info.fallback);
                ASSERT_TRUE(value) << info.key;
                EXPECT_TRUE(*value >= info.min && *value <= info.max) << info.key;
                break;
            }
        }
    }
}

TEST(AddressTest, LeavesTheUsualPortOut) {
    EXPECT_EQ((Address{"http", "localhost", 8080}.of_slug("demo")), "http://demo.localhost:8080");
    EXPECT_EQ((Address{"http", "localhost", 80}.of_slug("demo")), "http://demo.localhost");
    EXPECT_EQ((Address{"https", "shops.example", 443}.of_slug("demo")), "https://demo.shops.example");
    EXPECT_EQ((Address{"https", "shops.example", 80}.of_host("a.example")), "https://a.example:80");
}

TEST(ActorTest, AGuestMayNothingAndTheSystemEverything) {
    EXPECT_EQ(Actor{}.permissions, Permissions{});
    EXPECT_EQ(Actor::system().permissions, Permissions::all());
}

}  // namespace
}  // namespace cartwright::shop
