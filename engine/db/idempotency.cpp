#include "db/idempotency.hpp"

#include <string_view>

namespace cartwright::db {

namespace {

constexpr std::int32_t forgotten_a_claim = 4;  // more than one, so that old keys become fewer
constexpr std::string_view lock_not_available = "55P03";

const Statement<std::string(std::string, std::string, Bytes, Instant, Instant, Instant)> insert_key{
    "idempotency.insert", R"sql(
    insert into idempotency_keys (shop_id, scope, key, request_hash, lease_until, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict do nothing
    returning key
)sql"};

struct KeyRow {
    Bytes request_hash;
    std::optional<std::string> recovery_point;
    std::optional<Instant> lease_until;
    std::optional<std::int32_t> response_status;
    std::optional<Bytes> response_body;

    static constexpr auto columns = db::columns("request_hash",
                                                &KeyRow::request_hash,
                                                "recovery_point",
                                                &KeyRow::recovery_point,
                                                "lease_until",
                                                &KeyRow::lease_until,
                                                "response_status",
                                                &KeyRow::response_status,
                                                "response_body",
                                                &KeyRow::response_body);
};

const Statement<KeyRow(std::string, std::string)> lock_key{"idempotency.lock", R"sql(
    select request_hash, recovery_point, lease_until, response_status, response_body from idempotency_keys
     where shop_id = $1 and scope = $2 and key = $3
       for no key update
)sql"};

const Statement<Nothing(std::string, std::string, Instant)> renew_lease{"idempotency.renew", R"sql(
    update idempotency_keys set lease_until = $4 where shop_id = $1 and scope = $2 and key = $3
)sql"};

const Statement<Nothing(std::string, std::string, std::string, Instant)> set_point{"idempotency.reach_point",
                                                                                   R"sql(
    update idempotency_keys set recovery_point = $4, lease_until = $5
     where shop_id = $1 and scope = $2 and key = $3 and response_status is null
)sql"};

const Statement<Nothing(std::string, std::string, std::int32_t, Bytes)> set_answer{"idempotency.keep_answer",
                                                                                   R"sql(
    update idempotency_keys set response_status = $4, response_body = $5, lease_until = null
     where shop_id = $1 and scope = $2 and key = $3 and response_status is null
)sql"};

const Statement<Nothing(Instant, std::int32_t)> forget_expired{"idempotency.forget_expired", R"sql(
    delete from idempotency_keys
     where shop_id = $1 and (scope, key) in (
           select scope, key from idempotency_keys where shop_id = $1 and expires_at < $2
            order by expires_at limit $3 for update skip locked)
)sql"};

std::unexpected<Refusal> in_progress(std::chrono::seconds retry_after) {
    return refuse(Refusal(request_in_progress).with("retry_after", std::to_string(retry_after.count())));
}

}  // namespace

Task<Outcome<Claim>> claim_key(Tx& tx, IdempotentRequest request, Instant now, std::chrono::seconds lease) {
    const Bytes hash(request.hash.begin(), request.hash.end());
    tx.send(forget_expired, now, forgotten_a_claim);
    std::optional<KeyRow> row;
    try {
        // Waits while another transaction has inserted the key and not ended yet.
        const std::optional<std::string> inserted = co_await tx.maybe(
            insert_key, request.scope, request.key, hash, now + lease, now, now + idempotency_kept);
        if (inserted) co_return Claim();
        row = co_await tx.maybe(lock_key, request.scope, request.key);
    } catch (const Error& error) {
        if (error.sqlstate != lock_not_available) throw;
        co_return in_progress(std::chrono::seconds(1));
    }
    // Deleted between the two statements: it had expired.
    if (!row) co_return in_progress(std::chrono::seconds(1));
    if (row->request_hash != hash) co_return refuse(key_of_another_request);
    if (row->response_status) {
        co_return Claim{
            .answer = KeptAnswer{*row->response_status, std::string(as_text(*row->response_body))},
            .recovery_point = std::nullopt};
    }
    if (*row->lease_until > now) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*row->lease_until - now);
        co_return in_progress(left);
    }
    tx.send(renew_lease, request.scope, request.key, now + lease);
    co_return Claim{.answer = std::nullopt, .recovery_point = row->recovery_point.value_or("")};
}

Task<> reach_point(
    Tx& tx, IdempotentRequest request, std::string recovery_point, Instant now, std::chrono::seconds lease) {
    const std::int64_t reached =
        co_await tx.run(set_point, request.scope, request.key, recovery_point, now + lease);
    if (reached != 1) throw std::logic_error("a recovery point for a request that isn't under way");
}

Task<> keep_answer(Tx& tx, IdempotentRequest request, KeptAnswer answer) {
    const std::span<const std::byte> body = as_bytes(answer.body);
    const std::int64_t kept = co_await tx.run(
        set_answer, request.scope, request.key, answer.status, Bytes(body.begin(), body.end()));
    if (kept != 1) throw std::logic_error("an answer for a request that isn't under way");
}

}  // namespace cartwright::db
