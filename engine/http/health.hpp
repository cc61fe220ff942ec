// The routes that the machinery around the server asks: is the process alive, may it get traffic, how is it
// doing. /healthz and /readyz answer on every host name, /metrics only on the admin listener.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "http/metrics.hpp"
#include "http/router.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {

// One condition of readiness: "database", "migrations", "drain". The refusal's code is shown, no more. A
// check that throws counts as refused, with "http.check_failed".
struct ReadyCheck {
    std::string name;
    std::function<Task<Outcome<>>()> run;
};

// /healthz: 200 "ok" as long as the thread runs. /readyz: 200 if all checks pass, 503 otherwise, with a JSON
// list of them: {"ready":false,"checks":{"database":"ok","drain":"http.draining"}}.
void add_health_pages(Router& router, std::vector<ReadyCheck> checks);

// /metrics for the admin listener's router; `metrics` outlives it.
void add_metrics_page(Router& router, const Metrics& metrics);

}  // namespace cartwright::http
