#include "db/idempotency.hpp"

#include "support/database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace cartwright::db {

namespace {

const Statement<Nothing(std::string)> count_up{"test.count_up", R"sql(
    insert into event_cursors (shop_id, consumer, stamp, tick) values ($1, $2, '0', 1)
    on conflict (shop_id, consumer) do update set tick = event_cursors.tick + 1
)sql"};
const PlatformStatement<bool(double)> nap{"test.nap", "select pg_sleep($1) is null"};

constexpr Reason sold_out{"test.sold_out", Kind::conflict};

class IdempotencyTest : public test::DatabaseTest {
protected:
    static IdempotentRequest request(std::string key, std::string_view content = "PUT /name\nNew") {
        return {.scope = "settings.put", .key = std::move(key), .hash = sha256(content)};
    }

    // Counts up and answers with what the client sent; naps first.
    Task<Outcome<KeptAnswer>> do_once(Database& database,
                                      ShopId shop,
                                      IdempotentRequest asked,
                                      double seconds = 0) {
        auto work = [&](Tx& tx) -> Task<Outcome<KeptAnswer>> {
            auto effect = [&]() -> Task<Outcome<KeptAnswer>> {
                co_await tx.one(nap, seconds);
                co_await tx.run(count_up, "effect");
                ++effects_;
                co_return KeptAnswer{201, fmt::format("answer {}\n", effects_) + std::string("\0\xFF", 2)};
            };
            return once(tx, asked, clock().now(), effect);
        };
        co_return co_await database.in_shop(shop, {}, work);
    }

    std::string effects_of(ShopId shop) {
        return as_owner(
            fmt::format("select coalesce(sum(tick), 0) from event_cursors where shop_id = {}", shop.value()));
    }

    std::string keys_of(ShopId shop) {
        return as_owner(
            fmt::format("select count(*) from idempotency_keys where shop_id = {}", shop.value()));
    }

    int effects_ = 0;
};

}  // namespace

PG_TEST(IdempotencyTest, TheSecondRequestGetsTheFirstOnesAnswer) {
    const ShopId shop = a_shop();
    const Outcome<KeptAnswer> first = co_await do_once(database(), shop, request("k"));
    REQUIRE_CO(first.has_value());
    EXPECT_EQ(first->status, 201);
    clock().advance(idempotency_kept);
    EXPECT_EQ(co_await do_once(database(), shop, request("k")), first);
    EXPECT_EQ(effects_of(shop), "1");
    EXPECT_NE((co_await do_once(database(), shop, request("another")))->body, first->body);
    EXPECT_NE((co_await do_once(database(), a_shop(), request("k")))->body, first->body);
    EXPECT_EQ(effects_of(shop), "2");
}

PG_TEST(IdempotencyTest, AKeyOfAnotherRequestIsRefused) {
    const ShopId shop = a_shop();
    co_await do_once(database(), shop, request("k"));
    const Outcome<KeptAnswer> other = co_await do_once(database(), shop, request("k", "PUT /name\nOther"));
    EXPECT_EQ(other.error(), Refusal(key_of_another_request));
    EXPECT_EQ(effects_of(shop), "1");
    EXPECT_EQ(keys_of(shop), "1");
}

PG_TEST(IdempotencyTest, ARefusalIsNotKept) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<Outcome<KeptAnswer>> {
        auto refused = [&]() -> Task<Outcome<KeptAnswer>> {
            co_await tx.run(count_up, "effect");
            co_return refuse(sold_out);
        };
        return once(tx, request("k"), clock().now(), refused);
    };
    EXPECT_EQ((co_await database().in_shop(shop, {}, work)).error().reason(), sold_out);
    EXPECT_EQ(keys_of(shop), "0");
    EXPECT_EQ(effects_of(shop), "0");
    EXPECT_TRUE((co_await do_once(database(), shop, request("k"))).has_value());
    EXPECT_EQ(effects_of(shop), "1");
}

PG_TEST(IdempotencyTest, FiftyAtOnceHaveOneEffectAndFiftyEqualAnswers) {
    const ShopId shop = a_shop();
    DatabaseOptions options;
    options.url = test::TestDatabase::instance().app_url();
    options.connections = 32;
    Database wide(io(), options, rng());
    std::vector<Outcome<KeptAnswer>> answers;
    const auto ask = [&]() -> Task<> {
        Outcome<KeptAnswer> answer = co_await do_once(wide, shop, request("k"), 0.05);
        answers.push_back(std::move(answer));
    };
    for (int i = 0; i < 50; ++i) boost::asio::co_spawn(io(), ask(), boost::asio::detached);
    while (answers.size() < 50) co_await boost::asio::post(io(), use_task);
    for (const Outcome<KeptAnswer>& answer : answers) EXPECT_EQ(answer, answers.front());
    EXPECT_TRUE(answers.front().has_value());
    EXPECT_EQ(effects_of(shop), "1");
    EXPECT_EQ(keys_of(shop), "1");
    wide.close();
}

PG_TEST(IdempotencyTest, WhoWaitsTooLongForTheFirstIsToldToComeAgain) {
    const ShopId shop = a_shop();
    std::optional<Outcome<KeptAnswer>> second;
    auto first = [&](Tx& tx) -> Task<Outcome<KeptAnswer>> {
        auto slow = [&]() -> Task<Outcome<KeptAnswer>> {
            auto work = [&](Tx& other) -> Task<Outcome<KeptAnswer>> {
                auto never = [&]() -> Task<Outcome<KeptAnswer>> { co_return KeptAnswer(); };
                return once(other, request("k"), clock().now(), never);
            };
            second = co_await database().in_shop(shop, {.work = Work::page}, work);
            co_return KeptAnswer{200, "first"};
        };
        return once(tx, request("k"), clock().now(), slow);
    };
    const Outcome<KeptAnswer> answer = co_await database().in_shop(shop, {}, first);
    EXPECT_EQ(answer->body, "first");
    EXPECT_EQ(second->error(), Refusal(request_in_progress).with("retry_after", "1"));
}

// Work of two transactions with a call to a service between them; the process dies during the call.
PG_TEST(IdempotencyTest, WorkThatWasCutOffGoesOnFromItsPoint) {
    const ShopId shop = a_shop();
    const Instant now = clock().now();
    auto begin = [&](Tx& tx) -> Task<Outcome<Claim>> {
        Outcome<Claim> claim = co_await claim_key(tx, request("k"), now, std::chrono::seconds(30));
        co_await reach_point(tx, request("k"), "asked the bank", now, std::chrono::seconds(30));
        co_return claim;
    };
    const Outcome<Claim> fresh = co_await database().in_shop(shop, {}, begin);
    EXPECT_EQ(fresh->answer, std::nullopt);
    EXPECT_EQ(fresh->recovery_point, std::nullopt);

    auto come_again = [&](Tx& tx) { return claim_key(tx, request("k"), clock().now()); };
    clock().advance(std::chrono::milliseconds(20'500));
    EXPECT_EQ((co_await database().in_shop(shop, {}, come_again)).error(),
              Refusal(request_in_progress).with("retry_after", "10"));
    clock().advance(std::chrono::seconds(10));
    const Outcome<Claim> resumed = co_await database().in_shop(shop, {}, come_again);
    EXPECT_EQ(resumed->recovery_point, "asked the bank");
    EXPECT_EQ((co_await database().in_shop(shop, {}, come_again)).error(),
              Refusal(request_in_progress).with("retry_after", "60"));

    auto end = [&](Tx& tx) { return keep_answer(tx, request("k"), {200, "paid"}); };
    co_await database().in_shop(shop, {}, end);
    const Outcome<Claim> done = co_await database().in_shop(shop, {}, come_again);
    EXPECT_EQ(done->answer, (KeptAnswer{200, "paid"}));
}

PG_TEST(IdempotencyTest, ExpiredKeysAreForgottenByNewOnes) {
    const ShopId shop = a_shop();
    for (int i = 0; i < 6; ++i) co_await do_once(database(), shop, request(fmt::format("old {}", i)));
    clock().advance(idempotency_kept);
    co_await do_once(database(), shop, request("new 1"));
    EXPECT_EQ(keys_of(shop), "7");
    clock().advance(std::chrono::microseconds(1));
    co_await do_once(database(), shop, request("new 2"));
    EXPECT_EQ(keys_of(shop), "4");
    co_await do_once(database(), shop, request("new 3"));
    EXPECT_EQ(keys_of(shop), "3");
}

}  // namespace cartwright::db
