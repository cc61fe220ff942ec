-- People, shops and what a shop consists of before it sells anything.
--
-- Tables without shop_id belong to the platform: they are asked before a shop is known (which shop is this
-- host, whose session is this cookie) or for a person who may work in many shops. Where such a row is about
-- a shop it says for_shop. Everything else is a shop's own: keys start with shop_id and row level security
-- is forced. A shop's own table has no foreign key to accounts, since that key could not start with shop_id;
-- memberships holds it in their stead.
--
-- No column has now() as its default: moments come from the Clock that the operation was given.

create table accounts (
    id            bigint primary key,
    email         text not null check (length(email) between 3 and 320),      -- as the person wrote it
    email_key     text not null unique check (length(email_key) between 3 and 320),  -- its normal form
    name          text not null default '' check (length(name) <= 200),
    locale        text not null check (length(locale) between 2 and 35),
    password_hash text,                                -- null: has none yet, can't log in with one
    state         text not null default 'active' check (state in ('active', 'blocked')),
    verified_at   timestamptz,                         -- the address was proven by a link sent to it
    version       integer not null default 1,
    created_at    timestamptz not null,
    updated_at    timestamptz not null
);

-- Identities that another service vouches for; unused until a provider is connected.
create table account_identities (
    provider   text not null,
    subject    text not null,
    account_id bigint not null references accounts (id) on delete cascade,
    created_at timestamptz not null,
    primary key (provider, subject)
);
create index account_identities_account on account_identities (account_id);

create table plans (
    code     text primary key check (code ~ '^[a-z][a-z0-9_]{0,31}$'),
    name     text not null,
    price    bigint not null check (price >= 0),       -- minor units a month
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    position integer not null,
    offered  boolean not null default true
);

create table plan_limits (
    plan_code text not null references plans (code) on delete cascade,
    name      text not null,
    value     bigint not null check (value >= 0),
    primary key (plan_code, name)
);

insert into plans (code, name, price, currency, position) values
    ('free', 'Free', 0, 'RUB', 1),
    ('start', 'Start', 99000, 'RUB', 2),
    ('grow', 'Grow', 299000, 'RUB', 3);
insert into plan_limits (plan_code, name, value) values
    ('free', 'staff', 3), ('free', 'domains', 1), ('free', 'api_tokens', 5), ('free', 'roles', 10),
    ('start', 'staff', 10), ('start', 'domains', 5), ('start', 'api_tokens', 20), ('start', 'roles', 30),
    ('grow', 'staff', 100), ('grow', 'domains', 20), ('grow', 'api_tokens', 100), ('grow', 'roles', 100);

create table shops (
    id                 bigint primary key,
    slug               text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name               text not null check (length(name) between 1 and 200),
    owner_account_id   bigint not null references accounts (id),
    state              text not null default 'open' check (state in ('open', 'paused', 'closed')),
    plan_code          text not null default 'free' references plans (code),
    cell               text not null default 'main',   -- the group of machines that keeps the shop's data
    currency           text not null check (currency ~ '^[A-Z]{3}$'),
    locale             text not null check (length(locale) between 2 and 35),
    tz                 text not null check (length(tz) between 1 and 64),
    country            text not null check (country ~ '^[A-Z]{2}$'),
    prices_include_tax boolean not null default true,
    version            integer not null default 1,
    created_at         timestamptz not null,
    updated_at         timestamptz not null
);
create index shops_cell on shops (cell, state);
create index shops_owner on shops (owner_account_id);

-- Own domains of shops; <slug>.<platform host> needs no row. Several shops may claim a host, only one can
-- have proven it, and a claim never hinders another shop's proof.
create table shop_domains (
    for_shop    bigint not null references shops (id),
    host        text not null check (length(host) between 3 and 253),   -- canonical: lower case, punycode
    state       text not null check (state in ('pending', 'verified', 'released')),
    token       text not null,                         -- what the TXT record has to say
    is_primary  boolean not null default false,
    created_at  timestamptz not null,
    verified_at timestamptz,
    released_at timestamptz,
    primary key (for_shop, host),
    check (not is_primary or state = 'verified'),
    check ((state = 'released') = (released_at is not null))
);
create unique index shop_domains_host on shop_domains (host) where state = 'verified';
create unique index shop_domains_primary on shop_domains (for_shop) where is_primary;
create index shop_domains_claims on shop_domains (host, state);

-- Which shops a person works in: the platform's directory of staff_members, kept in the same transaction.
create table memberships (
    account_id bigint not null references accounts (id),
    for_shop   bigint not null references shops (id),
    created_at timestamptz not null,
    primary key (account_id, for_shop)
);
create index memberships_shop on memberships (for_shop);

create table sessions (
    id           bigint primary key,                   -- what lists show; worth nothing by itself
    token_hash   bytea not null unique check (length(token_hash) = 32),
    account_id   bigint not null references accounts (id) on delete cascade,
    for_shop     bigint not null references shops (id),  -- a session of one shop is worth nothing in another
    address      text not null,
    agent        text not null check (length(agent) <= 300),
    created_at   timestamptz not null,
    last_seen_at timestamptz not null,                 -- coarse
    expires_at   timestamptz not null,
    revoked_at   timestamptz
);
create index sessions_account on sessions (account_id, id desc);
create index sessions_expiry on sessions (expires_at);

create table password_resets (
    token_hash bytea primary key check (length(token_hash) = 32),
    account_id bigint not null references accounts (id) on delete cascade,
    email_key  text not null,                          -- dies with a change of the address
    for_shop   bigint not null references shops (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index password_resets_account on password_resets (account_id);
create index password_resets_expiry on password_resets (expires_at);

-- Attempts in the running window. The key is a hash, so that the table holds no addresses.
create table throttles (
    key          bytea primary key check (length(key) = 32),
    window_start timestamptz not null,
    expires_at   timestamptz not null,
    count        integer not null check (count >= 0)
);
create index throttles_expiry on throttles (expires_at);

create table shop_settings (
    shop_id    bigint not null references shops (id),
    key        text not null check (length(key) between 1 and 100),
    value      jsonb not null check (pg_column_size(value) <= 65536),
    version    integer not null check (version > 0),
    updated_at timestamptz not null,
    primary key (shop_id, key)
);

create table shop_counters (
    shop_id    bigint not null references shops (id),
    name       text not null check (length(name) between 1 and 50),
    next_value bigint not null check (next_value > 0),
    primary key (shop_id, name)
) with (fillfactor = 50);

-- Things a plan limits, counted where they change. Each change is one conditional update of this row, which
-- also makes the last owner safe: two who leave at once meet here.
create table shop_totals (
    shop_id    bigint primary key references shops (id),
    owners     integer not null check (owners >= 1),
    staff      integer not null check (staff >= owners),
    domains    integer not null default 0 check (domains >= 0),
    api_tokens integer not null default 0 check (api_tokens >= 0)
) with (fillfactor = 50);

create table roles (
    shop_id     bigint not null references shops (id),
    id          bigint not null,
    name        text not null check (length(name) between 1 and 100),
    is_owner    boolean not null default false,        -- has every permission, also ones yet to be invented
    permissions text[] not null,
    version     integer not null default 1,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, name)
);
create unique index roles_owner on roles (shop_id) where is_owner;

create table staff_members (
    shop_id    bigint not null,
    account_id bigint not null,
    role_id    bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (shop_id, account_id),
    foreign key (shop_id, role_id) references roles (shop_id, id)
);
create index staff_members_role on staff_members (shop_id, role_id);

create table staff_invites (
    shop_id    bigint not null,
    id         bigint not null,
    email      text not null check (length(email) between 3 and 320),
    email_key  text not null check (length(email_key) between 3 and 320),
    role_id    bigint not null,
    token_hash bytea not null check (length(token_hash) = 32),
    invited_by bigint not null,                        -- an account
    created_at timestamptz not null,
    expires_at timestamptz not null,
    closed_at  timestamptz,                            -- accepted or taken back
    primary key (shop_id, id),
    unique (shop_id, token_hash),
    foreign key (shop_id, role_id) references roles (shop_id, id)
);
create unique index staff_invites_open on staff_invites (shop_id, email_key) where closed_at is null;
create index staff_invites_role on staff_invites (shop_id, role_id);

create table api_tokens (
    shop_id      bigint not null references shops (id),
    id           bigint not null,
    name         text not null check (length(name) between 1 and 100),
    token_hash   bytea not null check (length(token_hash) = 32),
    permissions  text[] not null,
    created_by   bigint not null,                      -- an account
    created_at   timestamptz not null,
    last_used_at timestamptz,                          -- coarse
    expires_at   timestamptz,
    revoked_at   timestamptz,
    primary key (shop_id, id),
    unique (shop_id, token_hash)
);

select cw_tenant_table('shop_settings');
select cw_tenant_table('shop_counters');
select cw_tenant_table('shop_totals');
select cw_tenant_table('roles');
select cw_tenant_table('staff_members');
select cw_tenant_table('staff_invites');
select cw_tenant_table('api_tokens');

grant select on plans, plan_limits to cw_app;
grant select, insert, update on accounts, shops to cw_app;
grant select, insert, delete on account_identities, memberships to cw_app;
grant select, insert, update, delete on shop_domains, sessions, password_resets, throttles to cw_app;
grant select, insert, update on shop_settings, shop_counters, shop_totals, api_tokens to cw_app;
grant select, insert, update, delete on roles, staff_members, staff_invites to cw_app;
