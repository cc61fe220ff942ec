// Migrations against a database: each once, in order, all or nothing, and each misfortune in one sentence.
#include "db/migrate.hpp"

#include "support/database.hpp"
#include "support/sql_session.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace cartwright::db {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Migration> files(std::vector<MigrationFile> given) {
    return parse_migrations(given);
}

template <class Failure = MigrationFailed>
std::string complaint(const std::function<void()>& work) {
    try {
        work();
    } catch (const Failure& failed) {
        return failed.what();
    }
    return "";
}

class MigratePgTest : public ::testing::Test {
protected:
    std::string url_ = test::TestDatabase::instance().empty_database_url();

    std::string ask(const std::string& sql) { return test::ask(url_, sql); }

    std::string applied() { return ask("select string_agg(name, ' ' order by number) from cw_migrations"); }
};

}  // namespace

TEST_F(MigratePgTest, EachRunsOnceInOrder) {
    const auto one = files({{"0001_a.sql", "create table a (n integer); insert into a values (1)"}});
    const auto both = files({{"0001_a.sql", "create table a (n integer); insert into a values (1)"},
                             {"0002_b.sql", "insert into a select n + 1 from a"}});
    EXPECT_THAT(migrate(url_, one).applied, ElementsAre("0001_a.sql"));
    EXPECT_THAT(migrate(url_, both).applied, ElementsAre("0002_b.sql"));
    const Migrated again = migrate(url_, both);
    EXPECT_THAT(again.applied, IsEmpty());
    EXPECT_EQ(again.version, 2U);
    EXPECT_EQ(ask("select string_agg(n::text, ' ' order by n) from a"), "1 2");
    EXPECT_EQ(ask("select tableowner from pg_tables where tablename = 'a'"), "cw_owner");
    check_schema(url_, both);
}

TEST_F(MigratePgTest, AFailedOneLeavesTheEarlierStateAndSaysTheLine) {
    const auto bad =
        files({{"0001_a.sql", "create table a (n integer)"},
               {"0002_b.sql", "create table b (n integer);\n-- кот\ninsert into b\nvalues ('x');"}});
    EXPECT_EQ(
        complaint([&] { migrate(url_, bad); }),
        "migration 0002_b.sql line 4 failed: invalid input syntax for type integer: \"x\" (22P02); nothing of it "
        "was kept. Correct it and run `cartwright migrate` again");
    EXPECT_EQ(applied(), "0001_a.sql");
    EXPECT_EQ(ask("select to_regclass('b') is null"), "t");
    const auto good =
        files({{"0001_a.sql", "create table a (n integer)"}, {"0002_b.sql", "create table b (n integer)"}});
    EXPECT_THAT(migrate(url_, good).applied, ElementsAre("0002_b.sql"));
}

TEST_F(MigratePgTest, OneThatEndsItsOwnTransactionIsRefused) {
    const auto bad = files({{"0001_a.sql", "create table a (n integer); commit"}});
    EXPECT_EQ(complaint([&] { migrate(url_, bad); }),
              "migration 0001_a.sql ends its own transaction: take begin, commit and rollback out of it");
}

TEST_F(MigratePgTest, OneOutsideATransactionBuildsAnIndexConcurrently) {
    const auto both =
        files({{"0001_a.sql", "create table a (n integer)"},
               {"0002_i.sql", "-- migrate: no-transaction\ncreate index concurrently a_n on a (n)"}});
    EXPECT_THAT(migrate(url_, both).applied, ElementsAre("0001_a.sql", "0002_i.sql"));
    EXPECT_EQ(ask("select indisvalid from pg_index where indexrelid = 'a_n'::regclass"), "t");
}

TEST_F(MigratePgTest, AChangedFileIsRefused) {
    migrate(url_, files({{"0001_a.sql", "create table a (n integer)"}}));
    const auto changed = files({{"0001_a.sql", "create table a (n bigint)"}});
    const std::string sentence = complaint([&] { migrate(url_, changed); });
    EXPECT_THAT(sentence,
                HasSubstr("migration 0001_a.sql is not what was applied to this database (checksum "));
    EXPECT_THAT(sentence, HasSubstr("restore the file and put the change into a new one"));
    EXPECT_EQ(
        ask("select format_type(atttypid, null) from pg_attribute where attrelid = 'a'::regclass and attname = 'n'"),
        "integer");
}

TEST_F(MigratePgTest, AMissingOrLateFileIsRefused) {
    migrate(url_, files({{"0001_a.sql", "select 1"}, {"0003_c.sql", "select 3"}}));
    EXPECT_EQ(
        complaint([&] { migrate(url_, files({{"0003_c.sql", "select 3"}})); }),
        "the database has migration 0001_a.sql, which is missing from the files: restore it, for what was applied "
        "is never taken away");
    EXPECT_EQ(
        complaint([&] {
            migrate(
                url_,
                files({{"0001_a.sql", "select 1"}, {"0002_b.sql", "select 2"}, {"0003_c.sql", "select 3"}}));
        }),
        "migration 0002_b.sql comes before 0003_c.sql, which the database has already: give it a higher number, so "
        "that it runs in the same order everywhere");
    EXPECT_EQ(applied(), "0001_a.sql 0003_c.sql");
}

TEST_F(MigratePgTest, ANewerDatabaseIsItsOwnKindOfFailure) {
    const auto older = files({{"0001_a.sql", "select 1"}});
    const auto newer = files({{"0001_a.sql", "select 1"}, {"0002_b.sql", "select 2"}});
    migrate(url_, newer);
    const std::string sentence =
        "the database is at migration 0002_b.sql, which this version of cartwright does not know (it ends at 0001): run "
        "the version that migrated it, or a later one";
    EXPECT_EQ(complaint<SchemaTooNew>([&] { migrate(url_, older); }), sentence);
    EXPECT_EQ(complaint<SchemaTooNew>([&] { check_schema(url_, older); }), sentence);
}

TEST_F(MigratePgTest, AnOlderDatabaseIsNoticedByAServerThatDoesNotMigrate) {
    const auto one = files({{"0001_a.sql", "select 1"}});
    EXPECT_EQ(complaint<SchemaTooOld>([&] { check_schema(url_, one); }),
              "the database lacks migration 0001_a.sql: run `cartwright migrate` first");
}

TEST_F(MigratePgTest, ALockThatIsFreedInTimeIsWaitedFor) {
    const auto one = files({{"0001_a.sql", "create table a (n integer)"}});
    const auto both =
        files({{"0001_a.sql", "create table a (n integer)"}, {"0002_b.sql", "alter table a add m integer"}});
    migrate(url_, one);
    test::SqlSession user(url_);
    user.execute("begin; select * from a");
    Migrated done;
    std::thread migration([&] { done = migrate(url_, both); });
    // Its first attempt has to be refused before the lock is given up.
    test::SqlSession watcher(url_);
    while (watcher.value("select count(*) from pg_stat_activity where datname = current_database()"
                         " and query like '%pg_sleep%' and pid <> pg_backend_pid()") == "0") {
        watcher.execute("select pg_sleep(0.02)");
    }
    user.execute("commit");
    migration.join();
    EXPECT_THAT(done.applied, ElementsAre("0002_b.sql"));
}

TEST_F(MigratePgTest, ManyAtOnceApplyEachOnce) {
    const auto all =
        files({{"0001_a.sql", "create table a (n integer)"}, {"0002_b.sql", "insert into a values (1)"}});
    std::vector<std::thread> threads;
    std::atomic<std::size_t> applied_count{0};
    for (int i = 0; i < 6; ++i)
        threads.emplace_back([&] { applied_count += migrate(url_, all).applied.size(); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(applied_count, 2U);
    EXPECT_EQ(ask("select count(*) from a"), "1");
}

TEST_F(MigratePgTest, ALoginThatMayNotMakeRolesWorksWithThoseThatAreThere) {
    ask("drop role if exists test_provider");
    ask("create role test_provider login in role cw_owner");
    ask("grant create, usage on schema public to cw_owner");
    std::string provider = url_;
    provider.replace(provider.find("user=postgres"), 13, "user=test_provider");
    EXPECT_THAT(migrate(provider, files({{"0001_a.sql", "create table a (n integer)"}})).applied,
                ElementsAre("0001_a.sql"));
    EXPECT_EQ(ask("select tableowner from pg_tables where tablename = 'a'"), "cw_owner");
    ask("revoke cw_owner from test_provider");
    EXPECT_EQ(
        complaint([&] { migrate(provider, files({{"0001_a.sql", "create table a (n integer)"}})); }),
        "the roles cw_owner and cw_app are missing and this login may not create them: let an administrator run "
        "storage/roles.sql and grant cw_owner to this login");
    ask("drop role test_provider");
}

TEST_F(MigratePgTest, AnUnreachableDatabaseIsASentence) {
    EXPECT_THAT(complaint([] { migrate("host=/nowhere dbname=x", {}); }),
                HasSubstr("the database can't be reached: "));
}

}  // namespace cartwright::db
