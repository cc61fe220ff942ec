#include "jobs/worker.hpp"

#include "base/wakeup.hpp"
#include "jobs/fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <map>

namespace cartwright::jobs {

namespace {

// An effect in a tenant's table: a counter by name.
const db::Statement<db::Nothing(std::string)> take_effect{"test.take_effect", R"sql(
    insert into event_cursors (shop_id, consumer, stamp, tick) values ($1, $2, '0', 1)
    on conflict (shop_id, consumer) do update set tick = event_cursors.tick + 1
)sql"};

class WorkerTest : public JobsTest {
protected:
    WorkerOptions options() {
        WorkerOptions options;
        options.queues = {queue_};
        return options;
    }

    std::unique_ptr<Worker> a_worker(WorkerOptions options) {
        return std::make_unique<Worker>(database(),
                                        io().get_executor(),
                                        clock(),
                                        ids(),
                                        lot_,
                                        std::move(options),
                                        [this](const std::string& failure) { failures_.push_back(failure); });
    }

    std::unique_ptr<Worker> a_worker() { return a_worker(options()); }

    Task<std::size_t> turn(Worker& worker) {
        const std::size_t begun = co_await worker.begin_jobs();
        co_await worker.settle();
        co_return begun;
    }

    std::string effects(ShopId shop, std::string_view name) {
        return as_owner(fmt::format(
            "select coalesce(sum(tick), 0) from event_cursors where shop_id = {} and consumer = '{}'",
            shop.value(),
            name));
    }

    Task<> yield() { co_await boost::asio::post(io(), use_task); }

    SeededRng lot_{7};
    std::vector<std::string> failures_;
};

Task<Outcome<>> succeed(Attempt&) {
    co_return Outcome<>();
}

constexpr Reason hopeless{"test.hopeless", Kind::invalid};

}  // namespace

PG_TEST(WorkerTest, AHandlerGetsWhatWasEnqueuedAndTheJobIsDone) {
    const ShopId shop = a_shop();
    Job mail = job("mail");
    mail.payload = db::Json{R"({"to": "anna"})"};
    const JobId id = (co_await put(shop, mail)).value();
    const JobId other_kind = (co_await put(shop, job("unknown"))).value();
    auto worker = a_worker();
    int calls = 0;
    worker->handle("mail", [&](Attempt& run) -> Task<Outcome<>> {
        ++calls;
        EXPECT_EQ(run.id(), id);
        EXPECT_EQ(run.shop(), shop);
        EXPECT_EQ(run.payload(), mail.payload);
        EXPECT_EQ(run.number(), 1);
        co_return Outcome<>();
    });
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(co_await turn(*worker), 0U);
    EXPECT_EQ(calls, 1);
    const Status done = co_await status(id);
    EXPECT_EQ(done.state, State::done);
    EXPECT_EQ(done.finished_at, clock().now());
    EXPECT_EQ(co_await state(other_kind), State::ready);
    EXPECT_TRUE(failures_.empty());
}

PG_TEST(WorkerTest, AJobForLaterWaits) {
    Job later = job("a");
    later.run_at = clock().now() + std::chrono::seconds(60);
    const JobId id = (co_await put(a_shop(), later)).value();
    auto worker = a_worker();
    worker->handle("a", &succeed);
    clock().advance(std::chrono::seconds(60) - std::chrono::microseconds(1));
    EXPECT_EQ(co_await turn(*worker), 0U);
    EXPECT_EQ(co_await state(id), State::waiting);
    clock().advance(std::chrono::microseconds(1));
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(co_await state(id), State::done);
}

PG_TEST(WorkerTest, FailuresBackOffUntilTheJobIsDeadAndReplayRevivesIt) {
    Job fragile = job("a", "key");
    fragile.max_attempts = 3;
    const ShopId shop = a_shop();
    const JobId id = (co_await put(shop, fragile)).value();
    auto worker = a_worker();
    bool broken = true;
    const Backoff backoff{.first = std::chrono::seconds(10), .longest = std::chrono::hours(1)};
    const auto handler = [&](Attempt&) -> Task<Outcome<>> {
        if (broken) throw std::runtime_error("no connection");
        co_return Outcome<>();
    };
    worker->handle("a", handler, backoff);

    SeededRng same(7);
    for (std::int32_t attempt = 1; attempt <= 2; ++attempt) {
        EXPECT_EQ(co_await turn(*worker), 1U);
        const Status waiting = co_await status(id);
        EXPECT_EQ(waiting.state, State::waiting);
        EXPECT_EQ(waiting.attempts, attempt);
        EXPECT_EQ(waiting.last_error, "no connection");
        EXPECT_EQ(waiting.run_at, clock().now() + backoff.pause(attempt, same));
        EXPECT_FALSE((co_await put(shop, fragile)).has_value());
        clock().set(waiting.run_at);
    }
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(co_await turn(*worker), 0U);
    const Status dead = co_await status(id);
    EXPECT_EQ(dead.state, State::dead);
    EXPECT_EQ(dead.attempts, 3);
    EXPECT_EQ(failures_.size(), 3U);

    auto replay_it = [&](db::PlatformTx& tx) { return replay(tx, clock(), id); };
    const std::optional<JobId> successor = co_await put(shop, fragile);
    REQUIRE_CO(successor.has_value());
    EXPECT_EQ((co_await database().in_platform({}, replay_it)).error().reason(), same_key_under_way);
    EXPECT_EQ(co_await state(id), State::dead);
    broken = false;
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(co_await state(*successor), State::done);
    EXPECT_TRUE((co_await database().in_platform({}, replay_it)).has_value());
    EXPECT_EQ(co_await turn(*worker), 1U);
    const Status revived = co_await status(id);
    EXPECT_EQ(revived.state, State::done);
    EXPECT_EQ(revived.attempts, 1);
    EXPECT_EQ(revived.last_error, std::nullopt);
}

PG_TEST(WorkerTest, ARefusalIsFinal) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    auto worker = a_worker();
    worker->handle("a", [](Attempt&) -> Task<Outcome<>> { co_return refuse(hopeless); });
    EXPECT_EQ(co_await turn(*worker), 1U);
    const Status dead = co_await status(id);
    EXPECT_EQ(dead.state, State::dead);
    EXPECT_EQ(dead.attempts, 1);
    EXPECT_EQ(dead.last_error, "test.hopeless");
    auto replay_all = [&](db::PlatformTx& tx) { return replay_kind(tx, clock(), "a"); };
    EXPECT_GE(co_await database().in_platform({}, replay_all), 1);
    EXPECT_EQ(co_await state(id), State::ready);
}

// The first worker is so slow that its lease passes to a second one; then it wants to finish.
PG_TEST(WorkerTest, AnEffectTiedToTheLeaseHappensOnce) {
    const ShopId shop = a_shop();
    const JobId id = (co_await put(shop, job("a"))).value();
    auto slow = a_worker();
    auto quick = a_worker();
    Wakeup go_on;
    std::vector<std::string> lost;
    const auto handler = [&](Attempt& run, bool wait) -> Task<Outcome<>> {
        if (wait) co_await go_on.wait();
        auto work = [&](db::Tx& tx) -> Task<> {
            co_await tx.run(take_effect, "paid");
            co_await run.complete(tx);
        };
        try {
            co_await run.database().in_shop(run.shop(), {}, work);
        } catch (const LeaseLost&) {
            lost.push_back("lost");
            throw;
        }
        co_return Outcome<>();
    };
    slow->handle("a", [&](Attempt& run) { return handler(run, true); });
    quick->handle("a", [&](Attempt& run) { return handler(run, false); });

    EXPECT_EQ(co_await slow->begin_jobs(), 1U);
    EXPECT_EQ(co_await turn(*quick), 0U);
    clock().advance(options().lease);
    EXPECT_EQ(co_await turn(*quick), 0U);
    clock().advance(std::chrono::microseconds(1));
    EXPECT_EQ(co_await turn(*quick), 1U);
    EXPECT_EQ(co_await state(id), State::done);
    EXPECT_EQ(effects(shop, "paid"), "1");

    go_on.wake();
    co_await slow->settle();
    EXPECT_EQ(lost.size(), 1U);
    EXPECT_EQ(effects(shop, "paid"), "1");
    const Status done = co_await status(id);
    EXPECT_EQ(done.state, State::done);
    EXPECT_EQ(done.attempts, 2);
}

PG_TEST(WorkerTest, ARenewedLeaseIsKeptAndALostOneStopsTheHandler) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    auto first = a_worker();
    auto second = a_worker();
    second->handle("a", &succeed);
    Wakeup never;
    bool stopped = false;
    first->handle("a", [&](Attempt&) -> Task<Outcome<>> {
        try {
            co_await never.wait();
        } catch (const std::exception&) {
            stopped = true;
            throw;
        }
        co_return Outcome<>();
    });
    EXPECT_EQ(co_await first->begin_jobs(), 1U);
    for (int renewals = 0; renewals < 3; ++renewals) {
        clock().advance(options().lease);
        co_await first->renew_leases();
        EXPECT_EQ(co_await turn(*second), 0U);
    }
    EXPECT_FALSE(stopped);
    clock().advance(options().lease + std::chrono::microseconds(1));
    EXPECT_EQ(co_await turn(*second), 1U);
    co_await first->renew_leases();
    co_await first->settle();
    EXPECT_TRUE(stopped);
    const Status done = co_await status(id);
    EXPECT_EQ(done.state, State::done);
    EXPECT_EQ(done.attempts, 2);
}

PG_TEST(WorkerTest, AJobThatKillsItsWorkersDies) {
    Job deadly = job("a");
    deadly.max_attempts = 2;
    const JobId id = (co_await put(a_shop(), deadly)).value();
    std::vector<std::unique_ptr<Worker>> gone;
    for (int attempt = 0; attempt < 2; ++attempt) {
        gone.push_back(a_worker());
        gone.back()->handle("a", [&](Attempt&) -> Task<Outcome<>> {
            Wakeup end;
            co_await end.wait();
            co_return Outcome<>();
        });
        EXPECT_EQ(co_await gone.back()->begin_jobs(), 1U);
        clock().advance(options().lease + std::chrono::seconds(1));
    }
    auto worker = a_worker();
    worker->handle("a", &succeed);
    EXPECT_EQ(co_await turn(*worker), 0U);
    const Status dead = co_await status(id);
    EXPECT_EQ(dead.state, State::dead);
    EXPECT_EQ(dead.last_error, "the worker went away");
    for (const auto& each : gone) {
        co_await each->renew_leases();
        co_await each->settle();
    }
}

PG_TEST(WorkerTest, TwoWorkersDoEachJobOnce) {
    const ShopId shop = a_shop();
    for (int i = 0; i < 60; ++i) co_await put(shop, job("a"));
    auto one = a_worker();
    auto two = a_worker();
    std::map<JobId, int> runs;
    const auto handler = [&](Attempt& run) -> Task<Outcome<>> {
        ++runs[run.id()];
        co_await yield();
        co_return Outcome<>();
    };
    one->handle("a", handler);
    two->handle("a", handler);
    int working = 2;
    const auto work = [&](Worker& worker) -> Task<> {
        while (runs.size() < 60) co_await turn(worker);
        --working;
    };
    boost::asio::co_spawn(io(), work(*one), boost::asio::detached);
    boost::asio::co_spawn(io(), work(*two), boost::asio::detached);
    while (working > 0) co_await yield();
    EXPECT_EQ(runs.size(), 60U);
    for (const auto& [id, times] : runs) EXPECT_EQ(times, 1);
    EXPECT_EQ(
        as_owner(fmt::format("select count(*) from jobs where queue = '{}' and state = 'done'", queue_)),
        "60");
}

PG_TEST(WorkerTest, EnqueuedAgainWhileItRunsItRunsOnceMore) {
    const ShopId shop = a_shop();
    Job rebuild = job("a", "index");
    rebuild.again = true;
    const JobId id = (co_await put(shop, rebuild)).value();
    EXPECT_FALSE((co_await put(shop, rebuild)).has_value());
    auto worker = a_worker();
    int calls = 0;
    worker->handle("a", [&](Attempt&) -> Task<Outcome<>> {
        if (++calls == 1) {
            const std::optional<JobId> second = co_await put(shop, rebuild);
            EXPECT_FALSE(second.has_value());
        }
        co_return Outcome<>();
    });
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(co_await state(id), State::ready);
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(co_await state(id), State::done);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(count_in_queue(), "1");
}

PG_TEST(WorkerTest, ShopsTakeTurns) {
    const ShopId busy = a_shop();
    for (int i = 0; i < 300; ++i) co_await put(busy, job("a"));
    std::vector<ShopId> small;
    for (int i = 0; i < 10; ++i) {
        small.push_back(a_shop());
        co_await put(small.back(), job("a"));
    }
    WorkerOptions few = options();
    few.slots = 4;
    auto worker = a_worker(few);
    std::vector<ShopId> order;
    worker->handle("a", [&](Attempt& run) -> Task<Outcome<>> {
        order.push_back(run.shop());
        co_return Outcome<>();
    });
    for (int turns = 0; turns < 4; ++turns) EXPECT_EQ(co_await turn(*worker), 4U);
    // 11 shops have a turn before any has a second one.
    std::vector<ShopId> first(order.begin(), order.begin() + 11);
    std::ranges::sort(first);
    std::vector<ShopId> expected = small;
    expected.push_back(busy);
    std::ranges::sort(expected);
    EXPECT_EQ(first, expected);
    EXPECT_EQ(std::vector<ShopId>(order.begin() + 11, order.end()), std::vector<ShopId>(5, busy));
}

PG_TEST(WorkerTest, AShopDoesNotTakeAllSlots) {
    const ShopId shop = a_shop();
    for (int i = 0; i < 10; ++i) co_await put(shop, job("a"));
    auto worker = a_worker();  // 8 slots, 4 of a shop
    Wakeup* go_on[4] = {};
    int waiting = 0;
    worker->handle("a", [&](Attempt&) -> Task<Outcome<>> {
        Wakeup wakeup;
        if (waiting < 4) {
            go_on[waiting++] = &wakeup;
            co_await wakeup.wait();
        }
        co_return Outcome<>();
    });
    EXPECT_EQ(co_await worker->begin_jobs(), 4U);
    while (waiting < 4) co_await yield();
    EXPECT_EQ(co_await worker->begin_jobs(), 0U);
    co_await put(a_shop(), job("a"));
    EXPECT_EQ(co_await worker->begin_jobs(), 1U);
    for (Wakeup* each : go_on) each->wake();
    co_await worker->settle();
    EXPECT_EQ(co_await turn(*worker), 4U);
}

PG_TEST(WorkerTest, LongWorkShowsItsProgressAndCanBeCancelled) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    auto worker = a_worker();
    std::vector<std::int64_t> reached;
    worker->handle("a", [&](Attempt& run) -> Task<Outcome<>> {
        for (std::int64_t done = 1; done <= 10; ++done) {
            co_await run.progress(done, 10);
            reached.push_back(done);
            if (done == 3) {
                auto cancel_it = [&](db::PlatformTx& tx) { return cancel(tx, clock(), id); };
                const Outcome<> requested = co_await database().in_platform({}, cancel_it);
                EXPECT_TRUE(requested.has_value());
            }
        }
        co_return Outcome<>();
    });
    EXPECT_EQ(co_await turn(*worker), 1U);
    EXPECT_EQ(reached, (std::vector<std::int64_t>{1, 2, 3}));
    const Status cancelled = co_await status(id);
    EXPECT_EQ(cancelled.state, State::cancelled);
    EXPECT_EQ(cancelled.done_units, 4);
    EXPECT_EQ(cancelled.total_units, 10);
}

PG_TEST(WorkerTest, StoppingGivesBackWhatDoesNotEnd) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    WorkerOptions hasty = options();
    hasty.drain = std::chrono::milliseconds(0);
    auto worker = a_worker(hasty);
    bool begun = false;
    worker->handle("a", [&](Attempt&) -> Task<Outcome<>> {
        begun = true;
        Wakeup never;
        co_await never.wait();
        co_return Outcome<>();
    });
    bool ended = false;
    auto run_it = [&]() -> Task<> {
        co_await worker->run();
        ended = true;
    };
    boost::asio::co_spawn(io(), run_it, boost::asio::detached);
    while (!begun) co_await yield();
    worker->stop();
    while (!ended) co_await yield();
    const Status released = co_await status(id);
    EXPECT_EQ(released.state, State::ready);
    EXPECT_EQ(released.attempts, 0);
    auto another = a_worker();
    another->handle("a", &succeed);
    EXPECT_EQ(co_await turn(*another), 1U);
    EXPECT_EQ(co_await state(id), State::done);
}

PG_TEST(WorkerTest, StoppingLetsRunningJobsEnd) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    auto worker = a_worker();
    Wakeup go_on;
    bool begun = false;
    worker->handle("a", [&](Attempt&) -> Task<Outcome<>> {
        begun = true;
        co_await go_on.wait();
        co_return Outcome<>();
    });
    bool ended = false;
    auto run_it = [&]() -> Task<> {
        co_await worker->run();
        ended = true;
    };
    boost::asio::co_spawn(io(), run_it, boost::asio::detached);
    while (!begun) co_await yield();
    worker->stop();
    co_await yield();
    EXPECT_FALSE(ended);
    const JobId not_begun = (co_await put(a_shop(), job("a"))).value();
    go_on.wake();
    while (!ended) co_await yield();
    EXPECT_EQ(co_await state(id), State::done);
    EXPECT_EQ(co_await state(not_begun), State::ready);
}

}  // namespace cartwright::jobs
