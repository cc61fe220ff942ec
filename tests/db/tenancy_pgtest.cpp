// The catalog of the migrated database keeps the rules of tenancy (storage/README.md), and bad tables are
// noticed one by one.
#include "db/tenancy_checks.hpp"
#include "support/database.hpp"
#include "support/sql_session.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

namespace cartwright::db {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A database of the test's own, in which a table may be bad.
test::SqlSession fresh() {
    return test::SqlSession(test::TestDatabase::instance().fresh_database_url());
}

constexpr const char* good_table =
    "set role cw_owner; create table t (shop_id bigint not null, id bigint not null, primary key (shop_id, id));"
    " select cw_tenant_table('t'); reset role;";

}  // namespace

TEST(TenancyTest, TheMigratedSchemaKeepsTheRules) {
    test::SqlSession session(test::TestDatabase::instance().owner_url());
    EXPECT_THAT(test::tenancy_complaints(session), IsEmpty());
}

TEST(TenancyTest, AGoodTableIsNotComplainedAbout) {
    auto session = fresh();
    session.execute(good_table);
    EXPECT_THAT(test::tenancy_complaints(session), IsEmpty());
}

TEST(TenancyTest, ATableWithoutForcedRowLevelSecurityIsNoticed) {
    auto session = fresh();
    session.execute(std::string(good_table) + "alter table t no force row level security");
    EXPECT_THAT(test::tenancy_complaints(session), ElementsAre("table t: row level security is not forced"));
}

TEST(TenancyTest, AnotherPolicyIsNoticed) {
    auto session = fresh();
    session.execute(std::string(good_table) + "create policy careless on t using (true)");
    EXPECT_THAT(test::tenancy_complaints(session),
                ElementsAre("table t: it has 2 policies instead of one",
                            "table t: policy careless is not the inlined one"));
}

TEST(TenancyTest, APolicyThatToleratesAMissingShopIsNoticed) {
    auto session = fresh();
    session.execute(std::string(good_table) +
                    "drop policy tenant on t; create policy tenant on t using (shop_id = "
                    "current_setting('app.shop_id', true)::bigint)");
    EXPECT_THAT(test::tenancy_complaints(session),
                ElementsAre("table t: policy tenant is not the inlined one"));
}

TEST(TenancyTest, KeysThatDoNotStartWithTheShopAreNoticed) {
    auto session = fresh();
    session.execute(
        "set role cw_owner;"
        "create table t (shop_id bigint not null, id bigint primary key, word text,"
        "                foreign_id bigint references t (id), unique (word, shop_id));"
        "select cw_tenant_table('t'); reset role");
    EXPECT_THAT(
        test::tenancy_complaints(session),
        ElementsAre("table t: foreign key t_foreign_id_fkey does not start with shop_id on both sides",
                    "table t: t_pkey does not start with shop_id",
                    "table t: t_word_shop_id_key does not start with shop_id"));
}

TEST(TenancyTest, ATableWithoutAPrimaryKeyOrWithANullableShopIsNoticed) {
    auto session = fresh();
    session.execute(
        "set role cw_owner; create table t (shop_id bigint); select cw_tenant_table('t'); reset role");
    EXPECT_THAT(test::tenancy_complaints(session),
                ElementsAre("table t: it has no primary key", "table t: shop_id is not bigint not null"));
}

TEST(TenancyTest, AKeyToATableOfThePlatformIsNoticed) {
    auto session = fresh();
    session.execute(
        "set role cw_owner; create table g (id bigint primary key);"
        "create table t (shop_id bigint not null, id bigint references g (id), primary key (shop_id, id));"
        "select cw_tenant_table('t'); reset role");
    EXPECT_THAT(test::tenancy_complaints(session),
                ElementsAre("table g: it has no shop_id and does not stand in storage/platform_tables.txt",
                            "table t: foreign key t_id_fkey does not start with shop_id on both sides"));
}

TEST(TenancyTest, TooManyRightsAreNoticed) {
    auto session = fresh();
    session.execute(std::string(good_table) +
                    "grant select on t to public; grant truncate on t to cw_app;"
                    "grant create on schema public to cw_app; grant temporary on database " +
                    session.value("select current_database()") + " to cw_app");
    EXPECT_THAT(test::tenancy_complaints(session),
                ElementsAre("role cw_app: it may create in schema public",
                            "role cw_app: it may create temporary tables",
                            "t: cw_app may do more than read and write rows",
                            "t: everybody may use it"));
}

TEST(TenancyTest, ThingsOfAnotherOwnerAndViewsOfTheOwnerAreNoticed) {
    auto session = fresh();
    session.execute(std::string(good_table) +
                    "create view v as select id from t; create sequence n;"
                    "create function f() returns bigint language sql security definer as 'select 1::bigint'");
    EXPECT_THAT(test::tenancy_complaints(session),
                ElementsAre("function f(): it has the rights of its owner, and everybody may call it",
                            "function f(): it has the rights of its owner, and no search_path of its own",
                            "n: it does not belong to cw_owner",
                            "v: it does not belong to cw_owner",
                            "view v: it reads with the rights of its owner"));
}

TEST(TenancyTest, WithoutAShopThereIsAnErrorInsteadOfAnEmptyAnswer) {
    auto session = fresh();
    session.execute(std::string(good_table) +
                    "grant select, insert on t to cw_app; insert into t values (1, 1)");
    session.execute("set role cw_app");
    std::string sqlstate;
    try {
        session.execute("select * from t");
    } catch (const test::SqlFailure& failure) {
        sqlstate = failure.sqlstate;
    }
    constexpr std::string_view unknown_setting = "42704";
    EXPECT_EQ(sqlstate, unknown_setting);
    // A setting that ended with its transaction is '' afterwards, and no number.
    EXPECT_EQ(session.value("begin; set local app.shop_id = '1'; select count(*) from t"), "1");
    session.execute("commit");
    try {
        session.execute("select * from t");
    } catch (const test::SqlFailure& failure) {
        sqlstate = failure.sqlstate;
    }
    constexpr std::string_view no_number = "22P02";
    EXPECT_EQ(sqlstate, no_number);
}

TEST(TenancyTest, AnotherShopsRowCannotBeWritten) {
    auto session = fresh();
    session.execute(std::string(good_table) + "grant select, insert on t to cw_app");
    session.execute("set role cw_app; set app.shop_id = '1'");
    std::string sqlstate;
    try {
        session.execute("insert into t values (2, 1)");
    } catch (const test::SqlFailure& failure) {
        sqlstate = failure.sqlstate;
    }
    EXPECT_EQ(sqlstate, "42501");
    EXPECT_EQ(session.value("reset role; select count(*) from t"), "0");
}

TEST(TenancyTest, TheDistributionIsThatOfTheCatalog) {
    test::SqlSession session(test::TestDatabase::instance().owner_url());
    const std::string wanted = test::distribution_sql(session);
    std::ifstream file(CARTWRIGHT_SOURCE_DIR "/deploy/citus/distribute.sql");
    const std::string found(std::istreambuf_iterator<char>(file), {});
    std::ofstream(CARTWRIGHT_BINARY_DIR "/distribute.sql") << wanted;
    EXPECT_EQ(found, wanted) << "copy " CARTWRIGHT_BINARY_DIR "/distribute.sql over it";
}

}  // namespace cartwright::db
