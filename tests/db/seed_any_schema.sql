-- Fills every table with rows that mean nothing, so that the planner has something to think about: 100 shops,
-- 60 rows each, every value made of the row's number. Only for a database that is thrown away: it drops
-- the check constraints and does not fire triggers, so foreign keys are not looked at either. A row that
-- would break a unique key is left out.
do $$
declare
    target record;
    names text;
    expressions text;
begin
    for target in select conrelid::regclass as relation, conname from pg_constraint
                   where contype = 'c' and connamespace = 'public'::regnamespace loop
        execute format('alter table %s drop constraint %I', target.relation, target.conname);
    end loop;
    set local session_replication_role = replica;
    for target in select c.oid::regclass as relation, c.oid from pg_class c
                   where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
                     and c.relname <> 'cw_migrations' loop
        execute format('truncate %s cascade', target.relation);
    end loop;
    for target in select c.oid::regclass as relation, c.oid from pg_class c
                   where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
                     and c.relname <> 'cw_migrations' loop
        select string_agg(quote_ident(attname), ', ' order by attnum),
               string_agg(case
                   when attname in ('shop_id', 'for_shop') then '1 + n % 100'
                   when typ = 'boolean' then '(n % 2 = 0)'
                   when typ in ('smallint', 'integer', 'bigint', 'numeric', 'double precision') then 'n'
                   when typ = 'xid8' then 'n::text::xid8'
                   when typ = 'bytea' then 'decode(md5(n::text) || md5(n::text), ''hex'')'
                   when typ = 'jsonb' then 'jsonb_build_object(''n'', n)'
                   when typ = 'date' then '''2026-01-01''::date + n'
                   when typ = 'timestamp with time zone' then '''2026-01-01''::timestamptz + n * interval ''1 second'''
                   when typ like '%[]' then 'array[]::' || typ
                   when typ = 'inet' then '''127.0.0.1''::inet'
                   when typ = 'uuid' then 'md5(n::text)::uuid'
                   else format('(''w'' || n)::%s', typ) end, ', ' order by attnum)
          into names, expressions
          from (select attname, attnum, format_type(atttypid, null) as typ from pg_attribute
                 where attrelid = target.oid and attnum > 0 and not attisdropped and attgenerated = ''
                   and attidentity = '') columns;
        execute format('insert into %s (%s) select %s from generate_series(1, 6000) n on conflict do nothing', target.relation, names, expressions);
    end loop;
end
$$;
analyze;
