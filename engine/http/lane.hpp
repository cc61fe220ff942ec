// What the connections of one thread share: limits, the exchange behind them, buffers, the log, and the one
// coarse clock that ends what takes too long. Threads share only the counters of Connections, which are
// touched when a connection comes and goes, not for each request.
#pragma once

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/access_log.hpp"
#include "http/address.hpp"
#include "http/edge.hpp"
#include "http/guard.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cartwright {
class Rng;
}

namespace cartwright::http {

class Session;

// Deadlines are checked by a coarse clock and may come `tick` late.
struct Limits {
    std::chrono::milliseconds head{10'000};  // absolute, from a head's first byte to its last
    std::chrono::milliseconds body{30'000};  // plus a second for each body_rate bytes that came
    std::uint64_t body_rate = 16 << 10;
    std::chrono::milliseconds write{60'000};  // plus a second for each write_rate bytes that went
    std::uint64_t write_rate = 1 << 10;
    std::chrono::milliseconds idle{15'000};  // between two requests
    std::chrono::milliseconds handshake{5'000};
    std::chrono::milliseconds linger{1'000};  // for the client to take an answer in, and for a body to drain
    std::chrono::milliseconds tick{250};
    std::uint64_t drain_bytes = 64 << 10;      // of a body that nobody wants, to keep the connection
    unsigned burst = 100;                      // requests of one connection before others have a turn
    std::size_t connections = 0;               // of the process; 0: open files' limit less 500
    std::size_t connections_per_address = 64;  // IPv6: per /64; 0: no cap. Trusted proxies have none
    std::size_t connections_per_shop = 2000;   // 0: no cap
};

// How many connections there are, of all threads: whole, by client and by shop.
class Connections {
public:
    explicit Connections(std::size_t total) noexcept : limit_(total) {}

    // False: full, and nothing was counted. Threads that accept at once may pass the whole limit by one each.
    bool enter(const Address& client, std::size_t per_address);
    void leave(const Address& client, std::size_t per_address) noexcept;
    bool enter_shop(std::int64_t tenant, std::size_t per_shop);
    void leave_shop(std::int64_t tenant) noexcept;

    std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

private:
    std::size_t limit_;
    std::atomic<std::size_t> open_{0};
    std::mutex mutex_;  // held for one look-up, when a connection is accepted or closed
    std::unordered_map<Address, std::size_t, AddressHash> by_address_;
    std::unordered_map<std::int64_t, std::size_t> by_shop_;
};

// The memory that a connection holds only while a request is in it.
struct Block {
    // 16 KiB of head and as much again of what follows it: the read-ahead of a pipelining client.
    static constexpr std::size_t input_bytes = 32 << 10;

    std::array<char, input_bytes> input;
    Head head;
    std::string output;  // heads of answers, and small bodies, until they are sent
};

class Lane {
public:
    Lane(Executor executor,
         const Limits& limits,
         const Networks& proxies,
         Connections& connections,
         Exchange& exchange,
         LogSink sink,
         const Clock& clock,
         Rng& rng);
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane();

    std::unique_ptr<Block> take_block();
    void give_block(std::unique_ptr<Block> block) noexcept;

    // 16 hex digits: unlike any other of this thread, and of other threads and processes but for a chance of
    // one in 2^64 each pair. Not secret.
    void next_request_id(std::array<char, 16>& into) noexcept;

    // "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" (RFC 9110 5.6.7)
    std::string_view date_line(Instant now) noexcept;

    void add(Session& session);
    void remove(Session& session) noexcept;

    std::size_t sessions() const noexcept { return session_count_; }

    // From now on every answer closes its connection, and idle connections are closed.
    void drain();

    // Ends all connections, whatever they are doing.
    void cut();

    bool draining() const noexcept { return draining_; }

    // Wakes the coarse clock if it sleeps: there is a log line to write, or a connection to watch.
    void wake();

    const Executor executor;
    const Limits& limits;
    const Networks& proxies;
    Connections& connections;
    Exchange& exchange;
    AccessLog log;
    const Clock& clock;

private:
    Task<> beat();

    std::uint64_t id_seed_ = 0;
    std::uint64_t id_count_ = 0;
    std::int64_t date_second_ = -1;
    std::array<char, 37> date_{};
    std::vector<std::unique_ptr<Block>> blocks_;
    Session* first_ = nullptr;
    std::size_t session_count_ = 0;
    bool draining_ = false;
    bool beating_ = false;
};

}  // namespace cartwright::http
