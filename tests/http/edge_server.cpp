// A server with the edge alone, for the corpus, the benchmark and counting memory. Prints "port N" when it
// listens; ends on SIGTERM, SIGINT, or when its standard input ends, so that it never outlives its parent.
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "edge_exchange.hpp"
#include "http/server.hpp"
#include "http/tls.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <thread>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace {

using namespace cartwright;

long number(const std::map<std::string, std::string, std::less<>>& options,
            std::string_view name,
            long otherwise) {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : std::strtol(found->second.c_str(), nullptr, 10);
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string, std::less<>> options;
    for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    const SystemClock clock;
    SystemRng rng;
    http::ServerOptions settings;
    settings.threads = static_cast<unsigned>(number(options, "--threads", 2));
    settings.limits.connections_per_address = static_cast<std::size_t>(number(options, "--per-address", 0));
    settings.limits.connections_per_shop = static_cast<std::size_t>(number(options, "--per-shop", 0));
    settings.limits.idle = std::chrono::milliseconds(number(options, "--idle-ms", 15'000));
    settings.limits.head = std::chrono::milliseconds(number(options, "--head-ms", 10'000));
    settings.limits.body = std::chrono::milliseconds(number(options, "--body-ms", 30'000));
    if (options.contains("--proxy")) settings.trusted_proxies = {options["--proxy"]};
    if (options.contains("--certificates")) {
        settings.certificates = std::make_shared<http::Certificates>(options["--certificates"]);
    }
    const auto page = static_cast<std::size_t>(number(options, "--page", 0));
    http::Server server(
        std::move(settings),
        [page](boost::asio::io_context&, unsigned) { return std::make_unique<http::EdgeExchange>(page); },
        nullptr,
        options.contains("--log") ? http::file_sink(options["--log"]) : http::LogSink(),
        clock,
        rng);
    try {
        server.listen(
            {.address = "127.0.0.1", .port = static_cast<std::uint16_t>(number(options, "--port", 0))});
        if (options.contains("--tls-port")) {
            server.listen({.address = "127.0.0.1",
                           .port = static_cast<std::uint16_t>(number(options, "--tls-port", 0)),
                           .kind = http::Listener::Kind::tls});
        }
        server.start();
    } catch (const std::exception& problem) {
        fmt::print(stderr, "edge_server: {}\n", problem.what());
        return 2;
    }
    fmt::print("port {}\n", server.port());
    std::fflush(stdout);
    std::thread([] {
        char byte = 0;
        while (::read(STDIN_FILENO, &byte, 1) > 0) {
        }
        ::kill(::getpid(), SIGTERM);
    }).detach();
    int which = 0;
    sigwait(&ends, &which);
    server.stop(std::chrono::seconds(1));
    return 0;
}
