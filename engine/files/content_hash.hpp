// The name of a file is the SHA-256 of its bytes: equal files are kept once a shop, a name never changes its
// meaning, and a broken file can be told from a good one.
#pragma once

#include "base/crypto.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::files {

class ContentHash {
public:
    explicit ContentHash(const Digest& digest) noexcept : digest_(digest) {}

    // 64 lower-case hexadecimal digits and nothing else; this is what keeps other text out of paths and keys.
    static std::optional<ContentHash> parse(std::string_view hex);

    static ContentHash of(std::string_view content);

    std::string hex() const;

    friend auto operator<=>(const ContentHash&, const ContentHash&) = default;

private:
    Digest digest_;
};

}  // namespace cartwright::files
