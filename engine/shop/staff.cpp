#include "shop/staff.hpp"

#include "base/crypto.hpp"
#include "base/email.hpp"
#include "base/text.hpp"
#include "shop/account_store.hpp"
#include "shop/accounts.hpp"
#include "shop/changes.hpp"
#include "shop/names.hpp"
#include "shop/passwords.hpp"
#include "shop/secrets.hpp"
#include "shop/shop_store.hpp"
#include "shop/throttle.hpp"

#include <algorithm>

namespace cartwright::shop {

namespace {

constexpr std::size_t role_name_max_bytes = 100;
constexpr std::int64_t staff_without_plan = 100;
constexpr std::int64_t roles_without_plan = 100;

Permissions permissions_of(const Role& role) {
    return role.is_owner ? Permissions::all() : Permissions::known_of(role.permissions);
}

// Only an owner makes owners; everybody else hands out what they have.
Outcome<> may_give(const Scope& scope, const Role& role) {
    const bool may = role.is_owner ? scope.actor.is_owner || scope.actor.kind == Actor::Kind::system
                                   : scope.actor.permissions.covers(permissions_of(role));
    if (may) {
        return {};
    }
    return refuse(permission_not_held, "role");
}

Task<Outcome<Role>> role_to_give(Scope& scope, RoleId id) {
    auto role = co_await store::find_role(scope.tx, id);
    if (!role) {
        co_return refuse(no_such_role, "role");
    }
    if (auto may = may_give(scope, *role); !may) {
        co_return refuse(std::move(may).error());
    }
    co_return std::move(*role);
}

// The platform's word for whom a shop belongs to follows its owners.
Task<> keep_shop_owned(Scope& scope, AccountId leaving) {
    const auto staff = co_await store::list_staff(scope.tx);
    const auto heir = std::ranges::find_if(
        staff, [&](const StaffMember& member) { return member.is_owner && member.account != leaving; });
    if (heir != staff.end()) {
        co_await store::pass_shop_on(scope.tx, scope.shop, leaving, heir->account);
    }
}

}  // namespace

Task<Outcome<std::vector<Role>>> list_roles(Scope& scope) {
    if (auto permitted = require(scope, Permission::staff_read); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    co_return co_await store::list_roles(scope.tx);
}

Task<Outcome<Role>> put_role(Scope& scope, PutRole request) {
    if (auto permitted = require(scope, Permission::staff_write); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    auto name = required_name(request.name, role_name_max_bytes, bad_role_name);
    if (!name) {
        co_return refuse(std::move(name).error());
    }
    const auto permissions = Permissions::parse(request.permissions);
    if (!permissions) {
        co_return refuse(permissions.error());
    }
    if (!scope.actor.permissions.covers(*permissions)) {
        co_return refuse(permission_not_held, "permissions");
    }

    const auto roles = co_await store::list_roles(scope.tx);
    Role role{.id = request.id,
              .name = std::move(*name),
              .permissions = permissions->names(),
              .version = request.version};
    if (std::ranges::any_of(
            roles, [&](const Role& other) { return other.id != role.id && other.name == role.name; })) {
        co_return refuse(role_name_taken, "name");
    }
    if (!role.id) {
        const auto limit = co_await store::plan_limit(scope.tx, scope.shop, "roles");
        const std::int64_t most = limit.value_or(roles_without_plan);
        if (static_cast<std::int64_t>(roles.size()) >= most) {
            co_return refuse(Refusal(too_many_roles).with("limit", std::to_string(most)));
        }
        role.id = scope.ids.next_as<RoleId>();
        role.version = 1;
        if (!co_await store::insert_role(scope.tx, role, scope.now)) {
            co_return refuse(role_name_taken, "name");
        }
        auto change = events::Change::created("shop.role_created", {"role", role.id}, role.version);
        change.field("name", std::nullopt, role.name);
        change.field("permissions", std::nullopt, json_of(role.permissions));
        record(scope, change);
        co_return role;
    }
    const auto before = std::ranges::find(roles, role.id, &Role::id);
    if (before == roles.end()) {
        co_return refuse(no_such_role);
    }
    // Taking permissions from a role that has more than one's own would disarm whoever stands above.
    if (auto may = may_give(scope, *before); !may) {
        co_return refuse(std::move(may).error());
    }
    if (!co_await store::update_role(scope.tx, role, scope.now)) {
        co_return refuse(Refusal(role_changed).with("version", std::to_string(before->version)));
    }
    ++role.version;
    auto change = events::Change::changed("shop.role_changed", {"role", role.id}, role.version);
    change.field("name", before->name, role.name);
    change.field("permissions", json_of(before->permissions), json_of(role.permissions));
    record(scope, change);
    co_return role;
}

Task<Outcome<>> remove_role(Scope& scope, RoleId id) {
    if (auto permitted = require(scope, Permission::staff_write); !permitted) {
        co_return permitted;
    }
    const auto role = co_await store::find_role(scope.tx, id);
    if (!role) {
        co_return refuse(no_such_role);
    }
    if (auto may = may_give(scope, *role); !may) {
        co_return may;
    }
    if (!co_await store::delete_role(scope.tx, id)) {
        co_return refuse(role_in_use);
    }
    auto change = events::Change::removed("shop.role_removed", {"role", id}, 0);
    change.field("name", role->name, std::nullopt);
    change.field("permissions", json_of(role->permissions), std::nullopt);
    record(scope, change);
    co_return Outcome<>();
}

Task<Outcome<std::vector<StaffMember>>> list_staff(Scope& scope) {
    if (auto permitted = require(scope, Permission::staff_read); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    co_return co_await store::list_staff(scope.tx);
}

Task<Outcome<std::vector<Invite>>> list_invites(Scope& scope) {
    if (auto permitted = require(scope, Permission::staff_read); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    co_return co_await store::list_invites(scope.tx, scope.now);
}

Task<Outcome<Invited>> invite_staff(Scope& scope, InviteStaff request) {
    if (auto permitted = require(scope, Permission::staff_write); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    const auto email = Email::parse(request.email);
    if (!email) {
        co_return refuse(Refusal(email.error().reason(), "email"));
    }
    const auto role = co_await role_to_give(scope, request.role);
    if (!role) {
        co_return refuse(role.error());
    }
    if (const auto account = co_await store::find_account_by_email(scope.tx, email->key())) {
        const auto member = co_await store::find_staff(scope.tx, account->id);
        if (member) {
            co_return refuse(already_member, "email");
        }
    }
    Invited invited{.id = scope.ids.next_as<InviteId>(), .token = make_token(scope.rng)};
    store::NewInvite row{.invite = {.id = invited.id,
                                    .email = email->text(),
                                    .email_key = email->key(),
                                    .role = role->id,
                                    .created_at = scope.now,
                                    .expires_at = scope.now + invite_life},
                         .token_hash = stored_hash(invited.token),
                         .invited_by = scope.actor.account};
    if (!co_await store::insert_invite(scope.tx, std::move(row), scope.now)) {
        co_return refuse(already_invited, "email");
    }
    auto change = events::Change::created("shop.staff_invited", {"invite", invited.id}, 0);
    change.field("email", std::nullopt, email->text());
    change.field("role", std::nullopt, role->name);
    record(scope, change);
    co_return invited;
}

Task<Outcome<>> withdraw_invite(Scope& scope, InviteId id) {
    if (auto permitted = require(scope, Permission::staff_write); !permitted) {
        co_return permitted;
    }
    if (!co_await store::close_invite(scope.tx, id, scope.now)) {
        co_return refuse(invite_invalid);
    }
    record(scope, events::Change::removed("shop.invite_withdrawn", {"invite", id}, 0));
    co_return Outcome<>();
}

Task<Outcome<Accepted>> accept_invite(Services& services, AcceptInvite request) {
    const Instant started = services.clock.now();
    const std::string address = throttled_address(request.address);
    auto counted = [&](db::PlatformTx& tx) { return take_attempt(tx, token_by_address, address, started); };
    if (auto limit = co_await services.database.in_platform(write_options, counted)) {
        co_return refuse(std::move(*limit));
    }
    if (request.token.size() > secret_max_bytes) {
        co_return refuse(invite_invalid);
    }
    const Bytes hash = stored_hash(request.token);

    // Looked at before the password is hashed, so that a made-up link costs no hash.
    struct Found {
        std::string email;
        bool has_account = false;
    };

    auto looked_up = [&](db::Tx& tx) -> Task<Outcome<Found>> {
        const auto invite = co_await store::find_invite(tx, hash, started);
        if (!invite) {
            co_return refuse(invite_invalid);
        }
        const auto account = co_await store::find_account_by_email(tx, invite->email_key);
        co_return Found{invite->email, account.has_value()};
    };
    const auto found = co_await services.database.in_shop(request.shop, write_options, looked_up);
    if (!found) {
        co_return refuse(found.error());
    }
    std::optional<std::string> password_hash;
    if (!found->has_account) {
        if (auto good = check_password(request.password, found->email); !good) {
            co_return refuse(std::move(good).error());
        }
        password_hash = co_await services.passwords.hash(request.password);
    }

    auto accepted = [&](db::Tx& tx) -> Task<Outcome<Accepted>> {
        const Instant now = services.clock.now();
        const auto invite = co_await store::use_invite(tx, hash, now);
        if (!invite) {
            co_return refuse(invite_invalid);
        }
        Accepted result;
        const auto account = co_await store::find_account_by_email(tx, invite->email_key);
        if (account) {
            if (!account->is_active) {
                co_return refuse(invite_invalid);
            }
            result.account = account->id;
        } else {
            CreateAccount person{.email = invite->email,
                                 .name = request.name,
                                 .locale = request.locale,
                                 .password_hash = password_hash,
                                 .is_verified = true};
            auto created = co_await create_account(tx, services, std::move(person));
            if (!created) {
                co_return refuse(std::move(created).error());
            }
            result.account = *created;
            result.is_new_account = true;
        }
        const auto role = co_await store::find_role(tx, invite->role);
        if (!role) {
            co_return refuse(invite_invalid);
        }
        if (!co_await store::insert_staff(tx, result.account, role->id, now)) {
            co_return refuse(already_member);
        }
        const auto limit = co_await store::plan_limit(tx, request.shop, "staff");
        const std::int64_t most = limit.value_or(staff_without_plan);
        if (!co_await store::count_up(tx, store::Counted::staff, most)) {
            co_return refuse(Refusal(too_many_staff).with("limit", std::to_string(most)));
        }
        if (role->is_owner) {
            co_await store::add_owner(tx);
        }
        co_await store::insert_membership(tx, result.account, request.shop, now);
        const Actor actor{.kind = Actor::Kind::staff, .account = result.account};
        const Visitor joining{
            .shop = request.shop, .locale = request.locale, .request_id = request.request_id};
        Scope scope = scope_of(tx, services, joining, actor);
        auto change = events::Change::created("shop.staff_joined", {"staff", result.account}, 0);
        change.field("role", std::nullopt, role->name);
        record(scope, change);
        co_return result;
    };
    co_return co_await services.database.in_shop(request.shop, write_options, accepted);
}

Task<Outcome<>> set_role(Scope& scope, AccountId account, RoleId role_id) {
    if (auto permitted = require(scope, Permission::staff_write); !permitted) {
        co_return permitted;
    }
    const auto member = co_await store::lock_staff(scope.tx, account);
    if (!member) {
        co_return refuse(no_such_member);
    }
    const auto role = co_await role_to_give(scope, role_id);
    if (!role) {
        co_return refuse(role.error());
    }
    const Role held{.id = member->role,
                    .name = member->role_name,
                    .is_owner = member->is_owner,
                    .permissions = member->permissions};
    if (auto may = may_give(scope, held); !may) {
        co_return may;
    }
    if (role->id == member->role) {
        co_return Outcome<>();
    }
    if (member->is_owner && !co_await store::drop_owner(scope.tx)) {
        co_return refuse(last_owner);
    }
    if (role->is_owner) {
        co_await store::add_owner(scope.tx);
    }
    co_await store::set_staff_role(scope.tx, account, role->id, scope.now);
    if (member->is_owner) {
        co_await keep_shop_owned(scope, account);
    }
    auto change = events::Change::changed("shop.staff_role_changed", {"staff", account}, 0);
    change.field("role", member->role_name, role->name);
    record(scope, change);
    co_return Outcome<>();
}

Task<Outcome<>> remove_staff(Scope& scope, AccountId account) {
    const bool is_own_wish = scope.actor.kind == Actor::Kind::staff && scope.actor.account == account;
    if (!is_own_wish) {
        if (auto permitted = require(scope, Permission::staff_write); !permitted) {
            co_return permitted;
        }
    }
    const auto member = co_await store::lock_staff(scope.tx, account);
    if (!member) {
        co_return refuse(no_such_member);
    }
    const Role held{.id = member->role,
                    .name = member->role_name,
                    .is_owner = member->is_owner,
                    .permissions = member->permissions};
    if (auto may = may_give(scope, held); !may && !is_own_wish) {
        co_return may;
    }
    if (member->is_owner && !co_await store::drop_owner(scope.tx)) {
        co_return refuse(last_owner);
    }
    co_await store::delete_staff(scope.tx, account);
    co_await store::count_down(scope.tx, store::Counted::staff);
    if (member->is_owner) {
        co_await keep_shop_owned(scope, account);
    }
    co_await store::delete_membership(scope.tx, account, scope.shop);
    co_await store::revoke_sessions_in_shop(scope.tx, account, scope.shop, scope.now);
    co_await store::revoke_api_tokens_of(scope.tx, account, scope.now);
    auto change = events::Change::removed("shop.staff_removed", {"staff", account}, 0);
    change.field("role", member->role_name, std::nullopt);
    record(scope, change);
    co_return Outcome<>();
}

}  // namespace cartwright::shop
