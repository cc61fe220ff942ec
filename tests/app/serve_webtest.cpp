// The server as a process: stopping without cutting anyone off, and coming back after kill -9.
#include "app/http_client.hpp"
#include "app/server_process.hpp"
#include "base/rng.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cartwright::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ServeTest : public testing::Test {
protected:
    fs::path data() const { return place_.path() / "data"; }

    fs::path postgres() const { return data() / "postgres/data"; }

    std::unique_ptr<ServerProcess> start(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"serve",
                                           "--data",
                                           data().string(),
                                           "--port",
                                           fmt::to_string(port_),
                                           "--set",
                                           "server.admin_listen="};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return std::make_unique<ServerProcess>(std::move(arguments));
    }

    // A shop whose owner wants a new password.
    void ask_for_letter(const std::string& shop) const {
        const std::string owner = shop + "@example.test";
        const Finished made = finish({"shop", "create", shop, "--data", data().string(), "--owner", owner});
        ASSERT_EQ(made.code, 0) << made.errors;
        HttpClient visitor(port_, shop + ".localhost");
        const HttpAnswer answer = visitor.send("POST",
                                               "/api/password/reset",
                                               fmt::format(R"({{"email":"{}"}})", owner),
                                               {"Sec-Fetch-Site: same-origin"});
        ASSERT_EQ(answer.status, 202) << answer.body;
    }

    std::size_t letters() const {
        std::error_code none_yet;
        const fs::directory_iterator files(data() / "mail", none_yet);
        return static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }

    const TemporaryFolder place_;
    const std::uint16_t port_ = free_port();
};

// A connection whose bytes the test chooses.
class Wire {
public:
    explicit Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        EXPECT_EQ(::connect(socket_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }

    void send(std::string_view bytes) const {
        EXPECT_EQ(::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }

    // Up to `end`, or to the end of the connection.
    std::string read_until(std::string_view end) const {
        std::string all;
        while (all.find(end) == std::string::npos) {
            pollfd wanted{.fd = socket_.number(), .events = POLLIN, .revents = 0};
            if (::poll(&wanted, 1, static_cast<int>(milliseconds_of_patience)) <= 0)
                return all + " [nothing more came]";
            char byte = 0;
            if (::recv(socket_.number(), &byte, 1, 0) <= 0) return all;
            all += byte;
        }
        return all;
    }

    std::string read_all() const { return read_until("\x01 never sent"); }

private:
    static constexpr std::int64_t milliseconds_of_patience = std::chrono::milliseconds(patience).count();

    Descriptor socket_;
};

TEST_F(ServeTest, SigtermLetsARunningRequestFinishAndStopsEverything) {
    auto server = start();
    ASSERT_TRUE(server->ready(port_)) << server->output();
    const pid_t pid = server->pid();
    ASSERT_EQ(
        finish({"shop", "create", "slow", "--data", data().string(), "--owner", "owner@example.test"}).code,
        0);
    const std::string body = R"({"email":"owner@example.test","password":"wrong"})";
    const Wire slow(port_);
    slow.send(fmt::format(
        "POST /api/login HTTP/1.1\r\nHost: slow.localhost:{}\r\nContent-Type: application/json\r\n"
        "Sec-Fetch-Site: same-origin\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        port_,
        body.size()));
    ASSERT_THAT(slow.read_until("\r\n\r\n"), HasSubstr("HTTP/1.1 100"));  // the server waits for the body
    const Wire idle(port_);
    idle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_THAT(idle.read_until("ok"), HasSubstr("HTTP/1.1 200"));
    server->signal(SIGTERM);
    EXPECT_EQ(idle.read_all(), "\n") << "an idle connection is closed, and nothing is sent on it";
    slow.send(body);
    const std::string answer = slow.read_all();
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 401"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_THAT(answer, HasSubstr("}"));
    EXPECT_EQ(server->wait(), ProcessExit{}) << server->output();
    EXPECT_EQ(processes_in(postgres(), "postgres").size(), 0U);
    EXPECT_FALSE(process_facts(pid));
}

TEST_F(ServeTest, ComesBackAfterEveryKill) {
    SeededRng rng(7);
    auto server = start();
    ASSERT_TRUE(server->ready(port_)) << server->output();
    std::vector<std::string> shops;
    for (int round = 0; round < 8; ++round) {
        const std::string name = fmt::format("shop{}", round);
        const Finished made = finish({"shop",
                                      "create",
                                      name,
                                      "--data",
                                      data().string(),
                                      "--owner",
                                      fmt::format("owner{}@example.test", round)});
        ASSERT_EQ(made.code, 0) << made.errors;
        shops.push_back(name);
        const bool server_too = rng.below(2) == 0;
        if (server_too) server->signal(SIGSTOP);
        for (const auto& process : processes_in(postgres(), "postgres")) {
            if (process.parent == server->pid() || rng.below(2) == 0) ::kill(process.pid, SIGKILL);
        }
        if (server_too) {
            server->kill();
            server = start();
        }
        HttpClient client(port_, "localhost");
        // Requests are answered meanwhile: by 503, never by silence.
        EXPECT_TRUE(comes_true([&] { return client.get("/readyz").status == 200; })) << server->output();
        for (const auto& shop : shops) {
            HttpClient visitor(port_, shop + ".localhost");
            // Each thread has connections of its own, and finds out for itself.
            EXPECT_TRUE(comes_true([&] { return visitor.get("/shop.json").status == 200; }))
                << shop << " after kill " << round;
        }
    }
    const Finished list = finish({"shop", "list", "--data", data().string()});
    for (const auto& shop : shops) EXPECT_THAT(list.output, HasSubstr(shop));
    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
    EXPECT_EQ(processes_in(postgres(), "postgres").size(), 0U);
}

TEST_F(ServeTest, AnswersWith503WhileTheDatabaseIsAway) {
    auto server = start();
    ASSERT_TRUE(server->ready(port_)) << server->output();
    // A stopped PostgreSQL is neither dead nor alive: nobody restarts it.
    std::vector<pid_t> stopped;
    for (const auto& process : processes_in(postgres(), "postgres")) {
        ::kill(process.pid, SIGSTOP);
        stopped.push_back(process.pid);
    }
    HttpClient client(port_, "localhost");
    EXPECT_EQ(client.get("/readyz").status, 503);
    EXPECT_EQ(client.get("/healthz").status, 200);
    HttpClient visitor(port_, "anyshop.localhost");
    const HttpAnswer away = visitor.get("/shop.json");
    EXPECT_EQ(away.status, 503);
    EXPECT_NE(away.field("retry-after"), "");
    // By a name that only the database could tell.
    EXPECT_EQ(visitor.get("/healthz").status, 200);
    EXPECT_EQ(visitor.get("/readyz").status, 503);
    for (const pid_t pid : stopped) ::kill(pid, SIGCONT);
    EXPECT_TRUE(comes_true([&] { return client.get("/readyz").status == 200; })) << server->output();
    EXPECT_TRUE(comes_true([&] { return visitor.get("/shop.json").status == 421; }));
    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
}

TEST_F(ServeTest, AWorkerBesideItUsesItsDatabase) {
    auto server = start({"--no-worker"});
    ASSERT_TRUE(server->ready(port_)) << server->output();
    ask_for_letter("first");
    EXPECT_EQ(letters(), 0U);
    ServerProcess worker({"worker", "--data", data().string()});
    EXPECT_TRUE(comes_true([&] { return letters() == 1 || !worker.running(); })) << worker.output();
    EXPECT_EQ(letters(), 1U) << worker.output();
    // The ids of the two differ by their node numbers, which are locks.
    EXPECT_EQ(content_of(data() / "nodes/0"), fmt::format("{}\n", server->pid()));
    EXPECT_EQ(content_of(data() / "nodes/1"), fmt::format("{}\n", worker.pid()));

    // The database goes with the server that has it, and the worker waits for it.
    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
    EXPECT_EQ(processes_in(postgres(), "postgres").size(), 0U);
    EXPECT_TRUE(comes_true([&] {
        return worker.output().find("a job or the queue failed") != std::string::npos;
    })) << worker.output();
    server = start({"--no-worker"});
    ASSERT_TRUE(server->ready(port_)) << server->output();
    ask_for_letter("second");
    EXPECT_TRUE(comes_true([&] { return letters() == 2 || !worker.running(); }));
    EXPECT_EQ(letters(), 2U) << worker.output();

    EXPECT_EQ(worker.stop(), ProcessExit{}) << worker.output();
    EXPECT_NE(processes_in(postgres(), "postgres").size(), 0U) << "it isn't the worker's";
    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
}

TEST_F(ServeTest, AWorkerAloneWithoutTheDatabaseStops) {
    auto server = start({"--no-worker"});
    ASSERT_TRUE(server->ready(port_)) << server->output();
    ServerProcess worker({"worker", "--data", data().string()});
    ASSERT_TRUE(comes_true([&] { return worker.output().find("working on jobs") != std::string::npos; }))
        << worker.output();
    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
    EXPECT_EQ(worker.stop(), ProcessExit{}) << worker.output();
    EXPECT_EQ(processes_in(postgres(), "postgres").size(), 0U);
}

TEST_F(ServeTest, NewVisitorsAreAnsweredUntilTheDrainDelayIsOver) {
    auto server = start({"--set", "server.drain_delay=3s"});
    ASSERT_TRUE(server->ready(port_)) << server->output();
    server->signal(SIGTERM);
    HttpAnswer ready;
    EXPECT_TRUE(comes_true([&] {
        HttpClient balancer(port_, "127.0.0.1");
        ready = balancer.get("/readyz");
        return ready.status != 200;
    }));
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, HasSubstr(R"("drain":"http.draining")"));
    EXPECT_THAT(ready.body, HasSubstr(R"("database":"ok")"));
    HttpClient visitor(port_, "127.0.0.1");
    const HttpAnswer answer = visitor.get("/healthz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_EQ(server->wait(), ProcessExit{}) << server->output();
    EXPECT_EQ(visitor.get("/healthz").status, 0);
    EXPECT_EQ(processes_in(postgres(), "postgres").size(), 0U);
}

TEST_F(ServeTest, OpensAsManyFilesAsItMay) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = std::min<rlim_t>(before.rlim_max - 1, 256);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    auto server = start();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_TRUE(server->ready(port_)) << server->output();
    rlimit there{};
    ASSERT_EQ(::prlimit(server->pid(), RLIMIT_NOFILE, nullptr, &there), 0);
    EXPECT_EQ(there.rlim_cur, before.rlim_max);
    EXPECT_EQ(there.rlim_max, before.rlim_max);
    EXPECT_EQ(server->stop(), ProcessExit{}) << server->output();
}

}  // namespace
}  // namespace cartwright::test
