// LISTEN on a connection of its own. A notification only wakes: it can be missed (while the connection is
// away, or when more come than anybody takes), so whoever listens reads the tables it is about, also now
// and then without being woken. PgBouncer in transaction mode can't carry it: give a direct address.
#pragma once

#include "base/rng.hpp"
#include "base/task.hpp"
#include "base/wakeup.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::db {

class Connection;

struct Heard {
    // Listening has begun, or begun again: notifications before this one may have been missed. Then
    // there is no channel and no payload.
    bool anew = false;
    std::string channel;
    std::string payload;

    friend bool operator==(const Heard&, const Heard&) = default;
};

class Listener {
public:
    // More waiting than this become one Heard that is `anew`.
    static constexpr std::size_t most_waiting = 1000;

    // `channels` are names from the program, never from outside.
    Listener(boost::asio::io_context& io, std::string url, std::vector<std::string> channels, Rng& rng);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // The next one; the first is `anew`. Reconnects by itself, with growing pauses, for as long as it takes.
    // One coroutine at a time. Throws operation_aborted when it is cancelled, Unavailable after close().
    Task<Heard> next();

    void close();

    // How many were heard and not yet taken.
    std::size_t waiting() const noexcept { return heard_.size(); }

private:
    Task<> connect();
    Task<> pause();
    void hear(Heard heard);
    void wake();

    boost::asio::io_context& io_;
    std::string url_;
    std::vector<std::string> channels_;
    Rng& rng_;
    std::shared_ptr<Connection> connection_;
    std::deque<Heard> heard_;
    std::optional<Wakeup> wakeup_;
    unsigned failures_ = 0;
    bool closed_ = false;
};

}  // namespace cartwright::db
