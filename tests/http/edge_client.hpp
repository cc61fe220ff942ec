// A server in the test's own process and blocking clients for it. A client gives up after ten seconds, so a
// test that waits for what never comes fails instead of hanging.
#pragma once

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "edge_exchange.hpp"
#include "http/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cartwright::http {

struct Answer {
    int status = 0;  // 0: the connection ended, or nothing that is HTTP came
    std::string head;
    std::string body;

    // The value of the first field of that name, as spelled by the server; "-" if there is none.
    std::string field(std::string_view name) const {
        const auto at = head.find("\r\n" + std::string(name) + ": ");
        if (at == std::string::npos) return "-";
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

class Client {
public:
    explicit Client(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer != 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    ~Client() { ::close(fd_); }

    bool connected() const noexcept { return connected_; }

    int fd() const noexcept { return fd_; }

    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void half_close() { ::shutdown(fd_, SHUT_WR); }

    // One answer, framed by Content-Length. `head_only`: of a HEAD, which has no body.
    Answer answer(bool head_only = false) {
        Answer answer;
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return answer;
        }
        answer.head = buffer_.substr(0, end + 2);
        buffer_.erase(0, end + 4);
        answer.status = std::atoi(answer.head.substr(9, 3).c_str());
        const std::string length = answer.field("Content-Length");
        if (head_only || answer.status < 200 || answer.status == 304 || length == "-") return answer;
        const auto size = static_cast<std::size_t>(std::atoll(length.c_str()));
        while (buffer_.size() < size) {
            if (!more()) return Answer{};
        }
        answer.body = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return answer;
    }

    Answer ask(std::string_view request) {
        send(request);
        return answer();
    }

    // All that comes until the server closes; "(open)" at the end if it doesn't, "(reset)" if it resets.
    std::string rest() {
        while (more()) {
        }
        return buffer_ + (last_ == 0 ? "" : timed_out_ ? "(open)" : "(reset)");
    }

    bool closed() { return rest().empty(); }

private:
    bool more() {
        std::array<char, 65536> piece;
        last_ = ::recv(fd_, piece.data(), piece.size(), 0);
        timed_out_ = last_ < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (last_ <= 0) return false;
        buffer_.append(piece.data(), static_cast<std::size_t>(last_));
        return true;
    }

    int fd_;
    bool connected_ = false;
    bool timed_out_ = false;
    ssize_t last_ = 1;
    std::string buffer_;
};

// Collects log lines; safe to use from the server's threads.
class LogLines {
public:
    LogSink sink() {
        return [this](std::string_view lines) {
            const std::scoped_lock lock(mutex_);
            text_ += lines;
        };
    }

    std::string text() const {
        const std::scoped_lock lock(mutex_);
        return text_;
    }

    std::size_t count(std::string_view what) const {
        const std::string all = text();
        std::size_t found = 0;
        for (std::size_t at = 0; (at = all.find(what, at)) != std::string::npos; at += what.size()) ++found;
        return found;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

class EdgeTest : public ::testing::Test {
public:
    static constexpr std::size_t page_bytes = 30'720;

    EdgeTest() {
        options.threads = 1;
        options.limits.tick = std::chrono::milliseconds(10);
        options.limits.linger = std::chrono::milliseconds(300);
    }

    ~EdgeTest() override { stop(); }

    // `prepare`: called for each exchange.
    void start(const std::function<void(EdgeExchange&)>& prepare = {}, const Listener& listener = {}) {
        server = std::make_unique<Server>(
            options,
            [prepare](boost::asio::io_context&, unsigned) {
                auto exchange = std::make_unique<EdgeExchange>(page_bytes);
                if (prepare) prepare(*exchange);
                return exchange;
            },
            [](boost::asio::io_context&, unsigned) { return std::make_unique<EdgeExchange>(); },
            log.sink(),
            clock,
            rng);
        server->listen(listener);
        server->start();
    }

    // Ends the server and so writes the log's last lines.
    std::size_t stop(std::chrono::milliseconds patience = std::chrono::seconds(2)) {
        if (!server) return 0;
        const std::size_t cut = server->stop(patience);
        server.reset();
        return cut;
    }

    std::uint16_t port() const { return server->port(); }

    SystemClock clock;
    SystemRng rng;
    ServerOptions options;
    LogLines log;
    std::unique_ptr<Server> server;
};

}  // namespace cartwright::http
