// Certificates of the shops' domains, chosen by the name that the client asks for (SNI, RFC 6066 3), and
// replaced without a restart: a reload swaps the whole set at once, connections keep what they began with.
// TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3; HTTP/1.1 by ALPN (RFC 7301).
#pragma once

#include "http/wire.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>

namespace cartwright::http {

// A folder of pairs: NAME.crt (or NAME.pem) with the chain, leaf first, and NAME.key; or one folder a name
// with fullchain.pem and privkey.pem, as ACME clients leave them. Which names a certificate serves stands in
// it (subjectAltName, wildcards too), not in the file's name; where two serve one name, the one valid for
// longer does. Clients that ask for another name, or none, get the pair called "default", or else the first
// by name.
class Certificates {
public:
    // Throws std::runtime_error with a sentence that names the file at fault; an empty folder is one too.
    explicit Certificates(std::filesystem::path folder);
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;
    ~Certificates();

    // Reads the folder anew. Throws as the constructor does, and then keeps what it had.
    void reload();

    // How many pairs are in use.
    std::size_t size() const;

    // A server's side of a new connection. Safe from any thread.
    Ssl accept() const;

private:
    struct Set;

    std::shared_ptr<const Set> current() const;
    static int choose(ssl_st* ssl, int* alert, void* self);

    std::filesystem::path folder_;
    mutable std::mutex mutex_;  // held to copy a pointer, once a handshake
    std::shared_ptr<const Set> set_;
};

}  // namespace cartwright::http
