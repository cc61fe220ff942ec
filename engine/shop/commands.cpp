#include "shop/commands.hpp"

#include "shop/accounts.hpp"
#include "shop/passwords.hpp"
#include "shop/shops.hpp"
#include "shop/staff_store.hpp"

#include <fmt/format.h>

#include <array>

namespace cartwright::shop {

namespace {

constexpr std::int32_t list_page = 500;

constexpr db::TxOptions reading{.work = db::Work::panel, .read_only = true, .repeatable = true};

void fill_in(CreateCommand& command) {
    const bool is_russian = command.locale == "ru";
    if (command.currency.empty()) {
        command.currency = is_russian ? "RUB" : "EUR";
    }
    if (command.tz.empty()) {
        command.tz = is_russian ? "Europe/Moscow" : "Europe/Dublin";
    }
    if (command.country.empty()) {
        command.country = is_russian ? "RU" : "IE";
    }
}

}  // namespace

std::string CreatedShop::text() const {
    std::string lines = fmt::format("{}\n  login:    {}\n", address, login);
    if (password) {
        lines += fmt::format("  password: {}   (shown only now)\n", *password);
    } else if (!is_new_account) {
        lines += "  password: the one that this account has already\n";
    }
    return lines;
}

Task<Outcome<CreatedShop>> create_from_command(Services& services, CreateCommand command) {
    fill_in(command);
    auto looked_up = [&](db::PlatformTx& tx) { return find_account_by_email(tx, command.owner); };
    const auto owner = co_await services.database.in_platform(reading, looked_up);
    if (owner && command.password) {
        co_return refuse(owner_has_password, "password");
    }

    CreatedShop created{.login = command.owner};
    std::optional<std::string> password_hash;
    if (!owner) {
        if (command.password) {
            if (auto good = check_password(*command.password, command.owner); !good) {
                co_return refuse(std::move(good).error());
            }
        } else {
            created.password = generated_password(services.rng);
        }
        password_hash =
            co_await services.passwords.hash(command.password ? *command.password : *created.password);
    }

    auto opened = [&](db::PlatformTx& tx) -> Task<Outcome<Shop>> {
        auto account = co_await find_account_by_email(tx, command.owner);
        created.is_new_account = !account;
        if (!account) {
            CreateAccount person{.email = command.owner,
                                 .name = {},
                                 .locale = command.locale,
                                 .password_hash = password_hash,
                                 .is_verified = false};
            const auto made = co_await create_account(tx, services, std::move(person));
            if (!made) {
                co_return refuse(made.error());
            }
            account = *made;
        }
        CreateShop shop{.slug = command.slug,
                        .name = command.name,
                        .owner = *account,
                        .currency = command.currency,
                        .locale = command.locale,
                        .tz = command.tz,
                        .country = command.country};
        co_return co_await create_shop(tx, services, std::move(shop));
    };
    const auto shop = co_await services.database.in_platform(write_options, opened);
    if (!shop) {
        co_return refuse(shop.error());
    }
    created.id = shop->id;
    created.address = services.address.of_slug(shop->slug);
    co_return created;
}

Task<std::string> list_from_command(Services& services) {
    std::string lines;
    std::string after;
    while (true) {
        auto page = [&](db::PlatformTx& tx) { return store::list_shops(tx, after, list_page); };
        const auto shops = co_await services.database.in_platform(reading, page);
        for (const Shop& shop : shops) {
            lines += fmt::format("{}  {}  {}  {}  {}{}\n",
                                 services.address.of_slug(shop.slug),
                                 shop.plan,
                                 shop.locale,
                                 shop.currency,
                                 shop.name,
                                 shop.is_open ? "" : "  (not open)");
        }
        if (shops.size() < static_cast<std::size_t>(list_page)) {
            break;
        }
        after = shops.back().slug;
    }
    co_return lines.empty() ? "There is no shop yet. Make one: cartwright shop create NAME --owner EMAIL\n"
                            : lines;
}

Task<Outcome<std::string>> show_from_command(Services& services, std::string slug) {
    auto shown = [&](db::PlatformTx& tx) -> Task<Outcome<std::string>> {
        const auto parsed = Slug::parse(slug);
        if (!parsed) {
            co_return refuse(no_such_shop);
        }
        const auto shop = co_await find_shop(tx, parsed->text());
        if (!shop) {
            co_return refuse(no_such_shop);
        }
        std::string lines = fmt::format(
            "{}\n  id:       {}\n  name:     {}\n  state:    {}\n  plan:     {}\n  language: {}\n  currency: {}\n"
            "  zone:     {}\n  country:  {}\n",
            services.address.of_slug(shop->slug),
            shop->id.value(),
            shop->name,
            shop->is_open ? "open" : "not open",
            shop->plan,
            shop->locale,
            shop->currency,
            shop->tz,
            shop->country);
        for (const Domain& domain : co_await store::list_domains(tx, shop->id)) {
            lines += fmt::format("  domain:   {}{}{}\n",
                                 domain.host,
                                 domain.is_verified ? "" : " (not proven)",
                                 domain.is_primary ? " (primary)" : "");
        }
        for (const StaffMember& member : co_await store::list_staff(tx.enter(shop->id))) {
            const auto account = co_await store::find_account(tx, member.account);
            lines += fmt::format("  staff:    {} ({})\n", account ? account->email : "?", member.role_name);
        }
        co_return lines;
    };
    co_return co_await services.database.in_platform(reading, shown);
}

Task<Outcome<std::vector<CreatedShop>>> seed_demo(Services& services, std::optional<std::string> password) {
    const std::array<CreateCommand, 2> demos{{
        {.slug = "demo",
         .owner = "owner@demo.test",
         .name = "Лавка",
         .locale = "ru",
         .currency = {},
         .tz = {},
         .country = {},
         .password = password},
        {.slug = "second",
         .owner = "owner@second.test",
         .name = "Second Shop",
         .locale = "en",
         .currency = {},
         .tz = {},
         .country = {},
         .password = password},
    }};
    std::vector<CreatedShop> created;
    for (CreateCommand command : demos) {
        auto looked_up = [&](db::PlatformTx& tx) { return find_shop(tx, command.slug); };
        if (co_await services.database.in_platform(reading, looked_up)) {
            continue;
        }
        auto known = [&](db::PlatformTx& tx) { return find_account_by_email(tx, command.owner); };
        if (co_await services.database.in_platform(reading, known)) {
            command.password = std::nullopt;
        }
        auto shop = co_await create_from_command(services, std::move(command));
        if (!shop) {
            co_return refuse(std::move(shop).error());
        }
        created.push_back(std::move(*shop));
    }
    co_return created;
}

}  // namespace cartwright::shop
