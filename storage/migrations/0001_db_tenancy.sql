-- Makes a table a shop's own: only rows of the shop that the transaction has set can be seen or written.
--
-- The policy is inlined, without a function call, so that the planner makes an index condition or a one-time
-- filter of it. current_setting is asked without missing_ok: a transaction that has set no shop gets an
-- error instead of an empty answer (decisions/0040). A second policy would be OR-ed to this one, so there
-- must be none; tests/db/tenancy_pgtest looks.
--
--   create table carts (shop_id bigint not null, id bigint not null, …, primary key (shop_id, id));
--   select cw_tenant_table('carts');
--   grant select, insert, update, delete on carts to cw_app;
create function cw_tenant_table(target regclass) returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy tenant on %s using (shop_id = current_setting(''app.shop_id'')::bigint)'
                   ' with check (shop_id = current_setting(''app.shop_id'')::bigint)', target);
end
$$;
revoke execute on function cw_tenant_table(regclass) from public;
