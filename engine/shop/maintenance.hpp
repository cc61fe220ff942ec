// What the platform throws away from time to time: sessions, links and windows of attempts that are over, and
// released domains that no claim can be older than.
#pragma once

#include "base/task.hpp"
#include "shop/scope.hpp"

#include <cstdint>

namespace cartwright::shop {

struct Forgotten {
    std::int64_t sessions = 0;
    std::int64_t resets = 0;
    std::int64_t attempts = 0;
    std::int64_t domains = 0;
};

Task<Forgotten> forget_expired(Services& services);

}  // namespace cartwright::shop
