// Passwords: stored as scrypt (RFC 7914), since Debian's OpenSSL 3.0 has no argon2id (decisions/0010).
// A hash takes tens of milliseconds and tens of megabytes: call these on a BlockingPool, never on a thread
// that serves requests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cartwright {

class Rng;

// Memory is 128 · r · 2^log_n bytes, time grows with 2^log_n · r · p.
struct PasswordCost {
    unsigned log_n = 15;
    unsigned r = 8;
    unsigned p = 3;

    friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

// A longer password is never hashed: the caller refuses it, verify answers false.
inline constexpr std::size_t password_max_bytes = 1024;

// `$scrypt$ln=15,r=8,p=3$salt$hash`, salt of 16 and hash of 32 bytes in base64url. Throws
// std::length_error above password_max_bytes.
std::string hash_password(std::string_view password, Rng& rng, PasswordCost cost = {});

// False for a wrong password, a stored text that is none of ours and for parameters beyond what
// hash_password could have meant (a damaged row must not take gigabytes).
bool verify_password(std::string_view password, std::string_view stored);

// Takes as long as verify_password for an account that isn't there, so that time doesn't tell which
// addresses have one.
void verify_nobody(std::string_view password, PasswordCost cost = {});

// True where `stored` was made at another cost than `cost`: hash again at the next good login.
bool needs_rehash(std::string_view stored, PasswordCost cost = {});

}  // namespace cartwright
