// Rows of accounts, password_resets, sessions and memberships: the platform's, asked by e-mail address or by
// the hash of a secret.
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

namespace cartwright::shop::store {

struct AccountRow {
    AccountId id = {};
    std::string email = {};
    std::string email_key = {};
    std::string name = {};
    std::string locale = {};
    std::optional<std::string> password_hash = {};
    bool is_active = false;
    std::int32_t version = 0;
    static constexpr auto columns = db::columns("id",
                                                &AccountRow::id,
                                                "email",
                                                &AccountRow::email,
                                                "email_key",
                                                &AccountRow::email_key,
                                                "name",
                                                &AccountRow::name,
                                                "locale",
                                                &AccountRow::locale,
                                                "password_hash",
                                                &AccountRow::password_hash,
                                                "is_active",
                                                &AccountRow::is_active,
                                                "version",
                                                &AccountRow::version);
};

// Nothing when the address has an account already.
Task<std::optional<AccountId>> insert_account(db::PlatformTx& tx, AccountRow row, bool verified, Instant now);
Task<std::optional<AccountRow>> find_account(db::PlatformTx& tx, AccountId id);
Task<std::optional<AccountRow>> find_account_by_email(db::PlatformTx& tx, std::string email_key);
// False when the account changed since `version` was read.
Task<bool> set_password(
    db::PlatformTx& tx, AccountId id, std::int32_t version, std::string hash, Instant now);
Task<> set_verified(db::PlatformTx& tx, AccountId id, Instant now);

struct ResetRow {
    AccountId account_id = {};
    std::string email_key = {};
    static constexpr auto columns =
        db::columns("account_id", &ResetRow::account_id, "email_key", &ResetRow::email_key);
};

Task<> insert_reset(
    db::PlatformTx& tx, Bytes token_hash, ResetRow row, ShopId for_shop, Instant now, Instant expires_at);
Task<std::optional<ResetRow>> find_reset(db::PlatformTx& tx, Bytes token_hash, ShopId for_shop, Instant now);
// The one that gets a row has the token's only use; its siblings of the account die with it.
Task<std::optional<ResetRow>> use_reset(db::PlatformTx& tx, Bytes token_hash, ShopId for_shop, Instant now);
Task<> void_resets(db::PlatformTx& tx, AccountId account, Instant now);

struct SessionRow {
    SessionId id = {};
    AccountId account_id = {};
    Instant last_seen_at = {};
    static constexpr auto columns = db::columns("id",
                                                &SessionRow::id,
                                                "account_id",
                                                &SessionRow::account_id,
                                                "last_seen_at",
                                                &SessionRow::last_seen_at);
};

struct NewSession {
    SessionId id = {};
    Bytes token_hash = {};
    AccountId account = {};
    ShopId for_shop = {};
    std::string address = {};
    std::string agent = {};
    Instant now = {};
    Instant expires_at = {};
};

struct ListedSession {
    SessionId id = {};
    std::string shop = {};  // its slug
    std::string address = {};
    std::string agent = {};
    Instant created_at = {};
    Instant last_seen_at = {};
    Instant expires_at = {};
    static constexpr auto columns = db::columns("id",
                                                &ListedSession::id,
                                                "shop",
                                                &ListedSession::shop,
                                                "address",
                                                &ListedSession::address,
                                                "agent",
                                                &ListedSession::agent,
                                                "created_at",
                                                &ListedSession::created_at,
                                                "last_seen_at",
                                                &ListedSession::last_seen_at,
                                                "expires_at",
                                                &ListedSession::expires_at);
};

Task<> insert_session(db::PlatformTx& tx, NewSession session);
// Alive at `now`, of an active account, and seen after `idle_since`.
Task<std::optional<SessionRow>> find_session(
    db::PlatformTx& tx, Bytes token_hash, ShopId for_shop, Instant now, Instant idle_since);
Task<> touch_session(db::PlatformTx& tx, SessionId id, Instant now);
// Newest first, of ids below `before`.
Task<std::vector<ListedSession>> list_sessions(db::PlatformTx& tx,
                                               AccountId account,
                                               Instant now,
                                               Instant idle_since,
                                               SessionId before,
                                               std::int32_t limit);
// The number of sessions that were alive and are not any more.
Task<std::int64_t> revoke_session(db::PlatformTx& tx, AccountId account, SessionId id, Instant now);
Task<std::int64_t> revoke_sessions_but(db::PlatformTx& tx, AccountId account, SessionId kept, Instant now);
Task<std::int64_t> revoke_sessions_in_shop(db::PlatformTx& tx,
                                           AccountId account,
                                           ShopId for_shop,
                                           Instant now);
Task<std::int64_t> forget_sessions(db::PlatformTx& tx, Instant ended_before);
Task<std::int64_t> forget_resets(db::PlatformTx& tx, Instant ended_before);

Task<> insert_membership(db::PlatformTx& tx, AccountId account, ShopId for_shop, Instant now);
Task<> delete_membership(db::PlatformTx& tx, AccountId account, ShopId for_shop);
Task<bool> is_member(db::PlatformTx& tx, AccountId account, ShopId for_shop);

}  // namespace cartwright::shop::store
