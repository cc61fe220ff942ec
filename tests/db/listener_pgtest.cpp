// Notifications arrive; a lost connection is made again and says so.
#include "db/listener.hpp"

#include "support/database.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace cartwright::db {

class ListenerTest : public test::DatabaseTest {
protected:
    // Until so many wait to be taken.
    Task<> until_waiting(const Listener& listener, std::size_t count) {
        while (listener.waiting() != count) {
            Timer pause(io().get_executor(), std::chrono::milliseconds(1));
            co_await pause.async_wait(use_task);
        }
    }
};

PG_TEST(ListenerTest, HearsWhatIsSaidAndStartsAnewAfterALostConnection) {
    Listener listener(io(), test::TestDatabase::instance().app_url(), {"test_news", "test_more"}, rng());
    const Heard first = co_await listener.next();
    EXPECT_EQ(first, (Heard{.anew = true, .channel = {}, .payload = {}}));
    as_owner(
        "select pg_notify('test_news', 'one'), pg_notify('test_other', 'two'), pg_notify('test_more', '')");
    const Heard one = co_await listener.next();
    const Heard more = co_await listener.next();
    EXPECT_EQ(one, (Heard{.anew = false, .channel = "test_news", .payload = "one"}));
    EXPECT_EQ(more, (Heard{.anew = false, .channel = "test_more", .payload = ""}));
    as_owner(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and usename = 'cw_app'");
    const Heard again = co_await listener.next();
    EXPECT_EQ(again, first);
    as_owner("select pg_notify('test_news', 'three')");
    const Heard three = co_await listener.next();
    EXPECT_EQ(three.payload, "three");
}

PG_TEST(ListenerTest, WhenMoreWaitThanItKeepsTheyBecomeOneThatIsAnew) {
    Listener listener(io(), test::TestDatabase::instance().app_url(), {"test_news"}, rng());
    const Heard anew{.anew = true, .channel = {}, .payload = {}};
    const Heard first = co_await listener.next();
    EXPECT_EQ(first, anew);
    static_assert(Listener::most_waiting == 1000);
    as_owner("select count(pg_notify('test_news', n::text)) from generate_series(1, 1000) n");
    co_await until_waiting(listener, 1000);
    const Heard one = co_await listener.next();
    EXPECT_EQ(one, (Heard{.anew = false, .channel = "test_news", .payload = "1"}));
    as_owner("select pg_notify('test_news', 'full')");
    co_await until_waiting(listener, 1000);
    as_owner("select pg_notify('test_news', 'too many')");
    co_await until_waiting(listener, 1);
    as_owner("select pg_notify('test_news', 'after')");
    co_await until_waiting(listener, 2);
    const Heard again = co_await listener.next();
    EXPECT_EQ(again, anew);
    const Heard after = co_await listener.next();
    EXPECT_EQ(after, (Heard{.anew = false, .channel = "test_news", .payload = "after"}));
    EXPECT_EQ(listener.waiting(), 0U);
}

}  // namespace cartwright::db
