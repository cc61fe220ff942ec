#include "edge_client.hpp"
#include "http/tls.hpp"

#include <thread>

namespace cartwright::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET /p HTTP/1.1\r\nHost: a.test\r\n\r\n";

class ServerTest : public EdgeTest {};

TEST_F(ServerTest, NamesABusyPort) {
    start();
    Server other(
        options,
        [](boost::asio::io_context&, unsigned) { return std::make_unique<EdgeExchange>(); },
        nullptr,
        LogSink(),
        clock,
        rng);
    try {
        other.listen({.address = "127.0.0.1", .port = port()});
        FAIL() << "the port is taken";
    } catch (const std::runtime_error& problem) {
        EXPECT_EQ(
            problem.what(),
            fmt::format("127.0.0.1 port {} is in use by another process: stop it, or choose another port",
                        port()));
    }
    try {
        other.listen({.address = "localhost", .port = 0});
        FAIL() << "a name is no address";
    } catch (const std::runtime_error& problem) {
        EXPECT_EQ(std::string(problem.what()).substr(0, 43), "\"localhost\" is not an address to listen on:");
    }
    EXPECT_EQ(Client(port()).ask(get).status, 200);
}

TEST_F(ServerTest, SharesAPortWhenTold) {
    start();
    Server other(
        options,
        [](boost::asio::io_context&, unsigned) { return std::make_unique<EdgeExchange>(); },
        nullptr,
        LogSink(),
        clock,
        rng);
    other.listen({.address = "127.0.0.1", .port = port(), .share_port = true});
    EXPECT_EQ(other.port(), port());
}

TEST_F(ServerTest, UsesAllThreads) {
    options.threads = 3;
    std::atomic<int> exchanges{0};
    start([&](EdgeExchange&) { ++exchanges; });
    EXPECT_EQ(exchanges, 3);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(Client(port()).ask(get).status, 200);
    stop();
    EXPECT_EQ(log.count("\n"), 50U);
}

TEST_F(ServerTest, FailsToStartWithItsExchange) {
    server = std::make_unique<Server>(
        options,
        [](boost::asio::io_context&, unsigned) -> std::unique_ptr<Exchange> {
            throw std::runtime_error("no theme");
        },
        nullptr,
        LogSink(),
        clock,
        rng);
    server->listen({});
    EXPECT_THROW(server->start(), std::runtime_error);
    server.reset();
}

TEST_F(ServerTest, KeepsAdminApart) {
    start();
    Server both(
        options,
        [](boost::asio::io_context&, unsigned) { return std::make_unique<EdgeExchange>(); },
        [](boost::asio::io_context&, unsigned) { return std::make_unique<EdgeExchange>(100); },
        LogSink(),
        clock,
        rng);
    both.listen({});
    both.listen({.kind = Listener::Kind::admin});
    both.start();
    constexpr std::string_view page = "GET /page HTTP/1.1\r\nHost: a.test\r\n\r\n";
    EXPECT_EQ(Client(both.port(0)).ask(page).body, "0 a.test /page 127.0.0.1 http []\n");
    EXPECT_EQ(Client(both.port(1)).ask(page).body, std::string(100, 'x'));
}

TEST_F(ServerTest, CapsConnectionsOfOneAddress) {
    options.limits.connections_per_address = 2;
    start();
    {
        Client one(port());
        Client two(port());
        EXPECT_EQ(one.ask(get).status, 200);
        EXPECT_EQ(two.ask(get).status, 200);
        Client three(port());
        EXPECT_EQ(three.answer().status, 503);
        EXPECT_EQ(one.ask(get).status, 200);
    }
    while (server->open_connections() != 0) std::this_thread::yield();
    EXPECT_EQ(Client(port()).ask(get).status, 200);
}

TEST_F(ServerTest, CapsConnectionsOfTheProcess) {
    options.limits.connections = 1;
    start();
    Client one(port());
    EXPECT_EQ(one.ask(get).status, 200);
    Client two(port());
    const Answer full = two.answer();
    EXPECT_EQ(full.status, 503);
    EXPECT_EQ(full.field("Retry-After"), "5");
}

TEST_F(ServerTest, CapsConnectionsOfOneShop) {
    options.limits.connections_per_shop = 1;
    start();
    Client one(port());
    EXPECT_EQ(one.ask(get).status, 200);
    EXPECT_EQ(one.ask(get).status, 200);
    Client two(port());
    EXPECT_EQ(two.ask(get).status, 503);
    EXPECT_TRUE(two.closed());
    Client cached(port());
    EXPECT_EQ(cached.ask("GET /page HTTP/1.1\r\nHost: a.test\r\n\r\n").status, 503);
    Client other_shop(port());
    EXPECT_EQ(other_shop.ask("GET /p HTTP/1.1\r\nHost: b.test\r\n\r\n").status, 200);
    // A connection that turns to another shop is that shop's.
    EXPECT_EQ(one.ask("GET /p HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
    EXPECT_EQ(one.ask("GET /p HTTP/1.1\r\nHost: b.test\r\n\r\n").status, 503);
    EXPECT_EQ(Client(port()).ask(get).status, 200);
}

TEST_F(ServerTest, DrainsBeforeItStops) {
    start();
    Client idle(port());
    EXPECT_EQ(idle.ask(get).status, 200);
    Client busy(port());
    busy.send("POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(busy.answer().status, 100);
    server->drain();
    EXPECT_TRUE(idle.closed());
    // New connections are still served while a load balancer takes notice, but not kept.
    Client late(port());
    const Answer last = late.ask(get);
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.field("Connection"), "close");
    EXPECT_TRUE(late.closed());

    std::size_t cut = 99;
    std::thread stopping([&] { cut = server->stop(10s); });
    EXPECT_EQ(busy.ask("hello").body, "2 a.test /p 127.0.0.1 http [hello]\n");
    EXPECT_TRUE(busy.closed());
    stopping.join();
    EXPECT_EQ(cut, 0U);
    EXPECT_FALSE(Client(port()).connected());
}

TEST_F(ServerTest, AnswersWhatWasAcceptedBeforeTheEnd) {
    start();
    Client early(port());
    early.send(get);
    std::thread stopping([&] { server->stop(10s); });
    EXPECT_EQ(early.answer().status, 200);
    stopping.join();
}

TEST_F(ServerTest, CutsWhatDoesNotEnd) {
    start();
    Client stuck(port());
    stuck.send("POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(stuck.answer().status, 100);
    EXPECT_EQ(server->stop(20ms), 1U);
    EXPECT_EQ(stuck.answer().status, 0);
}

}  // namespace
}  // namespace cartwright::http
