#include "http/health.hpp"

#include "base/json_text.hpp"

#include <exception>
#include <memory>
#include <utility>

namespace cartwright::http {

namespace {

Task<Response> alive(Request&) {
    co_return text(200, "ok\n");
}

Task<std::string> result_of(const ReadyCheck& check) {
    try {
        const Outcome<> outcome = co_await check.run();
        co_return outcome ? std::string("ok") : std::string(outcome.error().code());
    } catch (const std::exception&) {
        co_return "http.check_failed";
    }
}

Task<Response> ready(std::shared_ptr<const std::vector<ReadyCheck>> checks) {
    bool all = true;
    std::string list;
    for (const ReadyCheck& check : *checks) {
        const std::string result = co_await result_of(check);
        all = all && result == "ok";
        if (!list.empty()) list += ',';
        append_json_string(list, check.name);
        list += ':';
        append_json_string(list, result);
    }
    Response response =
        json(all ? 200 : 503,
             std::string("{\"ready\":") + (all ? "true" : "false") + ",\"checks\":{" + list + "}}\n");
    if (!all) response.set("Retry-After", "1");
    co_return response;
}

}  // namespace

void add_health_pages(Router& router, std::vector<ReadyCheck> checks) {
    router.add({.name = "health",
                .methods = {Method::get},
                .pattern = "/healthz",
                .handler = alive,
                .rate = Rate::none,
                .host = Host::any});
    const auto shared = std::make_shared<const std::vector<ReadyCheck>>(std::move(checks));
    router.add({.name = "ready",
                .methods = {Method::get},
                .pattern = "/readyz",
                .handler = [shared](Request&) { return ready(shared); },
                .rate = Rate::none,
                .host = Host::any,
                .answers = Answers::json});
}

void add_metrics_page(Router& router, const Metrics& metrics) {
    const Metrics* source = &metrics;
    const auto answer = [source](Request&) -> Task<Response> {
        co_return text(200, source->text(), "text/plain; version=0.0.4; charset=utf-8");
    };
    router.add({.name = "metrics",
                .methods = {Method::get},
                .pattern = "/metrics",
                .handler = answer,
                .rate = Rate::none,
                .host = Host::any});
}

}  // namespace cartwright::http
