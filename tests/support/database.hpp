// A PostgreSQL for tests: one private server for all test binaries of a build folder, on a unix socket only,
// and for each binary a database of its own, cloned from a template with all migrations.
//
// The server starts when the first binary needs it and stops when the last one has ended, however it ended:
// a watcher waits for the lock that each binary holds for its life. fsync is off, for nothing here outlives
// a power cut. A schema that changed gets a new template.
//
//   class CartTest : public test::DatabaseTest {};
//   PG_TEST(CartTest, AddingTwiceAddsUp) {
//       const ShopId shop = a_shop();
//       auto work = [&](db::Tx& tx) { return tx.run(add_line, …); };
//       co_await database().in_shop(shop, {}, work);
//       REQUIRE_CO(lines.size() == 1);
//   }
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/rng.hpp"
#include "base/task.hpp"
#include "db/database.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace cartwright::test {

// The server and this binary's database on it; lives from the first call to the end of the program.
class TestDatabase {
public:
    static TestDatabase& instance();

    // Addresses of this binary's database.
    std::string app_url() const;    // as cw_app, as the server logs in
    std::string owner_url() const;  // as the superuser: for looking past row level security

    // A database of its own, with or without the schema, dropped with the server. As the superuser.
    std::string empty_database_url();
    std::string fresh_database_url();

    const std::string& socket_folder() const noexcept { return socket_folder_; }

    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

private:
    TestDatabase();
    ~TestDatabase();
    std::string url(const std::string& role, const std::string& database) const;

    std::string socket_folder_;
    std::string template_;
    std::string name_;
    int users_lock_ = -1;
    unsigned made_ = 0;
};

// Runs one statement as the superuser and returns the first column of the first row, or "". Blocks.
std::string ask(const std::string& url, const std::string& sql);

class DatabaseTest : public ::testing::Test {
protected:
    DatabaseTest();
    ~DatabaseTest() override;

    // As the server has it: the role cw_app, row level security in force.
    db::Database& database();

    boost::asio::io_context& io() { return io_; }

    ManualClock& clock() { return clock_; }

    SeededRng& rng() { return rng_; }

    IdSource& ids() { return ids_; }

    // A shop that no other test has. It has no row in any table yet.
    ShopId a_shop() { return ShopId(ids_.next()); }

    // Past row level security, on a connection of its own: see ask().
    std::string as_owner(const std::string& sql);

    virtual Task<> body();

    // Runs the coroutine to its end; fails the test when that takes longer than a minute.
    void run(std::function<Task<>()> coroutine);

private:
    boost::asio::io_context io_{1};
    SystemClock system_clock_;
    ManualClock clock_;
    SeededRng rng_;
    IdSource ids_;
    std::unique_ptr<db::Database> database_;
};

}  // namespace cartwright::test

// A test whose body is a coroutine, a member of the fixture.
#define PG_TEST(Suite, Name)                                                                   \
    class Suite##_##Name##_Body : public Suite {                                               \
    protected:                                                                                 \
        ::cartwright::Task<> body() override;                                                  \
    };                                                                                         \
    GTEST_TEST_(Suite, Name, Suite##_##Name##_Body, ::testing::internal::GetTypeId<Suite>()) { \
        run([this] { return body(); });                                                        \
    }                                                                                          \
    ::cartwright::Task<> Suite##_##Name##_Body::body()

// ASSERT_TRUE for coroutines, which may not return as ASSERT_TRUE does.
#define REQUIRE_CO(condition)            \
    do {                                 \
        if (condition) {                 \
        } else {                         \
            ADD_FAILURE() << #condition; \
            co_return;                   \
        }                                \
    } while (false)
