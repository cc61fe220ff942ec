// The platform's own regular work on what floor 1 keeps: jobs that ended, notes of which shops have news.
#pragma once

#include "jobs/schedule.hpp"
#include "jobs/worker.hpp"

#include <chrono>
#include <vector>

namespace cartwright::jobs {

// Handlers for the jobs of maintenance_schedules. Done and cancelled jobs are kept for `keep_done`, dead ones,
// which somebody may want to replay, ten times as long.
void add_maintenance(Worker& worker, std::chrono::milliseconds keep_done);

std::vector<Schedule> maintenance_schedules();

}  // namespace cartwright::jobs
