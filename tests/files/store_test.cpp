#include "files/store.hpp"

#include "files/local.hpp"
#include "files/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <fstream>

namespace cartwright::files {

namespace {

constexpr ShopId shop(7);

class StoreTest : public testing::Test {
protected:
    template <class F>
    void run_task(F body) {
        io_.restart();
        std::exception_ptr failure;
        bool ended = false;
        boost::asio::co_spawn(io_, std::move(body), [&](std::exception_ptr thrown) {
            failure = thrown;
            ended = true;
        });
        io_.run();
        ASSERT_TRUE(ended);
        if (failure) std::rethrow_exception(failure);
    }

    boost::asio::io_context io_{1};
    TemporaryFolder folder_;
    std::optional<BlockingPool> pool_{std::in_place, 2, 100};
    Store store_{std::make_shared<LocalFiles>(folder_.path()), *pool_};
};

}  // namespace

TEST_F(StoreTest, APieceMealUploadIsTheWholeFile) {
    run_task([&]() -> Task<> {
        Upload upload = co_await store_.begin(shop, 10);
        EXPECT_TRUE((co_await upload.write("hello ")).has_value());
        EXPECT_TRUE((co_await upload.write("you!")).has_value());
        const Stored stored = co_await upload.finish();
        EXPECT_EQ(stored, (Stored{ContentHash::of("hello you!"), 10}));

        const std::optional<File> file = co_await store_.open(shop, stored.hash);
        EXPECT_EQ(file->size(), 10U);
        EXPECT_EQ(co_await file->read(6, 100), "you!");
        EXPECT_EQ(co_await file->read(0, 5), "hello");
        EXPECT_EQ(co_await file->read(10, 5), "");
    });
}

TEST_F(StoreTest, AByteOverTheLimitIsRefusedAndLeavesNothing) {
    run_task([&]() -> Task<> {
        Upload upload = co_await store_.begin(shop, 9);
        EXPECT_TRUE((co_await upload.write("hello ")).has_value());
        const Outcome<> outcome = co_await upload.write("you!");
        EXPECT_EQ(outcome.error(), Refusal(too_large).with("limit", "9"));
        const Outcome<> after = co_await upload.write("y");
        EXPECT_EQ(after.error().reason(), too_large);
    });
    pool_.reset();  // its threads may still hold the last piece
    EXPECT_TRUE(files_below(folder_.path()).empty());
}

TEST_F(StoreTest, LoadChecksTheContentAgainstTheHash) {
    run_task([&]() -> Task<> {
        const Stored stored = co_await store_.put(shop, "abc");
        EXPECT_EQ(co_await store_.load(shop, stored.hash, 3), "abc");
        EXPECT_EQ(co_await store_.load(ShopId(8), stored.hash, 3), std::nullopt);

        const std::string hex = stored.hash.hex();
        std::ofstream(folder_.path() / "7" / hex.substr(0, 2) / hex.substr(2)) << "abd";
        bool corrupt = false;
        try {
            co_await store_.load(shop, stored.hash, 3);
        } catch (const CorruptFile&) {
            corrupt = true;
        }
        EXPECT_TRUE(corrupt);
    });
}

TEST_F(StoreTest, LoadRefusesWhatIsLargerThanAllowed) {
    bool refused = false;
    run_task([&]() -> Task<> {
        const Stored stored = co_await store_.put(shop, "abcd");
        try {
            co_await store_.load(shop, stored.hash, 3);
        } catch (const std::length_error&) {
            refused = true;
        }
    });
    EXPECT_TRUE(refused);
}

TEST_F(StoreTest, OrphansAreOldFilesThatNoRowNames) {
    run_task([&]() -> Task<> {
        const Stored named = co_await store_.put(shop, "named");
        const Stored orphan = co_await store_.put(shop, "orphan");
        std::vector<ContentHash> asked;
        auto find_referenced = [&](std::vector<ContentHash> hashes) -> Task<std::vector<ContentHash>> {
            asked.insert(asked.end(), hashes.begin(), hashes.end());
            co_return std::vector<ContentHash>{named.hash};
        };
        const std::vector<Entry> all = co_await store_.list(shop, std::nullopt, 10);
        const Instant newest = std::max(all[0].modified, all[1].modified);

        const std::vector<Entry> orphans =
            co_await find_orphans(store_, shop, newest + std::chrono::microseconds(1), find_referenced);
        EXPECT_EQ(asked.size(), 2U);
        EXPECT_EQ(orphans.size(), 1U);
        EXPECT_EQ(orphans.front().hash, orphan.hash);

        const Instant oldest = std::min(all[0].modified, all[1].modified);
        EXPECT_TRUE((co_await find_orphans(store_, shop, oldest, find_referenced)).empty());
        EXPECT_TRUE(co_await store_.exists(shop, orphan.hash));
    });
}

}  // namespace cartwright::files
