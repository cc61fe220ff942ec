// Jobs of the platform that are enqueued again and again, by cron expressions. Rows, so that any number of
// processes may look for what is due: one conditional update takes it, in the transaction that enqueues the job.
// While a job of a schedule is unfinished no second one is enqueued, and times that passed while nobody looked
// are made up for by one job.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "jobs/jobs.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace cartwright::jobs {

struct Schedule {
    std::string name;
    std::string cron;  // cron.hpp
    std::string time_zone = "UTC";
    std::string kind;
    db::Json payload{"{}"};
    std::string queue = "default";
};

// Makes the rows be these; every process that works calls it at its start. A row whose times are the same keeps
// its next one. Rows by other names stay: they may belong to a newer version that runs beside this one. Throws
// std::invalid_argument on an expression or a zone that isn't one, or is never due.
Task<> put_schedules(db::Database& database, const Clock& clock, std::vector<Schedule> schedules);

// Enqueues what is due; answers how many jobs.
Task<std::size_t> enqueue_due(db::Database& database, const Clock& clock, IdSource& ids);

}  // namespace cartwright::jobs
