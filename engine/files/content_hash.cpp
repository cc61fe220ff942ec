#include "files/content_hash.hpp"

#include <cstddef>

namespace cartwright::files {

std::optional<ContentHash> ContentHash::parse(std::string_view hex) {
    constexpr std::string_view digits = "0123456789abcdef";
    Digest digest;
    if (hex.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const std::size_t high = digits.find(hex[2 * i]);
        const std::size_t low = digits.find(hex[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        digest[i] = static_cast<std::byte>(high * 16 + low);
    }
    return ContentHash(digest);
}

ContentHash ContentHash::of(std::string_view content) {
    return ContentHash(sha256(content));
}

std::string ContentHash::hex() const {
    return to_hex(digest_);
}

}  // namespace cartwright::files
