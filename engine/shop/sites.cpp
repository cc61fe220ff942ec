#include "shop/sites.hpp"

#include "shop/shop_store.hpp"
#include "shop/shops.hpp"

namespace cartwright::shop {

ShopSites::ShopSites(db::Database& database,
                     const Clock& clock,
                     std::string platform_host,
                     std::size_t capacity)
    : database_(database), clock_(clock), suffix_("." + std::move(platform_host)), capacity_(capacity) {}

std::pair<bool, std::shared_ptr<const http::Site>> ShopSites::cached(std::string_view host) {
    const auto found = by_host_.find(host);
    if (found == by_host_.end()) {
        return {false, nullptr};
    }
    if (found->second->good_until <= clock_.now()) {
        return {false, nullptr};
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return {true, found->second->site};
}

Task<std::shared_ptr<const http::Site>> ShopSites::load(std::string host) {
    const std::uint64_t asked_at = generation_;
    std::vector<store::HostRow> rows;
    if (host.ends_with(suffix_)) {
        const auto slug = Slug::parse(std::string_view(host).substr(0, host.size() - suffix_.size()));
        if (slug) {
            rows = co_await store::shop_of_slug(database_, slug->text());
        }
    } else {
        rows = co_await store::shop_of_domain(database_, host);
    }
    std::shared_ptr<const http::Site> site;
    if (!rows.empty()) {
        const store::HostRow& row = rows.front();
        auto made = std::make_shared<http::Site>();
        made->tenant = row.id.value();
        made->host = host;
        const std::string wanted = row.primary_host.value_or(row.slug + suffix_);
        if (wanted != host) {
            made->redirect_to = wanted;
        }
        site = std::move(made);
    }
    if (asked_at == generation_) {
        keep(std::move(host), site);
    }
    co_return site;
}

void ShopSites::forget_all() {
    ++generation_;
    by_host_.clear();
    entries_.clear();
}

void ShopSites::forget(ShopId shop) {
    ++generation_;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const bool concerned = entry->site == nullptr || entry->site->tenant == shop.value();
        if (concerned) {
            by_host_.erase(entry->host);
        }
        entry = concerned ? entries_.erase(entry) : std::next(entry);
    }
}

void ShopSites::keep(std::string host, std::shared_ptr<const http::Site> site) {
    if (const auto former = by_host_.find(host); former != by_host_.end()) {
        const auto entry = former->second;
        by_host_.erase(former);
        entries_.erase(entry);
    }
    while (entries_.size() >= capacity_ && !entries_.empty()) {
        by_host_.erase(entries_.back().host);
        entries_.pop_back();
    }
    const Instant good_until = clock_.now() + (site ? known_for : unknown_for);
    entries_.push_front({std::move(host), std::move(site), good_until});
    by_host_.emplace(entries_.front().host, entries_.begin());
}

}  // namespace cartwright::shop
