// A shop with its owner for tests that need one, and everything that its operations work with. Passwords cost
// next to nothing here; secrets are truly random, since all tests of a binary share one database.
#pragma once

#include "base/blocking.hpp"
#include "base/password.hpp"
#include "base/rng.hpp"
#include "shop/accounts.hpp"
#include "shop/passwords.hpp"
#include "shop/scope.hpp"
#include "shop/shops.hpp"
#include "shop/staff.hpp"
#include "support/database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::shop {

// All of them at once; the answers in the order of their numbers.
template <class Make>
auto together(std::size_t count, Make make)
    -> Task<std::vector<typename std::invoke_result_t<Make&, std::size_t>::value_type>> {
    using Result = typename std::invoke_result_t<Make&, std::size_t>::value_type;
    const auto executor = co_await boost::asio::this_coro::executor;
    std::vector<std::optional<Result>> results(count);
    std::exception_ptr failure;
    std::size_t running = count;
    Timer all_done(executor, std::chrono::steady_clock::time_point::max());
    for (std::size_t i = 0; i < count; ++i) {
        boost::asio::co_spawn(executor, make(i), [&, i](std::exception_ptr thrown, Result result) {
            if (thrown) {
                failure = thrown;
            } else {
                results[i].emplace(std::move(result));
            }
            if (--running == 0) all_done.cancel();
        });
    }
    boost::system::error_code cancelled;
    co_await all_done.async_wait(boost::asio::redirect_error(use_task, cancelled));
    if (failure) std::rethrow_exception(failure);
    std::vector<Result> all;
    for (auto& result : results) all.push_back(std::move(*result));
    co_return all;
}

class ShopTest : public test::DatabaseTest {
protected:
    static constexpr std::string_view password = "correct horse battery";

    Services& services() {
        if (!services_) {
            services_.emplace(Services{database(), clock(), ids(), secrets_, passwords_, Address{}});
        }
        return *services_;
    }

    Passwords& passwords() { return passwords_; }

    Rng& secrets() { return secrets_; }

    // An address that no other test has.
    std::string an_email() { return "p" + std::to_string(ids().next()) + "@people.test"; }

    std::string a_slug() { return "s" + std::to_string(ids().next()); }

    Task<AccountId> an_account(std::string email) {
        const std::string hash = co_await passwords_.hash(std::string(password));
        auto create = [&](db::PlatformTx& tx) {
            CreateAccount person{.email = email, .name = "Anna", .locale = "en", .password_hash = hash};
            return create_account(tx, services(), std::move(person));
        };
        const auto account = co_await services().database.in_platform({}, create);
        co_return account.value();
    }

    struct Opened {
        Shop shop;
        std::string email;  // the owner's
        AccountId owner;
    };

    Task<Opened> an_open_shop() {
        Opened opened{.shop = {}, .email = an_email(), .owner = {}};
        opened.owner = co_await an_account(opened.email);
        auto create = [&](db::PlatformTx& tx) {
            CreateShop request{.slug = a_slug(),
                               .name = "Shop",
                               .owner = opened.owner,
                               .currency = "EUR",
                               .locale = "en",
                               .tz = "Europe/Dublin",
                               .country = "IE"};
            return create_shop(tx, services(), std::move(request));
        };
        auto shop = co_await services().database.in_platform({}, create);
        opened.shop = std::move(shop).value();
        co_return opened;
    }

    static Visitor guest(ShopId shop) {
        Visitor visitor;
        visitor.shop = shop;
        visitor.address = "192.0.2.1";
        visitor.agent = "test";
        visitor.request_id = "r-1";
        return visitor;
    }

    Task<Visitor> logged_in(ShopId shop, std::string email) {
        Visitor visitor = guest(shop);
        const auto session = co_await log_in(services(), visitor, {email, std::string(password)});
        visitor.session_token = session.value().token;
        co_return visitor;
    }

    Task<RoleId> role_named(ShopId shop, std::string name) {
        auto find = [&](db::Tx& tx) { return store::find_role_by_name(tx, name); };
        const auto role = co_await services().database.in_shop(shop, {}, find);
        co_return role.value().id;
    }

    // A new person who works in the shop.
    Task<AccountId> a_colleague(ShopId shop, std::string role, std::string email) {
        const AccountId account = co_await an_account(email);
        const RoleId id = co_await role_named(shop, role);
        auto invite = [&](Scope& scope) { return invite_staff(scope, {email, id}); };
        const auto invited = co_await in_system_scope(services(), shop, invite);
        AcceptInvite request{.shop = shop,
                             .token = invited.value().token,
                             .name = {},
                             .password = {},
                             .address = "192.0.2.9",
                             .locale = "en",
                             .request_id = {}};
        const auto accepted = co_await accept_invite(services(), std::move(request));
        EXPECT_EQ(accepted.value().account, account);
        co_return account;
    }

    // The topics of the shop's events, oldest first: what happened to it.
    std::string topics(ShopId shop) {
        return as_owner(
            "select coalesce(string_agg(topic, ' ' order by stamp, tick), '') from events where shop_id = " +
            std::to_string(shop.value()));
    }

    std::string count(std::string_view table, ShopId shop) {
        return as_owner("select count(*) from " + std::string(table) +
                        " where shop_id = " + std::to_string(shop.value()));
    }

private:
    SystemRng secrets_;
    BlockingPool pool_{2, 256};
    Passwords passwords_{pool_, secrets_, PasswordCost{.log_n = 4, .r = 1, .p = 1}};
    std::optional<Services> services_;
};

}  // namespace cartwright::shop
