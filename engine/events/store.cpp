#include "events/store.hpp"

namespace cartwright::events {

const db::Statement<db::Nothing(EventId,
                                std::string,
                                std::string,
                                std::string,
                                std::int64_t,
                                Actor::Kind,
                                std::int64_t,
                                std::optional<std::int64_t>,
                                std::optional<std::string>,
                                Instant,
                                std::optional<db::Json>,
                                std::optional<db::Json>,
                                bool)>
    insert_event{"events.insert", R"sql(
        insert into events (shop_id, id, topic, object_kind, object_id, version, actor_kind, actor_id,
                            impersonator_id, request_id, at, before, after, withheld)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    )sql"};

const db::PlatformStatement<db::Nothing(ShopId, Instant)> insert_wake{"events.insert_wake", R"sql(
    insert into event_wakes (for_shop, at) values ($1, $2) on conflict do nothing
)sql"};

const db::Statement<EventRow(std::int64_t, std::int32_t)> select_page{"events.list", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and id < $2
     order by id desc
     limit $3
)sql"};

const db::Statement<EventRow(std::string, std::string, std::int64_t, std::int32_t)> select_page_of_object{
    "events.list_by_object", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and object_kind = $2 and object_id = $3 and id < $4
     order by id desc
     limit $5
)sql"};

const db::Statement<EventRow(Actor::Kind, std::int64_t, std::int64_t, std::int32_t)> select_page_of_actor{
    "events.list_by_actor", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and actor_kind = $2 and actor_id = $3 and id < $4
     order by id desc
     limit $5
)sql"};

const db::Statement<EventRow(EventId)> select_event{"events.find", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and id = $2
)sql"};

const db::Statement<EventRow(db::Xid, std::int64_t, std::int32_t)> select_feed{"events.read_feed", R"sql(
    select id, stamp, tick, topic, object_kind, object_id, version, actor_kind, actor_id, impersonator_id,
           request_id, at, before, after, withheld
      from events
     where shop_id = $1 and (stamp, tick) > ($2, $3) and stamp < pg_snapshot_xmin(pg_current_snapshot())
     order by stamp, tick
     limit $4
)sql"};

const db::Statement<db::Nothing(std::string)> insert_cursor{"events.insert_cursor", R"sql(
    insert into event_cursors (shop_id, consumer, stamp, tick) values ($1, $2, '0', 0)
    on conflict do nothing
)sql"};

const db::Statement<CursorRow(std::string)> lock_cursor{"events.lock_cursor", R"sql(
    select stamp, tick from event_cursors where shop_id = $1 and consumer = $2
    for no key update skip locked
)sql"};

const db::Statement<db::Nothing(std::string, db::Xid, std::int64_t)> move_cursor{"events.move_cursor", R"sql(
    update event_cursors set stamp = $3, tick = $4 where shop_id = $1 and consumer = $2
)sql"};

const db::PlatformStatement<WakeRow(db::Xid, ShopId, std::int32_t)> select_wakes{"events.read_wakes", R"sql(
    select xid, for_shop from event_wakes
     where (xid, for_shop) > ($1, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
     order by xid, for_shop
     limit $3
)sql"};

const db::PlatformStatement<db::Xid()> select_horizon{"events.horizon", R"sql(
    select pg_snapshot_xmin(pg_current_snapshot())
)sql"};

const db::PlatformStatement<db::Xid()> select_ceiling{"events.ceiling", R"sql(
    select pg_snapshot_xmax(pg_current_snapshot())
)sql"};

const db::PlatformStatement<db::Nothing(Instant)> delete_wakes{"events.forget_wakes", R"sql(
    delete from event_wakes where at < $1
)sql"};

const db::PlatformStatement<bool()> notify{"events.notify", R"sql(
    select pg_notify('cartwright', '') is not null
)sql"};

}  // namespace cartwright::events
