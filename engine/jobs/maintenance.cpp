#include "jobs/maintenance.hpp"

#include "events/dispatcher.hpp"

namespace cartwright::jobs {

namespace {

constexpr const char* forget_finished_kind = "jobs.forget_finished";
constexpr const char* forget_wakes_kind = "events.forget_wakes";
constexpr int dead_are_kept_times = 10;

Schedule every(std::string cron, const char* kind) {
    Schedule schedule;
    schedule.name = kind;
    schedule.cron = std::move(cron);
    schedule.kind = kind;
    return schedule;
}

}  // namespace

void add_maintenance(Worker& worker, std::chrono::milliseconds keep_done) {
    worker.handle(forget_finished_kind, [keep_done](Attempt& run) -> Task<Outcome<>> {
        const Instant now = run.clock().now();
        auto work = [&](db::PlatformTx& tx) {
            return forget_finished(tx, now - keep_done, now - keep_done * dead_are_kept_times);
        };
        // In bites, so that no statement holds many rows for long.
        while (co_await run.database().in_platform({.work = db::Work::background}, work) > 0) {
        }
        co_return Outcome<>();
    });
    worker.handle(forget_wakes_kind, [](Attempt& run) -> Task<Outcome<>> {
        auto work = [&](db::PlatformTx& tx) { return events::forget_wakes(tx, run.clock().now()); };
        co_await run.database().in_platform({.work = db::Work::background}, work);
        co_return Outcome<>();
    });
}

std::vector<Schedule> maintenance_schedules() {
    return {every("17 * * * *", forget_finished_kind), every("*/10 * * * *", forget_wakes_kind)};
}

}  // namespace cartwright::jobs
