// One accepted connection as a stream of bytes, with TLS or without. Nothing here waits: a call that can't
// go on says which readiness of the socket it needs, and the session waits for that in its own buffer-less
// way. So an idle connection owns no buffer, and both kinds share all code above.
#pragma once

#include "base/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <sys/uio.h>

struct ssl_st;

namespace cartwright::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

enum class Io : std::uint8_t {
    done,
    want_read,   // call again when the socket is readable
    want_write,  // call again when the socket is writable
    end,         // the peer has ended its side, cleanly
    lost,        // reset, TLS failure, or cut off without TLS's closing alert
};

struct SslDeleter {
    void operator()(ssl_st* ssl) const noexcept;
};

using Ssl = std::unique_ptr<ssl_st, SslDeleter>;

class Wire {
public:
    // The socket is non-blocking. `tls` is null for plain HTTP, else a fresh server-side session.
    Wire(Socket socket, Ssl tls);

    Socket& socket() noexcept { return socket_; }

    bool secure() const noexcept { return tls_ != nullptr; }

    Io handshake() noexcept;

    // done: `received` > 0 bytes.
    Io receive(std::span<char> into, std::size_t& received) noexcept;

    // Sends from the parts, front first, and shortens them by what went out, counted in `sent`; done: all of it.
    Io send(std::span<iovec> parts, std::uint64_t& sent) noexcept;

    // Sends up to `size` bytes of an open file from `offset` on, and moves both. done: size is 0. `end`: the
    // file is shorter than it was.
    Io send_file(int fd, std::uint64_t& offset, std::uint64_t& size, std::uint64_t& sent) noexcept;

    // Bytes that were received already and not handed out: the socket's readiness does not tell of them.
    bool holds_bytes() const noexcept;

    // Nothing more will be sent. The peer may still be sending.
    void finish() noexcept;

private:
    Io tls_state(int result) noexcept;

    Socket socket_;
    Ssl tls_;
};

}  // namespace cartwright::http
