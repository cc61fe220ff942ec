// Transactions against a real PostgreSQL: what commits, what rolls back, what each failure turns into.
#include "db/database.hpp"
#include "support/database.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace cartwright::db {

namespace {

constexpr Reason sold_out{"test.sold_out", Kind::conflict};

struct StockRow {
    std::string item;
    std::int64_t available = 0;
    std::optional<std::string> note;

    static constexpr auto columns =
        db::columns("item", &StockRow::item, "available", &StockRow::available, "note", &StockRow::note);

    friend bool operator==(const StockRow&, const StockRow&) = default;
};

const Statement<StockRow()> stock{"test.stock", R"sql(
    select item, available, note from test_stock where shop_id = $1 order by item
)sql"};
const Statement<Nothing(std::string, std::int64_t)> put{"test.put", R"sql(
    insert into test_stock (shop_id, item, available) values ($1, $2, $3)
)sql"};
const Statement<std::int64_t(std::string, std::int64_t)> take{"test.take", R"sql(
    update test_stock set available = available - $3 where shop_id = $1 and item = $2 and available >= $3
    returning available
)sql"};
const Statement<std::string()> my_setting{"test.my_setting", R"sql(
    select current_setting('app.shop_id') || ' ' || $1::text
)sql"};
const Statement<std::string(std::int64_t)> items_of{"test.items_of", R"sql(
    select item from test_stock where shop_id = $2 or $1 = 0 order by item
)sql"};
const Statement<Nothing(double)> wait_seconds{"test.wait_for", R"sql(
    select from pg_sleep($2) where $1 > 0
)sql"};
const PlatformStatement<std::string()> limits{"test.limits", R"sql(
    select current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' ' ||
           current_setting('transaction_read_only')
)sql"};
const PlatformStatement<std::string()> who{"test.who", "select current_user::text"};
const PlatformStatement<std::string()> who_and_login{"test.who_and_login",
                                                     "select current_user || ' ' || session_user"};
const PlatformStatement<std::int64_t()> backend{"test.backend", "select pg_backend_pid()::bigint"};

class TransactionTest : public test::DatabaseTest {
protected:
    static void SetUpTestSuite() {
        test::ask(
            test::TestDatabase::instance().owner_url(),
            "create table test_stock (shop_id bigint not null, item text not null,"
            " available bigint not null check (available >= 0), note text, primary key (shop_id, item));"
            " select cw_tenant_table('test_stock');"
            " grant select, insert, update, delete on test_stock to cw_app");
    }

    std::string stored(ShopId shop) {
        return as_owner(
            "select coalesce(string_agg(item || '=' || available, ' ' order by item), '') from test_stock"
            " where shop_id = " +
            std::to_string(shop.value()));
    }
};

}  // namespace

PG_TEST(TransactionTest, WhatWasSentWithoutAwaitingIsCommitted) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<> {
        tx.send(put, "cup", 3);
        tx.send(put, "hat", 4);
        co_return;
    };
    co_await database().in_shop(shop, {}, work);
    EXPECT_EQ(stored(shop), "cup=3 hat=4");
}

PG_TEST(TransactionTest, RowsComeBackDecoded) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<std::vector<StockRow>> {
        tx.send(put, "cup", 3);
        auto left = tx.send(take, "cup", 2);
        auto rows = tx.send(stock);
        const std::int64_t now = co_await left.one();
        EXPECT_EQ(now, 1);
        co_return co_await rows.all();
    };
    const auto rows = co_await database().in_shop(shop, {}, work);
    EXPECT_EQ(rows, (std::vector<StockRow>{{"cup", 1, std::nullopt}}));
    const auto fetched = co_await database().fetch(shop, stock);
    EXPECT_EQ(fetched, rows);
}

PG_TEST(TransactionTest, ARefusalRollsBackAndIsReturned) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<Outcome<std::int64_t>> {
        const std::int64_t touched = co_await tx.run(put, "cup", 1);
        EXPECT_EQ(touched, 1);
        const auto left = co_await tx.maybe(take, "cup", 2);
        if (!left) co_return refuse(sold_out, "quantity");
        co_return *left;
    };
    const auto outcome = co_await database().in_shop(shop, {}, work);
    REQUIRE_CO(!outcome.has_value());
    EXPECT_EQ(outcome.error().reason(), sold_out);
    EXPECT_EQ(stored(shop), "");
}

PG_TEST(TransactionTest, AnExceptionRollsBackAndIsThrown) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<> {
        co_await tx.run(put, "cup", 1);
        throw std::runtime_error("a broken invariant");
    };
    std::string caught;
    try {
        co_await database().in_shop(shop, {}, work);
    } catch (const std::runtime_error& error) {
        caught = error.what();
    }
    EXPECT_EQ(caught, "a broken invariant");
    EXPECT_EQ(stored(shop), "");
}

PG_TEST(TransactionTest, AViolatedConstraintIsAnErrorWithItsName) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<> {
        co_await tx.run(put, "cup", 1);
        co_await tx.run(put, "cup", 2);
    };
    std::string constraint;
    std::string sqlstate;
    try {
        co_await database().in_shop(shop, {}, work);
    } catch (const Error& error) {
        constraint = error.constraint;
        sqlstate = error.sqlstate;
    }
    EXPECT_EQ(constraint, "test_stock_pkey");
    EXPECT_EQ(sqlstate, "23505");
    EXPECT_EQ(stored(shop), "");
    const auto after = co_await database().fetch(shop, stock);
    EXPECT_EQ(after.size(), 0U);
}

PG_TEST(TransactionTest, AStatementThatFailsUnawaitedFailsTheTransaction) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<> {
        tx.send(put, "cup", 1);
        tx.send(put, "hat", -1);
        co_return;
    };
    std::string constraint;
    try {
        co_await database().in_shop(shop, {}, work);
    } catch (const Error& error) {
        constraint = error.constraint;
    }
    EXPECT_EQ(constraint, "test_stock_available_check");
    EXPECT_EQ(stored(shop), "");
}

PG_TEST(TransactionTest, AFailureThatWorkHidesIsThrownSinceNothingWasKept) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<std::string> {
        try {
            co_await tx.run(put, "hat", -1);
        } catch (const Error&) {
        }
        co_return "all is well";
    };
    std::string sqlstate;
    try {
        co_await database().in_shop(shop, {}, work);
    } catch (const Error& error) {
        sqlstate = error.sqlstate;
    }
    EXPECT_EQ(sqlstate, "23514");
}

PG_TEST(TransactionTest, AFailureThatWorkTurnsIntoARefusalIsARefusal) {
    const ShopId shop = a_shop();
    auto work = [&](Tx& tx) -> Task<Outcome<>> {
        bool taken = false;
        try {
            co_await tx.run(put, "hat", -1);
        } catch (const Error& error) {
            taken = error.constraint == "test_stock_available_check";
        }
        if (taken) co_return refuse(sold_out);
        co_return Outcome<>();
    };
    const auto outcome = co_await database().in_shop(shop, {}, work);
    REQUIRE_CO(!outcome.has_value());
    EXPECT_EQ(outcome.error().reason(), sold_out);
}

PG_TEST(TransactionTest, AnotherShopsRowsAreNotThereEvenForAStatementThatAsksForThem) {
    const ShopId mine = a_shop();
    const ShopId other = a_shop();
    auto fill = [&](Tx& tx) -> Task<> {
        tx.send(put, "cup", 1);
        co_return;
    };
    co_await database().in_shop(other, {}, fill);
    auto peek = [&](Tx& tx) { return tx.all(items_of, other.value()); };
    const auto seen = co_await database().in_shop(mine, {}, peek);
    EXPECT_EQ(seen, std::vector<std::string>());
    const auto fetched = co_await database().fetch(mine, items_of, other.value());
    EXPECT_EQ(fetched, std::vector<std::string>());
    const auto own = co_await database().fetch(other, items_of, other.value());
    EXPECT_EQ(own, std::vector<std::string>{"cup"});
}

PG_TEST(TransactionTest, TheShopIsSetForTheTransactionAndGoneAfterIt) {
    const ShopId shop = a_shop();
    const std::string expected = std::to_string(shop.value()) + " " + std::to_string(shop.value());
    const auto inside = co_await database().fetch(shop, my_setting);
    EXPECT_EQ(inside, std::vector<std::string>{expected});
    auto work = [](PlatformTx& tx) -> Task<std::string> {
        Tx& entered = tx.enter(ShopId(7));
        co_return co_await entered.one(my_setting);
    };
    const auto entered = co_await database().in_platform({}, work);
    EXPECT_EQ(entered, "7 7");
}

PG_TEST(TransactionTest, ATransactionEntersOneShopOnly) {
    auto work = [](PlatformTx& tx) -> Task<> {
        tx.enter(ShopId(7));
        tx.enter(ShopId(7));
        tx.enter(ShopId(8));
        co_return;
    };
    bool refused = false;
    try {
        co_await database().in_platform({}, work);
    } catch (const std::logic_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
}

PG_TEST(TransactionTest, EachClassOfWorkHasItsLimits) {
    auto ask_limits = [](PlatformTx& tx) { return tx.one(limits); };
    std::vector<std::string> seen;
    for (const Work work : {Work::page, Work::write, Work::panel, Work::background}) {
        seen.push_back(co_await database().in_platform(TxOptions{.work = work}, ask_limits));
    }
    seen.push_back(
        co_await database().in_platform(TxOptions{.work = Work::page, .read_only = true}, ask_limits));
    const auto fetched = co_await database().fetch(limits);
    seen.push_back(fetched.at(0));
    EXPECT_EQ(seen,
              (std::vector<std::string>{
                  "2s 1s off", "5s 3s off", "10s 3s off", "1min 10s off", "2s 1s on", "2s 1s on"}));
    const auto role = co_await database().fetch(who);
    EXPECT_EQ(role, std::vector<std::string>{"cw_app"});
}

PG_TEST(TransactionTest, AStatementThatTakesTooLongIsUnavailable) {
    const ShopId shop = a_shop();
    bool unavailable = false;
    try {
        co_await database().fetch(shop, wait_seconds, 2.5);
    } catch (const Unavailable&) {
        unavailable = true;
    }
    EXPECT_TRUE(unavailable);
    const auto after = co_await database().fetch(shop, stock);
    EXPECT_EQ(after.size(), 0U);
}

PG_TEST(TransactionTest, WhatWasAwaitedBeforeARefusalIsRolledBackBeforeTheNextTransaction) {
    const ShopId shop = a_shop();
    auto refused = [](Tx& tx) -> Task<Outcome<>> {
        co_await tx.run(put, "cup", 1);
        co_return refuse(sold_out);
    };
    co_await database().in_shop(shop, {}, refused);
    EXPECT_EQ(as_owner("select count(*) from pg_stat_activity where state <> 'idle' and usename = 'cw_app'"
                       " and datname = current_database()"),
              "0");
    auto nothing_more = [](Tx& tx) { return tx.all(stock); };
    const auto rows = co_await database().in_shop(shop, {}, nothing_more);
    EXPECT_EQ(rows, std::vector<StockRow>());
    EXPECT_EQ(stored(shop), "");
    EXPECT_EQ(database().figures().open, 1U);
}

PG_TEST(TransactionTest, OneAndMaybeInsist) {
    const ShopId shop = a_shop();
    auto fill = [&](Tx& tx) -> Task<> {
        tx.send(put, "cup", 1);
        tx.send(put, "hat", 1);
        co_return;
    };
    co_await database().in_shop(shop, {}, fill);
    unsigned complaints = 0;
    auto two = [](Tx& tx) -> Task<> { co_await tx.maybe(stock); };
    auto none = [](Tx& tx) -> Task<> { co_await tx.one(take, "shoe", 1); };
    for (int i = 0; i < 2; ++i) {
        try {
            if (i == 0) co_await database().in_shop(shop, {}, two);
            if (i == 1) co_await database().in_shop(shop, {}, none);
        } catch (const std::logic_error&) {
            ++complaints;
        }
    }
    EXPECT_EQ(complaints, 2U);
    auto absent = [](Tx& tx) { return tx.maybe(take, "shoe", 1); };
    const auto left = co_await database().in_shop(shop, {}, absent);
    EXPECT_EQ(left, std::nullopt);
}

PG_TEST(TransactionTest, ALoginThatMayMoreActsAsTheRoleItIsGiven) {
    Database as_role(io(), {.url = test::TestDatabase::instance().owner_url(), .role = "cw_app"}, rng());
    const auto names = co_await as_role.fetch(who_and_login);
    EXPECT_EQ(names, std::vector<std::string>{"cw_app postgres"});
    const ShopId mine = a_shop();
    const ShopId other = a_shop();
    auto fill = [](Tx& tx) -> Task<> {
        tx.send(put, "cup", 1);
        co_return;
    };
    co_await as_role.in_shop(other, {}, fill);
    const auto seen = co_await as_role.fetch(mine, items_of, other.value());
    EXPECT_EQ(seen, std::vector<std::string>());
    const auto own = co_await as_role.fetch(other, items_of, other.value());
    EXPECT_EQ(own, std::vector<std::string>{"cup"});
    // Without SET ROLE the same login sees them: row level security is not for superusers.
    Database as_owner_itself(io(), {.url = test::TestDatabase::instance().owner_url(), .role = {}}, rng());
    const auto bypassed = co_await as_owner_itself.fetch(mine, items_of, other.value());
    EXPECT_EQ(bypassed, std::vector<std::string>{"cup"});
}

PG_TEST(TransactionTest, ARoleThatTheLoginMayNotTakeIsUnavailable) {
    Database as_role(io(), {.url = test::TestDatabase::instance().app_url(), .role = "postgres"}, rng());
    std::string failure;
    try {
        co_await as_role.fetch(who);
    } catch (const std::exception& thrown) {
        failure = thrown.what();
    }
    EXPECT_THAT(failure, ::testing::HasSubstr("permission denied to set role \"postgres\""));
    EXPECT_EQ(as_role.figures().open, 0U);
}

PG_TEST(TransactionTest, StatementsAreCountedForTheRequest) {
    const ShopId shop = a_shop();
    std::uint32_t count = 0;
    auto work = [&](Tx& tx) -> Task<> {
        tx.send(put, "cup", 1);
        co_await tx.all(stock);
    };
    co_await database().in_shop(shop, TxOptions{.sql_count = &count}, work);
    co_await database().fetch(TxOptions{.work = Work::page, .sql_count = &count}, shop, stock);
    EXPECT_EQ(count, 3U);
}

PG_TEST(TransactionTest, AConnectionIsUsedAgain) {
    const auto first = co_await database().fetch(backend);
    auto work = [](PlatformTx& tx) { return tx.one(backend); };
    const auto second = co_await database().in_platform({}, work);
    EXPECT_EQ(first, std::vector<std::int64_t>{second});
    EXPECT_EQ(database().figures().open, 1U);
    EXPECT_EQ(database().figures().in_use, 0U);
}

}  // namespace cartwright::db
