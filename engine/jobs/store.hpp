// The statements of jobs and schedules and how their rows map; for the folder's own files.
#pragma once

#include "db/statement.hpp"
#include "jobs/jobs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::jobs {

struct ClaimRow {
    JobId id;
    ShopId for_shop;
    std::string kind;
    db::Json payload;
    std::int64_t lease;
    std::int32_t attempts;

    static constexpr auto columns = db::columns("id",
                                                &ClaimRow::id,
                                                "for_shop",
                                                &ClaimRow::for_shop,
                                                "kind",
                                                &ClaimRow::kind,
                                                "payload",
                                                &ClaimRow::payload,
                                                "lease",
                                                &ClaimRow::lease,
                                                "attempts",
                                                &ClaimRow::attempts);
};

struct HeldRow {
    JobId id;
    std::int64_t lease;

    static constexpr auto columns = db::columns("id", &HeldRow::id, "lease", &HeldRow::lease);
};

struct DueRow {
    std::string name;
    std::string cron;
    std::string time_zone;
    std::string queue;
    std::string kind;
    db::Json payload;
    Instant next_at;

    static constexpr auto columns = db::columns("name",
                                                &DueRow::name,
                                                "cron",
                                                &DueRow::cron,
                                                "time_zone",
                                                &DueRow::time_zone,
                                                "queue",
                                                &DueRow::queue,
                                                "kind",
                                                &DueRow::kind,
                                                "payload",
                                                &DueRow::payload,
                                                "next_at",
                                                &DueRow::next_at);
};

// What is due is ready at once. Yields nothing where a job with the same key is unfinished.
extern const db::PlatformStatement<JobId(JobId,
                                         ShopId,
                                         std::string,
                                         std::string,
                                         db::Json,
                                         std::optional<std::string>,
                                         Instant,
                                         std::int32_t,
                                         Instant)>
    insert_job;

extern const db::PlatformStatement<JobId(JobId,
                                         ShopId,
                                         std::string,
                                         std::string,
                                         db::Json,
                                         std::optional<std::string>,
                                         Instant,
                                         std::int32_t,
                                         Instant)>
    insert_job_or_run_again;

extern const db::PlatformStatement<Status(std::optional<State>, std::optional<ShopId>, JobId, std::int32_t)>
    select_page;

extern const db::PlatformStatement<Status(JobId)> select_job;

extern const db::PlatformStatement<State(JobId)> lock_job;

// Without a key nothing is in the way; with one, no other that isn't finished may have it.
extern const db::PlatformStatement<db::Nothing(JobId, Instant)> replay_job;

// Of several with one key the newest.
extern const db::PlatformStatement<db::Nothing(std::string, Instant)> replay_jobs;

extern const db::PlatformStatement<db::Nothing(JobId, Instant)> cancel_waiting;

extern const db::PlatformStatement<db::Nothing(JobId)> request_cancel;

extern const db::PlatformStatement<db::Nothing(Instant, Instant)> delete_finished;

extern const db::PlatformStatement<db::Nothing(Instant, std::int32_t)> make_due_ready;

// A lease that ran out is a failed attempt: the job may be what killed its worker.
extern const db::PlatformStatement<db::Nothing(Instant, std::int32_t)> take_back_expired;

// $1 queue, $2 lease until, $3 how many, $4 the shop after which the turn goes on, $5 and $6 how many each busy shop
// has running here, $7 how many it may have, $8 known kinds. Shops with ready jobs are found one by one in the
// index; each gives its first jobs, and all first ones come before the second ones.
extern const db::PlatformStatement<ClaimRow(std::string,
                                            Instant,
                                            std::int32_t,
                                            ShopId,
                                            std::vector<std::int64_t>,
                                            std::vector<std::int32_t>,
                                            std::int32_t,
                                            std::vector<std::string>)>
    claim_jobs;

extern const db::PlatformStatement<db::Nothing(JobId, std::int64_t, Instant)> complete_job;

// $4: the next attempt; $5: there shall be none. A job that was enqueued again meanwhile starts anew.
extern const db::PlatformStatement<db::Nothing(JobId, std::int64_t, Instant, Instant, bool, std::string)>
    fail_job;

extern const db::PlatformStatement<db::Nothing(JobId, std::int64_t)> release_job;

extern const db::PlatformStatement<bool(JobId, std::int64_t, std::int64_t, std::optional<std::int64_t>)>
    show_progress;

// Those that are being completed at the moment are locked by that, and need no lease any more.
extern const db::PlatformStatement<JobId(std::vector<JobId>, std::vector<std::int64_t>, Instant)> renew;

// Which of them are still held, locked or not.
extern const db::PlatformStatement<HeldRow(std::vector<JobId>, std::vector<std::int64_t>)> select_held;

extern const db::PlatformStatement<db::Nothing(
    std::string, std::string, std::string, std::string, std::string, db::Json, Instant)>
    put_schedule;

extern const db::PlatformStatement<DueRow(Instant, std::int32_t)> select_due;

extern const db::PlatformStatement<db::Nothing(std::string, Instant, Instant)> take_schedule;

}  // namespace cartwright::jobs
