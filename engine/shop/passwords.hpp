// Passwords as the shop's operations use them: which ones are good enough, and their slow hashes, computed on
// the blocking pool. It counts its computations, so that a test can show that an unknown account costs
// exactly what a known one costs.
#pragma once

#include "base/blocking.hpp"
#include "base/outcome.hpp"
#include "base/password.hpp"
#include "base/rng.hpp"
#include "base/task.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::shop {

// NIST SP 800-63B 5.1.1.2 and ASVS 6.2: a length and no list of required kinds of characters;
// the upper bound is base's password_max_bytes.
inline constexpr std::size_t password_min_characters = 8;

// Value "min" / "max".
inline constexpr Reason password_too_short{"shop.password_too_short", Kind::invalid};
inline constexpr Reason password_too_long{"shop.password_too_long", Kind::invalid};
// Among those that every guesser tries first, one character repeated, or the person's own address.
inline constexpr Reason password_too_common{"shop.password_too_common", Kind::invalid};

// Whether a person may choose it. `avoid`: the e-mail address, whose two parts are no passwords either.
Outcome<> check_password(std::string_view password, std::string_view avoid);

// Three groups of five letters and digits that can't be mistaken for each other: 74 bits, to be shown once.
std::string generated_password(Rng& rng);

// Safe to share between threads.
class Passwords {
public:
    // `rng` is used on the pool's threads: safe to share. A lower cost is for tests only.
    Passwords(BlockingPool& pool, Rng& rng, PasswordCost cost = {}) noexcept
        : pool_(pool), rng_(rng), cost_(cost) {}

    Passwords(const Passwords&) = delete;
    Passwords& operator=(const Passwords&) = delete;

    // Throws Busy when the pool's queue is full.
    Task<std::string> hash(std::string password);

    // Without a stored hash it computes one all the same and says no; what is longer than any password can be
    // is refused without one, whoever is asked about.
    Task<bool> verify(std::optional<std::string> stored, std::string password);

    bool is_outdated(const std::string& stored) const { return needs_rehash(stored, cost_); }

    std::uint64_t computations() const noexcept { return computations_.load(std::memory_order_relaxed); }

private:
    BlockingPool& pool_;
    Rng& rng_;
    PasswordCost cost_;
    std::atomic<std::uint64_t> computations_{0};
};

}  // namespace cartwright::shop
