#include "http/wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cartwright::http {
namespace {

// One TLS record, at most (RFC 8446 5.1): smaller parts are joined, so that a head and its body don't cost
// a record each. Shared by the connections of a thread, since nothing waits while it is used.
constexpr std::size_t record_bytes = 16 << 10;

std::span<char> record() noexcept {
    thread_local std::array<char, record_bytes> bytes;
    return bytes;
}

Io from_errno(Io want) noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK ? want : Io::lost;
}

void shorten(std::span<iovec> parts, std::size_t by) noexcept {
    for (iovec& part : parts) {
        const std::size_t taken = std::min(by, part.iov_len);
        part.iov_base = static_cast<char*>(part.iov_base) + taken;
        part.iov_len -= taken;
        by -= taken;
        if (by == 0) return;
    }
}

}  // namespace

void SslDeleter::operator()(ssl_st* ssl) const noexcept {
    SSL_free(ssl);
}

Wire::Wire(Socket socket, Ssl tls) : socket_(std::move(socket)), tls_(std::move(tls)) {
    if (tls_) SSL_set_fd(tls_.get(), socket_.native_handle());
}

Io Wire::tls_state(int result) noexcept {
    const int error = SSL_get_error(tls_.get(), result);
    ERR_clear_error();
    switch (error) {
        case SSL_ERROR_WANT_READ:
            return Io::want_read;
        case SSL_ERROR_WANT_WRITE:
            return Io::want_write;
        case SSL_ERROR_ZERO_RETURN:
            return Io::end;
        default:
            return Io::lost;
    }
}

Io Wire::handshake() noexcept {
    const int result = SSL_accept(tls_.get());
    return result == 1 ? Io::done : tls_state(result);
}

Io Wire::receive(std::span<char> into, std::size_t& received) noexcept {
    if (tls_) {
        received = 0;
        const int result = SSL_read_ex(tls_.get(), into.data(), into.size(), &received);
        return result == 1 ? Io::done : tls_state(result);
    }
    ssize_t result = 0;
    do {
        result = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return from_errno(Io::want_read);
    received = static_cast<std::size_t>(result);
    return received == 0 ? Io::end : Io::done;
}

Io Wire::send(std::span<iovec> parts, std::uint64_t& sent) noexcept {
    for (;;) {
        while (!parts.empty() && parts.front().iov_len == 0) parts = parts.subspan(1);
        if (parts.empty()) return Io::done;
        std::size_t written = 0;
        if (tls_) {
            const char* from = static_cast<const char*>(parts.front().iov_base);
            std::size_t size = std::min(parts.front().iov_len, record_bytes);
            if (size < record_bytes && parts.size() > 1) {
                // After want_write the same bytes are put together again, as OpenSSL demands.
                const auto joined = record();
                std::size_t used = 0;
                for (const iovec& part : parts) {
                    const std::size_t taken = std::min(part.iov_len, joined.size() - used);
                    if (taken != 0) std::memcpy(joined.data() + used, part.iov_base, taken);
                    used += taken;
                }
                from = joined.data();
                size = used;
            }
            const int result = SSL_write_ex(tls_.get(), from, size, &written);
            if (result != 1) return tls_state(result);
        } else {
            msghdr message{};
            message.msg_iov = parts.data();
            message.msg_iovlen = parts.size();
            const ssize_t result = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
            if (result < 0 && errno == EINTR) continue;
            if (result < 0) return from_errno(Io::want_write);
            written = static_cast<std::size_t>(result);
        }
        sent += written;
        shorten(parts, written);
    }
}

Io Wire::send_file(int fd, std::uint64_t& offset, std::uint64_t& size, std::uint64_t& sent) noexcept {
    // Large enough to be cheap, small enough that one download does not hold the thread.
    constexpr std::uint64_t block = 256 << 10;
    std::uint64_t budget = block;
    while (size > 0 && budget > 0) {
        std::size_t written = 0;
        if (tls_) {
            const auto bytes = record();
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes.size()));
            const ssize_t read = ::pread(fd, bytes.data(), wanted, static_cast<off_t>(offset));
            if (read < 0 && errno == EINTR) continue;
            if (read <= 0) return Io::end;
            const int result =
                SSL_write_ex(tls_.get(), bytes.data(), static_cast<std::size_t>(read), &written);
            if (result != 1) return tls_state(result);
        } else {
            auto from = static_cast<off_t>(offset);
            const ssize_t result = ::sendfile(
                socket_.native_handle(), fd, &from, static_cast<std::size_t>(std::min(size, budget)));
            if (result < 0 && errno == EINTR) continue;
            if (result < 0) return from_errno(Io::want_write);
            if (result == 0) return Io::end;
            written = static_cast<std::size_t>(result);
        }
        offset += written;
        size -= written;
        sent += written;
        budget -= std::min<std::uint64_t>(budget, written);
    }
    return size == 0 ? Io::done : Io::want_write;
}

bool Wire::holds_bytes() const noexcept {
    return tls_ && SSL_has_pending(tls_.get()) == 1;
}

void Wire::finish() noexcept {
    if (tls_) {
        SSL_shutdown(tls_.get());
        ERR_clear_error();
    }
    ::shutdown(socket_.native_handle(), SHUT_WR);
}

}  // namespace cartwright::http
