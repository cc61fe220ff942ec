#include "jobs/schedule.hpp"

#include "jobs/cron.hpp"
#include "jobs/store.hpp"

#include <stdexcept>
#include <utility>

namespace cartwright::jobs {

namespace {

constexpr std::int32_t due_a_turn = 100;

Instant next_of(const std::string& cron, const std::string& time_zone, Instant from) {
    const std::optional<Cron> parsed = Cron::parse(cron);
    if (!parsed) throw std::invalid_argument("not a cron expression: " + cron);
    const std::optional<Instant> next = parsed->next(from, time_zone);
    if (!next) throw std::invalid_argument("never due: " + cron);
    return *next;
}

}  // namespace

Task<> put_schedules(db::Database& database, const Clock& clock, std::vector<Schedule> schedules) {
    const Instant now = clock.now();
    auto work = [&](db::PlatformTx& tx) -> Task<> {
        for (const Schedule& schedule : schedules) {
            const Instant next = next_of(schedule.cron, schedule.time_zone, now);
            co_await tx.run(put_schedule,
                            schedule.name,
                            schedule.cron,
                            schedule.time_zone,
                            schedule.queue,
                            schedule.kind,
                            schedule.payload,
                            next);
        }
    };
    co_await database.in_platform({.work = db::Work::background, .repeatable = true}, work);
}

Task<std::size_t> enqueue_due(db::Database& database, const Clock& clock, IdSource& ids) {
    const Instant now = clock.now();
    const std::vector<DueRow> due = co_await database.fetch(select_due, now, due_a_turn);
    std::size_t enqueued = 0;
    for (const DueRow& row : due) {
        const Instant next = next_of(row.cron, row.time_zone, now);
        auto work = [&](db::PlatformTx& tx) -> Task<bool> {
            const std::int64_t taken = co_await tx.run(take_schedule, row.name, row.next_at, next);
            if (taken == 0) co_return false;
            Job job;
            job.kind = row.kind;
            job.payload = row.payload;
            job.queue = row.queue;
            job.unique_key = "schedule/" + row.name;
            const std::optional<JobId> id = co_await enqueue(tx, clock, ids, ShopId(), std::move(job));
            co_return id.has_value();
        };
        const bool done =
            co_await database.in_platform({.work = db::Work::background, .repeatable = true}, work);
        enqueued += done ? 1 : 0;
    }
    co_return enqueued;
}

}  // namespace cartwright::jobs
