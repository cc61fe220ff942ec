// Identities: 64-bit, time-ordered, each kind its own type. JSON and Liquid show them as decimal strings,
// since JavaScript's numbers end at 2^53.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace cartwright {

class Clock;

// An id of a ShopTag is not an id of an OrderTag, nor a bare number; only db/codec and the JSON writer
// unwrap it.
template <class Tag>
class Id {
public:
    constexpr Id() noexcept = default;  // the id of nothing; no row has it

    constexpr explicit Id(std::int64_t value) noexcept : value_(value) {}

    constexpr std::int64_t value() const noexcept { return value_; }

    constexpr explicit operator bool() const noexcept { return value_ != 0; }

    friend constexpr auto operator<=>(Id, Id) = default;

private:
    std::int64_t value_ = 0;
};

using ShopId = Id<struct ShopTag>;
using AccountId = Id<struct AccountTag>;

// Makes ids: 41 bits of milliseconds since 2020-01-01 UTC (until 2089), 10 bits of node, 12 bits of
// counter; always positive. Ids of one source strictly increase, also when the clock is set back and
// when more than 4,096 are taken in a millisecond (it then runs ahead of the clock). Safe to share
// between threads.
class IdSource {
public:
    // `node`: 0…1023, different for each running process.
    IdSource(const Clock& clock, unsigned node) noexcept : clock_(&clock), node_(node & 1023U) {}

    std::int64_t next() noexcept;

    template <class Id>
    Id next_as() noexcept {
        return Id(next());
    }

private:
    const Clock* clock_;
    std::uint64_t node_;
    std::atomic<std::uint64_t> last_{0};  // milliseconds and counter, 41 + 12 bits
};

}  // namespace cartwright

template <class Tag>
struct std::hash<cartwright::Id<Tag>> {
    std::size_t operator()(cartwright::Id<Tag> id) const noexcept {
        // Fibonacci hashing: ids of a burst differ only in their low bits.
        return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value()) * 0x9E3779B97F4A7C15ULL);
    }
};
