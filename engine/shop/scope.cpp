#include "shop/scope.hpp"

#include "base/crypto.hpp"
#include "shop/account_store.hpp"
#include "shop/accounts.hpp"
#include "shop/secrets.hpp"
#include "shop/staff_store.hpp"
#include "shop/tokens.hpp"

#include <utility>

namespace cartwright::shop {

namespace {

constexpr unsigned http_port = 80;
constexpr unsigned https_port = 443;

Task<Actor> guest_or_staff(db::Tx& tx, const Services& services, const Visitor& visitor) {
    if (visitor.session_token.empty() || visitor.session_token.size() > secret_max_bytes) {
        co_return Actor{};
    }
    const Instant now = services.clock.now();
    const auto session = co_await store::find_session(
        tx, stored_hash(visitor.session_token), visitor.shop, now, now - session_idle_life);
    if (!session) {
        co_return Actor{};
    }
    const auto member = co_await store::find_staff(tx, session->account_id);
    if (!member) {
        co_return Actor{};
    }
    if (now - session->last_seen_at >= session_touch_interval) {
        co_await store::touch_session(tx, session->id, now);
    }
    Actor actor{.kind = Actor::Kind::staff, .account = member->account, .session = session->id};
    actor.permissions = member->is_owner ? Permissions::all() : Permissions::known_of(member->permissions);
    actor.is_owner = member->is_owner;
    co_return actor;
}

// A key may do what it was given and what its maker still may do.
Task<Outcome<Actor>> holder_of(db::Tx& tx, const Services& services, const Visitor& visitor) {
    const auto parsed = parse_token(visitor.bearer);
    if (!parsed || parsed->shop != visitor.shop) {
        co_return refuse(not_logged_in);
    }
    const Instant now = services.clock.now();
    const auto token = co_await store::find_api_token(tx, stored_hash(visitor.bearer), now);
    if (!token) {
        co_return refuse(not_logged_in);
    }
    const auto maker = co_await store::find_staff(tx, token->created_by);
    if (!maker) {
        co_return refuse(not_logged_in);
    }
    if (!token->last_used_at || now - *token->last_used_at >= token_touch_interval) {
        co_await store::touch_api_token(tx, token->id, now);
    }
    Actor actor{.kind = Actor::Kind::token, .account = token->created_by, .token = token->id};
    const Permissions held = maker->is_owner ? Permissions::all() : Permissions::known_of(maker->permissions);
    actor.permissions = held & Permissions::known_of(token->permissions);
    co_return actor;
}

}  // namespace

std::string Address::of_host(std::string_view host) const {
    const bool is_usual =
        (scheme == "http" && port == http_port) || (scheme == "https" && port == https_port);
    std::string address = scheme + "://" + std::string(host);
    if (!is_usual) {
        address += ":" + std::to_string(port);
    }
    return address;
}

std::string Address::host_of_slug(std::string_view slug) const {
    return std::string(slug) + "." + platform_host;
}

std::string Address::of_slug(std::string_view slug) const {
    return of_host(host_of_slug(slug));
}

Actor Actor::system() {
    Actor actor{.kind = Kind::system};
    actor.permissions = Permissions::all();
    return actor;
}

Scope scope_of(db::Tx& tx, const Services& services, const Visitor& visitor, const Actor& actor) {
    return {.tx = tx,
            .shop = visitor.shop,
            .actor = actor,
            .locale = visitor.locale,
            .request_id = visitor.request_id,
            .now = services.clock.now(),
            .clock = services.clock,
            .ids = services.ids,
            .rng = services.rng,
            .address = services.address};
}

Outcome<> require(const Scope& scope, Permission permission) {
    if (scope.actor.may(permission)) {
        return {};
    }
    if (scope.actor.kind == Actor::Kind::guest) {
        return refuse(not_logged_in);
    }
    return refuse(Refusal(not_permitted).with("permission", std::string(name_of(permission))));
}

Outcome<> require_person(const Scope& scope) {
    if (scope.actor.kind == Actor::Kind::staff) {
        return {};
    }
    if (scope.actor.kind == Actor::Kind::guest) {
        return refuse(not_logged_in);
    }
    return refuse(persons_only);
}

Task<Outcome<Actor>> identify(db::Tx& tx, const Services& services, const Visitor& visitor) {
    if (!visitor.bearer.empty()) {
        co_return co_await holder_of(tx, services, visitor);
    }
    co_return co_await guest_or_staff(tx, services, visitor);
}

}  // namespace cartwright::shop
