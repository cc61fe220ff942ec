// Attempts that are counted in the database: logins, requests for a password link. An attempt is taken
// before the work it pays for, in a transaction that commits whatever comes of the attempt, so that parallel
// guesses are counted exactly and on all nodes together. The rates of http/rate_limit stand in front of this
// and cost nothing; these counters are what stops a patient guesser with many addresses.
#pragma once

#include "base/clock.hpp"
#include "base/outcome.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::shop {

// A window starts with its first attempt and is over after `window`.
struct ThrottleRule {
    std::string_view purpose;
    std::int32_t limit;
    std::chrono::seconds window;
};

// Ten guesses in a quarter of an hour are 960 a day for one account, and nothing for a person who forgot.
inline constexpr ThrottleRule login_by_account{"login/account", 10, std::chrono::minutes(15)};
// An office behind one address logs in in the morning.
inline constexpr ThrottleRule login_by_address{"login/address", 50, std::chrono::minutes(15)};
// More than three mails an hour are somebody else's joke.
inline constexpr ThrottleRule reset_by_account{"reset/account", 3, std::chrono::hours(1)};
inline constexpr ThrottleRule reset_by_address{"reset/address", 20, std::chrono::hours(1)};
// Tokens have 256 bits; this bounds the hashing that strangers can cause.
inline constexpr ThrottleRule token_by_address{"token/address", 30, std::chrono::minutes(15)};
inline constexpr ThrottleRule change_by_account{"change/account", 10, std::chrono::minutes(15)};

// Value "retry_after": seconds until the window ends.
inline constexpr Reason too_many_attempts{"shop.too_many_attempts", Kind::limited};

// Counts one attempt; too_many_attempts beyond the limit. The refusal is an optional and no Outcome, since an
// Outcome would roll the counting back. Where an attempt counts for an account and for an address, the
// account's is taken first: that is the order of their locks.
Task<std::optional<Refusal>> take_attempt(db::PlatformTx& tx,
                                          ThrottleRule rule,
                                          std::string subject,
                                          Instant now);

// After a success: the window of this subject starts anew.
Task<> forgive_attempts(db::PlatformTx& tx, ThrottleRule rule, std::string subject);

// Throws away windows that are over; for the daily cleaning.
Task<std::int64_t> forget_old_attempts(db::PlatformTx& tx, Instant now);

// What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 address, which one customer
// of a provider has to himself. Text that is no address counts as it is.
std::string throttled_address(std::string_view address);

}  // namespace cartwright::shop
