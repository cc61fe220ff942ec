#include "base/crypto.hpp"

#include "base/releaser.hpp"
#include "base/rng.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace cartwright {

namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;

// Fetched once: an implicit fetch takes a lock of OpenSSL 3 on each use.
const EVP_MD* sha256_method() {
    static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (method == nullptr) {
        throw std::runtime_error("this OpenSSL has no SHA-256");
    }
    return method;
}

void expect(int result, const char* what) {
    if (result != 1) {
        throw std::runtime_error(what);
    }
}

unsigned char* raw(std::byte* bytes) {
    return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace

Digest sha256(std::span<const std::byte> data) {
    Digest digest;
    expect(EVP_Digest(data.data(), data.size(), raw(digest.data()), nullptr, sha256_method(), nullptr),
           "SHA-256 failed");
    return digest;
}

Digest sha256(std::string_view data) {
    return sha256(as_bytes(data));
}

struct Sha256::Context {
    DigestContext handle{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    expect(EVP_DigestInit_ex(context_->handle.get(), sha256_method(), nullptr), "SHA-256 can't start");
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> data) {
    expect(EVP_DigestUpdate(context_->handle.get(), data.data(), data.size()), "SHA-256 failed");
}

Digest Sha256::finish() {
    Digest digest;
    expect(EVP_DigestFinal_ex(context_->handle.get(), raw(digest.data()), nullptr), "SHA-256 failed");
    return digest;
}

Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data) {
    Digest digest;
    // A null key would mean "the key of the last call" to OpenSSL.
    static constexpr unsigned char no_key = 0;
    const void* const secret = key.empty() ? static_cast<const void*>(&no_key) : key.data();
    const unsigned char* const result = HMAC(sha256_method(),
                                             secret,
                                             static_cast<int>(key.size()),
                                             reinterpret_cast<const unsigned char*>(data.data()),
                                             data.size(),
                                             raw(digest.data()),
                                             nullptr);
    expect(result != nullptr ? 1 : 0, "HMAC-SHA-256 failed");
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
    return hmac_sha256(as_bytes(key), as_bytes(data));
}

bool same_secret(std::span<const std::byte> one, std::span<const std::byte> other) noexcept {
    return one.size() == other.size() &&
           (one.empty() || CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0);
}

bool same_secret(std::string_view one, std::string_view other) noexcept {
    return same_secret(as_bytes(one), as_bytes(other));
}

void wipe(std::span<std::byte> secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
}

void wipe(std::string& secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

std::string make_token(Rng& rng, TokenBits bits) {
    std::array<std::byte, 32> random;
    const auto used = std::span(random).first(static_cast<std::size_t>(bits) / 8);
    rng.fill(used);
    return to_base64url(used);
}

Digest token_hash(std::string_view token) {
    return sha256(token);
}

}  // namespace cartwright
