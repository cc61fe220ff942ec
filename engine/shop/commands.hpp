// What the operator's commands do: `cartwright shop create|list|show` and `cartwright seed demo`. They return
// what is to be printed; a refusal's code is a message in themes/locales like everybody's.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::shop {

// What isn't given follows from the language.
struct CreateCommand {
    std::string slug = {};
    std::string owner = {};  // e-mail address; an account is made where it has none
    std::string name = {};   // "" = the slug
    std::string locale = "en";
    std::string currency = {};
    std::string tz = {};
    std::string country = {};
    std::optional<std::string> password = {};  // of a new account; nothing = one is generated
};

struct CreatedShop {
    ShopId id = {};
    std::string address = {};                  // "http://demo.localhost:8080"
    std::string login = {};                    // the owner's e-mail address
    std::optional<std::string> password = {};  // a generated one, which is kept nowhere and so shown only now
    bool is_new_account = false;

    std::string text() const;
};

// A password was given for an account that has one.
inline constexpr Reason owner_has_password{"shop.owner_has_password", Kind::conflict};

Task<Outcome<CreatedShop>> create_from_command(Services& services, CreateCommand command);

// One line a shop: address, plan, language, currency, name.
Task<std::string> list_from_command(Services& services);

// Refuses with no_such_shop.
Task<Outcome<std::string>> show_from_command(Services& services, std::string slug);

// The shops that a developer's first start has: `demo` (ru, RUB) of owner@demo.test and `second` (en, EUR) of
// owner@second.test. Those that are there already stay as they are and are not in the result.
Task<Outcome<std::vector<CreatedShop>>> seed_demo(Services& services, std::optional<std::string> password);

}  // namespace cartwright::shop
