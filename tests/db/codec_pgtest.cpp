// Every type there and back through a server, which also says in its own words what arrived.
#include "db/database.hpp"
#include "support/database.hpp"

#include <limits>

namespace cartwright::db {

namespace {

template <class T>
struct Echo {
    std::optional<T> value;
    std::optional<std::string> words;
    static constexpr auto columns = db::columns("value", &Echo::value, "words", &Echo::words);
};

#define ECHO_STATEMENT(name, type, sql_type)                       \
    const PlatformStatement<Echo<type>(std::optional<type>)> name{ \
        "codectest." #name, "select $1::" sql_type " as value, $1::" sql_type "::text as words"}

ECHO_STATEMENT(echo_bool, bool, "boolean");
ECHO_STATEMENT(echo_int16, std::int16_t, "smallint");
ECHO_STATEMENT(echo_int32, std::int32_t, "integer");
ECHO_STATEMENT(echo_int64, std::int64_t, "bigint");
ECHO_STATEMENT(echo_double, double, "double precision");
ECHO_STATEMENT(echo_text, std::string, "text");
ECHO_STATEMENT(echo_json, Json, "jsonb");
ECHO_STATEMENT(echo_bytes, Bytes, "bytea");
ECHO_STATEMENT(echo_instant, Instant, "timestamptz");
ECHO_STATEMENT(echo_date, std::chrono::sys_days, "date");
ECHO_STATEMENT(echo_xid, Xid, "xid8");
ECHO_STATEMENT(echo_words, std::vector<std::string>, "text[]");
ECHO_STATEMENT(echo_numbers, std::vector<std::int64_t>, "bigint[]");
ECHO_STATEMENT(echo_times, std::vector<Instant>, "timestamptz[]");

class CodecPgTest : public test::DatabaseTest {
protected:
    template <class T>
    Task<> echo(const PlatformStatement<Echo<T>(std::optional<T>)>& statement, T value, std::string words) {
        const auto rows = co_await database().fetch(statement, std::optional<T>(value));
        EXPECT_EQ(rows.at(0).value, value) << statement.name();
        EXPECT_EQ(rows.at(0).words, words) << statement.name();
        const auto null = co_await database().fetch(statement, std::nullopt);
        EXPECT_EQ(null.at(0).value, std::nullopt) << statement.name();
    }
};

}  // namespace

PG_TEST(CodecPgTest, EveryTypeTravelsBothWays) {
    co_await echo(echo_bool, true, "true");
    co_await echo(echo_int16, std::int16_t{-2}, "-2");
    co_await echo(echo_int32, std::int32_t{258}, "258");
    co_await echo(echo_int64, std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
    co_await echo(echo_double, 0.1, "0.1");
    co_await echo(echo_text, std::string("кот 'n\"\\"), "кот 'n\"\\");
    co_await echo(echo_json, Json{R"({"a": [1, null]})"}, R"({"a": [1, null]})");
    co_await echo(echo_bytes, Bytes{std::byte{0}, std::byte{0xab}}, "\\x00ab");
    const Instant instant =
        std::chrono::sys_days(std::chrono::year{1999} / 12 / 31) + std::chrono::microseconds(5);
    const auto rows = co_await database().fetch(echo_instant, std::optional<Instant>(instant));
    EXPECT_EQ(rows.at(0).value, instant);
    co_await echo(echo_date, std::chrono::sys_days(std::chrono::year{2024} / 2 / 29), "2024-02-29");
    co_await echo(echo_xid, Xid{18446744073709551615ULL}, "18446744073709551615");
    co_await echo(echo_words, std::vector<std::string>{"a", "", "b,\"c"}, R"({a,"","b,\"c"})");
    co_await echo(echo_numbers, std::vector<std::int64_t>{}, "{}");
    const auto times = co_await database().fetch(echo_times, std::vector<Instant>{instant, instant});
    EXPECT_EQ(times.at(0).value, (std::vector<Instant>{instant, instant}));
}

PG_TEST(CodecPgTest, TextThatPostgresRefusesIsAnErrorAndTheConnectionLivesOn) {
    std::string sqlstate;
    try {
        co_await database().fetch(echo_text, std::string("a\0b", 3));
    } catch (const Error& error) {
        sqlstate = error.sqlstate;
    }
    EXPECT_EQ(sqlstate, "22021");
    co_await echo(echo_text, std::string("fine"), "fine");
    EXPECT_EQ(database().figures().open, 1U);
}

}  // namespace cartwright::db
