#include "jobs/fixture.hpp"

namespace cartwright::jobs {

namespace {

constexpr Reason changed_my_mind{"test.changed_my_mind", Kind::conflict};

}  // namespace

PG_TEST(JobsTest, AJobIsThereIfItsCauseIs) {
    const ShopId shop = a_shop();
    auto refused = [&](db::Tx& tx) -> Task<Outcome<>> {
        co_await enqueue(tx, clock(), ids(), job("a"));
        co_return refuse(changed_my_mind);
    };
    EXPECT_FALSE((co_await database().in_shop(shop, {}, refused)).has_value());
    EXPECT_EQ(count_in_queue(), "0");

    Job with_payload = job("a");
    with_payload.payload = db::Json{R"({"to": "anna"})"};
    auto kept = [&](db::Tx& tx) { return enqueue(tx, clock(), ids(), with_payload); };
    const std::optional<JobId> id = co_await database().in_shop(shop, {}, kept);
    REQUIRE_CO(id.has_value());
    const Status found = co_await status(*id);
    EXPECT_EQ(found.shop, shop);
    EXPECT_EQ(found.kind, "a");
    EXPECT_EQ(found.payload, with_payload.payload);
    EXPECT_EQ(found.state, State::ready);
    EXPECT_EQ(found.created_at, clock().now());
    EXPECT_EQ(found.attempts, 0);
}

PG_TEST(JobsTest, AKeyIsTakenByOneUnfinishedJobOfAShop) {
    const ShopId shop = a_shop();
    const std::optional<JobId> first = co_await put(shop, job("a", "index"));
    EXPECT_TRUE(first.has_value());
    EXPECT_FALSE((co_await put(shop, job("a", "index"))).has_value());
    EXPECT_TRUE((co_await put(a_shop(), job("a", "index"))).has_value());
    EXPECT_TRUE((co_await put(shop, job("a", "other"))).has_value());
    EXPECT_TRUE((co_await put(shop, job("a"))).has_value());
    EXPECT_TRUE((co_await put(shop, job("a"))).has_value());
    EXPECT_EQ(count_in_queue(), "5");
    auto cancel_it = [&](db::PlatformTx& tx) { return cancel(tx, clock(), *first); };
    EXPECT_TRUE((co_await database().in_platform({}, cancel_it)).has_value());
    EXPECT_EQ(co_await state(*first), State::cancelled);
    EXPECT_TRUE((co_await put(shop, job("a", "index"))).has_value());
}

PG_TEST(JobsTest, ListsGoBackInTimeByStateAndShop) {
    const ShopId shop = a_shop();
    std::vector<JobId> all;
    for (int i = 0; i < 5; ++i) all.push_back((co_await put(shop, job("a"))).value());
    co_await put(a_shop(), job("a"));
    auto cancel_one = [&](db::PlatformTx& tx) { return cancel(tx, clock(), all[2]); };
    co_await database().in_platform({}, cancel_one);
    const auto page = [&](Filter filter) -> Task<std::vector<JobId>> {
        auto work = [&](db::PlatformTx& tx) { return list(tx, filter); };
        const std::vector<Status> jobs = co_await database().in_platform({}, work);
        std::vector<JobId> ids;
        for (const Status& each : jobs) ids.push_back(each.id);
        co_return ids;
    };
    Filter filter;
    filter.shop = shop;
    filter.limit = 3;
    EXPECT_EQ(co_await page(filter), (std::vector{all[4], all[3], all[2]}));
    filter.before = all[2];
    EXPECT_EQ(co_await page(filter), (std::vector{all[1], all[0]}));
    filter.before = std::nullopt;
    filter.state = State::ready;
    EXPECT_EQ(co_await page(filter), (std::vector{all[4], all[3], all[1]}));
}

PG_TEST(JobsTest, OnlyDeadJobsAreReplayedAndOnlyUnfinishedOnesCancelled) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    auto replay_it = [&](db::PlatformTx& tx) { return replay(tx, clock(), id); };
    auto cancel_it = [&](db::PlatformTx& tx) { return cancel(tx, clock(), id); };
    auto replay_none = [&](db::PlatformTx& tx) { return replay(tx, clock(), JobId(1)); };
    auto cancel_none = [&](db::PlatformTx& tx) { return cancel(tx, clock(), JobId(1)); };
    EXPECT_EQ((co_await database().in_platform({}, replay_it)).error().reason(), not_dead);
    EXPECT_EQ(co_await state(id), State::ready);
    EXPECT_TRUE((co_await database().in_platform({}, cancel_it)).has_value());
    EXPECT_EQ((co_await database().in_platform({}, cancel_it)).error().reason(), already_finished);
    EXPECT_EQ((co_await database().in_platform({}, replay_none)).error().reason(), no_such_job);
    EXPECT_EQ((co_await database().in_platform({}, cancel_none)).error().reason(), no_such_job);
    EXPECT_EQ(co_await state(id), State::cancelled);
}

PG_TEST(JobsTest, FinishedJobsAreForgottenLater) {
    const JobId id = (co_await put(a_shop(), job("a"))).value();
    const JobId unfinished = (co_await put(a_shop(), job("a"))).value();
    auto cancel_it = [&](db::PlatformTx& tx) { return cancel(tx, clock(), id); };
    co_await database().in_platform({}, cancel_it);
    const Instant then = clock().now();
    auto too_early = [&](db::PlatformTx& tx) { return forget_finished(tx, then, then); };
    co_await database().in_platform({}, too_early);
    EXPECT_EQ(co_await state(id), State::cancelled);
    auto later = [&](db::PlatformTx& tx) {
        return forget_finished(tx, then + std::chrono::microseconds(1), Instant());
    };
    co_await database().in_platform({}, later);
    EXPECT_EQ(count_in_queue(), "1");
    EXPECT_EQ(co_await state(unfinished), State::ready);
}

}  // namespace cartwright::jobs
