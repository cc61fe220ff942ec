#include "shop/tokens.hpp"

#include "base/crypto.hpp"
#include "base/text.hpp"
#include "shop/changes.hpp"
#include "shop/names.hpp"
#include "shop/secrets.hpp"
#include "shop/shop_store.hpp"

#include <limits>

namespace cartwright::shop {

namespace {

constexpr std::string_view prefix = "cw_";
constexpr std::size_t secret_characters = 43;  // of 256 bits
constexpr std::size_t name_max_bytes = 100;
constexpr std::int64_t tokens_without_plan = 100;

bool is_base64url(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

Outcome<> may_manage(const Scope& scope) {
    if (auto permitted = require(scope, Permission::tokens_write); !permitted) {
        return permitted;
    }
    return require_person(scope);
}

}  // namespace

std::optional<ParsedToken> parse_token(std::string_view text) noexcept {
    if (!text.starts_with(prefix)) {
        return std::nullopt;
    }
    text.remove_prefix(prefix.size());
    const std::size_t end = text.find('_');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto shop = parse_int64(text.substr(0, end));
    const std::string_view secret = text.substr(end + 1);
    if (!shop || *shop <= 0 || text.front() == '0' || secret.size() != secret_characters ||
        !is_base64url(secret)) {
        return std::nullopt;
    }
    return ParsedToken{ShopId(*shop), secret};
}

Task<Outcome<CreatedToken>> create_token(Scope& scope, CreateToken request) {
    if (auto permitted = may_manage(scope); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    auto name = required_name(request.name, name_max_bytes, bad_token_name);
    if (!name) {
        co_return refuse(std::move(name).error());
    }
    if (request.days && (*request.days < 1 || *request.days > token_life_max.count())) {
        co_return refuse(bad_token_life, "days");
    }
    const auto permissions = Permissions::parse(request.permissions);
    if (!permissions) {
        co_return refuse(permissions.error());
    }
    if (!scope.actor.permissions.covers(*permissions)) {
        co_return refuse(permission_not_held, "permissions");
    }
    const auto limit = co_await store::plan_limit(scope.tx, scope.shop, "api_tokens");
    const std::int64_t most = limit.value_or(tokens_without_plan);
    if (!co_await store::count_up(scope.tx, store::Counted::api_tokens, most)) {
        co_return refuse(Refusal(too_many_tokens).with("limit", std::to_string(most)));
    }
    CreatedToken created;
    created.text = std::string(prefix) + std::to_string(scope.shop.value()) + "_" + make_token(scope.rng);
    created.token = ApiToken{.id = scope.ids.next_as<ApiTokenId>(),
                             .name = std::move(*name),
                             .permissions = permissions->names(),
                             .created_by = scope.actor.account,
                             .created_at = scope.now,
                             .last_used_at = std::nullopt,
                             .expires_at = std::nullopt};
    if (request.days) {
        created.token.expires_at = scope.now + std::chrono::days(*request.days);
    }
    store::NewApiToken row{created.token, stored_hash(created.text)};
    co_await store::insert_api_token(scope.tx, std::move(row));
    auto change = events::Change::created("shop.token_created", {"api_token", created.token.id}, 0);
    change.field("name", std::nullopt, created.token.name);
    change.field("permissions", std::nullopt, json_of(created.token.permissions));
    record(scope, change);
    co_return created;
}

Task<Outcome<std::vector<ApiToken>>> list_tokens(Scope& scope, ApiTokenId before, std::int32_t limit) {
    if (auto permitted = may_manage(scope); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    if (!before) {
        before = ApiTokenId(std::numeric_limits<std::int64_t>::max());
    }
    co_return co_await store::list_api_tokens(scope.tx, before, limit);
}

Task<Outcome<>> revoke_token(Scope& scope, ApiTokenId id) {
    if (auto permitted = may_manage(scope); !permitted) {
        co_return permitted;
    }
    if (!co_await store::revoke_api_token(scope.tx, id, scope.now)) {
        co_return refuse(no_such_token);
    }
    co_await store::count_down(scope.tx, store::Counted::api_tokens);
    record(scope, events::Change::removed("shop.token_revoked", {"api_token", id}, 0));
    co_return Outcome<>();
}

}  // namespace cartwright::shop
