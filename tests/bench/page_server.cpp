// The whole way of a page from memory, without a database: guard, router, page cache, access log. Serves
// GET /page with a body of 30 KB.
//
//   http_page_server PORT LOGFILE     ends when its standard input does
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "http/dispatch.hpp"
#include "http/server.hpp"
#include "http/texts.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <unistd.h>

namespace {

using namespace cartwright;
using namespace cartwright::http;

constexpr std::size_t page_bytes = 30 << 10;

class AnySite final : public Sites {
public:
    std::pair<bool, std::shared_ptr<const Site>> cached(std::string_view) override { return {true, site_}; }

    Task<std::shared_ptr<const Site>> load(std::string) override { co_return site_; }

private:
    std::shared_ptr<const Site> site_ =
        std::make_shared<Site>(Site{.tenant = 7, .host = "localhost", .redirect_to = {}});
};

// All that a thread has for itself, in the order in which it refers to itself.
struct Thread {
    explicit Thread(Rng& rng_) : rng(rng_) {
        router.add({.name = "page",
                    .methods = {Method::get},
                    .pattern = "/page",
                    .handler = [](Request&) -> Task<Response> {
                        Response response = html(200, std::string(page_bytes, 'x'));
                        response.compressible = false;  // the peer sends the same bytes
                        co_return response;
                    },
                    .page_key = [](const Request&, PageKey&) { return true; }});
    }

    Rng& rng;
    Router router;
    AnySite sites;
    test::Texts texts;
    ErrorAnswers errors{texts};
    Signer signer{{std::string(32, 'k')}};
    CsrfCheck csrf{signer, rng};
    RateTable rates{rng, 1024};
    PageCache pages{rng};
    Dispatcher dispatcher{DispatchParts{.router = router,
                                        .sites = sites,
                                        .errors = errors,
                                        .csrf = csrf,
                                        .rates = rates,
                                        .pages = pages,
                                        .rng = rng}};
};

class Owning final : public Exchange {
public:
    explicit Owning(Rng& rng) : thread_(rng) {}

    Sending cached(Request& request) override { return thread_.dispatcher.cached(request); }

    Sending choose(const Request& request, std::shared_ptr<const Page> page) override {
        return thread_.dispatcher.choose(request, std::move(page));
    }

    Task<Plan> plan(Request& request) override { return thread_.dispatcher.plan(request); }

    Task<Response> respond(Request& request, Plan& plan) override {
        return thread_.dispatcher.respond(request, plan);
    }

    Response refuse(const Request& request, int status) override {
        return thread_.dispatcher.refuse(request, status);
    }

    void finished(const Request& request,
                  std::string_view route,
                  int status,
                  std::chrono::microseconds took,
                  std::uint64_t bytes) noexcept override {
        thread_.dispatcher.finished(request, route, status, took, bytes);
    }

private:
    Thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        fmt::print(stderr, "usage: http_page_server PORT LOGFILE\n");
        return 2;
    }
    const SystemClock clock;
    SystemRng rng;
    ServerOptions options;
    options.threads = 2;  // as many as nginx's workers
    options.limits.connections_per_address = 0;
    Server server(
        std::move(options),
        [&rng](boost::asio::io_context&, unsigned) { return std::make_unique<Owning>(rng); },
        nullptr,
        file_sink(argv[2]),
        clock,
        rng);
    server.listen({.address = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(argv[1]))});
    server.start();
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    server.stop(std::chrono::seconds(1));
    return 0;
}
