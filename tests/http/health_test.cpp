#include "http/health.hpp"

#include "http/sent.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cartwright::http {
namespace {

using test::Sent;

constexpr Reason draining{"http.draining", Kind::busy};

Response ask(const Router& router, std::string_view path) {
    Sent sent(Method::get, path);
    const Match match = router.find(Method::get, path, Host::any);
    return test::run(match.route->handler(sent.request));
}

TEST(Health, TheProcessIsAlive) {
    Router router;
    add_health_pages(router, {});
    const Response response = ask(router, "/healthz");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(std::get<std::string>(response.body), "ok\n");
}

TEST(Health, ReadyOnlyIfEveryCheckPasses) {
    bool drain = false;
    bool broken = false;
    Router router;
    add_health_pages(router,
                     {{"database",
                       [&]() -> Task<Outcome<>> {
                           if (broken) throw std::runtime_error("gone");
                           co_return Outcome<>();
                       }},
                      {"drain", [&]() -> Task<Outcome<>> {
                           if (drain) co_return refuse(draining);
                           co_return Outcome<>();
                       }}});
    Response response = ask(router, "/readyz");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(std::get<std::string>(response.body),
              "{\"ready\":true,\"checks\":{\"database\":\"ok\",\"drain\":\"ok\"}}\n");
    EXPECT_FALSE(response.has("Retry-After"));
    drain = true;
    response = ask(router, "/readyz");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.field("Retry-After"), "1");
    EXPECT_EQ(std::get<std::string>(response.body),
              "{\"ready\":false,\"checks\":{\"database\":\"ok\",\"drain\":\"http.draining\"}}\n");
    broken = true;
    response = ask(router, "/readyz");
    EXPECT_EQ(
        std::get<std::string>(response.body),
        "{\"ready\":false,\"checks\":{\"database\":\"http.check_failed\",\"drain\":\"http.draining\"}}\n");
}

TEST(Health, MetricsAreInPrometheusText) {
    Metrics metrics({});
    metrics.add_gauge("x", "X.", "", [] { return 1.0; });
    Router router;
    add_metrics_page(router, metrics);
    const Response response = ask(router, "/metrics");
    EXPECT_EQ(response.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_TRUE(std::get<std::string>(response.body).ends_with("x 1\n"));
}

}  // namespace
}  // namespace cartwright::http
