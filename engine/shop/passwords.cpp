#include "shop/passwords.hpp"

#include "base/text.hpp"
#include "shop/common_passwords.hpp"

#include <algorithm>
#include <array>

namespace cartwright::shop {

namespace {

// Without 0 o 1 l i, which are read wrong from paper.
constexpr std::string_view clear_characters = "23456789abcdefghjkmnpqrstuvwxyz";
constexpr std::size_t groups = 3;
constexpr std::size_t group_size = 5;

std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool one_character_repeated(std::string_view text) noexcept {
    return std::ranges::all_of(text, [&](char c) { return c == text.front(); });
}

}  // namespace

Outcome<> check_password(std::string_view password, std::string_view avoid) {
    if (password.size() > password_max_bytes) {
        return refuse(Refusal(password_too_long, "password").with("max", std::to_string(password_max_bytes)));
    }
    if (!is_utf8(password) || characters(password) < password_min_characters) {
        return refuse(
            Refusal(password_too_short, "password").with("min", std::to_string(password_min_characters)));
    }
    const std::string folded = to_lower_ascii(password);
    const std::string avoided = to_lower_ascii(avoid);
    const std::string_view local_part = std::string_view(avoided).substr(0, avoided.find('@'));
    if (is_common_password(folded) || one_character_repeated(folded) || folded == avoided ||
        folded == local_part) {
        return refuse(password_too_common, "password");
    }
    return {};
}

std::string generated_password(Rng& rng) {
    std::string password;
    for (std::size_t i = 0; i < groups * group_size; ++i) {
        if (i > 0 && i % group_size == 0) {
            password += '-';
        }
        password += clear_characters[rng.below(clear_characters.size())];
    }
    return password;
}

Task<std::string> Passwords::hash(std::string password) {
    computations_.fetch_add(1, std::memory_order_relaxed);
    co_return co_await run(
        pool_, [this, password = std::move(password)] { return hash_password(password, rng_, cost_); });
}

Task<bool> Passwords::verify(std::optional<std::string> stored, std::string password) {
    if (password.size() > password_max_bytes) {
        co_return false;
    }
    computations_.fetch_add(1, std::memory_order_relaxed);
    co_return co_await run(pool_, [this, stored = std::move(stored), password = std::move(password)] {
        if (stored) {
            return verify_password(password, *stored);
        }
        verify_nobody(password, cost_);
        return false;
    });
}

}  // namespace cartwright::shop
