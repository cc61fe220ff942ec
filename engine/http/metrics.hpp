// What Prometheus scrapes: requests by route and outcome, how long they took, and what other parts tell by
// callbacks. Each thread counts for itself without a lock; a scrape adds the threads up.
#pragma once

#include "http/counter.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {

class Metrics {
public:
    // The counts of one thread.
    class Recorder {
    public:
        explicit Recorder(const Metrics& metrics);  // by add_recorder

        // `route` as declared; a name that isn't known counts as "none", so that no request can make a
        // new series.
        void request(std::string_view route,
                     int status,
                     std::chrono::microseconds took,
                     std::uint64_t bytes) noexcept;

    private:
        friend class Metrics;
        struct Route;

        const Metrics* metrics_;
        std::vector<Route> routes_;
    };

    // Names of all routes.
    explicit Metrics(std::vector<std::string> routes);
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    // Before the threads start and before the first scrape: these three aren't safe to call beside others.
    Recorder& add_recorder();
    // `name` as Prometheus has it ("cartwright_db_connections"), `labels` as it is written between the
    // braces ("state=\"idle\"") or "". The callback runs on the scraping thread. Series of one name are
    // added one after another, with the same help.
    void add_gauge(std::string name, std::string help, std::string labels, std::function<double()> value);
    void add_counter(std::string name, std::string help, std::string labels, std::function<double()> value);

    // The text format, version 0.0.4.
    std::string text() const;

private:
    struct Series;

    std::size_t index_of(std::string_view route) const noexcept;

    std::vector<std::string> routes_;  // sorted; "none" among them
    std::vector<std::unique_ptr<Recorder>> recorders_;
    std::vector<Series> series_;
};

}  // namespace cartwright::http
