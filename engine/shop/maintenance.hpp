// What the platform throws away once a day: sessions, links and windows of attempts that are over, and
// released domains that no claim can be older than.
#pragma once

#include "base/task.hpp"
#include "jobs/schedule.hpp"
#include "shop/scope.hpp"

#include <cstdint>

namespace cartwright::jobs {
class Worker;
}

namespace cartwright::shop {

struct Forgotten {
    std::int64_t sessions = 0;
    std::int64_t resets = 0;
    std::int64_t attempts = 0;
    std::int64_t domains = 0;
};

Task<Forgotten> forget_expired(Services& services);

// The daily job that does it, and when: at night, off the full hour that everybody else takes.
jobs::Schedule cleaning_schedule();
// `services` outlives the worker.
void add_cleaning_job(jobs::Worker& worker, Services& services);

}  // namespace cartwright::shop
