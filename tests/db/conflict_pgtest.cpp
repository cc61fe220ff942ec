// Transactions that other transactions stand in the way of: which are run again and how often; and a commit
// whose answer never comes.
#include "db/database.hpp"
#include "support/database.hpp"
#include "support/sql_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cartwright::db {

namespace {

using ::testing::ElementsAre;

const PlatformStatement<std::int64_t(std::int64_t)> read{"conflicttest.read",
                                                         "select value from test_counters where id = $1"};
const PlatformStatement<Nothing(std::int64_t, std::int64_t)> add{
    "conflicttest.add", "update test_counters set value = value + $2 where id = $1"};
// The transaction's own, in milliseconds: a test need not wait for what a person waits for.
const PlatformStatement<std::string(std::string)> set_lock_timeout{
    "conflicttest.set_lock_timeout", "select set_config('lock_timeout', $1, true)"};
const PlatformStatement<Nothing(std::int64_t)> insert_fatal{"conflicttest.insert_fatal",
                                                            "insert into test_fatal (id) values ($1)"};
const PlatformStatement<bool()> end_myself{"conflicttest.end_myself",
                                           "select pg_terminate_backend(pg_backend_pid())"};

constexpr TxOptions once{.work = Work::write};
constexpr TxOptions repeatable{.work = Work::write, .repeatable = true};

// How a transaction ended, from its caller's side.
enum class End : std::uint8_t { committed, unavailable, unknown, other };

class ConflictTest : public test::DatabaseTest {
protected:
    static void SetUpTestSuite() {
        test::ask(test::TestDatabase::instance().owner_url(),
                  "create table test_counters (id bigint primary key, value bigint not null);"
                  " grant select, update on test_counters to cw_app;"
                  // Its row ends the session in the midst of COMMIT: its trigger is deferred.
                  " create table test_fatal (id bigint primary key);"
                  " grant select, insert on test_fatal to cw_app;"
                  " create function test_end_session() returns trigger language plpgsql as"
                  " 'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';"
                  " create constraint trigger end_session after insert on test_fatal"
                  " deferrable initially deferred for each row execute function test_end_session();"
                  // Of this database only.
                  " do $$ begin execute format('alter role cw_app in database %I set deadlock_timeout = 20',"
                  " current_database()); end $$");
    }

    void SetUp() override {
        as_owner("truncate test_counters; insert into test_counters values (1, 0), (2, 0)");
        as_owner("truncate test_fatal");
    }

    std::string values() {
        return as_owner("select string_agg(value::text, ' ' order by id) from test_counters");
    }

    template <class F>
    static Task<End> end_of(Database& database, TxOptions options, F work) {
        try {
            co_await database.in_platform(options, work);
        } catch (const CommitUnknown&) {
            co_return End::unknown;
        } catch (const Unavailable&) {
            co_return End::unavailable;
        } catch (const std::exception&) {
            co_return End::other;
        }
        co_return End::committed;
    }

    struct Ran {
        End end = End::other;
        unsigned attempts = 0;
        std::vector<std::string> failures;  // the sqlstate of each attempt that failed
    };

    static Task<> add_noting(PlatformTx& tx, std::int64_t id, std::int64_t value, Ran& ran) {
        try {
            co_await tx.run(add, id, value);
        } catch (const Error& error) {
            ran.failures.push_back(error.sqlstate);
            throw;
        }
    }

    // Adds 1 to the first counter in a serializable transaction. In each of its first `conflicts` attempts
    // another session adds 100 after the counter was read: 40001.
    Task<Ran> add_while_another_writes(TxOptions options, unsigned conflicts) {
        Database serializable(io(),
                              {.url = test::TestDatabase::instance().app_url() +
                                      " options='-c default_transaction_isolation=serializable'",
                               .role = {}},
                              rng());
        Ran ran;
        auto work = [&](PlatformTx& tx) -> Task<> {
            ++ran.attempts;
            co_await tx.one(read, 1);
            if (ran.attempts <= conflicts)
                as_owner("update test_counters set value = value + 100 where id = 1");
            co_await add_noting(tx, 1, 1, ran);
        };
        ran.end = co_await end_of(serializable, options, work);
        co_return ran;
    }

    // Adds 1 to the first counter, which another session has locked until attempt `free_in` begins:
    // 55P03 before that.
    Task<Ran> add_while_another_locks(TxOptions options, unsigned free_in) {
        test::SqlSession holder(test::TestDatabase::instance().owner_url());
        holder.execute("begin; update test_counters set value = value + 100 where id = 1");
        Ran ran;
        auto work = [&](PlatformTx& tx) -> Task<> {
            if (++ran.attempts == free_in) holder.execute("commit");
            tx.send(set_lock_timeout, "20");
            co_await add_noting(tx, 1, 1, ran);
        };
        ran.end = co_await end_of(database(), options, work);
        co_return ran;
    }

    struct Pair {
        Ran first;   // adds 1 to counter 1, then to counter 2
        Ran second;  // adds 10 to counter 2, then to counter 1
    };

    static std::vector<std::string> failures_of(const Pair& pair) {
        auto all = pair.first.failures;
        all.insert(all.end(), pair.second.failures.begin(), pair.second.failures.end());
        return all;
    }

    // Two transactions, each of which holds in its first attempt what the other wants next: 40P01 for one.
    Task<Pair> lock_in_opposite_order(TxOptions options) {
        Pair pair;
        Wakeup first_holds;
        Wakeup second_holds;
        Wakeup second_ended;
        auto first = [&](PlatformTx& tx) -> Task<> {
            co_await tx.run(add, 1, 1);
            first_holds.wake();
            if (++pair.first.attempts == 1) co_await second_holds.wait();
            co_await add_noting(tx, 2, 1, pair.first);
        };
        auto second = [&](PlatformTx& tx) -> Task<> {
            co_await tx.run(add, 2, 10);
            second_holds.wake();
            if (++pair.second.attempts == 1) co_await first_holds.wait();
            co_await add_noting(tx, 1, 10, pair.second);
        };
        auto run_second = [&]() -> Task<> {
            pair.second.end = co_await end_of(database(), options, second);
            second_ended.wake();
        };
        boost::asio::co_spawn(io(), run_second, boost::asio::detached);
        pair.first.end = co_await end_of(database(), options, first);
        co_await second_ended.wait();
        co_return pair;
    }
};

}  // namespace

PG_TEST(ConflictTest, ASerialisationFailureIsRepeatedUntilItSucceeds) {
    const Ran ran = co_await add_while_another_writes(repeatable, 2);
    EXPECT_EQ(ran.end, End::committed);
    EXPECT_EQ(ran.attempts, 3U);
    EXPECT_THAT(ran.failures, ElementsAre("40001", "40001"));
    EXPECT_EQ(values(), "201 0");
}

PG_TEST(ConflictTest, ATransactionIsRepeatedThreeTimesAndNoMore) {
    const Ran in_time = co_await add_while_another_writes(repeatable, 3);
    EXPECT_EQ(in_time.end, End::committed);
    EXPECT_EQ(in_time.attempts, 4U);
    EXPECT_EQ(values(), "301 0");
    const Ran too_late = co_await add_while_another_writes(repeatable, 4);
    EXPECT_EQ(too_late.end, End::unavailable);
    EXPECT_EQ(too_late.attempts, 4U);
    EXPECT_THAT(too_late.failures, ElementsAre("40001", "40001", "40001", "40001"));
    EXPECT_EQ(values(), "701 0");
}

PG_TEST(ConflictTest, ASerialisationFailureOfWorkThatIsNotRepeatableIsUnavailable) {
    const Ran ran = co_await add_while_another_writes(once, 1);
    EXPECT_EQ(ran.end, End::unavailable);
    EXPECT_EQ(ran.attempts, 1U);
    EXPECT_THAT(ran.failures, ElementsAre("40001"));
    EXPECT_EQ(values(), "100 0");
}

PG_TEST(ConflictTest, OfTwoInADeadlockOneIsRepeatedAndBothSucceed) {
    const Pair pair = co_await lock_in_opposite_order(repeatable);
    EXPECT_EQ(pair.first.end, End::committed);
    EXPECT_EQ(pair.second.end, End::committed);
    EXPECT_EQ(pair.first.attempts + pair.second.attempts, 3U);
    EXPECT_THAT(failures_of(pair), ElementsAre("40P01"));
    EXPECT_EQ(values(), "11 11");
}

PG_TEST(ConflictTest, OfTwoInADeadlockThatAreNotRepeatableOneIsUnavailable) {
    const Pair pair = co_await lock_in_opposite_order(once);
    EXPECT_EQ(pair.first.attempts, 1U);
    EXPECT_EQ(pair.second.attempts, 1U);
    EXPECT_THAT(failures_of(pair), ElementsAre("40P01"));
    // PostgreSQL chooses which.
    const bool first_won = pair.first.end == End::committed;
    EXPECT_EQ(pair.first.end, first_won ? End::committed : End::unavailable);
    EXPECT_EQ(pair.second.end, first_won ? End::unavailable : End::committed);
    EXPECT_EQ(values(), first_won ? "1 1" : "10 10");
}

PG_TEST(ConflictTest, ALockThatIsNotToBeHadIsTriedAgain) {
    const Ran ran = co_await add_while_another_locks(repeatable, 3);
    EXPECT_EQ(ran.end, End::committed);
    EXPECT_EQ(ran.attempts, 3U);
    EXPECT_THAT(ran.failures, ElementsAre("55P03", "55P03"));
    EXPECT_EQ(values(), "101 0");
}

PG_TEST(ConflictTest, ALockThatIsNeverToBeHadIsUnavailable) {
    const Ran ran = co_await add_while_another_locks(repeatable, 5);
    EXPECT_EQ(ran.end, End::unavailable);
    EXPECT_EQ(ran.attempts, 4U);
    EXPECT_THAT(ran.failures, ElementsAre("55P03", "55P03", "55P03", "55P03"));
    const Ran not_again = co_await add_while_another_locks(once, 2);
    EXPECT_EQ(not_again.end, End::unavailable);
    EXPECT_EQ(not_again.attempts, 1U);
    EXPECT_THAT(not_again.failures, ElementsAre("55P03"));
    EXPECT_EQ(values(), "0 0");
}

PG_TEST(ConflictTest, AConnectionThatEndsWithinTheCommitLeavesItUnknownAndIsNotRepeated) {
    unsigned attempts = 0;
    auto work = [&](PlatformTx& tx) -> Task<> {
        ++attempts;
        co_await tx.run(insert_fatal, 1);
    };
    const End end = co_await end_of(database(), repeatable, work);
    EXPECT_EQ(end, End::unknown);
    EXPECT_EQ(attempts, 1U);
    EXPECT_EQ(as_owner("select count(*) from test_fatal"), "0");
    const auto after = co_await database().fetch(read, 1);
    EXPECT_EQ(after, std::vector<std::int64_t>{0});
    EXPECT_EQ(database().figures().open, 1U);
    EXPECT_EQ(database().figures().in_use, 0U);
}

PG_TEST(ConflictTest, AConnectionThatEndsBeforeTheCommitIsUnavailableThoughCommitWasSent) {
    unsigned attempts = 0;
    auto work = [&](PlatformTx& tx) -> Task<> {
        ++attempts;
        tx.send(add, 1, 1);
        tx.send(end_myself);
        co_return;
    };
    const End end = co_await end_of(database(), repeatable, work);
    EXPECT_EQ(end, End::unavailable);
    EXPECT_EQ(attempts, 1U);
    EXPECT_EQ(values(), "0 0");
}

}  // namespace cartwright::db
