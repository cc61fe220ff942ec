// A page from memory costs no allocation: this program counts them.
#include "base/rng.hpp"
#include "http/dispatch.hpp"
#include "http/sent.hpp"
#include "http/texts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(size);
}

void* operator new[](std::size_t size) {
    return counted(size);
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete[](void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace cartwright::http {
namespace {

class OneSite final : public Sites {
public:
    std::pair<bool, std::shared_ptr<const Site>> cached(std::string_view) override { return {true, site_}; }

    Task<std::shared_ptr<const Site>> load(std::string) override { co_return site_; }

private:
    std::shared_ptr<const Site> site_ = [] {
        auto site = std::make_shared<Site>();
        site->tenant = 7;
        site->host = "a-rather-long-name-of-a-shop.example";
        return site;
    }();
};

TEST(Allocation, APageFromMemoryCostsNone) {
    SeededRng rng(1);
    Router router;
    router.add({.name = "catalog.product",
                .methods = {Method::get},
                .pattern = "/catalog/{category}/products/{handle}",
                .handler = [](Request&) -> Task<Response> { co_return html(200, std::string(30'000, 'x')); },
                .page_key =
                    [](const Request&, PageKey& key) {
                        key.locale = "ru";
                        key.currency = "RUB";
                        return true;
                    },
                .page_query = {"page", "sort"}});
    OneSite sites;
    const test::Texts texts;
    const ErrorAnswers errors(texts);
    const Signer signer({std::string(32, 'k')});
    const CsrfCheck csrf(signer, rng);
    RateTable rates(rng, 1024);
    PageCache pages(rng);
    Dispatcher dispatcher({.router = router,
                           .sites = sites,
                           .errors = errors,
                           .csrf = csrf,
                           .rates = rates,
                           .pages = pages,
                           .rng = rng});
    constexpr std::string_view target =
        "/catalog/shirts-and-blouses/products/a-red-shirt-with-long-sleeves?utm_source=mail&page=2&sort=price";
    test::Sent first(Method::get, target);
    Plan plan = test::run(dispatcher.plan(first.request));
    test::run(dispatcher.respond(first.request, plan));

    test::Sent sent(Method::get,
                    target,
                    {{"Accept-Encoding", "gzip, deflate, br"},
                     {"Cookie", "__Host-session=0123456789abcdef"},
                     {"If-None-Match", "\"x\""}});
    const std::size_t before = allocations;
    const Sending sending = dispatcher.cached(sent.request);
    const std::size_t after = allocations;
    ASSERT_TRUE(sending.page);
    EXPECT_EQ(sending.status, 200);
    EXPECT_EQ(sending.variant, &*sending.page->brotli);
    EXPECT_EQ(after - before, 0U);
}

}  // namespace
}  // namespace cartwright::http
