// Token buckets for requests: how often one address, or one shop, may do something. The table is of fixed
// size and shared by all threads without a lock: a bucket is one number that is changed by compare-and-swap,
// so a limit holds for the whole process, whichever thread a connection landed on (decisions/0032).
#pragma once

#include "http/router.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cartwright {
class Rng;
}

namespace cartwright::http {

// `burst` at once, then one each `interval`.
struct RateLimit {
    std::chrono::microseconds interval;
    unsigned burst;
};

// The start values of an address are those of the design; `none` has no limit.
struct RateLimits {
    RateLimit page{std::chrono::milliseconds(50), 60};       // 20/s: a page and its images, then browsing
    RateLimit write{std::chrono::milliseconds(200), 30};     // 5/s: forms, carts
    RateLimit checkout{std::chrono::milliseconds(500), 10};  // 2/s
    RateLimit login{std::chrono::seconds(12), 5};            // 5 a minute: guessing passwords is hopeless
    RateLimit shop{std::chrono::milliseconds(5), 400};       // 200/s for all of a shop's visitors together
};

// Buckets by a 64-bit keyed hash of who it is, four to a set. A new address takes the place of the one in
// its set that has been quiet for longest, so memory is bounded; who floods the table with addresses can
// make others' buckets start anew, never fill them.
class RateTable {
public:
    using Time = std::chrono::steady_clock::time_point;

    // `buckets` is rounded up to a power of two; 16 bytes each.
    explicit RateTable(Rng& rng, std::size_t buckets = 1 << 17);

    // Takes one token. One client is an IPv4 address, or the /64 of an IPv6 address, since a client gets the
    // whole of it; a text that is neither counts as it is. Zero: go on; else how long to wait until there is one.
    std::chrono::microseconds take(Rate kind,
                                   std::string_view address,
                                   const RateLimit& limit,
                                   Time now) noexcept;
    std::chrono::microseconds take_of_shop(std::int64_t tenant, const RateLimit& limit, Time now) noexcept;

private:
    // `free_at` is the moment at which the bucket is full again, in microseconds since the table was made
    // (the "theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371).
    struct Bucket {
        std::atomic<std::uint64_t> owner{0};
        std::atomic<std::int64_t> free_at{0};
    };

    std::chrono::microseconds take(std::uint64_t owner, const RateLimit& limit, Time now) noexcept;
    Bucket& bucket_of(std::uint64_t owner) noexcept;

    std::uint64_t key_ = 0;
    std::uint64_t other_key_ = 0;
    std::size_t mask_;
    std::unique_ptr<Bucket[]> buckets_;
};

}  // namespace cartwright::http
