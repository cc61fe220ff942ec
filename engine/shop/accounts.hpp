// Accounts of people and what opens and closes them: logging in, out, forgotten and changed passwords, the
// list of one's sessions.
//
// Nothing here tells a stranger whether an address has an account: an unknown one is refused with the same
// reason after the same work (one slow hash), and a password link is always promised. Slow hashes are
// computed between transactions, never inside one.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/account_store.hpp"
#include "shop/scope.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::shop {

// A stolen cookie is worth something for so long at most, and for so long without use (ASVS 7.3).
inline constexpr std::chrono::days session_life{30};
inline constexpr std::chrono::days session_idle_life{7};
// last_seen_at is only as exact as this, which saves a write on each request.
inline constexpr std::chrono::minutes session_touch_interval{10};
inline constexpr std::chrono::hours reset_life{1};

// The address or the password is wrong, or the person doesn't work in this shop: one reason for all.
inline constexpr Reason login_failed{"shop.login_failed", Kind::unauthenticated};
inline constexpr Reason email_taken{"shop.email_taken", Kind::conflict};
inline constexpr Reason bad_person_name{"shop.bad_person_name", Kind::invalid};
// Unknown, used or expired: a link doesn't tell which.
inline constexpr Reason reset_invalid{"shop.reset_invalid", Kind::not_found};
inline constexpr Reason wrong_password{"shop.wrong_password", Kind::invalid};
// Changed by somebody at the same moment.
inline constexpr Reason account_changed{"shop.account_changed", Kind::conflict};
inline constexpr Reason no_such_session{"shop.no_such_session", Kind::not_found};

struct CreateAccount {
    std::string email = {};
    std::string name = {};
    std::string locale = {};
    std::optional<std::string> password_hash = {};  // of Passwords::hash, computed before the transaction
    bool is_verified = false;                       // the address is proven
};

Task<Outcome<AccountId>> create_account(db::PlatformTx& tx, const Services& services, CreateAccount request);
// Nothing for an address that is unknown or none.
Task<std::optional<AccountId>> find_account_by_email(db::PlatformTx& tx, std::string email);

struct Login {
    std::string email = {};
    std::string password = {};
};

struct LoggedIn {
    AccountId account = {};
    SessionId session = {};
    std::string token = {};  // for the cookie; new at each login, whatever the browser sent before
};

// Refuses with too_many_attempts or login_failed. The session that the visitor came with ends.
Task<Outcome<LoggedIn>> log_in(Services& services, Visitor visitor, Login request);

// Without a session: nothing to do.
Task<Outcome<>> log_out(Scope& scope);

// Promises a letter. Whether one goes out is decided by a job (`send_reset`), so that the request does the
// same work for every address. Refuses only with too_many_attempts of the client's own address.
Task<Outcome<>> request_reset(Services& services, Visitor visitor, std::string email);

// A letter that is to be sent.
struct ResetLetter {
    std::string to = {};
    std::string name = {};
    std::string locale = {};
    std::string link = {};  // with the token, which is stored nowhere
};

// The job's half: makes the token. Nothing where nobody of this shop's staff has the address. `shop_host`:
// the canonical host that the link leads to, never one that a client sent.
Task<std::optional<ResetLetter>> send_reset(Services& services, ShopId shop, std::string email_key);

struct ConfirmReset {
    std::string token = {};
    std::string password = {};
};

// Sets the password, ends all sessions of the person in all shops, and voids all other links.
Task<Outcome<AccountId>> confirm_reset(Services& services, Visitor visitor, ConfirmReset request);

struct ChangePassword {
    std::string current = {};
    std::string password = {};
};

// Asks for the current password again (ASVS 7.5.1). All other sessions of the person end.
Task<Outcome<>> change_password(Services& services, Visitor visitor, ChangePassword request);

struct Person {
    AccountId id = {};
    std::string email = {};
    std::string name = {};
    std::string locale = {};
};

// Whoever the scope's actor is; needs a person.
Task<Outcome<Person>> me(Scope& scope);

// The person's live sessions in all shops, newest first, of ids below `before` (0 = from the start).
Task<Outcome<std::vector<store::ListedSession>>> list_sessions(Scope& scope,
                                                               SessionId before,
                                                               std::int32_t limit);
Task<Outcome<>> revoke_session(Scope& scope, SessionId id);
// How many ended.
Task<Outcome<std::int64_t>> revoke_other_sessions(Scope& scope);

}  // namespace cartwright::shop
