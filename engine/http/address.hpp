// Addresses of clients and the networks that are believed. What X-Forwarded-For says counts only when the
// connection itself comes from one of these networks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {

// An IPv4 or IPv6 address; IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 2.5.5.2), so that both listeners of a
// dual-stack host see the same client as the same address.
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    static std::optional<Address> parse(std::string_view text);
    std::string text() const;  // IPv4 in its short form

    friend bool operator==(const Address&, const Address&) = default;
};

struct AddressHash {
    std::size_t operator()(const Address& address) const noexcept;
};

// A client's share of IPv6 is a /64, not an address: caps count that.
Address client_key(const Address& address) noexcept;

class Networks {
public:
    Networks() = default;

    // Each "10.0.0.0/8", "fd00::/8" or a single address. Throws std::invalid_argument that names the one
    // that is malformed, or has bits set beyond its length.
    explicit Networks(std::span<const std::string> cidrs);

    bool contain(const Address& address) const noexcept;

    bool empty() const noexcept { return networks_.empty(); }

private:
    struct Network {
        Address base;
        unsigned bits;  // of 128
    };

    std::vector<Network> networks_;
};

}  // namespace cartwright::http
