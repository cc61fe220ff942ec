// Who works in a shop: roles, members and invitations. Nobody can hand out a permission that he doesn't have
// himself, and a shop always has an owner: the count of owners is a column with a CHECK, so two owners who
// leave at the same moment can't both go.
//
// Locks, in this order: invitation, member, role, shop_totals.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"
#include "shop/staff_store.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cartwright::shop {

inline constexpr std::chrono::days invite_life{7};

inline constexpr Reason no_such_role{"shop.no_such_role", Kind::not_found};
inline constexpr Reason bad_role_name{"shop.bad_role_name", Kind::invalid};
inline constexpr Reason role_name_taken{"shop.role_name_taken", Kind::conflict};
inline constexpr Reason role_changed{"shop.role_changed", Kind::conflict};
// Somebody has it, or it is the owner's.
inline constexpr Reason role_in_use{"shop.role_in_use", Kind::conflict};
inline constexpr Reason too_many_roles{"shop.too_many_roles", Kind::conflict};
inline constexpr Reason no_such_member{"shop.no_such_member", Kind::not_found};
inline constexpr Reason already_member{"shop.already_member", Kind::conflict};
inline constexpr Reason already_invited{"shop.already_invited", Kind::conflict};
// Unknown, used, taken back or expired: a link doesn't tell which.
inline constexpr Reason invite_invalid{"shop.invite_invalid", Kind::not_found};
inline constexpr Reason last_owner{"shop.last_owner", Kind::conflict};
// Value "limit".
inline constexpr Reason too_many_staff{"shop.too_many_staff", Kind::conflict};

// Reading needs staff_read, everything else staff_write.
Task<Outcome<std::vector<Role>>> list_roles(Scope& scope);

struct PutRole {
    RoleId id = {};  // 0 = a new one
    std::string name = {};
    std::vector<std::string> permissions = {};
    std::int32_t version = 0;  // of the role that is changed
};

Task<Outcome<Role>> put_role(Scope& scope, PutRole request);
Task<Outcome<>> remove_role(Scope& scope, RoleId id);

Task<Outcome<std::vector<StaffMember>>> list_staff(Scope& scope);
Task<Outcome<std::vector<Invite>>> list_invites(Scope& scope);

struct InviteStaff {
    std::string email = {};
    RoleId role = {};
};

struct Invited {
    InviteId id = {};
    std::string token = {};  // for the link in the mail, shown nowhere else
};

Task<Outcome<Invited>> invite_staff(Scope& scope, InviteStaff request);
Task<Outcome<>> withdraw_invite(Scope& scope, InviteId id);

struct AcceptInvite {
    ShopId shop = {};
    std::string token = {};
    std::string name = {};      // of a new account; an existing one keeps its own
    std::string password = {};  // of a new account
    std::string address = {};   // the client's, for the throttle
    std::string locale = {};
    std::string request_id = {};
};

struct Accepted {
    AccountId account = {};
    bool is_new_account = false;
};

// The link proves the address. Who has no account yet gets one with the given password; who has one becomes
// a member with it. Opens no session: the new member logs in as everybody does. Hashes outside of any
// transaction.
Task<Outcome<Accepted>> accept_invite(Services& services, AcceptInvite request);

Task<Outcome<>> set_role(Scope& scope, AccountId account, RoleId role);

// Their sessions and API tokens of this shop end, too. Everybody may leave without a permission.
Task<Outcome<>> remove_staff(Scope& scope, AccountId account);

}  // namespace cartwright::shop
