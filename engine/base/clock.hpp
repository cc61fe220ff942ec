// Time of day, handed in. The system's clock is named in clock.cpp alone; business code asks the Clock of
// its Scope, so that tests, the simulator and the billing time machine run the real code at any moment.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace cartwright {

// A moment in UTC, to the microsecond, as PostgreSQL's timestamptz keeps it.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    virtual Instant now() const noexcept = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const noexcept override;
};

// Stands still until it is moved. Safe to move from another thread.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) noexcept : now_(start.time_since_epoch().count()) {}

    Instant now() const noexcept override { return Instant(std::chrono::microseconds(now_.load())); }

    void advance(std::chrono::microseconds by) noexcept { now_ += by.count(); }

    void set(Instant to) noexcept { now_ = to.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> now_;
};

// Ticks for measuring how long something took; never a date.
std::chrono::steady_clock::time_point ticks() noexcept;

}  // namespace cartwright
