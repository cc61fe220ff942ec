#include "http/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cartwright::http {

namespace {

constexpr std::string_view no_route = "none";
constexpr std::size_t classes = 5;  // 1xx to 5xx

// Upper ends of the histogram, in microseconds: from a cached page to the longest drain.
constexpr std::array<std::uint64_t, 16> bounds{100,
                                               250,
                                               500,
                                               1'000,
                                               2'500,
                                               5'000,
                                               10'000,
                                               25'000,
                                               50'000,
                                               100'000,
                                               250'000,
                                               500'000,
                                               1'000'000,
                                               2'500'000,
                                               5'000'000,
                                               10'000'000};

}  // namespace

struct Metrics::Recorder::Route {
    std::array<Counter, classes> by_class;
    std::array<Counter, bounds.size() + 1> by_time;
    Counter micros;
    Counter bytes;
};

struct Metrics::Series {
    std::string name;
    std::string help;
    std::string labels;
    std::string_view type;
    std::function<double()> value;
};

Metrics::Recorder::Recorder(const Metrics& metrics) : metrics_(&metrics), routes_(metrics.routes_.size()) {}

void Metrics::Recorder::request(std::string_view name,
                                int status,
                                std::chrono::microseconds took,
                                std::uint64_t bytes) noexcept {
    Route& route = routes_[metrics_->index_of(name)];
    const int hundreds = std::clamp(status / 100, 1, static_cast<int>(classes));
    route.by_class[static_cast<std::size_t>(hundreds - 1)].add();
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    const auto bucket = std::ranges::lower_bound(bounds, micros) - bounds.begin();
    route.by_time[static_cast<std::size_t>(bucket)].add();
    route.micros.add(micros);
    route.bytes.add(bytes);
}

Metrics::Metrics(std::vector<std::string> routes) : routes_(std::move(routes)) {
    routes_.emplace_back(no_route);
    std::ranges::sort(routes_);
    const auto same = std::ranges::unique(routes_);
    routes_.erase(same.begin(), same.end());
}

Metrics::~Metrics() = default;

Metrics::Recorder& Metrics::add_recorder() {
    recorders_.push_back(std::make_unique<Recorder>(*this));
    return *recorders_.back();
}

void Metrics::add_gauge(std::string name,
                        std::string help,
                        std::string labels,
                        std::function<double()> value) {
    series_.push_back({std::move(name), std::move(help), std::move(labels), "gauge", std::move(value)});
}

void Metrics::add_counter(std::string name,
                          std::string help,
                          std::string labels,
                          std::function<double()> value) {
    series_.push_back({std::move(name), std::move(help), std::move(labels), "counter", std::move(value)});
}

std::size_t Metrics::index_of(std::string_view route) const noexcept {
    auto found = std::ranges::lower_bound(routes_, route);
    if (found == routes_.end() || *found != route) found = std::ranges::lower_bound(routes_, no_route);
    return static_cast<std::size_t>(found - routes_.begin());
}

std::string Metrics::text() const {
    std::string requests =
        "# HELP cartwright_http_requests_total Requests answered.\n# TYPE cartwright_http_requests_total counter\n";
    std::string sent =
        "# HELP cartwright_http_sent_bytes_total Bytes of answers.\n# TYPE cartwright_http_sent_bytes_total counter\n";
    std::string seconds =
        "# HELP cartwright_http_request_seconds From the request's head to the answer's last byte.\n"
        "# TYPE cartwright_http_request_seconds histogram\n";
    for (std::size_t at = 0; at < routes_.size(); ++at) {
        const auto sum = [&](auto&& counter) {
            std::uint64_t total = 0;
            for (const auto& recorder : recorders_) total += counter(recorder->routes_[at]).value();
            return total;
        };
        std::array<std::uint64_t, bounds.size() + 1> times{};
        std::uint64_t count = 0;
        for (std::size_t bucket = 0; bucket < times.size(); ++bucket) {
            times[bucket] = sum([&](const auto& route) -> const Counter& { return route.by_time[bucket]; });
            count += times[bucket];
        }
        if (count == 0) continue;  // a route that nobody asked for makes no series
        for (std::size_t kind = 0; kind < classes; ++kind) {
            const auto total = sum([&](const auto& route) -> const Counter& { return route.by_class[kind]; });
            if (total == 0) continue;
            requests += fmt::format("cartwright_http_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                                    routes_[at],
                                    kind + 1,
                                    total);
        }
        sent += fmt::format("cartwright_http_sent_bytes_total{{route=\"{}\"}} {}\n",
                            routes_[at],
                            sum([](const auto& route) -> const Counter& { return route.bytes; }));
        std::uint64_t below = 0;
        for (std::size_t bucket = 0; bucket < bounds.size(); ++bucket) {
            below += times[bucket];
            seconds += fmt::format("cartwright_http_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
                                   routes_[at],
                                   static_cast<double>(bounds[bucket]) / 1e6,
                                   below);
        }
        const auto micros = sum([](const auto& route) -> const Counter& { return route.micros; });
        seconds += fmt::format(
            "cartwright_http_request_seconds_bucket{{route=\"{0}\",le=\"+Inf\"}} {1}\n"
            "cartwright_http_request_seconds_sum{{route=\"{0}\"}} {2:.6f}\n"
            "cartwright_http_request_seconds_count{{route=\"{0}\"}} {1}\n",
            routes_[at],
            count,
            static_cast<double>(micros) / 1e6);
    }
    std::string all = requests + sent + seconds;
    std::string_view before;
    for (const Series& series : series_) {
        if (series.name != before) {
            all += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", series.name, series.help, series.type);
        }
        before = series.name;
        const std::string labels = series.labels.empty() ? "" : "{" + series.labels + "}";
        all += fmt::format("{}{} {}\n", series.name, labels, series.value());
    }
    return all;
}

}  // namespace cartwright::http
