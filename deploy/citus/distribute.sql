-- Spreads a Cartwright database over Citus, by shop. Generated from the catalog and compared with it by
-- tests/db/tenancy_pgtest; run once, after the migrations, as an owner of the tables.
-- See deploy/citus/README.md.
set citus.enable_unsafe_triggers = on;
alter role cw_app set citus.propagate_set_commands = 'local';

select create_reference_table('plan_limits');
select create_reference_table('plans');
select create_reference_table('shops');

select create_distributed_table('api_tokens', 'shop_id');
select create_distributed_table('event_cursors', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('events', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('idempotency_keys', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('roles', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('shop_counters', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('shop_settings', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('shop_totals', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('staff_invites', 'shop_id', colocate_with => 'api_tokens');
select create_distributed_table('staff_members', 'shop_id', colocate_with => 'api_tokens');
