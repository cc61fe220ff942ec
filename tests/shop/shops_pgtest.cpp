// Opening shops, their settings, numbers and domains, and finding them by host.
#include "shop/shops.hpp"

#include "shop/commands.hpp"
#include "shop/counters.hpp"
#include "shop/domains.hpp"
#include "shop/maintenance.hpp"
#include "shop/settings.hpp"
#include "shop/shop_fixture.hpp"
#include "shop/sites.hpp"

#include <gmock/gmock.h>

namespace cartwright::shop {

namespace {

using ::testing::HasSubstr;

class ShopsTest : public ShopTest {
protected:
    template <class Work>
    auto in(ShopId shop, Work work) -> std::invoke_result_t<Work&, Scope&> {
        co_return co_await in_system_scope(services(), shop, work);
    }

    Task<Outcome<Shop>> create(CreateShop request) {
        auto work = [&](db::PlatformTx& tx) { return create_shop(tx, services(), request); };
        co_return co_await services().database.in_platform({}, work);
    }

    CreateShop a_request(AccountId owner) {
        return {.slug = a_slug(),
                .name = "Name",
                .owner = owner,
                .currency = "RUB",
                .locale = "ru",
                .tz = "Europe/Moscow",
                .country = "RU"};
    }

    Task<Outcome<Setting>> put(ShopId shop, std::string key, SettingValue value, std::int32_t version) {
        const PutSetting request{std::move(key), std::move(value), version};
        co_return co_await in(shop, [&](Scope& s) { return put_setting(s, request); });
    }

    Task<Outcome<Domain>> claim(ShopId shop, std::string host) {
        co_return co_await in(shop, [&](Scope& s) { return claim_domain(s, host); });
    }

    Task<Outcome<Domain>> prove(ShopId shop, std::string host, std::vector<std::string> records) {
        co_return co_await in(shop, [&](Scope& s) { return prove_domain(s, host, records); });
    }

    Task<Outcome<>> primary(ShopId shop, std::string host) {
        co_return co_await in(shop, [&](Scope& s) { return make_primary(s, host); });
    }

    Task<Outcome<>> remove(ShopId shop, std::string host) {
        co_return co_await in(shop, [&](Scope& s) { return remove_domain(s, host); });
    }

    std::string domains(ShopId shop) {
        return as_owner(
            "select coalesce(string_agg(host || '=' || state || case when is_primary then '*' else '' end,"
            " ' ' order by host), '') from shop_domains where for_shop = " +
            std::to_string(shop.value()));
    }

    std::string domain_total(ShopId shop) {
        return as_owner("select domains from shop_totals where shop_id = " + std::to_string(shop.value()));
    }
};

}  // namespace

PG_TEST(ShopsTest, ANewShopHasItsRolesItsOwnerAndAnEvent) {
    const AccountId owner = co_await an_account(an_email());
    const auto shop = co_await create(a_request(owner));
    REQUIRE_CO(shop);
    const std::string id = std::to_string(shop->id.value());
    EXPECT_EQ(as_owner("select string_agg(name, ',' order by id) from roles where shop_id = " + id),
              "Владелец,Управляющий,Контент-менеджер,Менеджер заказов,Наблюдатель");
    EXPECT_EQ(as_owner("select owners || '/' || staff || '/' || domains || '/' || api_tokens from shop_totals"
                       " where shop_id = " +
                       id),
              "1/1/0/0");
    EXPECT_EQ(
        as_owner("select r.is_owner from staff_members m join roles r on r.shop_id = m.shop_id and r.id ="
                 " m.role_id where m.shop_id = " +
                 id + " and m.account_id = " + std::to_string(owner.value())),
        "t");
    EXPECT_EQ(as_owner("select count(*) from memberships where for_shop = " + id), "1");
    EXPECT_EQ(topics(shop->id), "shop.created");
    EXPECT_EQ(as_owner("select actor_kind || ' ' || actor_id from events where shop_id = " + id),
              "person " + std::to_string(owner.value()));
}

PG_TEST(ShopsTest, ARefusedShopLeavesNothing) {
    const AccountId owner = co_await an_account(an_email());
    const auto taken = co_await create(a_request(owner));
    REQUIRE_CO(taken);

    struct Fault {
        void (*make)(CreateShop&);
        Refusal refusal;
    };

    const std::vector<Fault> faults{
        {[](CreateShop& r) { r.slug = "Bad Slug"; }, Refusal(bad_slug, "slug")},
        {[](CreateShop& r) { r.slug = "admin"; }, Refusal(slug_reserved, "slug")},
        {[](CreateShop& r) { r.name = "a\nb"; }, Refusal(bad_shop_name, "name")},
        {[](CreateShop& r) { r.currency = "RUR"; }, Refusal(unknown_currency, "currency")},
        {[](CreateShop& r) { r.currency = "rub"; }, Refusal(unknown_currency, "currency")},
        {[](CreateShop& r) { r.locale = "tlh"; }, Refusal(unknown_locale, "locale")},
        {[](CreateShop& r) { r.tz = "Mars/Olympus"; }, Refusal(unknown_time_zone, "tz")},
        {[](CreateShop& r) { r.tz = ""; }, Refusal(unknown_time_zone, "tz")},
        {[](CreateShop& r) { r.country = "XX"; }, Refusal(unknown_country, "country")},
        {[](CreateShop& r) { r.owner = AccountId(1); }, Refusal(no_such_account, "owner")},
    };
    const auto counts = [&] {
        return as_owner(
            "select (select count(*) from shops) || ' ' || (select count(*) from roles) || ' ' ||"
            " (select count(*) from staff_members) || ' ' || (select count(*) from events)");
    };
    const std::string before = counts();
    for (const Fault& fault : faults) {
        CreateShop request = a_request(owner);
        fault.make(request);
        const auto shop = co_await create(request);
        REQUIRE_CO(!shop);
        EXPECT_EQ(shop.error(), fault.refusal);
    }
    CreateShop again = a_request(owner);
    again.slug = taken->slug;
    EXPECT_EQ((co_await create(again)).error(), Refusal(slug_taken, "slug"));
    EXPECT_EQ(counts(), before);
}

PG_TEST(ShopsTest, OfShopsThatWantOneNameAtTheSameMomentOneGetsIt) {
    const AccountId owner = co_await an_account(an_email());
    const CreateShop request = a_request(owner);
    auto open = [&](std::size_t) -> Task<bool> {
        const auto shop = co_await create(request);
        EXPECT_TRUE(shop || shop.error() == Refusal(slug_taken, "slug"));
        co_return shop.has_value();
    };
    const auto opened = co_await together(16, open);
    EXPECT_EQ(std::ranges::count(opened, true), 1);
}

PG_TEST(ShopsTest, NumbersHaveNoGapsAndAreEachShopsOwn) {
    const Opened one = co_await an_open_shop();
    const Opened two = co_await an_open_shop();
    constexpr Reason changed_mind{"test.changed_mind", Kind::conflict};
    auto take = [&](ShopId shop, bool keep) -> Task<std::int64_t> {
        std::int64_t number = 0;
        auto work = [&](db::Tx& tx) -> Task<Outcome<>> {
            number = co_await next_number(tx, "order");
            if (!keep) co_return refuse(changed_mind);
            co_return Outcome<>();
        };
        co_await services().database.in_shop(shop, {}, work);
        co_return number;
    };
    EXPECT_EQ(co_await take(one.shop.id, true), 1);
    EXPECT_EQ(co_await take(one.shop.id, true), 2);
    EXPECT_EQ(co_await take(two.shop.id, true), 1);
    EXPECT_EQ(co_await take(one.shop.id, false), 3);
    EXPECT_EQ(co_await take(one.shop.id, true), 3);
    auto at_once = [&](std::size_t) { return take(one.shop.id, true); };
    auto numbers = co_await together(20, at_once);
    std::ranges::sort(numbers);
    for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], static_cast<std::int64_t>(i) + 4);
}

PG_TEST(ShopsTest, ASettingStartsAtItsDefaultAndCountsItsVersions) {
    const Opened open = co_await an_open_shop();
    auto get = [&](std::string key) -> Task<Outcome<Setting>> {
        co_return co_await in(open.shop.id, [&](Scope& s) { return get_setting(s, key); });
    };
    const auto fresh = co_await get("catalog.page_size");
    REQUIRE_CO(fresh);
    EXPECT_EQ(fresh->json, "24");
    EXPECT_EQ(fresh->version, 0);
    const auto first = co_await put(open.shop.id, "catalog.page_size", std::int64_t{48}, 0);
    REQUIRE_CO(first);
    EXPECT_EQ(first->version, 1);
    const auto second = co_await put(open.shop.id, "catalog.page_size", std::int64_t{12}, 1);
    REQUIRE_CO(second);
    EXPECT_EQ(second->version, 2);
    EXPECT_EQ((co_await get("catalog.page_size"))->json, "12");
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.setting_changed shop.setting_changed");
    EXPECT_EQ(as_owner("select before::text || ' ' || after::text || ' ' || version from events where topic ="
                       " 'shop.setting_changed' and shop_id = " +
                       std::to_string(open.shop.id.value()) + " order by version desc limit 1"),
              R"({"value": 48} {"value": 12} 2)");
}

PG_TEST(ShopsTest, AStaleWriteIsRefusedWithWhatStandsNow) {
    const Opened open = co_await an_open_shop();
    REQUIRE_CO(co_await put(open.shop.id, "general.phone", std::string("+7 999"), 0));
    const auto stale = co_await put(open.shop.id, "general.phone", std::string("+7 111"), 0);
    EXPECT_EQ(stale.error(),
              Refusal(setting_changed, "version").with("version", "1").with("value", R"("+7 999")"));
    const auto ahead = co_await put(open.shop.id, "orders.number_prefix", std::string("A"), 3);
    EXPECT_EQ(ahead.error(), Refusal(setting_changed, "version").with("version", "0").with("value", R"("")"));
    EXPECT_EQ(
        as_owner("select string_agg(key || value::text || version, ' ') from shop_settings where shop_id = " +
                 std::to_string(open.shop.id.value())),
        R"(general.phone"+7 999"1)");
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.setting_changed");
}

PG_TEST(ShopsTest, OfWritesOfOneVersionExactlyOneWins) {
    const Opened open = co_await an_open_shop();
    for (const std::int32_t version : {0, 1}) {
        auto write = [&](std::size_t i) -> Task<bool> {
            const auto setting =
                co_await put(open.shop.id,
                             "carts.days_kept",
                             static_cast<std::int64_t>(40 + 50 * version + static_cast<int>(i)),
                             version);
            EXPECT_TRUE(setting || setting.error().reason() == setting_changed);
            co_return setting.has_value();
        };
        const auto written = co_await together(16, write);
        EXPECT_EQ(std::ranges::count(written, true), 1) << version;
    }
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.setting_changed shop.setting_changed");
}

PG_TEST(ShopsTest, WhatStandsAlreadyIsNoChange) {
    const Opened open = co_await an_open_shop();
    EXPECT_EQ((co_await put(open.shop.id, "checkout.guests_allowed", true, 0))->version, 0);
    REQUIRE_CO(co_await put(open.shop.id, "checkout.guests_allowed", false, 0));
    EXPECT_EQ((co_await put(open.shop.id, "checkout.guests_allowed", false, 1))->version, 1);
    EXPECT_EQ(count("shop_settings", open.shop.id), "1");
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.setting_changed");
}

PG_TEST(ShopsTest, AWrongValueIsRefusedAndNothingIsStored) {
    const Opened open = co_await an_open_shop();

    struct Attempt {
        std::string key;
        SettingValue value;
    };

    const std::vector<Attempt> attempts{{"catalog.page_size", std::int64_t{3}},
                                        {"catalog.page_size", std::int64_t{101}},
                                        {"catalog.page_size", true},
                                        {"catalog.page_size", std::string("24")},
                                        {"checkout.guests_allowed", std::int64_t{1}},
                                        {"checkout.guests_allowed", std::string("true")},
                                        {"orders.number_prefix", std::string("12345678901")},
                                        {"orders.number_prefix", std::string("a\0b", 3)},
                                        {"orders.number_prefix", std::string("\xFF")},
                                        {"general.phone", false}};
    for (const Attempt& attempt : attempts) {
        const auto setting = co_await put(open.shop.id, attempt.key, attempt.value, 0);
        REQUIRE_CO(!setting);
        EXPECT_EQ(setting.error().reason(), bad_setting) << attempt.key;
        EXPECT_EQ(setting.error().field(), "value") << attempt.key;
    }
    EXPECT_EQ((co_await put(open.shop.id, "general.moon", true, 0)).error(), Refusal(unknown_setting));
    EXPECT_TRUE(co_await put(open.shop.id, "orders.number_prefix", std::string("заказ-2026"), 0));
    EXPECT_EQ(count("shop_settings", open.shop.id), "1");
}

PG_TEST(ShopsTest, SettingsNeedTheirPermission) {
    const Opened open = co_await an_open_shop();
    const std::string email = an_email();
    co_await a_colleague(open.shop.id, "Reader", email);
    const Visitor reader = co_await logged_in(open.shop.id, email);
    auto list = [](Scope& s) { return list_settings(s); };
    const auto listed = co_await in_scope(services(), reader, list);
    REQUIRE_CO(listed);
    EXPECT_EQ(listed->size(), known_settings().size());
    auto write = [](Scope& s) { return put_setting(s, {"general.phone", std::string("1"), 0}); };
    EXPECT_EQ((co_await in_scope(services(), reader, write)).error(),
              Refusal(not_permitted).with("permission", "settings.write"));
    EXPECT_EQ((co_await in_scope(services(), guest(open.shop.id), list)).error(), Refusal(not_logged_in));
    EXPECT_EQ(count("shop_settings", open.shop.id), "0");
}

PG_TEST(ShopsTest, ADomainIsClaimedProvenAndMadePrimary) {
    const Opened open = co_await an_open_shop();
    const std::string host = a_slug() + ".example";
    const auto claimed = co_await claim(open.shop.id, host + ".");
    REQUIRE_CO(claimed);
    EXPECT_EQ(claimed->host, host);
    EXPECT_EQ(claimed->token.size(), 22U);
    EXPECT_EQ((co_await primary(open.shop.id, host)).error(), Refusal(domain_not_verified, "host"));
    const auto not_yet = co_await prove(open.shop.id, host, {"v=spf1 -all", "cartwright-domain=wrong"});
    EXPECT_EQ(not_yet.error(),
              Refusal(domain_not_proven, "host")
                  .with("name", "_cartwright." + host)
                  .with("record", "cartwright-domain=" + claimed->token));
    EXPECT_EQ(domains(open.shop.id), host + "=pending");
    REQUIRE_CO(co_await prove(open.shop.id, host, {"v=spf1 -all", proof_record(claimed->token)}));
    REQUIRE_CO(co_await primary(open.shop.id, host));
    EXPECT_EQ(domains(open.shop.id), host + "=verified*");
    EXPECT_EQ(domain_total(open.shop.id), "1");
    EXPECT_EQ(topics(open.shop.id),
              "shop.created shop.domain_claimed shop.domain_proven shop.domain_primary_changed");
    EXPECT_EQ((co_await claim(open.shop.id, host)).error(), Refusal(domain_claimed, "host"));
    EXPECT_TRUE(co_await primary(open.shop.id, ""));
    EXPECT_EQ(domains(open.shop.id), host + "=verified");
}

PG_TEST(ShopsTest, HostsThatCantBeAShopsAreRefused) {
    const Opened open = co_await an_open_shop();
    for (const char* bad :
         {"", "nodots", "a..b", "-a.example", "192.0.2.1", "a.example:80", "[::1]", "a b.example"}) {
        EXPECT_EQ((co_await claim(open.shop.id, bad)).error(), Refusal(bad_host, "host")) << bad;
    }
    for (const char* ours : {"demo.localhost", "a.b.localhost", "DEMO.LOCALHOST."}) {
        EXPECT_EQ((co_await claim(open.shop.id, ours)).error(), Refusal(host_of_platform, "host")) << ours;
    }
    EXPECT_EQ(domains(open.shop.id), "");
    EXPECT_EQ(domain_total(open.shop.id), "0");
}

PG_TEST(ShopsTest, ThePlanLimitsTheDomains) {
    const Opened open = co_await an_open_shop();
    auto add = [&](std::size_t) -> Task<bool> {
        const auto claimed = co_await claim(open.shop.id, a_slug() + ".example");
        EXPECT_TRUE(claimed || claimed.error() == Refusal(too_many_domains).with("limit", "1"));
        co_return claimed.has_value();
    };
    const auto added = co_await together(8, add);
    EXPECT_EQ(std::ranges::count(added, true), 1);
    EXPECT_EQ(domain_total(open.shop.id), "1");
    EXPECT_EQ(as_owner("select count(*) from shop_domains where for_shop = " +
                       std::to_string(open.shop.id.value())),
              "1");
}

PG_TEST(ShopsTest, AClaimHindersNobodyAndOnlyOneShopProvesAHost) {
    const Opened one = co_await an_open_shop();
    const Opened two = co_await an_open_shop();
    const std::string host = a_slug() + ".example";
    const auto first = co_await claim(one.shop.id, host);
    const auto second = co_await claim(two.shop.id, host);
    REQUIRE_CO(first && second);
    EXPECT_NE(first->token, second->token);
    const std::vector<std::string> records{proof_record(first->token), proof_record(second->token)};
    auto try_it = [&](std::size_t i) -> Task<bool> {
        const auto proven = co_await prove(i % 2 == 0 ? one.shop.id : two.shop.id, host, records);
        co_return proven.has_value();
    };
    EXPECT_TRUE(co_await prove(two.shop.id, host, records));
    EXPECT_FALSE(co_await try_it(0));
    EXPECT_EQ(domains(one.shop.id), host + "=pending");
    EXPECT_EQ(domains(two.shop.id), host + "=verified");
}

PG_TEST(ShopsTest, AReleasedDomainNeedsARecordThatIsNewerThanItsRelease) {
    const Opened one = co_await an_open_shop();
    const Opened two = co_await an_open_shop();
    const std::string host = a_slug() + ".example";
    const auto mine = co_await claim(one.shop.id, host);
    const auto lurking = co_await claim(two.shop.id, host);
    REQUIRE_CO(mine && lurking);
    REQUIRE_CO(co_await prove(one.shop.id, host, {proof_record(mine->token)}));
    clock().advance(std::chrono::hours(1));
    REQUIRE_CO(co_await remove(one.shop.id, host));
    EXPECT_EQ(domains(one.shop.id), host + "=released");
    EXPECT_EQ(domain_total(one.shop.id), "0");

    const std::vector<std::string> old{proof_record(mine->token), proof_record(lurking->token)};
    EXPECT_EQ((co_await prove(two.shop.id, host, old)).error().reason(), domain_not_proven);
    EXPECT_EQ((co_await prove(one.shop.id, host, old)).error().reason(), no_such_domain);
    REQUIRE_CO(co_await remove(two.shop.id, host));
    clock().advance(std::chrono::seconds(1));
    const auto anew = co_await claim(two.shop.id, host);
    REQUIRE_CO(anew);
    EXPECT_NE(anew->token, lurking->token);
    EXPECT_EQ((co_await prove(two.shop.id, host, old)).error().reason(), domain_not_proven);
    EXPECT_TRUE(co_await prove(two.shop.id, host, {proof_record(anew->token)}));
    const auto back = co_await claim(one.shop.id, host);
    REQUIRE_CO(back);
    EXPECT_NE(back->token, mine->token);
    EXPECT_EQ((co_await prove(one.shop.id, host, {proof_record(back->token)})).error().reason(),
              domain_not_proven);
}

PG_TEST(ShopsTest, AStaleClaimProvesNothingAndCanBeMadeAnew) {
    const Opened open = co_await an_open_shop();
    const std::string host = a_slug() + ".example";
    const auto claimed = co_await claim(open.shop.id, host);
    REQUIRE_CO(claimed);
    clock().advance(domain_claim_life);
    EXPECT_EQ((co_await prove(open.shop.id, host, {proof_record(claimed->token)})).error().reason(),
              domain_not_proven);
    const auto anew = co_await claim(open.shop.id, host);
    REQUIRE_CO(anew);
    EXPECT_EQ(domain_total(open.shop.id), "1");
    EXPECT_TRUE(co_await prove(open.shop.id, host, {proof_record(anew->token)}));
    clock().advance(std::chrono::days(1));
    REQUIRE_CO(co_await remove(open.shop.id, host));
    clock().advance(domain_release_memory + std::chrono::seconds(1));
    co_await forget_expired(services());
    EXPECT_EQ(domains(open.shop.id), "");
    EXPECT_EQ((co_await remove(open.shop.id, host)).error(), Refusal(no_such_domain));
    static_assert(domain_claim_life < domain_release_memory);
}

PG_TEST(ShopsTest, AHostLeadsToItsShopAndToTheCanonicalName) {
    const Opened open = co_await an_open_shop();
    ShopSites sites(database(), clock(), "localhost");
    const std::string ours = open.shop.slug + ".localhost";
    EXPECT_FALSE(sites.cached(ours).first);
    const auto site = co_await sites.load(ours);
    REQUIRE_CO(site);
    EXPECT_EQ(site->tenant, open.shop.id.value());
    EXPECT_EQ(site->host, ours);
    EXPECT_EQ(site->redirect_to, "");
    EXPECT_EQ(sites.cached(ours), std::pair(true, site));

    const std::string host = a_slug() + ".example";
    const auto claimed = co_await claim(open.shop.id, host);
    REQUIRE_CO(claimed);
    EXPECT_FALSE(co_await sites.load(host));
    EXPECT_EQ(sites.cached(host), std::pair(true, std::shared_ptr<const http::Site>()));
    REQUIRE_CO(co_await prove(open.shop.id, host, {proof_record(claimed->token)}));
    sites.forget(open.shop.id);
    EXPECT_EQ((co_await sites.load(host))->redirect_to, ours);
    REQUIRE_CO(co_await primary(open.shop.id, host));
    sites.forget(open.shop.id);
    EXPECT_EQ((co_await sites.load(host))->redirect_to, "");
    EXPECT_EQ((co_await sites.load(ours))->redirect_to, host);

    as_owner("update shops set state = 'closed' where id = " + std::to_string(open.shop.id.value()));
    EXPECT_FALSE(co_await sites.load(host));
    EXPECT_FALSE(co_await sites.load(ours));
}

PG_TEST(ShopsTest, SitesAreKeptForAWhileAndInABoundedNumber) {
    const Opened open = co_await an_open_shop();
    ShopSites sites(database(), clock(), "localhost", 3);
    const std::string ours = open.shop.slug + ".localhost";
    for (const char* unknown :
         {"", "localhost", ".localhost", "admin.localhost", "a.b.localhost", "localhost.localhost"}) {
        EXPECT_FALSE(co_await sites.load(unknown)) << unknown;
    }
    EXPECT_EQ(sites.size(), 3U);
    co_await sites.load(ours);
    co_await sites.load("nobody.localhost");
    clock().advance(ShopSites::unknown_for);
    EXPECT_FALSE(sites.cached("nobody.localhost").first);
    EXPECT_TRUE(sites.cached(ours).first);
    clock().advance(ShopSites::known_for - ShopSites::unknown_for);
    EXPECT_FALSE(sites.cached(ours).first);
    co_await sites.load(ours);
    EXPECT_TRUE(sites.cached(ours).first);
    co_await sites.load("one.localhost");
    co_await sites.load("two.localhost");
    EXPECT_TRUE(sites.cached(ours).first);
    co_await sites.load("three.localhost");
    EXPECT_TRUE(sites.cached(ours).first);
    EXPECT_FALSE(sites.cached("one.localhost").first);
    EXPECT_EQ(sites.size(), 3U);
}

PG_TEST(ShopsTest, TheCommandMakesAShopAndShowsThePasswordOnce) {
    const std::string slug = a_slug();
    const std::string email = an_email();
    const auto created = co_await create_from_command(services(), {.slug = slug, .owner = email});
    REQUIRE_CO(created);
    EXPECT_EQ(created->address, "http://" + slug + ".localhost:8080");
    REQUIRE_CO(created->password);
    EXPECT_THAT(created->text(), HasSubstr(*created->password));
    EXPECT_THAT(created->text(), HasSubstr(email));
    EXPECT_TRUE(co_await log_in(services(), guest(created->id), {email, *created->password}));
    EXPECT_THAT(co_await list_from_command(services()),
                HasSubstr(created->address + "  free  en  EUR  " + slug));
    const auto shown = co_await show_from_command(services(), slug);
    REQUIRE_CO(shown);
    EXPECT_THAT(*shown, HasSubstr("staff:    " + email + " (Owner)"));
    EXPECT_EQ((co_await show_from_command(services(), "no-such-shop")).error(), Refusal(no_such_shop));

    const auto second = co_await create_from_command(services(), {.slug = a_slug(), .owner = email});
    REQUIRE_CO(second);
    EXPECT_FALSE(second->is_new_account);
    EXPECT_FALSE(second->password);
    const auto refused = co_await create_from_command(
        services(), {.slug = a_slug(), .owner = email, .password = "a good password"});
    EXPECT_EQ(refused.error(), Refusal(owner_has_password, "password"));
    const std::string nobody = an_email();
    const auto taken = co_await create_from_command(services(), {.slug = slug, .owner = nobody});
    EXPECT_EQ(taken.error(), Refusal(slug_taken, "slug"));
    EXPECT_EQ(as_owner("select count(*) from accounts where email_key = '" + nobody + "'"), "0");
}

PG_TEST(ShopsTest, TheDemoShopsAreMadeOnce) {
    const auto first = co_await seed_demo(services(), std::nullopt);
    REQUIRE_CO(first);
    REQUIRE_CO(first->size() == 2);
    EXPECT_EQ(first->at(0).login, "owner@demo.test");
    EXPECT_EQ(
        as_owner("select string_agg(slug || ' ' || locale || ' ' || currency, ', ' order by slug) from shops"
                 " where slug in ('demo', 'second')"),
        "demo ru RUB, second en EUR");
    const auto again = co_await seed_demo(services(), std::nullopt);
    REQUIRE_CO(again);
    EXPECT_TRUE(again->empty());
}

}  // namespace cartwright::shop
