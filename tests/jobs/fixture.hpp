// What the tests of jobs share: a queue of the test's own, since jobs are the platform's and other tests left theirs.
#pragma once

#include "jobs/jobs.hpp"
#include "support/database.hpp"

#include <fmt/format.h>

namespace cartwright::jobs {

class JobsTest : public test::DatabaseTest {
protected:
    JobsTest() : queue_(fmt::format("q{}", ids().next())) {}

    Job job(std::string kind, std::string key = {}) {
        Job job;
        job.kind = std::move(kind);
        job.queue = queue_;
        job.unique_key = std::move(key);
        return job;
    }

    Task<std::optional<JobId>> put(ShopId shop, Job job) {
        auto work = [&](db::PlatformTx& tx) { return enqueue(tx, clock(), ids(), shop, job); };
        co_return co_await database().in_platform({}, work);
    }

    Task<Status> status(JobId id) {
        auto work = [&](db::PlatformTx& tx) { return find(tx, id); };
        const std::optional<Status> found = co_await database().in_platform({}, work);
        co_return found.value();
    }

    Task<State> state(JobId id) {
        const Status found = co_await status(id);
        co_return found.state;
    }

    std::string count_in_queue() {
        return as_owner(fmt::format("select count(*) from jobs where queue = '{}'", queue_));
    }

    std::string queue_;
};

}  // namespace cartwright::jobs
