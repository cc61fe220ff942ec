// Each statement of shop/ that reaches a shop's rows, run by the server's role in another shop: it must find
// and change nothing, with its own predicate and also after `shop_id = $1` was taken out of it. That each of
// them does find its row at home shows that the test could fail.
#include "db/statement.hpp"
#include "shop/shop_fixture.hpp"
#include "support/sql_session.hpp"

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <set>

namespace cartwright::shop {

namespace {

constexpr std::string_view now = "2026-03-14 12:00:00+00";
const std::string hash(64, 'a');

// Every id of the row at home is 4242, every text "same": so one value a type fits each statement.
std::string argument_of(db::Oid type) {
    switch (type) {
        case db::oid::int8:
            return "4242";
        case db::oid::int4:
            return "1";
        case db::oid::boolean:
            return "false";
        case db::oid::text:
            return "same";
        case db::oid::bytea:
            return "\\x" + hash;
        case db::oid::timestamptz:
            return std::string(now);
        case db::oid::text_array:
            return "{}";
        case db::oid::jsonb:
            return "\"same\"";
        default:
            throw std::logic_error("no argument of type " + std::to_string(type));
    }
}

// What a statement needs besides: another argument ($2 is number 2), or rows in another state.
struct Special {
    std::map<std::size_t, std::string> arguments = {};
    std::string before = {};
};

const std::map<std::string_view, Special>& specials() {
    static const std::map<std::string_view, Special> all{
        {"shop.uncount_api_tokens", {.arguments = {{2, "1"}}}},
        {"shop.list_api_tokens", {.arguments = {{2, "9223372036854775807"}, {3, "10"}}}},
        {"shop.insert_role", {.arguments = {{2, "4243"}, {3, "other"}}}},
        {"shop.delete_role", {.before = "delete from staff_members; delete from staff_invites"}},
        {"shop.close_expired_invite", {.before = "update staff_invites set expires_at = created_at"}},
        {"shop.delete_closed_invites", {.before = "update staff_invites set closed_at = created_at"}},
    };
    return all;
}

class TenancyTest : public ShopTest {
protected:
    void SetUp() override {
        home_ = a_shop();
        fresh_ = a_shop();
        elsewhere_ = a_shop();
        test::SqlSession owner(test::TestDatabase::instance().owner_url());
        owner.execute(
            fill("insert into accounts (id, email, email_key, locale, created_at, updated_at)"
                 " values (4242, 'same', 'same', 'en', '@now', '@now') on conflict do nothing"));
        for (const ShopId shop : {home_, fresh_, elsewhere_}) {
            owner.execute(
                fill("insert into shops (id, slug, name, owner_account_id, currency, locale, tz, country,"
                     " created_at, updated_at) values (@shop, 't' || @shop, 'T', 4242, 'EUR', 'en', 'UTC',"
                     " 'IE', '@now', '@now')",
                     shop));
        }
        for (const ShopId shop : {home_, fresh_}) {
            owner.execute(
                fill("insert into roles (shop_id, id, name, permissions, created_at, updated_at)"
                     " values (@shop, 4242, 'same', '{}', '@now', '@now')",
                     shop));
        }
        owner.execute(
            fill("insert into staff_members values (@shop, 4242, 4242, '@now', '@now');"
                 "insert into staff_invites values (@shop, 4242, 'same', 'same', 4242, '\\x@hash', 4242,"
                 " '@now', '2030-01-01', null);"
                 "insert into api_tokens values (@shop, 4242, 'same', '\\x@hash', '{}', 4242, '@now');"
                 "insert into shop_totals values (@shop, 2, 3, 1, 1);"
                 "insert into shop_counters values (@shop, 'same', 5);"
                 "insert into shop_settings values (@shop, 'same', '\"other\"', 1, '@now')",
                 home_));
    }

    static std::string fill(std::string sql, ShopId shop = {}) {
        const auto replace = [&](std::string_view what, const std::string& with) {
            for (std::size_t at = 0; (at = sql.find(what, at)) != std::string::npos; at += with.size()) {
                sql.replace(at, what.size(), with);
            }
        };
        replace("@shop", std::to_string(shop.value()));
        replace("@now", std::string(now));
        replace("@hash", hash);
        return sql;
    }

    static bool is_insert(const db::StatementInfo& statement) {
        return statement.sql().find("insert into") != std::string_view::npos;
    }

    // As text: the number of rows that it found or changed, or the SQLSTATE of its failure.
    std::string run_in(ShopId setting,
                       ShopId asked_for,
                       const db::StatementInfo& statement,
                       const std::string& sql) {
        test::SqlSession session(test::TestDatabase::instance().app_url());
        const auto special = specials().find(statement.name());
        const Special needs = special == specials().end() ? Special{} : special->second;
        session.execute("begin");
        if (!needs.before.empty()) {
            session.execute("set local app.shop_id = '" + std::to_string(home_.value()) + "'");
            session.execute(needs.before);
        }
        session.execute("set local app.shop_id = '" + std::to_string(setting.value()) + "'");
        std::vector<std::string> arguments{std::to_string(asked_for.value())};
        const auto types = statement.parameter_types();
        for (std::size_t i = 1; i < types.size(); ++i) {
            const auto other = needs.arguments.find(i + 1);
            arguments.push_back(other == needs.arguments.end() ? argument_of(types[i]) : other->second);
        }
        const bool is_change = std::regex_search(sql, std::regex(R"(\b(insert into|update|delete from)\b)"));
        const bool is_locking = sql.find("for no key update") != std::string::npos;
        const bool returns = sql.find("returning") != std::string::npos;
        std::string counted = "with counted as (" + sql;
        if (is_change && !is_locking && !returns) counted += " returning 1";
        counted += ") select count(*) from counted";
        std::string found;
        try {
            found = session.value(counted, arguments);
        } catch (const test::SqlFailure& failure) {
            found = failure.sqlstate;
        }
        return found;
    }

    ShopId home_, fresh_, elsewhere_;
};

}  // namespace

TEST_F(TenancyTest, NoStatementReachesAnotherShopsRowsEvenWithoutItsPredicate) {
    const std::regex predicate(R"((\w+\.)?shop_id = \$1)");
    std::set<std::string_view> checked;
    for (const db::StatementInfo* statement : db::StatementInfo::all()) {
        if (statement->reach() != db::Reach::shop || !statement->name().starts_with("shop.")) continue;
        checked.insert(statement->name());
        const std::string sql(statement->sql());
        const ShopId home = is_insert(*statement) ? fresh_ : home_;
        EXPECT_EQ(run_in(home, home, *statement, sql), "1") << statement->name() << " at home";
        if (is_insert(*statement)) {
            EXPECT_EQ(run_in(elsewhere_, home, *statement, sql), "42501") << statement->name();
            continue;
        }
        const std::string bare = std::regex_replace(sql, predicate, "($$1::bigint is not null)");
        EXPECT_NE(bare, sql) << statement->name();
        EXPECT_EQ(run_in(home, home, *statement, bare), "1") << statement->name() << " bare at home";
        EXPECT_EQ(run_in(elsewhere_, elsewhere_, *statement, sql), "0") << statement->name();
        EXPECT_EQ(run_in(elsewhere_, home, *statement, sql), "0") << statement->name();
        EXPECT_EQ(run_in(home, elsewhere_, *statement, sql), "0") << statement->name();
        EXPECT_EQ(run_in(elsewhere_, elsewhere_, *statement, bare), "0") << statement->name() << " bare";
    }
    for (const char* expected : {"shop.find_setting",
                                 "shop.find_role",
                                 "shop.find_staff",
                                 "shop.use_invite",
                                 "shop.find_api_token",
                                 "shop.next_number",
                                 "shop.add_owner"}) {
        EXPECT_TRUE(checked.contains(expected)) << expected;
    }
}

PG_TEST(TenancyTest, OperationsFindNothingOfAnotherShop) {
    const Opened one = co_await an_open_shop();
    const Opened two = co_await an_open_shop();
    const std::string email = an_email();
    const AccountId colleague = co_await a_colleague(one.shop.id, "Manager", email);
    const RoleId role = co_await role_named(one.shop.id, "Reader");
    const Visitor owner = co_await logged_in(two.shop.id, two.email);
    const std::string before = topics(one.shop.id) + topics(two.shop.id);
    auto set = [&](Scope& s) { return set_role(s, colleague, role); };
    EXPECT_EQ((co_await in_scope(services(), owner, set)).error(), Refusal(no_such_member));
    auto remove = [&](Scope& s) { return remove_staff(s, colleague); };
    EXPECT_EQ((co_await in_scope(services(), owner, remove)).error(), Refusal(no_such_member));
    auto drop = [&](Scope& s) { return remove_role(s, role); };
    EXPECT_EQ((co_await in_scope(services(), owner, drop)).error(), Refusal(no_such_role));
    auto invite = [&](Scope& s) { return invite_staff(s, {an_email(), role}); };
    EXPECT_EQ((co_await in_scope(services(), owner, invite)).error(), Refusal(no_such_role, "role"));
    EXPECT_EQ(topics(one.shop.id) + topics(two.shop.id), before);
}

}  // namespace cartwright::shop
