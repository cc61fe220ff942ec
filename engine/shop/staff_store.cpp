#include "shop/staff_store.hpp"

namespace cartwright::shop::store {

namespace {

using Text = std::string;
using Texts = std::vector<std::string>;

const db::Statement<db::Nothing()> insert_totals_row{"shop.insert_totals", R"sql(
    insert into shop_totals (shop_id, owners, staff) values ($1, 1, 1)
)sql"};

const db::Statement<db::Nothing(std::int64_t)> count_staff{"shop.count_staff", R"sql(
    update shop_totals set staff = staff + 1 where shop_id = $1 and staff < $2
)sql"};

const db::Statement<db::Nothing(std::int64_t)> count_domain{"shop.count_domain", R"sql(
    update shop_totals set domains = domains + 1 where shop_id = $1 and domains < $2
)sql"};

const db::Statement<db::Nothing(std::int64_t)> count_api_token{"shop.count_api_token", R"sql(
    update shop_totals set api_tokens = api_tokens + 1 where shop_id = $1 and api_tokens < $2
)sql"};

const db::Statement<db::Nothing()> uncount_staff{"shop.uncount_staff", R"sql(
    update shop_totals set staff = staff - 1 where shop_id = $1
)sql"};

const db::Statement<db::Nothing()> uncount_domain{"shop.uncount_domain", R"sql(
    update shop_totals set domains = domains - 1 where shop_id = $1
)sql"};

const db::Statement<db::Nothing(std::int64_t)> uncount_api_tokens{"shop.uncount_api_tokens", R"sql(
    update shop_totals set api_tokens = api_tokens - $2 where shop_id = $1
)sql"};

const db::Statement<db::Nothing()> one_owner_more{"shop.add_owner", R"sql(
    update shop_totals set owners = owners + 1 where shop_id = $1
)sql"};

const db::Statement<db::Nothing()> one_owner_less{"shop.drop_owner", R"sql(
    update shop_totals set owners = owners - 1 where shop_id = $1 and owners > 1
)sql"};

const db::Statement<RoleId(RoleId, Text, bool, Texts, Instant)> insert_role_row{"shop.insert_role", R"sql(
    insert into roles (shop_id, id, name, is_owner, permissions, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $6)
    on conflict (shop_id, name) do nothing
    returning id
)sql"};

const db::Statement<Role()> roles_of_shop{"shop.list_roles", R"sql(
    select id, name, is_owner, permissions, version from roles where shop_id = $1 order by id
)sql"};

const db::Statement<Role(RoleId)> role_by_id{"shop.find_role", R"sql(
    select id, name, is_owner, permissions, version from roles where shop_id = $1 and id = $2
)sql"};

const db::Statement<Role(Text)> role_by_name{"shop.find_role_by_name", R"sql(
    select id, name, is_owner, permissions, version from roles where shop_id = $1 and name = $2
)sql"};

const db::Statement<db::Nothing(RoleId, Text, Texts, std::int32_t, Instant)> update_role_row{
    "shop.update_role", R"sql(
    update roles set name = $3, permissions = $4, version = version + 1, updated_at = $6
     where shop_id = $1 and id = $2 and version = $5 and not is_owner
)sql"};

const db::Statement<db::Nothing(RoleId)> delete_closed_invites{"shop.delete_closed_invites", R"sql(
    delete from staff_invites where shop_id = $1 and role_id = $2 and closed_at is not null
)sql"};

const db::Statement<db::Nothing(RoleId)> delete_role_row{"shop.delete_role", R"sql(
    delete from roles r
     where r.shop_id = $1 and r.id = $2 and not r.is_owner
       and not exists (select from staff_members m where m.shop_id = $1 and m.role_id = $2)
       and not exists (select from staff_invites i where i.shop_id = $1 and i.role_id = $2)
)sql"};

const db::Statement<AccountId(AccountId, RoleId, Instant)> insert_staff_row{"shop.insert_staff", R"sql(
    insert into staff_members (shop_id, account_id, role_id, created_at, updated_at)
    values ($1, $2, $3, $4, $4)
    on conflict (shop_id, account_id) do nothing
    returning account_id
)sql"};

const db::Statement<StaffMember()> staff_of_shop{"shop.list_staff", R"sql(
    select m.account_id, m.role_id, r.name as role_name, r.is_owner, r.permissions
      from staff_members m join roles r on r.shop_id = $1 and r.id = m.role_id
     where m.shop_id = $1 order by m.account_id
)sql"};

const db::Statement<StaffMember(AccountId)> staff_by_account{"shop.find_staff", R"sql(
    select m.account_id, m.role_id, r.name as role_name, r.is_owner, r.permissions
      from staff_members m join roles r on r.shop_id = $1 and r.id = m.role_id
     where m.shop_id = $1 and m.account_id = $2
)sql"};

const db::Statement<StaffMember(AccountId)> staff_by_account_locked{"shop.lock_staff", R"sql(
    select m.account_id, m.role_id, r.name as role_name, r.is_owner, r.permissions
      from staff_members m join roles r on r.shop_id = $1 and r.id = m.role_id
     where m.shop_id = $1 and m.account_id = $2
       for no key update of m
)sql"};

const db::Statement<db::Nothing(AccountId, RoleId, Instant)> set_staff_role_row{"shop.set_staff_role", R"sql(
    update staff_members set role_id = $3, updated_at = $4 where shop_id = $1 and account_id = $2
)sql"};

const db::Statement<db::Nothing(AccountId)> delete_staff_row{"shop.delete_staff", R"sql(
    delete from staff_members where shop_id = $1 and account_id = $2
)sql"};

const db::Statement<db::Nothing(Text, Instant)> close_expired_invite{"shop.close_expired_invite", R"sql(
    update staff_invites set closed_at = $3
     where shop_id = $1 and email_key = $2 and closed_at is null and expires_at <= $3
)sql"};

const db::Statement<InviteId(InviteId, Text, Text, RoleId, Bytes, AccountId, Instant, Instant)>
    insert_invite_row{"shop.insert_invite", R"sql(
    insert into staff_invites (shop_id, id, email, email_key, role_id, token_hash, invited_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (shop_id, email_key) where closed_at is null do nothing
    returning id
)sql"};

const db::Statement<Invite(Instant)> open_invites{"shop.list_invites", R"sql(
    select id, email, email_key, role_id, created_at, expires_at
      from staff_invites where shop_id = $1 and closed_at is null and expires_at > $2 order by id
)sql"};

const db::Statement<Invite(Bytes, Instant)> open_invite{"shop.find_invite", R"sql(
    select id, email, email_key, role_id, created_at, expires_at
      from staff_invites where shop_id = $1 and token_hash = $2 and closed_at is null and expires_at > $3
)sql"};

const db::Statement<Invite(Bytes, Instant)> use_open_invite{"shop.use_invite", R"sql(
    update staff_invites set closed_at = $3
     where shop_id = $1 and token_hash = $2 and closed_at is null and expires_at > $3
    returning id, email, email_key, role_id, created_at, expires_at
)sql"};

const db::Statement<db::Nothing(InviteId, Instant)> close_open_invite{"shop.close_invite", R"sql(
    update staff_invites set closed_at = $3 where shop_id = $1 and id = $2 and closed_at is null
)sql"};

const db::Statement<db::Nothing(ApiTokenId, Text, Bytes, Texts, AccountId, Instant, std::optional<Instant>)>
    insert_api_token_row{"shop.insert_api_token", R"sql(
    insert into api_tokens (shop_id, id, name, token_hash, permissions, created_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
)sql"};

const db::Statement<ApiToken(ApiTokenId, std::int32_t)> live_api_tokens{"shop.list_api_tokens", R"sql(
    select id, name, permissions, created_by, created_at, last_used_at, expires_at
      from api_tokens where shop_id = $1 and id < $2 and revoked_at is null order by id desc limit $3
)sql"};

const db::Statement<ApiToken(Bytes, Instant)> live_api_token{"shop.find_api_token", R"sql(
    select id, name, permissions, created_by, created_at, last_used_at, expires_at
      from api_tokens
     where shop_id = $1 and token_hash = $2 and revoked_at is null and (expires_at is null or expires_at > $3)
)sql"};

const db::Statement<db::Nothing(ApiTokenId, Instant)> touch_api_token_row{"shop.touch_api_token", R"sql(
    update api_tokens set last_used_at = $3
     where shop_id = $1 and id = $2 and (last_used_at is null or last_used_at < $3)
)sql"};

const db::Statement<db::Nothing(ApiTokenId, Instant)> revoke_api_token_row{"shop.revoke_api_token", R"sql(
    update api_tokens set revoked_at = $3 where shop_id = $1 and id = $2 and revoked_at is null
)sql"};

const db::Statement<db::Nothing(AccountId, Instant)> revoke_api_tokens_of_person{"shop.revoke_api_tokens_of",
                                                                                 R"sql(
    update api_tokens set revoked_at = $3 where shop_id = $1 and created_by = $2 and revoked_at is null
)sql"};

}  // namespace

Task<> insert_totals(db::Tx& tx) {
    co_await tx.run(insert_totals_row);
}

Task<bool> count_up(db::Tx& tx, Counted what, std::int64_t limit) {
    const auto& statement = what == Counted::staff     ? count_staff
                            : what == Counted::domains ? count_domain
                                                       : count_api_token;
    co_return co_await tx.run(statement, limit) == 1;
}

Task<> count_down(db::Tx& tx, Counted what) {
    switch (what) {
        case Counted::staff:
            co_await tx.run(uncount_staff);
            break;
        case Counted::domains:
            co_await tx.run(uncount_domain);
            break;
        case Counted::api_tokens:
            co_await tx.run(uncount_api_tokens, 1);
            break;
    }
}

Task<> add_owner(db::Tx& tx) {
    co_await tx.run(one_owner_more);
}

Task<bool> drop_owner(db::Tx& tx) {
    co_return co_await tx.run(one_owner_less) == 1;
}

Task<bool> insert_role(db::Tx& tx, Role role, Instant now) {
    const auto inserted =
        co_await tx.maybe(insert_role_row, role.id, role.name, role.is_owner, role.permissions, now);
    co_return inserted.has_value();
}

Task<std::vector<Role>> list_roles(db::Tx& tx) {
    co_return co_await tx.all(roles_of_shop);
}

Task<std::optional<Role>> find_role(db::Tx& tx, RoleId id) {
    co_return co_await tx.maybe(role_by_id, id);
}

Task<std::optional<Role>> find_role_by_name(db::Tx& tx, std::string name) {
    co_return co_await tx.maybe(role_by_name, name);
}

Task<bool> update_role(db::Tx& tx, Role role, Instant now) {
    co_return co_await tx.run(update_role_row, role.id, role.name, role.permissions, role.version, now) == 1;
}

Task<bool> delete_role(db::Tx& tx, RoleId id) {
    co_await tx.run(delete_closed_invites, id);
    co_return co_await tx.run(delete_role_row, id) == 1;
}

Task<bool> insert_staff(db::Tx& tx, AccountId account, RoleId role, Instant now) {
    const auto inserted = co_await tx.maybe(insert_staff_row, account, role, now);
    co_return inserted.has_value();
}

Task<std::vector<StaffMember>> list_staff(db::Tx& tx) {
    co_return co_await tx.all(staff_of_shop);
}

Task<std::optional<StaffMember>> find_staff(db::Tx& tx, AccountId account) {
    co_return co_await tx.maybe(staff_by_account, account);
}

Task<std::optional<StaffMember>> lock_staff(db::Tx& tx, AccountId account) {
    co_return co_await tx.maybe(staff_by_account_locked, account);
}

Task<> set_staff_role(db::Tx& tx, AccountId account, RoleId role, Instant now) {
    co_await tx.run(set_staff_role_row, account, role, now);
}

Task<bool> delete_staff(db::Tx& tx, AccountId account) {
    co_return co_await tx.run(delete_staff_row, account) == 1;
}

Task<bool> insert_invite(db::Tx& tx, NewInvite invite, Instant now) {
    const Invite& row = invite.invite;
    co_await tx.run(close_expired_invite, row.email_key, now);
    const auto inserted = co_await tx.maybe(insert_invite_row,
                                            row.id,
                                            row.email,
                                            row.email_key,
                                            row.role,
                                            invite.token_hash,
                                            invite.invited_by,
                                            row.created_at,
                                            row.expires_at);
    co_return inserted.has_value();
}

Task<std::vector<Invite>> list_invites(db::Tx& tx, Instant now) {
    co_return co_await tx.all(open_invites, now);
}

Task<std::optional<Invite>> find_invite(db::Tx& tx, Bytes token_hash, Instant now) {
    co_return co_await tx.maybe(open_invite, token_hash, now);
}

Task<std::optional<Invite>> use_invite(db::Tx& tx, Bytes token_hash, Instant now) {
    co_return co_await tx.maybe(use_open_invite, token_hash, now);
}

Task<bool> close_invite(db::Tx& tx, InviteId id, Instant now) {
    co_return co_await tx.run(close_open_invite, id, now) == 1;
}

Task<> insert_api_token(db::Tx& tx, NewApiToken token) {
    const ApiToken& row = token.token;
    co_await tx.run(insert_api_token_row,
                    row.id,
                    row.name,
                    token.token_hash,
                    row.permissions,
                    row.created_by,
                    row.created_at,
                    row.expires_at);
}

Task<std::vector<ApiToken>> list_api_tokens(db::Tx& tx, ApiTokenId before, std::int32_t limit) {
    co_return co_await tx.all(live_api_tokens, before, limit);
}

Task<std::optional<ApiToken>> find_api_token(db::Tx& tx, Bytes token_hash, Instant now) {
    co_return co_await tx.maybe(live_api_token, token_hash, now);
}

Task<> touch_api_token(db::Tx& tx, ApiTokenId id, Instant now) {
    co_await tx.run(touch_api_token_row, id, now);
}

Task<bool> revoke_api_token(db::Tx& tx, ApiTokenId id, Instant now) {
    co_return co_await tx.run(revoke_api_token_row, id, now) == 1;
}

Task<std::int64_t> revoke_api_tokens_of(db::Tx& tx, AccountId account, Instant now) {
    const std::int64_t revoked = co_await tx.run(revoke_api_tokens_of_person, account, now);
    if (revoked > 0) {
        co_await tx.run(uncount_api_tokens, revoked);
    }
    co_return revoked;
}

}  // namespace cartwright::shop::store
