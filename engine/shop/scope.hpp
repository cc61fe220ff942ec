// In whose name something is done in a shop, and the Scope that carries it: the first argument of every
// operation. A face opens the scope with in_scope, which runs its work in one transaction of one shop,
// after it has found out in that same transaction who asks. So a right that was taken away a moment ago is
// gone, and a refusal leaves nothing behind.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/outcome.hpp"
#include "base/rng.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "shop/permissions.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cartwright::shop {

class Passwords;

using SessionId = Id<struct SessionTag>;
using ApiTokenId = Id<struct ApiTokenTag>;
using RoleId = Id<struct RoleTag>;

// Where this platform is reached from outside; links and printed addresses are made of it.
struct Address {
    std::string scheme = "http";
    std::string platform_host = "localhost";  // shops are <slug>.<platform_host>
    unsigned port = 8080;                     // left out of links where it is the scheme's own

    // "http://demo.localhost:8080", without a slash at the end.
    std::string of_host(std::string_view host) const;
    std::string host_of_slug(std::string_view slug) const;
    std::string of_slug(std::string_view slug) const;
};

// What operations need besides rows. One object a thread; all of it outlives every request.
struct Services {
    db::Database& database;
    const Clock& clock;
    IdSource& ids;
    Rng& rng;  // fit for secrets
    Passwords& passwords;
    Address address = {};
};

// Who acts.
struct Actor {
    enum class Kind : std::uint8_t {
        guest,   // unknown, may do what everyone may
        staff,   // a person with a session of this shop
        token,   // a program with an API token of this shop
        system,  // the platform itself: a command of the operator, a job
    };

    Kind kind = Kind::guest;
    AccountId account = {};  // of staff, and of whoever made the token
    SessionId session = {};  // of staff
    ApiTokenId token = {};   // of a token
    Permissions permissions = {};
    bool is_owner = false;

    bool may(Permission permission) const noexcept { return permissions.has(permission); }

    // The platform itself: may do everything.
    static Actor system();
};

// What a request says of its sender. Nothing of it is believed before `identify`.
struct Visitor {
    ShopId shop = {};
    std::string session_token = {};  // the session cookie, "" = none
    std::string bearer = {};         // of Authorization: Bearer, "" = none
    std::string locale = {};         // of the answer
    std::string address = {};        // the client's IP address
    std::string agent = {};          // User-Agent, for the list of sessions
    std::string request_id = {};
    std::uint32_t* sql_count = nullptr;
};

struct Scope {
    db::Tx& tx;
    ShopId shop = {};
    const Actor& actor;
    std::string_view locale;
    std::string_view request_id;
    Instant now = {};  // one moment for the whole operation
    const Clock& clock;
    IdSource& ids;
    Rng& rng;
    const Address& address;
};

// For in_scope, and for operations that open their own transactions because they hash between them.
Scope scope_of(db::Tx& tx, const Services& services, const Visitor& visitor, const Actor& actor);

// Not logged in, or the credential is unknown, expired or revoked.
inline constexpr Reason not_logged_in{"shop.not_logged_in", Kind::unauthenticated};
// Value "permission": the name that is missing.
inline constexpr Reason not_permitted{"shop.not_permitted", Kind::forbidden};

// For people with a session; a token is none.
inline constexpr Reason persons_only{"shop.persons_only", Kind::forbidden};

// The check that an operation starts with.
Outcome<> require(const Scope& scope, Permission permission);
// Somebody with a session, whatever their role: for what concerns their own account.
Outcome<> require_person(const Scope& scope);

// Finds out who asks. A dead session is a guest (the browser sends it along everywhere); a bearer token
// that isn't good refuses with not_logged_in, since a program that sends one means it.
Task<Outcome<Actor>> identify(db::Tx& tx, const Services& services, const Visitor& visitor);

inline constexpr db::TxOptions write_options{.work = db::Work::write, .read_only = false, .repeatable = true};

// For what anybody may read. Whoever is logged in needs write_options even to read: being seen is written down.

// write_options, with the statements counted for the visitor's request.
inline db::TxOptions counted_for(const Visitor& visitor) {
    db::TxOptions options = write_options;
    options.sql_count = visitor.sql_count;
    return options;
}

// Runs work(Scope&) → Task<Outcome<T>> in a transaction of the visitor's shop; a refusal or an exception
// rolls back. Both references have to outlive the returned task.
template <class F>
auto in_scope(Services& services, const Visitor& visitor, F work, db::TxOptions options = write_options)
    -> std::invoke_result_t<F&, Scope&> {
    using Result = typename std::invoke_result_t<F&, Scope&>::value_type;
    auto identified = [&services, &visitor, &work](db::Tx& tx) -> Task<Result> {
        Outcome<Actor> actor = co_await identify(tx, services, visitor);
        if (!actor) {
            co_return refuse(std::move(actor).error());
        }
        Scope scope = scope_of(tx, services, visitor, *actor);
        co_return co_await work(scope);
    };
    if (options.sql_count == nullptr) {
        options.sql_count = visitor.sql_count;
    }
    co_return co_await services.database.in_shop(visitor.shop, options, identified);
}

// The same in the platform's own name: commands of the operator, jobs, seeds.
template <class F>
auto in_system_scope(Services& services, ShopId shop, F work, db::TxOptions options = write_options)
    -> std::invoke_result_t<F&, Scope&> {
    using Result = typename std::invoke_result_t<F&, Scope&>::value_type;
    auto as_system = [&services, shop, &work](db::Tx& tx) -> Task<Result> {
        const Actor actor = Actor::system();
        const Visitor nobody{.shop = shop};
        Scope scope = scope_of(tx, services, nobody, actor);
        co_return co_await work(scope);
    };
    co_return co_await services.database.in_shop(shop, options, as_system);
}

}  // namespace cartwright::shop
