#include "shop/account_store.hpp"

namespace cartwright::shop::store {

namespace {

using Text = std::string;

const db::PlatformStatement<AccountId(
    AccountId, Text, Text, Text, Text, std::optional<Text>, std::optional<Instant>, Instant)>
    insert_account_row{"shop.insert_account", R"sql(
    insert into accounts (id, email, email_key, name, locale, password_hash, verified_at, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
    on conflict (email_key) do nothing
    returning id
)sql"};

const db::PlatformStatement<AccountRow(AccountId)> account_by_id{"shop.find_account", R"sql(
    select id, email, email_key, name, locale, password_hash, state = 'active' as is_active, version
      from accounts where id = $1
)sql"};

const db::PlatformStatement<AccountRow(Text)> account_by_email{"shop.find_account_by_email", R"sql(
    select id, email, email_key, name, locale, password_hash, state = 'active' as is_active, version
      from accounts where email_key = $1
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, std::int32_t, Text, Instant)> set_password_hash{
    "shop.set_password", R"sql(
    update accounts set password_hash = $3, version = version + 1, updated_at = $4
     where id = $1 and version = $2
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, Instant)> set_verified_at{"shop.set_verified", R"sql(
    update accounts set verified_at = $2, updated_at = $2 where id = $1 and verified_at is null
)sql"};

const db::PlatformStatement<db::Nothing(Bytes, AccountId, Text, ShopId, Instant, Instant)> insert_reset_row{
    "shop.insert_reset", R"sql(
    insert into password_resets (token_hash, account_id, email_key, for_shop, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)
)sql"};

const db::PlatformStatement<ResetRow(Bytes, ShopId, Instant)> open_reset{"shop.find_reset", R"sql(
    select account_id, email_key from password_resets
     where token_hash = $1 and for_shop = $2 and used_at is null and expires_at > $3
)sql"};

const db::PlatformStatement<ResetRow(Bytes, ShopId, Instant)> use_open_reset{"shop.use_reset", R"sql(
    update password_resets set used_at = $3
     where token_hash = $1 and for_shop = $2 and used_at is null and expires_at > $3
    returning account_id, email_key
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, Instant)> void_open_resets{"shop.void_resets", R"sql(
    update password_resets set used_at = $2 where account_id = $1 and used_at is null
)sql"};

const db::PlatformStatement<db::Nothing(Instant)> forget_old_resets{"shop.forget_resets", R"sql(
    delete from password_resets where expires_at < $1
)sql"};

const db::PlatformStatement<db::Nothing(SessionId, Bytes, AccountId, ShopId, Text, Text, Instant, Instant)>
    insert_session_row{"shop.insert_session", R"sql(
    insert into sessions (id, token_hash, account_id, for_shop, address, agent, created_at, last_seen_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
)sql"};

const db::PlatformStatement<SessionRow(Bytes, ShopId, Instant, Instant)> live_session{"shop.find_session",
                                                                                      R"sql(
    select s.id, s.account_id, s.last_seen_at
      from sessions s join accounts a on a.id = s.account_id and a.state = 'active'
     where s.token_hash = $1 and s.for_shop = $2 and s.revoked_at is null and s.expires_at > $3
       and s.last_seen_at > $4
)sql"};

const db::PlatformStatement<db::Nothing(SessionId, Instant)> touch{"shop.touch_session", R"sql(
    update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2
)sql"};

const db::PlatformStatement<ListedSession(AccountId, Instant, Instant, SessionId, std::int32_t)>
    live_sessions{"shop.list_sessions", R"sql(
    select s.id, h.slug as shop, s.address, s.agent, s.created_at, s.last_seen_at, s.expires_at
      from sessions s join shops h on h.id = s.for_shop
     where s.account_id = $1 and s.revoked_at is null and s.expires_at > $2 and s.last_seen_at > $3 and s.id < $4
     order by s.id desc limit $5
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, SessionId, Instant)> revoke_one{"shop.revoke_session",
                                                                                   R"sql(
    update sessions set revoked_at = $3 where account_id = $1 and id = $2 and revoked_at is null
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, SessionId, Instant)> revoke_others{
    "shop.revoke_other_sessions", R"sql(
    update sessions set revoked_at = $3 where account_id = $1 and id <> $2 and revoked_at is null
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, ShopId, Instant)> revoke_of_shop{
    "shop.revoke_sessions_in_shop", R"sql(
    update sessions set revoked_at = $3 where account_id = $1 and for_shop = $2 and revoked_at is null
)sql"};

const db::PlatformStatement<db::Nothing(Instant)> forget_old_sessions{"shop.forget_sessions", R"sql(
    delete from sessions where expires_at < $1
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, ShopId, Instant)> insert_member{"shop.insert_membership",
                                                                                   R"sql(
    insert into memberships (account_id, for_shop, created_at) values ($1, $2, $3)
    on conflict (account_id, for_shop) do nothing
)sql"};

const db::PlatformStatement<db::Nothing(AccountId, ShopId)> delete_member{"shop.delete_membership", R"sql(
    delete from memberships where account_id = $1 and for_shop = $2
)sql"};

const db::PlatformStatement<bool(AccountId, ShopId)> membership_exists{"shop.is_member", R"sql(
    select exists (select from memberships where account_id = $1 and for_shop = $2) as exists
)sql"};

}  // namespace

Task<std::optional<AccountId>> insert_account(db::PlatformTx& tx,
                                              AccountRow row,
                                              bool verified,
                                              Instant now) {
    const std::optional<Instant> verified_at = verified ? std::optional(now) : std::nullopt;
    co_return co_await tx.maybe(insert_account_row,
                                row.id,
                                row.email,
                                row.email_key,
                                row.name,
                                row.locale,
                                row.password_hash,
                                verified_at,
                                now);
}

Task<std::optional<AccountRow>> find_account(db::PlatformTx& tx, AccountId id) {
    co_return co_await tx.maybe(account_by_id, id);
}

Task<std::optional<AccountRow>> find_account_by_email(db::PlatformTx& tx, std::string email_key) {
    co_return co_await tx.maybe(account_by_email, email_key);
}

Task<bool> set_password(
    db::PlatformTx& tx, AccountId id, std::int32_t version, std::string hash, Instant now) {
    co_return co_await tx.run(set_password_hash, id, version, hash, now) == 1;
}

Task<> set_verified(db::PlatformTx& tx, AccountId id, Instant now) {
    co_await tx.run(set_verified_at, id, now);
}

Task<> insert_reset(
    db::PlatformTx& tx, Bytes token_hash, ResetRow row, ShopId for_shop, Instant now, Instant expires_at) {
    co_await tx.run(insert_reset_row, token_hash, row.account_id, row.email_key, for_shop, now, expires_at);
}

Task<std::optional<ResetRow>> find_reset(db::PlatformTx& tx, Bytes token_hash, ShopId for_shop, Instant now) {
    co_return co_await tx.maybe(open_reset, token_hash, for_shop, now);
}

Task<std::optional<ResetRow>> use_reset(db::PlatformTx& tx, Bytes token_hash, ShopId for_shop, Instant now) {
    co_return co_await tx.maybe(use_open_reset, token_hash, for_shop, now);
}

Task<> void_resets(db::PlatformTx& tx, AccountId account, Instant now) {
    co_await tx.run(void_open_resets, account, now);
}

Task<std::int64_t> forget_resets(db::PlatformTx& tx, Instant ended_before) {
    co_return co_await tx.run(forget_old_resets, ended_before);
}

Task<> insert_session(db::PlatformTx& tx, NewSession session) {
    co_await tx.run(insert_session_row,
                    session.id,
                    session.token_hash,
                    session.account,
                    session.for_shop,
                    session.address,
                    session.agent,
                    session.now,
                    session.expires_at);
}

Task<std::optional<SessionRow>> find_session(
    db::PlatformTx& tx, Bytes token_hash, ShopId for_shop, Instant now, Instant idle_since) {
    co_return co_await tx.maybe(live_session, token_hash, for_shop, now, idle_since);
}

Task<> touch_session(db::PlatformTx& tx, SessionId id, Instant now) {
    co_await tx.run(touch, id, now);
}

Task<std::vector<ListedSession>> list_sessions(db::PlatformTx& tx,
                                               AccountId account,
                                               Instant now,
                                               Instant idle_since,
                                               SessionId before,
                                               std::int32_t limit) {
    co_return co_await tx.all(live_sessions, account, now, idle_since, before, limit);
}

Task<std::int64_t> revoke_session(db::PlatformTx& tx, AccountId account, SessionId id, Instant now) {
    co_return co_await tx.run(revoke_one, account, id, now);
}

Task<std::int64_t> revoke_sessions_but(db::PlatformTx& tx, AccountId account, SessionId kept, Instant now) {
    co_return co_await tx.run(revoke_others, account, kept, now);
}

Task<std::int64_t> revoke_sessions_in_shop(db::PlatformTx& tx,
                                           AccountId account,
                                           ShopId for_shop,
                                           Instant now) {
    co_return co_await tx.run(revoke_of_shop, account, for_shop, now);
}

Task<std::int64_t> forget_sessions(db::PlatformTx& tx, Instant ended_before) {
    co_return co_await tx.run(forget_old_sessions, ended_before);
}

Task<> insert_membership(db::PlatformTx& tx, AccountId account, ShopId for_shop, Instant now) {
    co_await tx.run(insert_member, account, for_shop, now);
}

Task<> delete_membership(db::PlatformTx& tx, AccountId account, ShopId for_shop) {
    co_await tx.run(delete_member, account, for_shop);
}

Task<bool> is_member(db::PlatformTx& tx, AccountId account, ShopId for_shop) {
    co_return co_await tx.one(membership_exists, account, for_shop);
}

}  // namespace cartwright::shop::store
