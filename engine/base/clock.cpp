#include "base/clock.hpp"

namespace cartwright {

Instant SystemClock::now() const noexcept {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point ticks() noexcept {
    return std::chrono::steady_clock::now();
}

}  // namespace cartwright
