// Hashes, message authentication and random tokens, over OpenSSL. Passwords are in password.hpp, sealed
// secrets in seal.hpp. Randomness comes from the Rng that is handed in.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cartwright {

class Rng;

using Digest = std::array<std::byte, 32>;

// SHA-256 (FIPS 180-4).
Digest sha256(std::span<const std::byte> data);
Digest sha256(std::string_view data);

// SHA-256 of what comes in pieces.
class Sha256 {
public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();

    void add(std::span<const std::byte> data);

    // Ends it; then the object takes nothing more.
    Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data);
Digest hmac_sha256(std::string_view key, std::string_view data);

// Equality in a time that depends on the lengths alone. For secrets and signatures.
bool same_secret(std::span<const std::byte> one, std::span<const std::byte> other) noexcept;
bool same_secret(std::string_view one, std::string_view other) noexcept;

// Overwrites what was secret, also where a compiler would leave the dead store out.
void wipe(std::span<std::byte> secret) noexcept;
void wipe(std::string& secret) noexcept;

// Random text that opens something to whoever shows it: a session, a reset link, an API key. The database
// keeps only token_hash of it.
enum class TokenBits : unsigned { short_lived = 128, lasting = 256 };

// 22 or 43 characters of base64url.
std::string make_token(Rng& rng, TokenBits bits = TokenBits::lasting);

// What is stored and looked up. A plain hash is enough: 128 random bits can't be guessed, so neither salt
// nor slowness adds anything, and the look-up by an index of hashes leaks no time that helps.
Digest token_hash(std::string_view token);

}  // namespace cartwright
