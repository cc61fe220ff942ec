#include "http/server.hpp"

#include "http/session.hpp"
#include "http/tls.hpp"
#include "http/wire.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cartwright::http {
namespace {

using boost::asio::ip::tcp;
using Acceptor = boost::asio::basic_socket_acceptor<tcp, Executor>;

// Files, pipes and the database's connections need descriptors too.
constexpr std::size_t spare_descriptors = 500;

// How long to leave the queue alone when the process or the machine is out of descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

constexpr int backlog = 4096;

std::size_t connection_limit(std::size_t wanted) {
    if (wanted != 0) return wanted;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const auto limit = static_cast<std::size_t>(files.rlim_cur);
    return limit > 2 * spare_descriptors ? limit - spare_descriptors : limit / 2;
}

tcp::endpoint endpoint_of(const Listener& listener) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(listener.address, error);
    if (error) {
        throw std::runtime_error(
            fmt::format("\"{}\" is not an address to listen on: write an IPv4 or IPv6 address, "
                        "0.0.0.0 or :: for all",
                        listener.address));
    }
    return {address, listener.port};
}

[[noreturn]] void fail_to_listen(const Listener& listener, const boost::system::error_code& error) {
    const std::string where = fmt::format("{} port {}", listener.address, listener.port);
    if (error == boost::asio::error::address_in_use) {
        throw CannotListen(
            fmt::format("{} is in use by another process: stop it, or choose another port", where), true);
    }
    if (error == boost::asio::error::access_denied) {
        throw CannotListen(
            fmt::format("no right to listen on {}: ports below 1024 need CAP_NET_BIND_SERVICE", where),
            false);
    }
    throw CannotListen(fmt::format("can't listen on {}: {}", where, error.message()), false);
}

Acceptor listening_socket(Executor executor, const Listener& listener, tcp::endpoint endpoint, bool share) {
    Acceptor acceptor(executor);
    boost::system::error_code error;
    const auto check = [&] {
        if (error) fail_to_listen(listener, error);
    };
    acceptor.open(endpoint.protocol(), error);
    check();
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    check();
    if (endpoint.address().is_v6()) acceptor.set_option(boost::asio::ip::v6_only(false), error);
    if (share) {
        using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
        acceptor.set_option(ReusePort(true), error);
        check();
    }
    acceptor.bind(endpoint, error);
    check();
    acceptor.listen(backlog, error);
    check();
    acceptor.native_non_blocking(true, error);
    check();
    return acceptor;
}

Address address_of(const sockaddr_storage& from) noexcept {
    Address address;
    if (from.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        address.bytes[10] = address.bytes[11] = 0xff;
        std::memcpy(&address.bytes[12], &v4.sin_addr, 4);
    } else {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &from, sizeof v6);
        std::memcpy(address.bytes.data(), &v6.sin6_addr, 16);
    }
    return address;
}

Task<> hold(std::unique_ptr<Session> session) {
    co_await session->run();
}

}  // namespace

struct Server::Worker {
    struct Open {
        Acceptor acceptor;
        const Listener* listener;
        Lane* lane = nullptr;
    };

    explicit Worker(Server& owner, unsigned number)
        : server(owner), index(number), context(std::make_unique<boost::asio::io_context>(1)) {}

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() = default;

    void main(std::promise<void>& ready);
    void prepare();
    Task<> accept(Open& open);
    void take(int fd, const sockaddr_storage& from, Open& open);
    Task<> finish(std::chrono::milliseconds patience);

    std::size_t sessions() const noexcept {
        return (lane ? lane->sessions() : 0) + (admin_lane ? admin_lane->sessions() : 0);
    }

    Server& server;
    unsigned index;
    std::unique_ptr<boost::asio::io_context> context;
    std::vector<Open> open;
    std::unique_ptr<Exchange> exchange;
    std::unique_ptr<Exchange> admin_exchange;
    std::unique_ptr<Lane> lane;
    std::unique_ptr<Lane> admin_lane;
    std::size_t cut = 0;
    std::thread thread;
};

void Server::Worker::prepare() {
    const auto executor = context->get_executor();
    exchange = server.exchange_(*context, index);
    lane = std::make_unique<Lane>(executor,
                                  server.options_.limits,
                                  server.proxies_,
                                  server.connections_,
                                  *exchange,
                                  server.sink_,
                                  server.clock_,
                                  server.rng_);
    const bool has_admin = std::any_of(open.begin(), open.end(), [](const Open& each) {
        return each.listener->kind == Listener::Kind::admin;
    });
    if (has_admin) {
        admin_exchange = server.admin_(*context, index);
        admin_lane = std::make_unique<Lane>(executor,
                                            server.options_.limits,
                                            server.proxies_,
                                            server.connections_,
                                            *admin_exchange,
                                            server.sink_,
                                            server.clock_,
                                            server.rng_);
    }
    for (Open& each : open) {
        each.lane = each.listener->kind == Listener::Kind::admin ? admin_lane.get() : lane.get();
        boost::asio::co_spawn(executor, accept(each), boost::asio::detached);
    }
}

void Server::Worker::main(std::promise<void>& ready) {
    const auto busy = boost::asio::make_work_guard(*context);
    try {
        prepare();
    } catch (...) {
        open.clear();
        lane.reset();
        admin_lane.reset();
        exchange.reset();
        admin_exchange.reset();
        ready.set_exception(std::current_exception());
        return;
    }
    ready.set_value();
    context->run();
    if (sessions() != 0) {
        // A handler that waits for what never comes. The process is ending; its frames are left as they are
        // rather than torn down under what they refer to.
        std::ignore = lane.release();
        std::ignore = admin_lane.release();
        std::ignore = exchange.release();
        std::ignore = admin_exchange.release();
        std::ignore = context.release();
        return;
    }
    exchange.reset();
    admin_exchange.reset();
    lane.reset();
    admin_lane.reset();
}

Task<> Server::Worker::accept(Open& listening) {
    Timer pause(context->get_executor());
    for (;;) {
        boost::system::error_code error;
        co_await listening.acceptor.async_wait(Acceptor::wait_read,
                                               boost::asio::redirect_error(use_task, error));
        if (!listening.acceptor.is_open()) co_return;
        for (;;) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            const int fd = ::accept4(listening.acceptor.native_handle(),
                                     reinterpret_cast<sockaddr*>(&from),
                                     &size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0) {
                take(fd, from, listening);
                continue;
            }
            if (errno == ECONNABORTED || errno == EINTR) continue;
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                pause.expires_after(accept_pause);
                co_await pause.async_wait(boost::asio::redirect_error(use_task, error));
            }
            break;
        }
    }
}

void Server::Worker::take(int fd, const sockaddr_storage& from, Open& listening) {
    boost::system::error_code error;
    Socket socket(context->get_executor());
    socket.assign(from.ss_family == AF_INET ? tcp::v4() : tcp::v6(), fd, error);
    if (error) {
        ::close(fd);
        return;
    }
    const Address peer = address_of(from);
    const bool admin = listening.listener->kind == Listener::Kind::admin;
    const bool tls = listening.listener->kind == Listener::Kind::tls;
    const bool capped = !admin && !server.proxies_.contain(peer);
    const std::size_t cap = capped ? server.options_.limits.connections_per_address : 0;
    if (!server.connections_.enter(peer, cap)) {
        static constexpr std::string_view full =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";
        if (!tls) std::ignore = ::send(fd, full.data(), full.size(), MSG_NOSIGNAL);
        return;
    }
    std::unique_ptr<Session> session;
    try {
        socket.native_non_blocking(true, error);
        socket.set_option(tcp::no_delay(true), error);
        Wire wire(std::move(socket), tls ? server.options_.certificates->accept() : nullptr);
        session = std::make_unique<Session>(*listening.lane, std::move(wire), peer, cap);
    } catch (const std::exception&) {
        // Out of memory: this client is lost, the listener stays.
        server.connections_.leave(peer, cap);
        return;
    }
    boost::asio::co_spawn(context->get_executor(), hold(std::move(session)), boost::asio::detached);
}

Task<> Server::Worker::finish(std::chrono::milliseconds patience) {
    constexpr std::chrono::milliseconds step{5};
    constexpr std::chrono::milliseconds for_the_rest{2000};
    Timer timer(context->get_executor());
    boost::system::error_code error;
    for (Open& each : open) {
        // What the kernel has accepted already would be reset by closing.
        for (;;) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            const int fd = ::accept4(each.acceptor.native_handle(),
                                     reinterpret_cast<sockaddr*>(&from),
                                     &size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) break;
            take(fd, from, each);
        }
        each.acceptor.close(error);
    }
    lane->drain();
    if (admin_lane) admin_lane->drain();
    const auto wait_until = [&](std::chrono::steady_clock::time_point until) -> Task<> {
        while (sessions() != 0 && ticks() < until) {
            timer.expires_after(step);
            co_await timer.async_wait(boost::asio::redirect_error(use_task, error));
        }
    };
    co_await wait_until(ticks() + patience);
    cut = sessions();
    exchange->stop();
    if (admin_exchange) admin_exchange->stop();
    if (cut != 0) {
        lane->cut();
        if (admin_lane) admin_lane->cut();
        co_await wait_until(ticks() + for_the_rest);
    }
    lane->log.flush();
    if (admin_lane) admin_lane->log.flush();
    context->stop();
}

Server::Server(ServerOptions options,
               ExchangeFactory exchange,
               ExchangeFactory admin,
               LogSink sink,
               const Clock& clock,
               Rng& rng)
    : options_(std::move(options)),
      exchange_(std::move(exchange)),
      admin_(std::move(admin)),
      sink_(std::move(sink)),
      clock_(clock),
      rng_(rng),
      proxies_(options_.trusted_proxies),
      connections_(connection_limit(options_.limits.connections)) {
    const unsigned threads =
        options_.threads != 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(*this, i));
    listeners_.reserve(8);
}

Server::~Server() {
    if (started_) stop(std::chrono::milliseconds(0));
}

void Server::listen(const Listener& wanted) {
    if (started_) throw std::logic_error("listen() comes before start()");
    if (listeners_.size() == listeners_.capacity()) throw std::logic_error("at most 8 listeners");
    if (wanted.kind == Listener::Kind::tls && !options_.certificates) {
        throw std::runtime_error("a TLS listener needs a folder of certificates");
    }
    if (wanted.kind == Listener::Kind::admin && !admin_)
        throw std::logic_error("an admin listener needs an exchange");
    tcp::endpoint endpoint = endpoint_of(wanted);
    if (!wanted.share_port) {
        // Sockets that all say SO_REUSEPORT bind beside those of another process too; one that does not
        // say it finds out whether the port is free.
        Acceptor probe = listening_socket(workers_.front()->context->get_executor(), wanted, endpoint, false);
        endpoint.port(probe.local_endpoint().port());
    }
    Listener& listener = listeners_.emplace_back(wanted);
    for (const auto& worker : workers_) {
        Acceptor acceptor = listening_socket(worker->context->get_executor(), listener, endpoint, true);
        endpoint.port(acceptor.local_endpoint().port());
        worker->open.push_back({std::move(acceptor), &listener});
        if (listener.kind == Listener::Kind::admin) break;
    }
    listener.port = endpoint.port();
}

std::uint16_t Server::port(std::size_t listener) const {
    return listeners_.at(listener).port;
}

void Server::start() {
    // A client that goes away while TLS writes to it is an error code, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    std::vector<std::promise<void>> ready(workers_.size());
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        Worker& worker = *workers_[i];
        worker.thread = std::thread([&worker, &promise = ready[i]] { worker.main(promise); });
    }
    started_ = true;
    std::exception_ptr failure;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        try {
            ready[i].get_future().get();
        } catch (...) {
            failure = std::current_exception();
            workers_[i]->thread.join();
        }
    }
    if (failure) {
        stop(std::chrono::milliseconds(0));
        std::rethrow_exception(failure);
    }
}

void Server::drain() {
    for (const auto& worker : workers_) {
        boost::asio::post(*worker->context, [&lane = *worker->lane] { lane.drain(); });
    }
}

std::size_t Server::stop(std::chrono::milliseconds patience) {
    if (!std::exchange(started_, false)) return 0;
    for (const auto& worker : workers_) {
        if (!worker->thread.joinable()) continue;
        boost::asio::co_spawn(*worker->context, worker->finish(patience), boost::asio::detached);
    }
    std::size_t cut = 0;
    for (const auto& worker : workers_) {
        if (!worker->thread.joinable()) continue;
        worker->thread.join();
        cut += worker->cut;
    }
    return cut;
}

}  // namespace cartwright::http
