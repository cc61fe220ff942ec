// Secrets that the database keeps for others (keys of payment providers, passwords of mail servers) are
// sealed: AES-256-GCM under a key from a file that the database and its backups never see. A sealed text
// names its key, so keys can be rotated; it opens only in the place it was sealed for.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright {

class Rng;

// The file of keys can't be used; what() is a sentence that says what to do.
class BadKeyFile : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The keys of one installation: the first seals, all open.
class KeyRing {
public:
    using Key = std::array<std::byte, 32>;

    static constexpr std::size_t max_keys = 64;
    static constexpr std::size_t secret_max_bytes = 64 * 1024;

    // One key a line, `id:base64 of 32 bytes`, newest first; empty lines and lines that begin with "#" say
    // nothing. An id is 1 to 32 of a-z, 0-9, "-" and "_". Throws BadKeyFile with the number of the line.
    static KeyRing parse(std::string_view text);

    // Throws BadKeyFile where the file can't be read, isn't a plain file, or others than its owner may read
    // or write it.
    static KeyRing read(const std::filesystem::path& file);

    // Writes a new file with one random key, for its owner alone (mode 0600), and syncs it to the disk.
    // Throws BadKeyFile where the file is there already: a key that is gone takes its secrets along.
    static void create(const std::filesystem::path& file, Rng& rng);

    KeyRing(const KeyRing&) = delete;
    KeyRing& operator=(const KeyRing&) = delete;
    KeyRing(KeyRing&&) noexcept = default;
    KeyRing& operator=(KeyRing&&) noexcept = default;
    ~KeyRing();

    // `place` is where the secret belongs, "shop:7/payment/3": it is authenticated, not stored. The result is
    // `s1.<key id>.<base64url>`. Throws std::length_error above secret_max_bytes.
    std::string seal(std::string_view secret, std::string_view place, Rng& rng) const;

    // Nothing for a text that was changed, sealed for another place, or under a key that isn't here.
    std::optional<std::string> open(std::string_view sealed, std::string_view place) const;

    // Sealed again under the first key; nothing where it can't be opened. `is_current` says whether that is
    // needed at all.
    std::optional<std::string> reseal(std::string_view sealed, std::string_view place, Rng& rng) const;
    bool is_current(std::string_view sealed) const noexcept;

    // 32 bytes for another use (signed cookies), one for each key, the first key's first: HMAC-SHA-256 of
    // `purpose` under the key. Different purposes get unrelated bytes.
    std::vector<std::string> derive(std::string_view purpose) const;

private:
    struct Named {
        std::string id;
        Key key;
    };

    KeyRing() = default;

    const Named* find(std::string_view id) const noexcept;

    std::vector<Named> keys_;
};

}  // namespace cartwright
