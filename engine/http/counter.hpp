// A number that one thread counts and any thread may read: no lock, no read-modify-write.
#pragma once

#include <atomic>
#include <cstdint>

namespace cartwright::http {

class Counter {
public:
    // By the owning thread alone.
    void add(std::uint64_t count = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }

    void subtract(std::uint64_t count) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
    }

    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace cartwright::http
