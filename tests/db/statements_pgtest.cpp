// Every statement of every slice against the migrated schema: it can be prepared, its parameters and columns
// are those that C++ declares, a shop's statement reaches only the shop's rows and reaches them by an index.
//
// A slice takes part by being linked: the list stands in CMakeLists.txt here.
#include "db/statement_checks.hpp"
#include "support/database.hpp"
#include "support/sql_session.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace cartwright::db {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct SettingRow {
    std::string key;
    std::int32_t version = 0;
    static constexpr auto columns = db::columns("key", &SettingRow::key, "version", &SettingRow::version);
};

// Samples of what must be noticed. `bad_rows` and `bad_other` are tables of the test's own.
const Statement<std::string()> good{"bad.none", "select word from bad_rows where shop_id = $1 and id = 5"};
const Statement<Nothing(std::string)> good_insert{
    "bad.none_insert", "insert into bad_rows (shop_id, id, word) values ($1, 7, $2)"};
const Statement<std::string()> no_predicate{"bad.no_predicate", "select word from bad_rows where id = $1"};
const Statement<std::string()> second_table{
    "bad.second_table",
    "select a.word from bad_rows a, bad_other b where a.shop_id = $1 and a.id = 5 and b.id = a.id"};
const Statement<std::string()> joined{
    "bad.joined",
    "select a.word from bad_rows a join bad_other b on b.shop_id = a.shop_id and b.id = a.id"
    " where a.shop_id = $1 and a.id = 5"};
const Statement<std::string(std::string)> whole_table{
    "bad.whole_table", "select word from bad_log where shop_id = $1 and word = $2"};
const Statement<SettingRow()> wrong_name{"bad.wrong_name",
                                         "select word, size from bad_rows where shop_id = $1 and id = 5"};
const Statement<SettingRow()> wrong_order{
    "bad.wrong_order", "select size as version, word as key from bad_rows where shop_id = $1 and id = 5"};
const Statement<std::int64_t()> wrong_type{"bad.wrong_type",
                                           "select word from bad_rows where shop_id = $1 and id = 5"};
const Statement<std::string()> too_many{"bad.too_many",
                                        "select word, size from bad_rows where shop_id = $1 and id = 5"};
const Statement<std::string()> null_column{"bad.null_column",
                                           "select note from bad_rows where shop_id = $1 and id = 5"};
const Statement<std::string(std::chrono::sys_days)> wrong_parameter{
    "bad.wrong_parameter", "select word from bad_rows where shop_id = $1 and id = 5 and at = $2"};
const Statement<std::string(std::int64_t, std::int64_t)> unused_parameter{
    "bad.unused_parameter", "select word from bad_rows where shop_id = $1 and id = $2"};
const Statement<std::string()> no_such_table{"bad.no_such_table",
                                             "select word from nowhere where shop_id = $1"};
const Statement<Nothing()> wrong_insert{"bad.wrong_insert",
                                        "insert into bad_rows (id, shop_id, word) values ($1, 1, 'x')"};
const PlatformStatement<std::string()> reaches_shop{"bad.reaches_shop",
                                                    "select word from bad_rows where shop_id = 1 and id = 5"};
const PlatformStatement<std::int64_t()> nameless{"nameless", "select 1::bigint"};

class StatementsTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        const std::string owner = test::TestDatabase::instance().fresh_database_url();
        test::SqlSession session(owner);
        session.execute(
            "create table bad_rows (shop_id bigint not null, id bigint not null, word text not null,"
            "                       size integer not null, note text,"
            "                       at timestamptz, primary key (shop_id, id));"
            "create table bad_other (shop_id bigint not null, id bigint not null, primary key (shop_id, id));"
            "create table bad_log (shop_id bigint not null, word text not null);"
            "select cw_tenant_table('bad_rows'), cw_tenant_table('bad_other'), cw_tenant_table('bad_log');"
            "grant all on bad_rows, bad_other, bad_log to cw_app");
        std::ifstream file(CARTWRIGHT_SOURCE_DIR "/tests/db/seed_any_schema.sql");
        ASSERT_TRUE(file.is_open());
        session.execute(std::string(std::istreambuf_iterator<char>(file), {}));
        std::string app = owner;
        app.replace(app.find("user=postgres"), 13, "user=cw_app");
        checker = std::make_unique<test::StatementChecker>(app, owner);
    }

    static void TearDownTestSuite() { checker.reset(); }

    static std::vector<std::string> check(const StatementInfo& statement) {
        return checker->check(statement);
    }

    static bool is_sample(const StatementInfo& statement) {
        return statement.name().starts_with("bad.") || statement.name() == "nameless";
    }

    static inline std::unique_ptr<test::StatementChecker> checker;
};

TEST_F(StatementsTest, AllAreGood) {
    std::size_t checked = 0;
    for (const StatementInfo* statement : StatementInfo::all()) {
        if (is_sample(*statement)) continue;
        ++checked;
        for (const auto& complaint : check(*statement)) {
            ADD_FAILURE() << "statement " << statement->name() << ": " << complaint;
        }
    }
    EXPECT_GE(checked, 1U);
    RecordProperty("statements", static_cast<int>(checked));
}

TEST_F(StatementsTest, NoNameComesTwice) {
    std::map<std::string_view, int> count;
    for (const StatementInfo* statement : StatementInfo::all()) ++count[statement->name()];
    for (const auto& [name, times] : count) EXPECT_EQ(times, 1) << name;
}

TEST_F(StatementsTest, GoodSamplesPass) {
    EXPECT_THAT(check(good), IsEmpty());
    EXPECT_THAT(check(good_insert), IsEmpty());
    EXPECT_THAT(check(joined), IsEmpty());
}

TEST_F(StatementsTest, AReadWithoutTheShopIsNoticed) {
    EXPECT_THAT(check(no_predicate),
                ElementsAre("$1 is not used as the shop", "it reads bad_rows without shop_id = $1"));
    EXPECT_THAT(check(second_table), ElementsAre("it reads bad_other without shop_id = $1"));
    EXPECT_THAT(check(reaches_shop),
                ElementsAre("it belongs to the platform and touches bad_rows, a table of shops"));
}

TEST_F(StatementsTest, AnInsertForWhateverShopIsNoticed) {
    EXPECT_THAT(check(wrong_insert),
                ElementsAre("the first column that it inserts into bad_rows is not shop_id"));
}

TEST_F(StatementsTest, AReadOfTheWholeTableIsNoticed) {
    EXPECT_THAT(check(whole_table), ElementsAre("it reads the whole of bad_log"));
}

TEST_F(StatementsTest, OtherColumnsThanDeclaredAreNoticed) {
    EXPECT_THAT(check(wrong_name),
                ElementsAre("column 1 is called word, and declared as key",
                            "column 2 is called size, and declared as version"));
    EXPECT_THAT(check(wrong_order),
                ElementsAre("column 1 is called version, and declared as key",
                            "column key is of type integer, and declared as text",
                            "column 2 is called key, and declared as version",
                            "column version is of type text, and declared as integer"));
    EXPECT_THAT(check(wrong_type), ElementsAre("column word is of type text, and declared as bigint"));
    EXPECT_THAT(check(too_many), ElementsAre("it declares 1 columns and yields 2"));
    EXPECT_THAT(check(null_column), ElementsAre("column note may be null, and is declared otherwise"));
}

TEST_F(StatementsTest, OtherParametersThanDeclaredAreNoticed) {
    EXPECT_THAT(check(wrong_parameter),
                ElementsAre("$2 is declared date, and PostgreSQL takes timestamp with time zone"));
    EXPECT_THAT(check(unused_parameter), ElementsAre("it declares 3 parameters and uses 2"));
}

TEST_F(StatementsTest, AStatementThatCannotBePreparedIsNoticed) {
    EXPECT_THAT(check(no_such_table),
                ElementsAre(::testing::HasSubstr("relation \"nowhere\" does not exist")));
    EXPECT_THAT(check(nameless), ElementsAre("its name is not like slice.words"));
}

}  // namespace

}  // namespace cartwright::db
