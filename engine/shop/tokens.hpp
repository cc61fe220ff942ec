// API tokens: what a program shows instead of a session. The text says which shop it is of
// ("cw_<shop>_<secret>"), so it is looked up within that shop; only a hash of it is kept. A token never does
// more than whoever made it may do at that moment.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "shop/scope.hpp"
#include "shop/staff_store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::shop {

inline constexpr Reason bad_token_name{"shop.bad_token_name", Kind::invalid};
inline constexpr Reason bad_token_life{"shop.bad_token_life", Kind::invalid};
inline constexpr Reason no_such_token{"shop.no_such_token", Kind::not_found};
// Value "limit".
inline constexpr Reason too_many_tokens{"shop.too_many_tokens", Kind::conflict};

inline constexpr std::chrono::days token_life_max{3650};
// last_used_at is only as exact as this, which saves a write on each request.
inline constexpr std::chrono::minutes token_touch_interval{10};

struct CreateToken {
    std::string name = {};
    std::vector<std::string> permissions = {};
    std::optional<std::int64_t> days = {};  // nothing: until it is revoked
};

struct CreatedToken {
    ApiToken token = {};
    std::string text = {};  // shown once
};

struct ParsedToken {
    ShopId shop = {};
    std::string_view secret;
};

// "cw_<shop>_<secret>": nothing for what can't be a token.
std::optional<ParsedToken> parse_token(std::string_view text) noexcept;

// All need tokens_write, and a person: a token makes no tokens.
Task<Outcome<CreatedToken>> create_token(Scope& scope, CreateToken request);
// Newest first, of ids below `before` (0 = from the start).
Task<Outcome<std::vector<ApiToken>>> list_tokens(Scope& scope, ApiTokenId before, std::int32_t limit);
Task<Outcome<>> revoke_token(Scope& scope, ApiTokenId id);

}  // namespace cartwright::shop
