// The listening side: one thread a core, each with its own io_context, its own listening sockets on the same
// ports (SO_REUSEPORT), its own exchange and log. Threads share nothing on the way of a request.
//
//   Server server(options, make_exchange, sink, clock, rng);
//   server.listen({.address = "127.0.0.1", .port = 8080});
//   server.start();
//   …
//   server.stop(std::chrono::seconds(30));   // drains
#pragma once

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "http/access_log.hpp"
#include "http/edge.hpp"
#include "http/lane.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace cartwright::http {

class Certificates;

struct Listener {
    enum class Kind : std::uint8_t { plain, tls, admin };

    std::string address = "127.0.0.1";  // "::" takes IPv4 as well
    std::uint16_t port = 0;             // 0: any free one, see Server::port
    Kind kind = Kind::plain;            // admin: on the first thread only, with the exchange for it
    bool share_port = false;            // beside another process on the same port, for a rolling restart
};

// An address can't be listened on; what() is a sentence for the operator.
class CannotListen : public std::runtime_error {
public:
    CannotListen(const std::string& sentence, bool in_use_) : std::runtime_error(sentence), in_use(in_use_) {}

    bool in_use;  // by another process
};

struct ServerOptions {
    unsigned threads = 0;  // 0: one a core
    Limits limits;
    std::vector<std::string> trusted_proxies;  // networks, as Networks takes them
    // Needed by Listener::Kind::tls; may be replaced in place while the server runs (tls.hpp).
    std::shared_ptr<Certificates> certificates;
};

// Called on the thread that it is for, before that thread accepts anything. The exchange is destroyed there
// too, before the io_context. An exception ends start() with it.
using ExchangeFactory = std::function<std::unique_ptr<Exchange>(boost::asio::io_context&, unsigned thread)>;

class Server {
public:
    // `admin`: the exchange of admin listeners; may be empty if there is none.
    Server(ServerOptions options,
           ExchangeFactory exchange,
           ExchangeFactory admin,
           LogSink sink,
           const Clock& clock,
           Rng& rng);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();  // stops at once if stop() was not called

    // Binds. Throws CannotListen: port busy, no such address, no right to a port below 1024. Only before
    // start().
    void listen(const Listener& listener);

    // The port of the nth listener.
    std::uint16_t port(std::size_t listener = 0) const;

    void start();

    // Answers from now on close their connections and idle ones are closed, but new ones are still
    // accepted: a load balancer has time to see /readyz fail. From any thread.
    void drain();

    // Stops accepting, lets running requests finish for as long as `patience`, cuts what remains, ends the
    // threads. Returns how many connections were cut.
    std::size_t stop(std::chrono::milliseconds patience);

    std::size_t open_connections() const noexcept { return connections_.open(); }

private:
    struct Worker;

    ServerOptions options_;
    ExchangeFactory exchange_;
    ExchangeFactory admin_;
    LogSink sink_;
    const Clock& clock_;
    Rng& rng_;
    Networks proxies_;
    Connections connections_;
    std::vector<Listener> listeners_;
    std::vector<std::unique_ptr<Worker>> workers_;
    bool started_ = false;
};

}  // namespace cartwright::http
