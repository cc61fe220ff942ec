-- What was answered to requests that carry an Idempotency-Key. The row is inserted by the transaction that does
-- the work, so it is there if and only if the work is.
create table idempotency_keys (
    shop_id         bigint not null,
    scope           text not null check (length(scope) between 1 and 100),
    key             text not null check (length(key) between 1 and 255),
    request_hash    bytea not null check (length(request_hash) = 32),
    recovery_point  text check (length(recovery_point) <= 100),     -- how far work of several transactions has come
    lease_until     timestamptz,                       -- until then somebody is at it; null once answered
    response_status integer,
    response_body   bytea check (length(response_body) <= 1048576),
    created_at      timestamptz not null,
    expires_at      timestamptz not null,
    primary key (shop_id, scope, key),
    check ((response_status is null) = (response_body is null)),
    check ((lease_until is null) = (response_status is not null))
);
create index idempotency_keys_expiry on idempotency_keys (shop_id, expires_at);
select cw_tenant_table('idempotency_keys');
grant select, insert, update, delete on idempotency_keys to cw_app;
