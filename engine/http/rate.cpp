#include "http/rate.hpp"

#include "base/keyed_hash.hpp"
#include "base/rng.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include <arpa/inet.h>

namespace cartwright::http {

namespace {

constexpr std::size_t set_size = 4;

void add_client(KeyedHash& hash, std::string_view address) noexcept {
    constexpr std::size_t longest = INET6_ADDRSTRLEN;
    constexpr std::string_view mapped_prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);  // ::ffff:192.0.2.1
    if (address.size() < longest && address.find(':') != std::string_view::npos) {
        std::array<char, longest + 1> text{};
        std::ranges::copy(address, text.begin());
        std::array<char, 16> bytes{};
        if (inet_pton(AF_INET6, text.data(), bytes.data()) == 1) {
            const std::string_view whole(bytes.data(), bytes.size());
            const bool mapped = whole.starts_with(mapped_prefix);
            hash.add(std::uint64_t{mapped ? 4U : 6U}).add(mapped ? whole.substr(12) : whole.substr(0, 8));
            return;
        }
    } else if (address.size() < longest) {
        std::array<char, longest + 1> text{};
        std::ranges::copy(address, text.begin());
        std::array<char, 4> bytes{};
        if (inet_pton(AF_INET, text.data(), bytes.data()) == 1) {
            hash.add(std::uint64_t{4}).add(std::string_view(bytes.data(), bytes.size()));
            return;
        }
    }
    hash.add(std::uint64_t{0}).add(address);
}

}  // namespace

RateTable::RateTable(Rng& rng, std::size_t buckets)
    : mask_(std::bit_ceil(std::max(buckets, set_size)) - 1), buckets_(std::make_unique<Bucket[]>(mask_ + 1)) {
    rng.fill(std::as_writable_bytes(std::span(&key_, 1)));
    rng.fill(std::as_writable_bytes(std::span(&other_key_, 1)));
}

std::chrono::microseconds RateTable::take(Rate kind,
                                          std::string_view address,
                                          const RateLimit& limit,
                                          Time now) noexcept {
    if (kind == Rate::none) return {};
    KeyedHash hash(key_, other_key_);
    hash.add(static_cast<std::uint64_t>(kind));
    add_client(hash, address);
    return take(hash.finish(), limit, now);
}

std::chrono::microseconds RateTable::take_of_shop(std::int64_t tenant,
                                                  const RateLimit& limit,
                                                  Time now) noexcept {
    constexpr std::uint64_t shops = 255;  // no Rate has this number
    KeyedHash hash(key_, other_key_);
    hash.add(shops).add(static_cast<std::uint64_t>(tenant));
    return take(hash.finish(), limit, now);
}

std::chrono::microseconds RateTable::take(std::uint64_t owner, const RateLimit& limit, Time now) noexcept {
    const std::int64_t at =
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const std::int64_t step = limit.interval.count();
    const std::int64_t slack = step * (static_cast<std::int64_t>(std::max(limit.burst, 1U)) - 1);
    std::atomic<std::int64_t>& free_at = bucket_of(owner == 0 ? 1 : owner).free_at;
    std::int64_t before = free_at.load(std::memory_order_relaxed);
    for (;;) {
        const std::int64_t base = std::max(before, at);
        if (base - at > slack) return std::chrono::microseconds(base - at - slack);
        if (free_at.compare_exchange_weak(before, base + step, std::memory_order_relaxed)) return {};
    }
}

RateTable::Bucket& RateTable::bucket_of(std::uint64_t owner) noexcept {
    const std::size_t first = (owner & mask_) & ~(set_size - 1);
    Bucket* quiet = &buckets_[first];
    for (std::size_t at = first; at < first + set_size; ++at) {
        Bucket& bucket = buckets_[at];
        if (bucket.owner.load(std::memory_order_relaxed) == owner) return bucket;
        if (bucket.free_at.load(std::memory_order_relaxed) < quiet->free_at.load(std::memory_order_relaxed)) {
            quiet = &bucket;
        }
    }
    // Two threads that take the same bucket at once leave one of their owners without: it starts anew.
    quiet->owner.store(owner, std::memory_order_relaxed);
    quiet->free_at.store(0, std::memory_order_relaxed);
    return *quiet;
}

}  // namespace cartwright::http
