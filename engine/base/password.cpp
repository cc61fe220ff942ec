#include "base/password.hpp"

#include "base/crypto.hpp"
#include "base/releaser.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>

namespace cartwright {

namespace {

using Method = std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>>;
using Context = std::unique_ptr<EVP_KDF_CTX, Releaser<EVP_KDF_CTX_free>>;
using Salt = std::array<std::byte, 16>;

constexpr std::string_view scheme = "$scrypt$";

// 2^20 · 128 · 8 is a gigabyte: more than a stored password of ours will ask for.
constexpr unsigned max_log_n = 20;
constexpr unsigned max_r = 8;
constexpr unsigned max_p = 16;

bool sensible(const PasswordCost& cost) {
    return cost.log_n >= 1 && cost.log_n <= max_log_n && cost.r >= 1 && cost.r <= max_r && cost.p >= 1 &&
           cost.p <= max_p;
}

Digest scrypt(std::string_view password, std::span<const std::byte> salt, const PasswordCost& cost) {
    const Method method(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr));
    const Context context(method == nullptr ? nullptr : EVP_KDF_CTX_new(method.get()));
    if (context == nullptr) {
        throw std::runtime_error("this OpenSSL has no scrypt");
    }
    std::uint64_t n = std::uint64_t{1} << cost.log_n;
    std::uint32_t r = cost.r;
    std::uint32_t p = cost.p;
    // What RFC 7914 needs and a little for OpenSSL's own buffers; its default of 32 MiB is just too small.
    std::uint64_t memory = 128 * r * (n + p + 2) + 1024 * 1024;
    static char nothing = 0;
    char* const secret = password.empty() ? &nothing : const_cast<char*>(password.data());
    auto* const salt_data = const_cast<std::byte*>(salt.data());
    const std::array<OSSL_PARAM, 7> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, secret, password.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_data, salt.size()),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
        OSSL_PARAM_construct_end()};
    Digest digest;
    auto* const out = reinterpret_cast<unsigned char*>(digest.data());
    if (EVP_KDF_derive(context.get(), out, digest.size(), parameters.data()) != 1) {
        throw std::runtime_error("scrypt failed: most likely there is no memory for it");
    }
    return digest;
}

struct Stored {
    PasswordCost cost;
    Bytes salt;
    Bytes hash;
};

// Takes "name=123" and the character after it off the front of `text`.
std::optional<unsigned> take_number(std::string_view& text, std::string_view name, char after) {
    if (!text.starts_with(name)) {
        return std::nullopt;
    }
    const std::size_t end = text.find(after);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto number = parse_int64(text.substr(name.size(), end - name.size()));
    text.remove_prefix(end + 1);
    if (!number || *number < 0 || *number > max_log_n) {
        return std::nullopt;
    }
    return static_cast<unsigned>(*number);
}

std::optional<Stored> read(std::string_view text) {
    if (!text.starts_with(scheme)) {
        return std::nullopt;
    }
    text.remove_prefix(scheme.size());
    const auto log_n = take_number(text, "ln=", ',');
    const auto r = log_n ? take_number(text, "r=", ',') : std::nullopt;
    const auto p = r ? take_number(text, "p=", '$') : std::nullopt;
    const std::size_t middle = text.find('$');
    if (!p || middle == std::string_view::npos) {
        return std::nullopt;
    }
    auto salt = from_base64url(text.substr(0, middle), sizeof(Salt));
    auto hash = from_base64url(text.substr(middle + 1), sizeof(Digest));
    Stored stored{.cost = {.log_n = *log_n, .r = *r, .p = *p}, .salt = {}, .hash = {}};
    if (!salt || salt->size() != sizeof(Salt) || !hash || hash->size() != sizeof(Digest) ||
        !sensible(stored.cost)) {
        return std::nullopt;
    }
    stored.salt = std::move(*salt);
    stored.hash = std::move(*hash);
    return stored;
}

}  // namespace

std::string hash_password(std::string_view password, Rng& rng, PasswordCost cost) {
    if (password.size() > password_max_bytes) {
        throw std::length_error("a password of more than 1,024 bytes is not hashed");
    }
    if (!sensible(cost)) {
        throw std::invalid_argument("a cost of scrypt that can't be verified later");
    }
    Salt salt;
    rng.fill(salt);
    const Digest hash = scrypt(password, salt, cost);
    return fmt::format("{}ln={},r={},p={}${}${}",
                       scheme,
                       cost.log_n,
                       cost.r,
                       cost.p,
                       to_base64url(salt),
                       to_base64url(hash));
}

bool verify_password(std::string_view password, std::string_view stored) {
    const auto known = read(stored);
    if (!known || password.size() > password_max_bytes) {
        return false;
    }
    return same_secret(scrypt(password, known->salt, known->cost), known->hash);
}

void verify_nobody(std::string_view password, PasswordCost cost) {
    if (password.size() <= password_max_bytes) {
        static_cast<void>(scrypt(password, Salt{}, cost));
    }
}

bool needs_rehash(std::string_view stored, PasswordCost cost) {
    const auto known = read(stored);
    return !known || known->cost != cost;
}

}  // namespace cartwright
