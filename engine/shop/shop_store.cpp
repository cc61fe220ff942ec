#include "shop/shop_store.hpp"

namespace cartwright::shop::store {

namespace {

using Text = std::string;

const db::PlatformStatement<ShopId(ShopId, Text, Text, AccountId, Text, Text, Text, Text, Instant)>
    insert_shop_row{"shop.insert_shop", R"sql(
    insert into shops (id, slug, name, owner_account_id, currency, locale, tz, country, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
    on conflict (slug) do nothing
    returning id
)sql"};

const db::PlatformStatement<Shop(ShopId)> shop_by_id{"shop.find_shop", R"sql(
    select id, slug, name, owner_account_id, state = 'open' as is_open, plan_code, currency, locale, tz, country,
           version
      from shops where id = $1
)sql"};

const db::PlatformStatement<Shop(Text)> shop_by_slug{"shop.find_shop_by_slug", R"sql(
    select id, slug, name, owner_account_id, state = 'open' as is_open, plan_code, currency, locale, tz, country,
           version
      from shops where slug = $1
)sql"};

const db::PlatformStatement<db::Nothing(ShopId, AccountId, AccountId)> change_owner{"shop.pass_shop_on",
                                                                                    R"sql(
    update shops set owner_account_id = $3 where id = $1 and owner_account_id = $2
)sql"};

const db::PlatformStatement<Shop(Text, std::int32_t)> shops_after{"shop.list_shops", R"sql(
    select id, slug, name, owner_account_id, state = 'open' as is_open, plan_code, currency, locale, tz, country,
           version
      from shops where slug > $1 order by slug limit $2
)sql"};

const db::PlatformStatement<std::int64_t(ShopId, Text)> limit_of_plan{"shop.plan_limit", R"sql(
    select l.value from shops s join plan_limits l on l.plan_code = s.plan_code
     where s.id = $1 and l.name = $2
)sql"};

const db::PlatformStatement<HostRow(ShopId)> host_by_shop{"shop.host_of_shop", R"sql(
    select s.id, s.slug, d.host as primary_host
      from shops s left join shop_domains d on d.for_shop = s.id and d.is_primary
     where s.id = $1
)sql"};

const db::PlatformStatement<HostRow(Text)> host_by_slug{"shop.shop_of_slug", R"sql(
    select s.id, s.slug, d.host as primary_host
      from shops s left join shop_domains d on d.for_shop = s.id and d.is_primary
     where s.slug = $1 and s.state <> 'closed'
)sql"};

const db::PlatformStatement<HostRow(Text)> host_by_domain{"shop.shop_of_domain", R"sql(
    select s.id, s.slug, p.host as primary_host
      from shop_domains d
      join shops s on s.id = d.for_shop and s.state <> 'closed'
      left join shop_domains p on p.for_shop = d.for_shop and p.is_primary
     where d.host = $1 and d.state = 'verified'
)sql"};

const db::PlatformStatement<ShopId(ShopId)> lock_shop_row{"shop.lock_shop", R"sql(
    select id from shops where id = $1 for no key update
)sql"};

const db::PlatformStatement<Text(ShopId, Text, Text, Instant, Instant)> insert_claim{"shop.insert_domain",
                                                                                     R"sql(
    insert into shop_domains (for_shop, host, state, token, created_at) values ($1, $2, 'pending', $3, $4)
    on conflict (for_shop, host) do update
       set state = 'pending', token = $3, created_at = $4, released_at = null, verified_at = null
     where shop_domains.state = 'released'
        or (shop_domains.state = 'pending' and shop_domains.created_at <= $5)
    returning token
)sql"};

const db::PlatformStatement<Domain(ShopId)> domains_of_shop{"shop.list_domains", R"sql(
    select host, state = 'verified' as is_verified, is_primary, token, created_at, verified_at
      from shop_domains where for_shop = $1 and state <> 'released' order by host
)sql"};

const db::PlatformStatement<Domain(ShopId, Text)> domain_of_shop{"shop.find_domain", R"sql(
    select host, state = 'verified' as is_verified, is_primary, token, created_at, verified_at
      from shop_domains where for_shop = $1 and host = $2 and state <> 'released'
)sql"};

const db::PlatformStatement<db::Nothing(ShopId, Text, Text, Instant, Instant)> verify_claim{
    "shop.verify_domain", R"sql(
    update shop_domains d set state = 'verified', verified_at = $4
     where d.for_shop = $1 and d.host = $2 and d.token = $3 and d.state = 'pending' and d.created_at > $5
       and not exists (select from shop_domains o
                        where o.host = $2 and o.for_shop <> $1
                          and (o.state = 'verified' or (o.state = 'released' and o.released_at >= d.created_at)))
)sql"};

const db::PlatformStatement<db::Nothing(ShopId)> clear_primary{"shop.clear_primary_domain", R"sql(
    update shop_domains set is_primary = false where for_shop = $1 and is_primary
)sql"};

const db::PlatformStatement<db::Nothing(ShopId, Text)> set_primary{"shop.set_primary_domain", R"sql(
    update shop_domains set is_primary = true where for_shop = $1 and host = $2 and state = 'verified'
)sql"};

const db::PlatformStatement<db::Nothing(ShopId, Text)> delete_claim{"shop.delete_domain_claim", R"sql(
    delete from shop_domains where for_shop = $1 and host = $2 and state = 'pending'
)sql"};

const db::PlatformStatement<db::Nothing(ShopId, Text, Instant)> release{"shop.release_domain", R"sql(
    update shop_domains set state = 'released', is_primary = false, released_at = $3
     where for_shop = $1 and host = $2 and state = 'verified'
)sql"};

const db::PlatformStatement<db::Nothing(Instant)> forget_released{"shop.forget_released_domains", R"sql(
    delete from shop_domains where state = 'released' and released_at < $1
)sql"};

}  // namespace

Task<std::optional<ShopId>> insert_shop(db::PlatformTx& tx, Shop shop, Instant now) {
    co_return co_await tx.maybe(insert_shop_row,
                                shop.id,
                                shop.slug,
                                shop.name,
                                shop.owner,
                                shop.currency,
                                shop.locale,
                                shop.tz,
                                shop.country,
                                now);
}

Task<std::optional<Shop>> find_shop(db::PlatformTx& tx, ShopId id) {
    co_return co_await tx.maybe(shop_by_id, id);
}

Task<std::optional<Shop>> read_shop(db::Database& database, ShopId id, std::uint32_t* sql_count) {
    const db::TxOptions options{.work = db::Work::page, .read_only = true, .sql_count = sql_count};
    auto shops = co_await database.fetch(options, shop_by_id, id);
    if (shops.empty()) {
        co_return std::nullopt;
    }
    co_return std::move(shops.front());
}

Task<std::optional<Shop>> find_shop_by_slug(db::PlatformTx& tx, std::string slug) {
    co_return co_await tx.maybe(shop_by_slug, slug);
}

Task<> pass_shop_on(db::PlatformTx& tx, ShopId shop, AccountId from, AccountId to) {
    co_await tx.run(change_owner, shop, from, to);
}

Task<std::vector<Shop>> list_shops(db::PlatformTx& tx, std::string after, std::int32_t limit) {
    co_return co_await tx.all(shops_after, after, limit);
}

Task<std::optional<std::int64_t>> plan_limit(db::PlatformTx& tx, ShopId shop, std::string name) {
    co_return co_await tx.maybe(limit_of_plan, shop, name);
}

Task<std::optional<HostRow>> host_of_shop(db::PlatformTx& tx, ShopId shop) {
    co_return co_await tx.maybe(host_by_shop, shop);
}

Task<std::vector<HostRow>> shop_of_slug(db::Database& database, std::string slug) {
    co_return co_await database.fetch(host_by_slug, slug);
}

Task<std::vector<HostRow>> shop_of_domain(db::Database& database, std::string host) {
    co_return co_await database.fetch(host_by_domain, host);
}

Task<> lock_shop(db::PlatformTx& tx, ShopId shop) {
    co_await tx.one(lock_shop_row, shop);
}

Task<std::optional<std::string>> insert_domain(
    db::PlatformTx& tx, ShopId shop, std::string host, std::string token, Instant now, Instant stale_before) {
    co_return co_await tx.maybe(insert_claim, shop, host, token, now, stale_before);
}

Task<std::vector<Domain>> list_domains(db::PlatformTx& tx, ShopId shop) {
    co_return co_await tx.all(domains_of_shop, shop);
}

Task<std::optional<Domain>> find_domain(db::PlatformTx& tx, ShopId shop, std::string host) {
    co_return co_await tx.maybe(domain_of_shop, shop, host);
}

Task<bool> verify_domain(
    db::PlatformTx& tx, ShopId shop, std::string host, std::string token, Instant now, Instant stale_before) {
    co_return co_await tx.run(verify_claim, shop, host, token, now, stale_before) == 1;
}

Task<> clear_primary_domain(db::PlatformTx& tx, ShopId shop) {
    co_await tx.run(clear_primary, shop);
}

Task<bool> set_primary_domain(db::PlatformTx& tx, ShopId shop, std::string host) {
    co_return co_await tx.run(set_primary, shop, host) == 1;
}

Task<bool> delete_domain_claim(db::PlatformTx& tx, ShopId shop, std::string host) {
    co_return co_await tx.run(delete_claim, shop, host) == 1;
}

Task<bool> release_domain(db::PlatformTx& tx, ShopId shop, std::string host, Instant now) {
    co_return co_await tx.run(release, shop, host, now) == 1;
}

Task<std::int64_t> forget_released_domains(db::PlatformTx& tx, Instant before) {
    co_return co_await tx.run(forget_released, before);
}

}  // namespace cartwright::shop::store
