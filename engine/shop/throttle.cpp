#include "shop/throttle.hpp"

#include "base/crypto.hpp"
#include "shop/secrets.hpp"
#include "shop/throttle_store.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace cartwright::shop {

namespace {

constexpr std::size_t ipv6_kept_bytes = 8;

// A hash, so that the table lists nobody's addresses.
Bytes throttle_key(const ThrottleRule& rule, std::string_view subject) {
    std::string text(rule.purpose);
    text += '\0';
    text += subject;
    return bytes_of(sha256(text));
}

}  // namespace

Task<std::optional<Refusal>> take_attempt(db::PlatformTx& tx,
                                          ThrottleRule rule,
                                          std::string subject,
                                          Instant now) {
    const Instant ends = now + rule.window;
    const auto taken = co_await store::take_attempt(tx, throttle_key(rule, subject), now, ends, rule.limit);
    if (taken.count <= rule.limit) {
        co_return std::nullopt;
    }
    const auto wait = std::chrono::ceil<std::chrono::seconds>(taken.expires_at - now);
    co_return Refusal(too_many_attempts).with("retry_after", std::to_string(wait.count()));
}

Task<> forgive_attempts(db::PlatformTx& tx, ThrottleRule rule, std::string subject) {
    co_await store::forget_attempts(tx, throttle_key(rule, subject));
}

Task<std::int64_t> forget_old_attempts(db::PlatformTx& tx, Instant now) {
    co_return co_await store::forget_old_attempts(tx, now);
}

std::string throttled_address(std::string_view address) {
    const std::string text(address);
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
        return text;
    }
    constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    std::array<char, INET6_ADDRSTRLEN> printed{};
    if (std::memcmp(bytes.data(), mapped.data(), mapped.size()) == 0) {
        inet_ntop(AF_INET, bytes.data() + mapped.size(), printed.data(), printed.size());
        return printed.data();
    }
    std::memset(bytes.data() + ipv6_kept_bytes, 0, bytes.size() - ipv6_kept_bytes);
    inet_ntop(AF_INET6, bytes.data(), printed.data(), printed.size());
    return std::string(printed.data()) + "/64";
}

}  // namespace cartwright::shop
