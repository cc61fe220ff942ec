// The whole way of a page from memory, without a database: guard, router, page cache, access log. Serves
// GET /page with a body of 30 KB.
//
//   http_page_server PORT LOGFILE     ends when its standard input does
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "bench/bench_node.hpp"
#include "http/server.hpp"

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

Router routes() {
    Router router;
    router.add({.name = "page",
                .methods = {Method::get},
                .pattern = "/page",
                .handler = [](Request&) -> Task<Response> {
                    Response response = html(200, std::string(page_bytes, 'x'));
                    response.compressible = false;  // the peer sends the same bytes
                    co_return response;
                },
                .page_key = [](const Request&, PageKey&) { return true; }});
    return router;
}

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
        [&rng](boost::asio::io_context&, unsigned) {
            return std::make_unique<bench::BenchNode>(rng, routes());
        },
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
