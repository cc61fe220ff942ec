// Rows of one shop: shop_totals, roles, staff_members, staff_invites and api_tokens.
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "shop/scope.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::shop {

using InviteId = Id<struct InviteTag>;

struct Role {
    RoleId id = {};
    std::string name = {};
    bool is_owner = false;
    std::vector<std::string> permissions = {};
    std::int32_t version = 1;
    static constexpr auto columns = db::columns("id",
                                                &Role::id,
                                                "name",
                                                &Role::name,
                                                "is_owner",
                                                &Role::is_owner,
                                                "permissions",
                                                &Role::permissions,
                                                "version",
                                                &Role::version);
};

struct StaffMember {
    AccountId account = {};
    RoleId role = {};
    std::string role_name = {};
    bool is_owner = false;
    std::vector<std::string> permissions = {};
    static constexpr auto columns = db::columns("account_id",
                                                &StaffMember::account,
                                                "role_id",
                                                &StaffMember::role,
                                                "role_name",
                                                &StaffMember::role_name,
                                                "is_owner",
                                                &StaffMember::is_owner,
                                                "permissions",
                                                &StaffMember::permissions);
};

struct Invite {
    InviteId id = {};
    std::string email = {};
    std::string email_key = {};
    RoleId role = {};
    Instant created_at = {};
    Instant expires_at = {};
    static constexpr auto columns = db::columns("id",
                                                &Invite::id,
                                                "email",
                                                &Invite::email,
                                                "email_key",
                                                &Invite::email_key,
                                                "role_id",
                                                &Invite::role,
                                                "created_at",
                                                &Invite::created_at,
                                                "expires_at",
                                                &Invite::expires_at);
};

struct ApiToken {
    ApiTokenId id = {};
    std::string name = {};
    std::vector<std::string> permissions = {};
    AccountId created_by = {};
    Instant created_at = {};
    std::optional<Instant> last_used_at = {};
    std::optional<Instant> expires_at = {};
    static constexpr auto columns = db::columns("id",
                                                &ApiToken::id,
                                                "name",
                                                &ApiToken::name,
                                                "permissions",
                                                &ApiToken::permissions,
                                                "created_by",
                                                &ApiToken::created_by,
                                                "created_at",
                                                &ApiToken::created_at,
                                                "last_used_at",
                                                &ApiToken::last_used_at,
                                                "expires_at",
                                                &ApiToken::expires_at);
};

}  // namespace cartwright::shop

namespace cartwright::shop::store {

// A new shop: one owner, nothing else yet.
Task<> insert_totals(db::Tx& tx);

// What shop_totals counts.
enum class Counted : std::uint8_t { staff, domains, api_tokens };

// Adds one unless that would exceed `limit`; false when it would.
Task<bool> count_up(db::Tx& tx, Counted what, std::int64_t limit);
Task<> count_down(db::Tx& tx, Counted what);
// One owner more, or one less; false when the last one would go.
Task<> add_owner(db::Tx& tx);
Task<bool> drop_owner(db::Tx& tx);

// False when the name is taken.
Task<bool> insert_role(db::Tx& tx, Role role, Instant now);
Task<std::vector<Role>> list_roles(db::Tx& tx);
Task<std::optional<Role>> find_role(db::Tx& tx, RoleId id);
Task<std::optional<Role>> find_role_by_name(db::Tx& tx, std::string name);
// False when the role is gone, the owner's, or has another version.
Task<bool> update_role(db::Tx& tx, Role role, Instant now);
// False when it is gone, the owner's, or somebody has it or is invited to it.
Task<bool> delete_role(db::Tx& tx, RoleId id);

// False when the person is one already.
Task<bool> insert_staff(db::Tx& tx, AccountId account, RoleId role, Instant now);
Task<std::vector<StaffMember>> list_staff(db::Tx& tx);
Task<std::optional<StaffMember>> find_staff(db::Tx& tx, AccountId account);
// The same, and nobody changes it until the transaction ends.
Task<std::optional<StaffMember>> lock_staff(db::Tx& tx, AccountId account);
Task<> set_staff_role(db::Tx& tx, AccountId account, RoleId role, Instant now);
Task<bool> delete_staff(db::Tx& tx, AccountId account);

struct NewInvite {
    Invite invite = {};
    Bytes token_hash = {};
    AccountId invited_by = {};
};

// Closes an expired invitation of the address first; false when an open one is left.
Task<bool> insert_invite(db::Tx& tx, NewInvite invite, Instant now);
Task<std::vector<Invite>> list_invites(db::Tx& tx, Instant now);
Task<std::optional<Invite>> find_invite(db::Tx& tx, Bytes token_hash, Instant now);
// The one that gets the row has the invitation's only use.
Task<std::optional<Invite>> use_invite(db::Tx& tx, Bytes token_hash, Instant now);
Task<bool> close_invite(db::Tx& tx, InviteId id, Instant now);

struct NewApiToken {
    ApiToken token = {};
    Bytes token_hash = {};
};

Task<> insert_api_token(db::Tx& tx, NewApiToken token);
Task<std::vector<ApiToken>> list_api_tokens(db::Tx& tx, ApiTokenId before, std::int32_t limit);
Task<std::optional<ApiToken>> find_api_token(db::Tx& tx, Bytes token_hash, Instant now);
Task<> touch_api_token(db::Tx& tx, ApiTokenId id, Instant now);
Task<bool> revoke_api_token(db::Tx& tx, ApiTokenId id, Instant now);
// Of a person who leaves: the number of keys that died.
Task<std::int64_t> revoke_api_tokens_of(db::Tx& tx, AccountId account, Instant now);

}  // namespace cartwright::shop::store
