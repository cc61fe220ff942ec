// The corpus of malformed and ambiguous requests (shared data) against a running server: alone, with clients
// that fall silent, and behind HAProxy.
#include "edge_client.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <signal.h>
#include <sys/wait.h>

namespace cartwright::http {
namespace {

using namespace std::chrono_literals;

std::filesystem::path corpus() {
    const char* shared = std::getenv("CARTWRIGHT_SHARED");
    return std::filesystem::path(shared != nullptr ? shared : CARTWRIGHT_SOURCE_DIR "/../shared") /
           "http-corpus";
}

struct Ran {
    int status = -1;
    std::string output;
};

Ran run(const std::string& command) {
    Ran ran;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return ran;
    std::array<char, 4096> piece;
    for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        ran.output.append(piece.data(), size);
    ran.status = WEXITSTATUS(::pclose(pipe));
    return ran;
}

// A child that is ended, by its pid, with the test.
class Child {
public:
    Child(const std::vector<std::string>& command, const std::vector<std::string>& environment)
        : pid_(::fork()) {
        if (pid_ != 0) return;
        for (const std::string& setting : environment) ::putenv(const_cast<char*>(setting.c_str()));
        std::vector<char*> arguments;
        for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    ~Child() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

private:
    pid_t pid_;
};

std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
}

class CorpusTest : public EdgeTest {
public:
    CorpusTest() : log_path(fmt::format("{}/corpus_{}.log", ::testing::TempDir(), ::getpid())) {
        options.threads = 2;
        options.limits = Limits();
        options.limits.connections_per_address = 0;
    }

    ~CorpusTest() override {
        stop();
        std::filesystem::remove(log_path);
    }

    void SetUp() override {
        if (!std::filesystem::exists(corpus() / "run_corpus.py")) {
            GTEST_SKIP() << "the shared data's http-corpus is not there (CARTWRIGHT_SHARED)";
        }
        std::ofstream(log_path) << "";
        server = std::make_unique<Server>(
            options,
            [](boost::asio::io_context&, unsigned) { return std::make_unique<EdgeExchange>(); },
            nullptr,
            file_sink(log_path),
            clock,
            rng);
        server->listen({});
        server->start();
    }

    Ran run_corpus(std::uint16_t port_to_test, const std::string& arguments) const {
        return run(fmt::format(
            "python3 {0}/run_corpus.py --port {1} --access-log {2} --verbose {3} {0}/composed.jsonl {0}/sourced.jsonl",
            corpus().string(),
            port_to_test,
            log_path,
            arguments));
    }

    std::string log_path;
};

TEST_F(CorpusTest, ComesOutAsExpected) {
    const Ran ran = run_corpus(port(), "--strict");
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_NE(
        ran.output.find("modes disagree in 0 cases; sends with a canary 0 (+0 not traced), left open 0, "
                        "with an unmet strict wish 0, answered 500/502/503/504 0"),
        std::string::npos)
        << ran.output;
    EXPECT_NE(ran.output.find("wrong 0 of 806 cases (0 whole, 0 bytes, 0 crlf, 0 after), crashes 0"),
              std::string::npos)
        << ran.output;
}

class SilentCorpusTest : public CorpusTest {
protected:
    SilentCorpusTest() {
        options.limits.idle = 500ms;
        options.limits.head = 700ms;
        options.limits.body = 700ms;
    }
};

// Nobody half-closes: the server's own deadlines have to end every connection.
TEST_F(SilentCorpusTest, EndsConnectionsByItself) {
    const Ran ran = run_corpus(port(), "--strict --silence --idle 3 --modes whole,crlf,after");
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_NE(ran.output.find("left open 0, with an unmet strict wish 0"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("wrong 0 of 806 cases (0 whole, 0 crlf, 0 after), crashes 0"),
              std::string::npos)
        << ran.output;
}

class ProxiedCorpusTest : public CorpusTest {
protected:
    ProxiedCorpusTest() { options.trusted_proxies = {"127.0.0.1"}; }
};

// HAProxy answers some cases itself (haproxy_own.txt). What counts: of all requests that reached the server
// none came without HAProxy's mark, so the two agree where each request begins; and nothing else is wrong.
TEST_F(ProxiedCorpusTest, SeesTheSameRequestsAsHaproxy) {
    if (run("command -v haproxy").status != 0)
        GTEST_SKIP() << "haproxy is not installed (deploy/setup --test)";
    const std::uint16_t front = free_port();
    const std::string folder = CARTWRIGHT_SOURCE_DIR "/tests/http/";
    const Child haproxy({"haproxy", "-q", "-db", "-f", folder + "haproxy.cfg"},
                        {fmt::format("FRONT_PORT={}", front), fmt::format("BACK_PORT={}", port())});
    for (int i = 0; i < 500 && !Client(front).connected(); ++i) std::this_thread::sleep_for(10ms);

    const Ran ran = run_corpus(front, "");
    std::set<std::string> own;
    std::ifstream known(folder + "haproxy_own.txt");
    for (std::string line; std::getline(known, line);) {
        if (!line.starts_with('#')) own.insert(line.substr(0, line.find(": ")));
    }
    ASSERT_GT(own.size(), 0U);
    std::istringstream lines(ran.output);
    for (std::string line; std::getline(lines, line);) {
        const bool verdict =
            line.find(": all: [") != std::string::npos || line.find(" / ") != std::string::npos;
        if (verdict) EXPECT_TRUE(own.contains(line.substr(0, line.find(' ')))) << line;
    }
    EXPECT_NE(ran.output.find(" of 806 cases ("), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find(", crashes 0"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("left open 0"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("answered 500/502/503/504 0"), std::string::npos) << ran.output;

    stop();
    std::ifstream log_file(log_path);
    std::size_t marked = 0;
    for (std::string line; std::getline(log_file, line);) {
        if (line.find(R"("method":"")") != std::string::npos) continue;  // refused, and so no request
        EXPECT_NE(line.find(R"("id":"proxy-)"), std::string::npos) << line;
        ++marked;
    }
    EXPECT_GT(marked, 1000U);
}

}  // namespace
}  // namespace cartwright::http
