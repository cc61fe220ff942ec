// Rows of throttles.
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <cstdint>

namespace cartwright::shop::store {

struct TakenAttempt {
    std::int32_t count = 0;  // with this one; stops one above the limit
    Instant expires_at = {};
    static constexpr auto columns =
        db::columns("count", &TakenAttempt::count, "expires_at", &TakenAttempt::expires_at);
};

Task<TakenAttempt> take_attempt(db::PlatformTx& tx, Bytes key, Instant now, Instant ends, std::int32_t limit);
Task<> forget_attempts(db::PlatformTx& tx, Bytes key);
Task<std::int64_t> forget_old_attempts(db::PlatformTx& tx, Instant now);

}  // namespace cartwright::shop::store
