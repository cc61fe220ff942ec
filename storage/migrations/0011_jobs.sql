-- Work to be done later, enqueued in the transaction that causes it. Claimed across shops, so these tables are
-- the platform's: on a sharded database they stay undistributed.
--
--   waiting --run_at comes--> ready --claimed--> running --> done
--      ^--------- back-off -------------------------|   \--> dead (replayed: ready) or cancelled
create table jobs (
    id               bigint primary key,
    for_shop         bigint not null default 0,        -- 0: the platform's own work
    queue            text not null check (queue ~ '^[a-z][a-z0-9_]{0,30}$'),
    kind             text not null check (length(kind) between 1 and 100),
    payload          jsonb not null,
    unique_key       text check (length(unique_key) between 1 and 255),
    state            text not null check (state in ('waiting', 'ready', 'running', 'done', 'dead', 'cancelled')),
    again            boolean not null default false,   -- enqueued again while it ran: run it once more
    run_at           timestamptz not null,
    attempts         integer not null default 0,
    max_attempts     integer not null check (max_attempts between 1 and 100),
    lease            bigint not null default 0,        -- grows with each claim: who holds an older one has lost it
    lease_until      timestamptz,
    cancel_requested boolean not null default false,
    done_units       bigint not null default 0,        -- progress of long work, in units of its own
    total_units      bigint,
    last_error       text,
    created_at       timestamptz not null,
    finished_at      timestamptz,
    check ((state = 'running') = (lease_until is not null)),
    check ((state in ('done', 'dead', 'cancelled')) = (finished_at is not null))
) with (fillfactor = 70);
create unique index jobs_unique on jobs (for_shop, unique_key) where state in ('waiting', 'ready', 'running');
create index jobs_waiting on jobs (run_at) where state = 'waiting';
create index jobs_ready on jobs (queue, for_shop, run_at, id) where state = 'ready';
create index jobs_running on jobs (lease_until) where state = 'running';
create index jobs_finished on jobs (state, finished_at) where state in ('done', 'dead', 'cancelled');
create index jobs_shop on jobs (for_shop, id);
grant select, insert, update, delete on jobs to cw_app;

-- What is to be enqueued again and again. Taken by one conditional update of next_at, so that it is enqueued
-- once however many processes look.
create table schedules (
    name      text primary key check (length(name) between 1 and 100),
    cron      text not null,
    time_zone text not null,
    queue     text not null,
    kind      text not null,
    payload   jsonb not null,
    next_at   timestamptz not null
);
grant select, insert, update, delete on schedules to cw_app;
