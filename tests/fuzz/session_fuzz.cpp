// Whole connections over a socket pair: the input is what a client sends, in pieces (a 0xFF byte ends one). The
// session has to end by itself once the client's side has ended, and what it says has to be HTTP.
#include "http/session.hpp"

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "http/lane.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace cartwright;
using namespace cartwright::http;

void require(bool condition) {
    if (!condition) std::abort();
}

class Echo final : public Exchange {
public:
    Echo() {
        whole_.name = "whole";
        whole_.body = Body::whole;
        stream_.name = "stream";
        stream_.body = Body::stream;
    }

    Task<Plan> plan(Request& request) override {
        Plan plan;
        if (request.path.starts_with("/m")) {
            plan.refusal = refuse(request, 404);
        } else {
            plan.match.route = request.path.starts_with("/s") ? &stream_ : &whole_;
            plan.body = request.path.starts_with("/n") ? Body::none : plan.match.route->body;
            plan.body_limit = 2000;
        }
        co_return plan;
    }

    Task<Response> respond(Request& request, Plan&) override {
        std::string body(request.body);
        if (request.stream != nullptr) {
            std::array<char, 100> piece;
            for (std::size_t size = 0; (size = co_await request.stream->read(piece)) > 0;)
                body.append(piece.data(), size);
        }
        require(body.size() <= 2000);
        co_return text(200, std::move(body));
    }

    Response refuse(const Request&, int status) override { return text(status, "refused"); }

private:
    Route whole_;
    Route stream_;
};

void drain(int fd, std::string& into) {
    std::array<char, 65536> piece;
    for (ssize_t size = 0; (size = ::recv(fd, piece.data(), piece.size(), MSG_DONTWAIT)) > 0;) {
        into.append(piece.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    boost::asio::io_context context(1);
    const ManualClock clock(Instant{});
    SeededRng rng(1);
    const Limits limits;
    const Networks proxies;
    Connections connections(10);
    Echo exchange;
    std::string answered;
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    {
        Lane lane(context.get_executor(), limits, proxies, connections, exchange, LogSink(), clock, rng);
        Socket socket(context.get_executor());
        boost::system::error_code error;
        socket.assign(boost::asio::ip::tcp::v4(), ends[0], error);
        require(!error);
        socket.native_non_blocking(true, error);
        require(connections.enter(Address{}, 0));
        Session session(lane, Wire(std::move(socket), nullptr), Address{}, 0);
        bool over = false;
        boost::asio::co_spawn(context, session.run(), [&over](std::exception_ptr problem) {
            require(problem == nullptr);
            over = true;
        });
        while (!bytes.empty()) {
            const auto cut = std::min(bytes.find('\xff'), bytes.size());
            std::string_view piece = bytes.substr(0, cut);
            bytes.remove_prefix(std::min(cut + 1, bytes.size()));
            while (!piece.empty()) {
                const auto sent = ::send(ends[1], piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
                context.poll();
                drain(ends[1], answered);
                if (sent < 0 && errno != EAGAIN) break;
                if (sent > 0) piece.remove_prefix(static_cast<std::size_t>(sent));
            }
        }
        ::shutdown(ends[1], SHUT_WR);
        for (int i = 0; i < 10'000 && !over; ++i) {
            context.restart();
            context.poll();
            drain(ends[1], answered);
        }
        require(over);
        require(answered.empty() || answered.starts_with("HTTP/1.1 "));
        context.stop();
    }
    ::close(ends[1]);
    require(connections.open() == 0);
    return 0;
}
