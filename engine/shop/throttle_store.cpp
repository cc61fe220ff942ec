#include "shop/throttle_store.hpp"

namespace cartwright::shop::store {

namespace {

const db::PlatformStatement<TakenAttempt(Bytes, Instant, Instant, std::int32_t)> take{"shop.take_attempt",
                                                                                      R"sql(
    insert into throttles (key, window_start, expires_at, count) values ($1, $2, $3, 1)
    on conflict (key) do update
       set count = case when throttles.expires_at <= $2 then 1 else least(throttles.count + 1, $4 + 1) end,
           window_start = case when throttles.expires_at <= $2 then $2 else throttles.window_start end,
           expires_at = case when throttles.expires_at <= $2 then $3 else throttles.expires_at end
    returning count, expires_at
)sql"};

const db::PlatformStatement<db::Nothing(Bytes)> forget{"shop.forget_attempts", R"sql(
    delete from throttles where key = $1
)sql"};

const db::PlatformStatement<db::Nothing(Instant)> forget_old{"shop.forget_old_attempts", R"sql(
    delete from throttles where expires_at <= $1
)sql"};

}  // namespace

Task<TakenAttempt> take_attempt(
    db::PlatformTx& tx, Bytes key, Instant now, Instant ends, std::int32_t limit) {
    co_return co_await tx.one(take, key, now, ends, limit);
}

Task<> forget_attempts(db::PlatformTx& tx, Bytes key) {
    co_await tx.run(forget, key);
}

Task<std::int64_t> forget_old_attempts(db::PlatformTx& tx, Instant now) {
    co_return co_await tx.run(forget_old, now);
}

}  // namespace cartwright::shop::store
