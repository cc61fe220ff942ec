#include "jobs/schedule.hpp"

#include "jobs/cron.hpp"

#include <stdexcept>
#include <utility>

namespace cartwright::jobs {

namespace {

constexpr std::int32_t due_a_turn = 100;

const db::PlatformStatement<db::Nothing(std::string, std::string, std::string, std::string, std::string, db::Json,
                                        Instant)>
    put_schedule{"jobs.put_schedule", R"sql(
    insert into schedules (name, cron, time_zone, queue, kind, payload, next_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (name) do update
       set cron = excluded.cron, time_zone = excluded.time_zone, queue = excluded.queue, kind = excluded.kind,
           payload = excluded.payload,
           next_at = case when schedules.cron = excluded.cron and schedules.time_zone = excluded.time_zone
                          then schedules.next_at else excluded.next_at end
)sql"};

struct DueRow {
    std::string name;
    std::string cron;
    std::string time_zone;
    std::string queue;
    std::string kind;
    db::Json payload;
    Instant next_at;

    static constexpr auto columns = db::columns(
        "name", &DueRow::name, "cron", &DueRow::cron, "time_zone", &DueRow::time_zone, "queue", &DueRow::queue,
        "kind", &DueRow::kind, "payload", &DueRow::payload, "next_at", &DueRow::next_at);
};

const db::PlatformStatement<DueRow(Instant, std::int32_t)> select_due{"jobs.due_schedules", R"sql(
    select name, cron, time_zone, queue, kind, payload, next_at from schedules where next_at <= $1
     order by next_at limit $2
)sql"};

const db::PlatformStatement<db::Nothing(std::string, Instant, Instant)> take_schedule{"jobs.take_schedule", R"sql(
    update schedules set next_at = $3 where name = $1 and next_at = $2
)sql"};

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
            co_await tx.run(put_schedule, schedule.name, schedule.cron, schedule.time_zone, schedule.queue,
                            schedule.kind, schedule.payload, next);
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
        const bool done = co_await database.in_platform({.work = db::Work::background, .repeatable = true}, work);
        enqueued += done ? 1 : 0;
    }
    co_return enqueued;
}

}  // namespace cartwright::jobs
