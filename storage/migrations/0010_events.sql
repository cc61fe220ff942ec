-- The event log: what happened to a shop's data, who did it, and what stood there before. Written in the
-- transaction of the change, never altered; read as a feed (engine/events/feed.hpp) and as the audit trail.

-- Breaks ties between events with equal stamps; needs no more than to grow.
create sequence event_ticks as bigint;

create table events (
    shop_id         bigint not null,
    id              bigint not null,
    -- The place in the feed is (stamp, tick), set by the trigger below; decisions/0060 tells why this order
    -- loses nothing and puts causes before effects.
    stamp           xid8 not null,
    tick            bigint not null,
    topic           text not null check (topic ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$' and length(topic) <= 100),
    object_kind     text not null check (length(object_kind) between 1 and 60),
    object_id       text not null check (length(object_id) between 1 and 255),
    version         bigint not null check (version >= 0),
    actor_kind      text not null check (actor_kind in ('person', 'key', 'plugin', 'import', 'system')),
    actor_id        bigint not null,                   -- 0 for the system, which is nobody
    impersonator_id bigint,                            -- the operator who acted in the person's name
    request_id      text check (length(request_id) <= 100),
    at              timestamptz not null,
    before          jsonb check (jsonb_typeof(before) = 'object'),   -- null: the object didn't exist
    after           jsonb check (jsonb_typeof(after) = 'object'),    -- null: it doesn't exist any more
    withheld        boolean not null,                  -- a value was secret or too long: no undo from this row
    primary key (shop_id, id),
    check ((actor_kind = 'system') = (actor_id = 0))
);
create unique index events_feed on events (shop_id, stamp, tick);
create index events_object on events (shop_id, object_kind, object_id, id desc);
create index events_actor on events (shop_id, actor_kind, actor_id, id desc);
select cw_tenant_table('events');

-- In a trigger, since on a sharded database a default would be evaluated elsewhere than on the shard, and in
-- PL/pgSQL, where each expression sees what has been committed by now rather than when the statement began.
create function stamp_event() returns trigger language plpgsql as $$
begin
    new.stamp := greatest(pg_current_xact_id()::text::bigint,
                          pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8;
    new.tick := nextval('event_ticks');
    return new;
end
$$;
revoke execute on function stamp_event() from public;
create trigger stamp before insert on events for each row execute function stamp_event();

grant select, insert on events to cw_app;
grant usage on sequence event_ticks to cw_app;

-- How far each durable reader of a shop's feed has come. Moves in the transaction of what the reader did.
create table event_cursors (
    shop_id  bigint not null,
    consumer text not null check (length(consumer) between 1 and 100),
    stamp    xid8 not null,
    tick     bigint not null,
    primary key (shop_id, consumer)
);
select cw_tenant_table('event_cursors');
grant select, insert, update, delete on event_cursors to cw_app;

-- Which shops have news: one row a shop and transaction, so that a reader of all shops need not ask each one.
-- Holds nothing of the shop's data. Cleared by the job events.forget_wakes.
create table event_wakes (
    xid      xid8 not null default pg_current_xact_id(),
    for_shop bigint not null,
    at       timestamptz not null,
    primary key (xid, for_shop)
);
create index event_wakes_at on event_wakes (at);
grant select, insert, delete on event_wakes to cw_app;
