// Notifications arrive; a lost connection is made again and says so.
#include "db/listener.hpp"

#include "support/database.hpp"

#include <string>

namespace cartwright::db {

class ListenerTest : public test::DatabaseTest {};

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

}  // namespace cartwright::db
