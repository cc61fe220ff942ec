#include "shop/domains.hpp"

#include "base/crypto.hpp"
#include "base/host.hpp"
#include "shop/changes.hpp"
#include "shop/staff_store.hpp"

#include <algorithm>

namespace cartwright::shop {

namespace {

constexpr std::int64_t domains_without_plan = 20;
constexpr std::string_view label = "_cartwright.";
constexpr std::string_view record_prefix = "cartwright-domain=";

bool is_below(std::string_view host, std::string_view parent) noexcept {
    if (host == parent) {
        return true;
    }
    return host.size() > parent.size() && host.ends_with(parent) &&
           host[host.size() - parent.size() - 1] == '.';
}

bool is_ip_address(std::string_view host) noexcept {
    return std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

Outcome<std::string> own_host(const Scope& scope, std::string_view typed) {
    auto host = canonical_host(typed);
    if (!host || host->find('.') == std::string::npos || is_ip_address(*host)) {
        return refuse(bad_host, "host");
    }
    if (is_below(*host, scope.address.platform_host)) {
        return refuse(host_of_platform, "host");
    }
    return std::move(*host);
}

}  // namespace

std::string proof_name(std::string_view host) {
    return std::string(label) + std::string(host);
}

std::string proof_record(std::string_view token) {
    return std::string(record_prefix) + std::string(token);
}

Task<Outcome<std::vector<Domain>>> list_domains(Scope& scope) {
    if (auto permitted = require(scope, Permission::settings_read); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    co_return co_await store::list_domains(scope.tx, scope.shop);
}

Task<Outcome<Domain>> claim_domain(Scope& scope, std::string typed) {
    if (auto permitted = require(scope, Permission::domains_write); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    const auto host = own_host(scope, typed);
    if (!host) {
        co_return refuse(host.error());
    }
    co_await store::lock_shop(scope.tx, scope.shop);
    const auto former = co_await store::find_domain(scope.tx, scope.shop, *host);
    const std::string token = make_token(scope.rng, TokenBits::short_lived);
    const auto claimed = co_await store::insert_domain(
        scope.tx, scope.shop, *host, token, scope.now, scope.now - domain_claim_life);
    if (!claimed) {
        co_return refuse(domain_claimed, "host");
    }
    if (!former) {
        const auto limit = co_await store::plan_limit(scope.tx, scope.shop, "domains");
        const std::int64_t most = limit.value_or(domains_without_plan);
        if (!co_await store::count_up(scope.tx, store::Counted::domains, most)) {
            co_return refuse(Refusal(too_many_domains).with("limit", std::to_string(most)));
        }
    }
    record(scope, events::Change::created("shop.domain_claimed", {"domain", *host}, 0));
    co_return Domain{.host = *host, .token = token, .created_at = scope.now, .verified_at = std::nullopt};
}

Task<Outcome<Domain>> prove_domain(Scope& scope, std::string typed, std::vector<std::string> records) {
    if (auto permitted = require(scope, Permission::domains_write); !permitted) {
        co_return refuse(std::move(permitted).error());
    }
    const auto host = own_host(scope, typed);
    if (!host) {
        co_return refuse(host.error());
    }
    co_await store::lock_shop(scope.tx, scope.shop);
    auto domain = co_await store::find_domain(scope.tx, scope.shop, *host);
    if (!domain) {
        co_return refuse(no_such_domain);
    }
    if (domain->is_verified) {
        co_return std::move(*domain);
    }
    const std::string expected = proof_record(domain->token);
    const bool is_there = std::ranges::find(records, expected) != records.end();
    if (!is_there ||
        !co_await store::verify_domain(
            scope.tx, scope.shop, *host, domain->token, scope.now, scope.now - domain_claim_life)) {
        co_return refuse(
            Refusal(domain_not_proven, "host").with("name", proof_name(*host)).with("record", expected));
    }
    domain->is_verified = true;
    domain->verified_at = scope.now;
    record(scope,
           events::Change::changed("shop.domain_proven", {"domain", *host}, 0)
               .field("is_verified", false, true));
    co_return std::move(*domain);
}

Task<Outcome<>> make_primary(Scope& scope, std::string typed) {
    if (auto permitted = require(scope, Permission::domains_write); !permitted) {
        co_return permitted;
    }
    co_await store::lock_shop(scope.tx, scope.shop);
    const auto domains = co_await store::list_domains(scope.tx, scope.shop);
    const auto former = std::ranges::find_if(domains, &Domain::is_primary);
    const std::string before = former == domains.end() ? std::string() : former->host;
    std::string after;
    if (!typed.empty()) {
        const auto host = own_host(scope, typed);
        if (!host) {
            co_return refuse(host.error());
        }
        const auto domain = std::ranges::find(domains, *host, &Domain::host);
        if (domain == domains.end()) {
            co_return refuse(no_such_domain);
        }
        if (!domain->is_verified) {
            co_return refuse(domain_not_verified, "host");
        }
        after = *host;
    }
    if (before == after) {
        co_return Outcome<>();
    }
    co_await store::clear_primary_domain(scope.tx, scope.shop);
    if (!after.empty()) {
        co_await store::set_primary_domain(scope.tx, scope.shop, after);
    }
    record(scope,
           events::Change::changed("shop.domain_primary_changed", {"shop", scope.shop}, 0)
               .field("primary_host", before, after));
    co_return Outcome<>();
}

Task<Outcome<>> remove_domain(Scope& scope, std::string typed) {
    if (auto permitted = require(scope, Permission::domains_write); !permitted) {
        co_return permitted;
    }
    const auto host = own_host(scope, typed);
    if (!host) {
        co_return refuse(host.error());
    }
    co_await store::lock_shop(scope.tx, scope.shop);
    const bool was_verified = co_await store::release_domain(scope.tx, scope.shop, *host, scope.now);
    if (!was_verified && !co_await store::delete_domain_claim(scope.tx, scope.shop, *host)) {
        co_return refuse(no_such_domain);
    }
    co_await store::count_down(scope.tx, store::Counted::domains);
    record(scope,
           events::Change::removed("shop.domain_removed", {"domain", *host}, 0)
               .field("is_verified", was_verified, std::nullopt));
    co_return Outcome<>();
}

}  // namespace cartwright::shop
