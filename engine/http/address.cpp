#include "http/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>

namespace cartwright::http {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(const Address& address) noexcept {
    return std::equal(mapped.begin(), mapped.end(), address.bytes.begin());
}

Address first_bits(Address address, unsigned bits) noexcept {
    for (unsigned i = 0; i < address.bytes.size(); ++i) {
        const unsigned kept = bits > i * 8 ? std::min(8U, bits - i * 8) : 0;
        address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return address;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size()) return std::nullopt;
    std::copy(text.begin(), text.end(), copy.begin());
    Address address;
    if (::inet_pton(AF_INET, copy.data(), &address.bytes[12]) == 1) {
        std::copy(mapped.begin(), mapped.end(), address.bytes.begin());
        return address;
    }
    if (::inet_pton(AF_INET6, copy.data(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (is_v4(*this)) {
        ::inet_ntop(AF_INET, &bytes[12], out.data(), out.size());
    } else {
        ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
    }
    return out.data();
}

std::size_t AddressHash::operator()(const Address& address) const noexcept {
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), address.bytes.data(), sizeof halves);
    return static_cast<std::size_t>((halves[0] * 31 + halves[1]) * 0x9E3779B97F4A7C15ULL);
}

Address client_key(const Address& address) noexcept {
    return is_v4(address) ? address : first_bits(address, 64);
}

Networks::Networks(std::span<const std::string> cidrs) {
    for (const std::string& cidr : cidrs) {
        const auto slash = cidr.find('/');
        const auto base = Address::parse(std::string_view(cidr).substr(0, slash));
        if (!base) throw std::invalid_argument(fmt::format("\"{}\" is not an address or network", cidr));
        const unsigned whole = is_v4(*base) && cidr.find(':') == std::string::npos ? 32 : 128;
        unsigned bits = whole;
        if (slash != std::string::npos) {
            const char* end = cidr.data() + cidr.size();
            const auto [at, error] = std::from_chars(cidr.data() + slash + 1, end, bits);
            if (error != std::errc() || at != end || bits > whole) {
                throw std::invalid_argument(fmt::format("\"{}\" has no valid prefix length", cidr));
            }
        }
        bits += 128 - whole;
        if (first_bits(*base, bits) != *base) {
            throw std::invalid_argument(fmt::format("\"{}\" has bits set after its prefix", cidr));
        }
        networks_.push_back({*base, bits});
    }
}

bool Networks::contain(const Address& address) const noexcept {
    return std::any_of(networks_.begin(), networks_.end(), [&](const Network& n) {
        return first_bits(address, n.bits) == n.base;
    });
}

}  // namespace cartwright::http
