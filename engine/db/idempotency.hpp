// Requests that may come twice and take effect once: the client sends an Idempotency-Key, the first request does the
// work, and each further one with the same key gets the first one's answer, byte for byte. The key is claimed in
// the transaction that does the work, so it is there if and only if the work is. A second request that comes while
// the first one's transaction runs waits for its end (as long as a lock may take); then it is told to come again.
//
// What is refused is not kept: nothing happened, and the same request may succeed later.
#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/outcome.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace cartwright::db {

// A client may come back with a key for so long (and need not after it).
inline constexpr std::chrono::hours idempotency_kept{72};

// The key was used for another request: 422, since sending it again can't help.
inline constexpr Reason key_of_another_request{"idempotency.key_of_another_request", Kind::invalid};
// The first request with the key is not done yet: 409; the value "retry_after" is in seconds.
inline constexpr Reason request_in_progress{"idempotency.request_in_progress", Kind::conflict};

// The answer that is kept; the body has at most 1 MiB.
struct KeptAnswer {
    std::int32_t status = 200;
    std::string body;

    friend bool operator==(const KeptAnswer&, const KeptAnswer&) = default;
};

struct IdempotentRequest {
    std::string scope;  // which operation, and whose: "settings.put/account 7"
    std::string key;    // as the client sent it, 1 to 255 bytes
    Digest hash;        // of the method, the path and the body
};

// What has become of the request so far.
struct Claim {
    std::optional<KeptAnswer> answer;           // it is done: answer this
    std::optional<std::string> recovery_point;  // it was begun and cut off after this point: go on from there
};

// Claims the key for the rest of the transaction or, for work of several transactions, until the lease ends.
// Refuses with key_of_another_request or request_in_progress; the transaction is of no use then. Each new claim
// also deletes a few of the shop's keys that have expired.
Task<Outcome<Claim>> claim_key(Tx& tx,
                               IdempotentRequest request,
                               Instant now,
                               std::chrono::seconds lease = std::chrono::seconds(60));

// For work that calls a service between its transactions: says in each of them how far it has come, so that a
// request that comes after a crash goes on from there. Renews the lease.
Task<> reach_point(Tx& tx,
                   IdempotentRequest request,
                   std::string recovery_point,
                   Instant now,
                   std::chrono::seconds lease = std::chrono::seconds(60));

// The answer, in the transaction that ends the work.
Task<> keep_answer(Tx& tx, IdempotentRequest request, KeptAnswer answer);

// Work of one transaction: claims the key, runs work() unless there is an answer already, and keeps its answer.
// `work` is a callable that returns Task<Outcome<KeptAnswer>>.
template <class Work>
Task<Outcome<KeptAnswer>> once(Tx& tx, IdempotentRequest request, Instant now, Work work) {
    Outcome<Claim> claim = co_await claim_key(tx, request, now);
    if (!claim) co_return refuse(std::move(claim.error()));
    if (claim->answer) co_return std::move(*claim->answer);
    Outcome<KeptAnswer> answer = co_await work();
    if (answer) co_await keep_answer(tx, std::move(request), *answer);
    co_return answer;
}

}  // namespace cartwright::db
