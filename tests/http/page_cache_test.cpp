#include "http/page_cache.hpp"

#include "base/rng.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cartwright::http {
namespace {

class PageCacheTest : public testing::Test {
protected:
    static std::shared_ptr<const Page> page(std::string body, std::int64_t tenant = 7) {
        auto made = std::make_shared<Page>();
        made->identity.body = std::move(body);
        made->tenant = tenant;
        return made;
    }

    static PageKey key(std::int64_t tenant = 7, std::string_view path = "/") {
        return {.tenant = tenant,
                .host = "demo.example",
                .secure = true,
                .route = "front",
                .path = path,
                .locale = "ru",
                .currency = "RUB",
                .customer_class = "guest",
                .theme_version = 3};
    }

    void keep(const PageKey& at, std::shared_ptr<const Page> value, std::vector<std::uint64_t> tags = {}) {
        cache_.keep(at, std::move(value), tags, cache_.ticket(at.tenant), now_);
    }

    std::string body_of(const PageKey& at) {
        const auto found = cache_.find(at, now_);
        return found ? found->identity.body : "none";
    }

    SeededRng rng_{1};
    PageCache::Time now_{std::chrono::hours(1)};
    PageCache cache_{rng_, {.bytes = 100'000, .bytes_of_tenant = 40'000, .bytes_of_page = 20'000}};
};

TEST_F(PageCacheTest, FindsWhatWasKept) {
    EXPECT_EQ(body_of(key()), "none");
    keep(key(), page("hello"));
    EXPECT_EQ(body_of(key()), "hello");
    keep(key(), page("newer"));
    EXPECT_EQ(body_of(key()), "newer");
    EXPECT_EQ(cache_.stats().pages, 1U);
    EXPECT_EQ(cache_.stats().hits, 2U);
    EXPECT_EQ(cache_.stats().misses, 1U);
}

TEST_F(PageCacheTest, OwnsTheBytesOfItsKeys) {
    {
        const std::string path(100, 'p');
        const std::string host = "temporary.example.with.a.long.name";
        PageKey at = key();
        at.path = path;
        at.host = host;
        keep(at, page("kept"));
    }
    const std::string path(100, 'p');
    PageKey at = key();
    at.path = path;
    at.host = "temporary.example.with.a.long.name";
    EXPECT_EQ(body_of(at), "kept");
}

TEST_F(PageCacheTest, EachPartOfTheKeySeparates) {
    keep(key(), page("hello"));
    std::vector<PageKey> others(10, key());
    others[0].tenant = 8;
    others[1].host = "other.example";
    others[2].secure = false;
    others[3].route = "product";
    others[4].path = "/x";
    others[5].query = "page=2";
    others[6].locale = "en";
    others[7].currency = "EUR";
    others[8].customer_class = "wholesale";
    others[9].theme_version = 4;
    for (std::size_t at = 0; at < others.size(); ++at) EXPECT_EQ(body_of(others[at]), "none") << at;
    PageKey shifted = key();
    shifted.route = "fron";
    shifted.path = "t/";
    EXPECT_EQ(body_of(shifted), "none");
}

TEST_F(PageCacheTest, AnotherTenantsPageIsNeverKeptUnderAKey) {
    keep(key(7), page("canary of 8", 8));
    EXPECT_EQ(body_of(key(7)), "none");
    EXPECT_EQ(cache_.stats().alarms, 1U);
    EXPECT_EQ(cache_.stats().pages, 0U);
}

TEST_F(PageCacheTest, ForgettingATagTakesJustThePagesThatShowIt) {
    const std::uint64_t shirt = tag_of("product", 1);
    const std::uint64_t shoe = tag_of("product", 2);
    keep(key(7, "/shirt"), page("shirt"), {shirt});
    keep(key(7, "/shoe"), page("shoe"), {shoe});
    keep(key(7, "/both"), page("both"), {shoe, shirt, shoe});
    keep(key(8, "/shirt"), page("other shop", 8), {shirt});
    cache_.forget(7, shirt);
    EXPECT_EQ(body_of(key(7, "/shirt")), "none");
    EXPECT_EQ(body_of(key(7, "/both")), "none");
    EXPECT_EQ(body_of(key(7, "/shoe")), "shoe");
    EXPECT_EQ(body_of(key(8, "/shirt")), "other shop");
    EXPECT_EQ(cache_.stats().forgotten, 2U);
    cache_.forget(7, shoe);
    EXPECT_EQ(body_of(key(7, "/shoe")), "none");
    EXPECT_EQ(cache_.stats().forgotten, 3U);
}

TEST_F(PageCacheTest, ForgettingATenantLeavesTheOthers) {
    keep(key(7, "/a"), page("a"));
    keep(key(7, "/b"), page("b"));
    keep(key(8, "/a"), page("c", 8));
    cache_.forget_tenant(7);
    EXPECT_EQ(body_of(key(7, "/a")), "none");
    EXPECT_EQ(body_of(key(7, "/b")), "none");
    EXPECT_EQ(body_of(key(8, "/a")), "c");
    cache_.forget_all();
    EXPECT_EQ(body_of(key(8, "/a")), "none");
    EXPECT_EQ(cache_.stats().bytes, 0U);
    EXPECT_EQ(cache_.stats().pages, 0U);
}

TEST_F(PageCacheTest, APageRenderedWhileItsShopChangedIsNotKept) {
    const auto before = cache_.ticket(7);
    const auto of_other = cache_.ticket(8);
    cache_.forget(7, tag_of("product", 1));  // not even the page's own tag: it isn't known what it has read
    cache_.keep(key(7), page("stale"), std::vector<std::uint64_t>{tag_of("product", 2)}, before, now_);
    EXPECT_EQ(body_of(key(7)), "none");
    EXPECT_EQ(cache_.stats().refused, 1U);
    cache_.keep(key(8), page("fresh", 8), {}, of_other, now_);
    EXPECT_EQ(body_of(key(8)), "fresh");
}

TEST_F(PageCacheTest, LifetimeEnds) {
    keep(key(), page("hello"));
    now_ += std::chrono::seconds(299);
    EXPECT_EQ(body_of(key()), "hello");
    now_ += std::chrono::seconds(1);
    EXPECT_EQ(body_of(key()), "none");
}

TEST_F(PageCacheTest, OneShopCanOnlyPushOutItsOwnPages) {
    keep(key(8, "/other"), page("other", 8));
    std::vector<std::string> paths;
    for (int i = 0; i < 20; ++i) paths.push_back("/" + std::to_string(i));
    for (const auto& path : paths) keep(key(7, path), page(std::string(9'000, 'x')));
    EXPECT_EQ(cache_.stats().pages, 5U);  // four of 9,000 bytes fit into 40,000, and the other shop's
    EXPECT_EQ(body_of(key(8, "/other")), "other");
    EXPECT_EQ(body_of(key(7, "/15")), "none");
    EXPECT_EQ(body_of(key(7, "/16")).size(), 9'000U);
    EXPECT_EQ(cache_.stats().evicted, 16U);
}

TEST_F(PageCacheTest, TheLeastLatelyUsedGoesFirst) {
    for (const std::string_view path : {"/a", "/b", "/c", "/d"})
        keep(key(7, path), page(std::string(9'000, 'x')));
    EXPECT_EQ(body_of(key(7, "/a")).size(), 9'000U);
    keep(key(7, "/e"), page(std::string(9'000, 'x')));
    EXPECT_EQ(body_of(key(7, "/b")), "none");
    EXPECT_EQ(body_of(key(7, "/a")).size(), 9'000U);
}

TEST_F(PageCacheTest, TheWholeIsBounded) {
    for (std::int64_t tenant = 1; tenant <= 40; ++tenant) {
        keep(key(tenant), page(std::string(9'000, 'x'), tenant));
        EXPECT_LE(cache_.stats().bytes, 100'000U);
    }
    EXPECT_EQ(body_of(key(1)), "none");
    EXPECT_EQ(body_of(key(40)).size(), 9'000U);
}

TEST_F(PageCacheTest, HugePagesAreNotKept) {
    keep(key(), page(std::string(30'000, 'x')));
    EXPECT_EQ(body_of(key()), "none");
    EXPECT_EQ(cache_.stats().refused, 1U);
}

TEST(PageTag, KindsAndThingsDiffer) {
    EXPECT_NE(tag_of("product", 1), tag_of("product", 2));
    EXPECT_NE(tag_of("product", 1), tag_of("page", 1));
    EXPECT_NE(tag_of("product", "1"), tag_of("product", 1));
    EXPECT_NE(tag_of("ab", "c"), tag_of("a", "bc"));
    EXPECT_EQ(tag_of("theme", "main"), tag_of("theme", "main"));
}

}  // namespace
}  // namespace cartwright::http
