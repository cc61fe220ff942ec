// Random secrets (sessions, links, API tokens) as the database keeps them.
#pragma once

#include "base/bytes.hpp"
#include "base/crypto.hpp"

#include <cstddef>
#include <string_view>

namespace cartwright::shop {

// No secret of ours is longer; a longer one needs no look-up to be wrong.
inline constexpr std::size_t secret_max_bytes = 128;

inline Bytes bytes_of(const Digest& digest) {
    return {digest.begin(), digest.end()};
}

// What is stored and looked up.
inline Bytes stored_hash(std::string_view secret) {
    return bytes_of(token_hash(secret));
}

}  // namespace cartwright::shop
