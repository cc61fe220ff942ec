#include "edge_client.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>

namespace cartwright::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET /p HTTP/1.1\r\nHost: a.test\r\n\r\n";

std::string post(std::string_view path, std::string_view body) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: a.test\r\nContent-Length: {}\r\n\r\n{}", path, body.size(), body);
}

class SessionTest : public EdgeTest {};

TEST_F(SessionTest, AnswersAndKeepsTheConnection) {
    start();
    Client client(port());
    const Answer first = client.ask(get);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, "0 a.test /p 127.0.0.1 http []\n");
    EXPECT_EQ(first.field("Connection"), "-");
    EXPECT_EQ(first.field("Content-Length"), std::to_string(first.body.size()));
    EXPECT_EQ(first.field("Date").size(), 29U);
    EXPECT_TRUE(first.field("Date").ends_with(" GMT"));
    const Answer second = client.ask(get);
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(first.field("X-Request-Id").size(), 16U);
    EXPECT_NE(first.field("X-Request-Id"), second.field("X-Request-Id"));
}

TEST_F(SessionTest, AnswersPipelinedRequestsInOrder) {
    start();
    Client client(port());
    std::string requests;
    for (int i = 0; i < 250; ++i)
        requests += fmt::format("GET {}?{} HTTP/1.1\r\nHost: a.test\r\n\r\n", i % 7 == 3 ? "/page" : "/p", i);
    std::thread sender([&] { client.send(requests); });
    for (int i = 0; i < 250; ++i) {
        const Answer answer = client.answer();
        ASSERT_EQ(answer.status, 200) << i;
        ASSERT_EQ(
            answer.body,
            i % 7 == 3 ? std::string(page_bytes, 'x') : fmt::format("0 a.test /p?{} 127.0.0.1 http []\n", i));
    }
    sender.join();
}

TEST_F(SessionTest, ReadsRequestsByteByByte) {
    start();
    Client client(port());
    for (const char c : fmt::format("{}{}", post("/p", "hello"), get)) client.send(std::string_view(&c, 1));
    EXPECT_EQ(client.answer().body, "2 a.test /p 127.0.0.1 http [hello]\n");
    EXPECT_EQ(client.answer().status, 200);
}

TEST_F(SessionTest, SpeaksHttp10) {
    start();
    Client plain(port());
    const Answer answer = plain.ask("GET /p HTTP/1.0\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(plain.closed());

    Client kept(port());
    const Answer first = kept.ask("GET /p HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(first.field("Connection"), "keep-alive");
    EXPECT_EQ(kept.ask("GET /p HTTP/1.0\r\nHost: a.test\r\n\r\n").status, 200);
    EXPECT_TRUE(kept.closed());
}

TEST_F(SessionTest, AnswersHeadWithoutABody) {
    start();
    Client client(port());
    client.send("HEAD /page HTTP/1.1\r\nHost: a.test\r\n\r\nHEAD /p HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(client.answer(true).field("Content-Length"), std::to_string(page_bytes));
    EXPECT_EQ(client.answer(true).field("Content-Length"), "30");
    EXPECT_EQ(client.ask(get).status, 200);
}

TEST_F(SessionTest, ClosesWhenAsked) {
    start();
    Client client(port());
    const Answer answer = client.ask(
        "GET /page HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\nGET /cw-canary HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client.closed());
    stop();
    EXPECT_EQ(log.count("canary"), 0U);
    EXPECT_EQ(log.count("\n"), 1U);
}

TEST_F(SessionTest, SendsAPageFromMemory) {
    start();
    Client client(port());
    const Answer answer = client.ask("GET /page HTTP/1.1\r\nHost: b.test\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, std::string(page_bytes, 'x'));
    EXPECT_EQ(answer.field("ETag"), "\"1-30720\"");
    stop();
    EXPECT_EQ(log.count(R"("host":"b.test","path":"/page","shop":2,"route":"test.page","status":200)"), 1U);
}

TEST_F(SessionTest, SendsFiles) {
    const std::string path = ::testing::TempDir() + "/edge_file";
    std::string content;
    for (int i = 0; content.size() < (3 << 20); ++i) content += std::to_string(i) + ",";
    std::ofstream(path) << content;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    start([&](EdgeExchange& exchange) {
        exchange.file = std::shared_ptr<const int>(new int(fd), [](const int* owned) {
            ::close(*owned);
            delete owned;
        });
        exchange.file_size = content.size();
    });
    std::filesystem::remove(path);
    Client client(port(), 4096);
    client.send("GET /file HTTP/1.1\r\nHost: a.test\r\n\r\n");
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.size(), content.size());
    EXPECT_TRUE(answer.body == content);
    EXPECT_EQ(client.ask(get).status, 200);
}

TEST_F(SessionTest, ReadsBodiesOfBothFramings) {
    start();
    Client client(port());
    EXPECT_EQ(client.ask(post("/p", "hello")).body, "2 a.test /p 127.0.0.1 http [hello]\n");
    const std::string big(300'000, 'b');
    std::thread sender([&] { client.send(post("/p", big)); });
    EXPECT_EQ(client.answer().body, "2 a.test /p 127.0.0.1 http [" + big + "]\n");
    sender.join();
    EXPECT_EQ(
        client
            .ask(
                "POST /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: 1\r\n\r\n")
            .body,
        "2 a.test /p 127.0.0.1 http [hello]\n");
    EXPECT_EQ(client.ask(get).status, 200);
}

TEST_F(SessionTest, StreamsBodies) {
    start();
    Client client(port());
    EXPECT_EQ(client.ask(post("/stream", "hello")).body, "2 a.test /stream 127.0.0.1 http [hello]\n");
    std::string big;
    for (int i = 0; big.size() < 200'000; ++i) big += std::to_string(i);
    std::string chunked = "POST /stream HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < big.size(); at += 1000)
        chunked +=
            fmt::format("{:x}\r\n{}\r\n", std::min<std::size_t>(1000, big.size() - at), big.substr(at, 1000));
    chunked += "0\r\n\r\n";
    std::thread sender([&] { client.send(chunked); });
    EXPECT_EQ(client.answer().body, "2 a.test /stream 127.0.0.1 http [" + big + "]\n");
    sender.join();
    EXPECT_EQ(client.ask(get).status, 200);
}

TEST_F(SessionTest, RefusesLargeBodiesBeforeReadingThem) {
    start([](EdgeExchange& exchange) { exchange.body_limit = 10; });
    for (const char* path : {"/p", "/stream"}) {
        Client client(port());
        const Answer answer =
            client.ask(fmt::format("POST {} HTTP/1.1\r\nHost: a.test\r\nContent-Length: 11\r\n\r\n", path));
        EXPECT_EQ(answer.status, 413) << path;
        EXPECT_EQ(answer.field("Connection"), "close");
        EXPECT_TRUE(client.closed());
        Client chunked(port());
        EXPECT_EQ(
            chunked
                .ask(fmt::format(
                    "POST {} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n",
                    path))
                .status,
            413)
            << path;
        EXPECT_TRUE(chunked.closed());
        Client exact(port());
        EXPECT_EQ(exact.ask(post(path, "0123456789")).status, 200) << path;
    }
}

TEST_F(SessionTest, DropsBodiesThatNobodyWants) {
    start();
    Client client(port());
    EXPECT_EQ(client.ask(post("/missing", "GET /cw-canary HTTP/1.1\r\nHost: a.test\r\n\r\n")).status, 404);
    EXPECT_EQ(client.ask(post("/none", "GET /cw-canary HTTP/1.1\r\nHost: a.test\r\n\r\n")).body,
              "2 a.test /none 127.0.0.1 http []\n");
    EXPECT_EQ(client.ask(get).status, 200);  // and the connection stays

    Client huge(port());
    const Answer refused =
        huge.ask("POST /missing HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n");
    EXPECT_EQ(refused.status, 413);
    EXPECT_TRUE(huge.closed());

    Client malformed(port());
    EXPECT_EQ(
        malformed.ask("POST /missing HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")
            .status,
        400);
    EXPECT_TRUE(malformed.closed());
    stop();
    EXPECT_EQ(log.count("canary"), 0U);
}

TEST_F(SessionTest, RefusesBrokenBodies) {
    start();
    for (const char* path : {"/p", "/stream", "/none"}) {
        Client client(port());
        const Answer answer = client.ask(fmt::format(
            "POST {} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX", path));
        EXPECT_EQ(answer.status, 400) << path;
        EXPECT_TRUE(client.closed());
        Client gone(port());
        gone.send(fmt::format("POST {} HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello", path));
        gone.half_close();
        EXPECT_TRUE(gone.closed()) << path;
    }
    stop();
    EXPECT_EQ(log.count(R"("status":400)"), 3U);
    EXPECT_EQ(log.count(R"("status":0)"), 3U);
}

TEST_F(SessionTest, InvitesABodyOnlyAfterThePlan) {
    start([](EdgeExchange& exchange) { exchange.body_limit = 10; });
    const auto expecting = [](std::string_view path, std::string_view length, std::string_view expectation) {
        return fmt::format("POST {} HTTP/1.1\r\nHost: a.test\r\nContent-Length: {}\r\nExpect: {}\r\n\r\n",
                           path,
                           length,
                           expectation);
    };
    Client client(port());
    EXPECT_EQ(client.ask(expecting("/p", "5", "100-continue")).status, 100);
    EXPECT_EQ(client.ask("hello").body, "2 a.test /p 127.0.0.1 http [hello]\n");
    // A body that is here already needs no invitation.
    EXPECT_EQ(client.ask(expecting("/p", "5", "100-continue") + "hello").status, 200);

    Client missing(port());
    EXPECT_EQ(missing.ask(expecting("/missing", "5", "100-continue")).status, 404);
    EXPECT_TRUE(missing.closed());
    Client large(port());
    EXPECT_EQ(large.ask(expecting("/p", "11", "100-continue")).status, 413);
    EXPECT_TRUE(large.closed());
    Client odd(port());
    EXPECT_EQ(odd.ask(expecting("/p", "5", "miracles") + "hello").status, 417);
    EXPECT_TRUE(odd.closed());
    Client old(port());
    EXPECT_EQ(
        old.ask("POST /p HTTP/1.0\r\nHost: a.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
            .status,
        200);
}

TEST_F(SessionTest, RefusesAndClosesOnBadHeads) {
    start();
    for (const auto& [bytes, status] : std::vector<std::pair<std::string, int>>{
             {"GET /p HTTP/1.1\r\n\r\n", 400},
             {"GET /" + std::string(9000, 'a'), 414},
             {"GET /p HTTP/3.0\r\n", 505},
             {"TRACE /p HTTP/1.1\r\nHost: a.test\r\n\r\n", 405},
             {"BREW /p HTTP/1.1\r\nHost: a.test\r\n\r\n", 501},
             {"GET /p HTTP/1.1\r\nHost: a.test\r\nX-A: " + std::string(200'000, 'a'), 431}}) {
        Client client(port());
        client.send(bytes);
        const Answer answer = client.answer();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.field("Connection"), "close");
        EXPECT_EQ(answer.body, fmt::format("{} {}\n", status, answer.field("X-Request-Id")));
        EXPECT_EQ(client.rest(), "") << status;
    }
    stop();
    EXPECT_EQ(log.count("\n"), 6U);
    EXPECT_EQ(log.count(R"("method":"","host":"","path":"","shop":0,"route":"","status":)"), 6U);
}

TEST_F(SessionTest, AnswersAHandlersExceptionWith500) {
    start();
    Client client(port());
    const Answer answer = client.ask("GET /throw HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("bug"), std::string::npos);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(Client(port()).ask(get).status, 200);
}

TEST_F(SessionTest, EndsSlowHeads) {
    options.limits.head = 100ms;
    start();
    Client silent(port());
    EXPECT_EQ(silent.rest(), "");
    Client slow(port());
    slow.send("GET /p HTTP/1.1\r\nHost:");
    const Answer answer = slow.answer();
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(slow.closed());
    // An answer that comes unasked could be taken for another's on a connection that was used before.
    Client used(port());
    EXPECT_EQ(used.ask(get).status, 200);
    used.send("GET /p HT");
    EXPECT_TRUE(used.closed());
    // The deadline is absolute: a byte now and then does not move it.
    Client trickle(port());
    std::atomic<bool> over{false};
    std::thread sender([&] {
        for (int i = 0; i < 2000 && !over; ++i) {
            if (!trickle.send(i == 0 ? "GET /" : "a")) break;
            std::this_thread::sleep_for(5ms);
        }
    });
    EXPECT_EQ(trickle.answer().status, 408);
    over = true;
    sender.join();
}

TEST_F(SessionTest, EndsSlowBodies) {
    options.limits.body = 100ms;
    start();
    for (const char* path : {"/p", "/stream", "/none", "/missing"}) {
        Client client(port());
        client.send(fmt::format("POST {} HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello", path));
        EXPECT_EQ(client.answer().status, 408) << path;
        EXPECT_TRUE(client.closed());
    }
    Client used(port());
    EXPECT_EQ(used.ask(get).status, 200);
    used.send("POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello");
    EXPECT_EQ(used.answer().status, 0);
}

TEST_F(SessionTest, EndsTricklingBodies) {
    options.limits.body = 200ms;
    start();
    for (const char* path : {"/p", "/stream"}) {
        Client client(port());
        client.send(fmt::format("POST {} HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5000\r\n\r\n", path));
        std::atomic<bool> over{false};
        std::thread sender([&] {
            for (int i = 0; i < 1000 && !over && client.send("a"); ++i) std::this_thread::sleep_for(10ms);
        });
        EXPECT_EQ(client.answer().status, 408) << path;
        over = true;
        sender.join();
    }
}

TEST_F(SessionTest, EndsIdleConnections) {
    options.limits.idle = 100ms;
    start();
    Client client(port());
    EXPECT_EQ(client.ask(get).status, 200);
    EXPECT_TRUE(client.closed());
    stop();
    EXPECT_EQ(log.count("\n"), 1U);
}

TEST_F(SessionTest, EndsSlowReaders) {
    options.limits.write = 100ms;
    options.limits.write_rate = 1 << 30;
    start();
    Client client(port(), 4096);
    client.send("GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n");
    while (log.count(R"("path":"/big")") == 0) std::this_thread::sleep_for(1ms);
    const std::string rest = client.rest();
    EXPECT_LT(rest.size(), std::size_t{8} << 20);
}

TEST_F(SessionTest, GivesSlowReadersTheirTime) {
    start();
    Client client(port(), 4096);
    client.send("GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(client.answer().body.size(), std::size_t{8} << 20);
}

TEST_F(SessionTest, BelievesOnlyKnownProxies) {
    constexpr std::string_view claims =
        "GET /p HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 9.9.9.9, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: b.test\r\nX-Request-Id: from-the-proxy\r\n\r\n";
    start();
    {
        Client client(port());
        const Answer answer = client.ask(claims);
        EXPECT_EQ(answer.body, "0 a.test /p 127.0.0.1 http []\n");
        EXPECT_EQ(answer.field("X-Request-Id").size(), 16U);
    }
    stop();
    options.trusted_proxies = {"127.0.0.0/8"};
    start();
    Client client(port());
    const Answer answer = client.ask(claims);
    EXPECT_EQ(answer.body, "0 b.test /p 203.0.113.7 https []\n");
    EXPECT_EQ(answer.field("X-Request-Id"), "from-the-proxy");
    const Answer nonsense = client.ask(
        "GET /p HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: unknown\r\nX-Forwarded-Proto: gopher\r\n"
        "X-Forwarded-Host: b test\r\nX-Request-Id: a b\r\n\r\n");
    EXPECT_EQ(nonsense.body, "0 a.test /p 127.0.0.1 http []\n");
    EXPECT_EQ(nonsense.field("X-Request-Id").size(), 16U);
}

TEST_F(SessionTest, LogsEveryRequest) {
    start();
    Client client(port());
    const Answer answer = client.ask("GET /p?secret=1 HTTP/1.1\r\nHost: A.test:80\r\n\r\n");
    stop();
    const std::string line = log.text();
    EXPECT_NE(
        line.find(fmt::format(
            R"("id":"{}","method":"GET","host":"a.test","path":"/p","shop":1,"route":"test.any","status":200,"us":)",
            answer.field("X-Request-Id"))),
        std::string::npos)
        << line;
    EXPECT_NE(line.find(fmt::format(R"("sql":0,"bytes":{},"peer":"127.0.0.1"}})",
                                    answer.head.size() + 2 + answer.body.size())),
              std::string::npos)
        << line;
    EXPECT_EQ(line.find("secret"), std::string::npos);
}

TEST_F(SessionTest, SurvivesResets) {
    options.limits.connections_per_address = 0;
    start();
    const linger hard{1, 0};
    for (int i = 0; i < 500; ++i) {
        Client client(port());
        client.send(
            i % 3 == 0 ? "GET /page HTTP/1.1\r\nHost: a.test\r\n\r\nGET /big HTTP/1.1\r\nHost: a.test\r\n\r\n"
            : i % 3 == 1 ? "POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nx"
                         : "GET /p HT");
        ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    EXPECT_EQ(Client(port()).ask(get).status, 200);
}

}  // namespace
}  // namespace cartwright::http
