-- The roles of a Cartwright database; run before every migration, by a role that may create roles, and
-- harmless when all is in place already. Where the provider of a managed PostgreSQL keeps role creation to
-- himself, storage/README.md says what to ask him for.
--
--   cw_owner   owns everything; nobody logs in as it, and row level security binds it too
--   cw_app     the server logs in as it; owns nothing, bypasses nothing, creates nothing
--
-- Roles belong to the whole cluster, so two databases may be migrated at once: hence the caught exceptions.

do $$
begin
    if not exists (select from pg_roles where rolname = 'cw_owner') then
        create role cw_owner nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
    end if;
exception when duplicate_object or unique_violation then null;
end
$$;

do $$
begin
    if not exists (select from pg_roles where rolname = 'cw_app') then
        create role cw_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
    end if;
exception when duplicate_object or unique_violation then null;
end
$$;

-- What a shopper's page may take (engine/db/work.hpp); other work sets more in its transaction. Behind
-- PgBouncer there is no session of ours that could carry these.
do $$
declare
    wanted constant text[] := array['statement_timeout=2s', 'lock_timeout=1s',
                                    'idle_in_transaction_session_timeout=10s', 'jit=off'];
    setting text;
begin
    if coalesce((select rolconfig @> wanted from pg_roles where rolname = 'cw_app'), false) then
        return;
    end if;
    foreach setting in array wanted loop
        execute format('alter role cw_app set %I = %L', split_part(setting, '=', 1), split_part(setting, '=', 2));
    end loop;
exception when internal_error then null;  -- "tuple concurrently updated": another migration did the same
end
$$;

do $$
begin
    if not pg_has_role(current_user, 'cw_owner', 'member') then
        execute format('grant cw_owner to %I', current_user);
    end if;
    execute format('grant connect on database %I to cw_app, cw_owner', current_database());
    execute format('revoke temporary on database %I from public', current_database());
end
$$;

revoke create on schema public from public;
grant usage on schema public to cw_app;
grant usage, create on schema public to cw_owner;
