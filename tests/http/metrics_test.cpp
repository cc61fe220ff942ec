#include "http/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cartwright::http {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;
using testing::Not;

TEST(Metrics, AddsThreadsUp) {
    Metrics metrics({"shop.front", "shop.cart"});
    Metrics::Recorder& one = metrics.add_recorder();
    Metrics::Recorder& two = metrics.add_recorder();
    one.request("shop.front", 200, microseconds(90), 1000);
    two.request("shop.front", 304, microseconds(100), 200);
    two.request("shop.front", 200, microseconds(101), 1000);
    two.request("shop.front", 503, microseconds(20'000'000), 10);
    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("cartwright_http_requests_total{route=\"shop.front\",status=\"2xx\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("cartwright_http_requests_total{route=\"shop.front\",status=\"3xx\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("cartwright_http_requests_total{route=\"shop.front\",status=\"5xx\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("cartwright_http_sent_bytes_total{route=\"shop.front\"} 2210\n"));
    EXPECT_THAT(text,
                HasSubstr("cartwright_http_request_seconds_bucket{route=\"shop.front\",le=\"0.0001\"} 2\n"));
    EXPECT_THAT(text,
                HasSubstr("cartwright_http_request_seconds_bucket{route=\"shop.front\",le=\"0.00025\"} 3\n"));
    EXPECT_THAT(text,
                HasSubstr("cartwright_http_request_seconds_bucket{route=\"shop.front\",le=\"10\"} 3\n"));
    EXPECT_THAT(text,
                HasSubstr("cartwright_http_request_seconds_bucket{route=\"shop.front\",le=\"+Inf\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("cartwright_http_request_seconds_sum{route=\"shop.front\"} 20.000291\n"));
    EXPECT_THAT(text, HasSubstr("cartwright_http_request_seconds_count{route=\"shop.front\"} 4\n"));
    EXPECT_THAT(text, Not(HasSubstr("shop.cart")));
}

TEST(Metrics, UnknownRoutesMakeNoSeries) {
    Metrics metrics({"shop.front"});
    Metrics::Recorder& recorder = metrics.add_recorder();
    recorder.request("/some/path", 404, microseconds(1), 1);
    recorder.request("", 400, microseconds(1), 1);
    EXPECT_THAT(metrics.text(),
                HasSubstr("cartwright_http_requests_total{route=\"none\",status=\"4xx\"} 2\n"));
    EXPECT_THAT(metrics.text(), Not(HasSubstr("/some/path")));
}

TEST(Metrics, OthersTellByCallback) {
    Metrics metrics({});
    double idle = 3;
    metrics.add_gauge(
        "cartwright_db_connections", "Connections to the database.", "state=\"idle\"", [&] { return idle; });
    metrics.add_gauge(
        "cartwright_db_connections", "Connections to the database.", "state=\"busy\"", [] { return 1.0; });
    metrics.add_counter("cartwright_alarms_total", "Alarms.", "", [] { return 0.0; });
    idle = 4;
    EXPECT_THAT(metrics.text(),
                HasSubstr("# HELP cartwright_db_connections Connections to the database.\n"
                          "# TYPE cartwright_db_connections gauge\n"
                          "cartwright_db_connections{state=\"idle\"} 4\n"
                          "cartwright_db_connections{state=\"busy\"} 1\n"
                          "# HELP cartwright_alarms_total Alarms.\n"
                          "# TYPE cartwright_alarms_total counter\n"
                          "cartwright_alarms_total 0\n"));
}

}  // namespace
}  // namespace cartwright::http
