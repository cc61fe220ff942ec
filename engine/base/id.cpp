#include "base/id.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace cartwright {

namespace {

constexpr std::chrono::sys_days epoch = std::chrono::year{2020} / 1 / 1;
constexpr unsigned counter_bits = 12;
constexpr unsigned node_bits = 10;

}  // namespace

std::int64_t IdSource::next() noexcept {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(clock_->now()) - epoch;
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 1)) << counter_bits;
    std::uint64_t last = last_.load(std::memory_order_relaxed);
    std::uint64_t mine = 0;
    do {
        mine = std::max(now, last + 1);
    } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    const std::uint64_t counter = mine & ((1U << counter_bits) - 1);
    const std::uint64_t time = mine >> counter_bits;
    return static_cast<std::int64_t>((time << (node_bits + counter_bits)) | (node_ << counter_bits) |
                                     counter);
}

}  // namespace cartwright
