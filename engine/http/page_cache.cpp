#include "http/page_cache.hpp"

#include "base/keyed_hash.hpp"
#include "base/rng.hpp"
#include "http/counter.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cartwright::http {

namespace {

// The counters of changes are shared by tenants of one remainder: at worst a page isn't kept that might
// have been, and the table never grows.
constexpr std::size_t change_counters = 4096;

std::size_t size_of(const Page& page) noexcept {
    const auto of = [](const Page::Variant& variant) {
        return variant.head.size() + variant.body.size() + variant.etag.size();
    };
    return of(page.identity) + (page.gzip ? of(*page.gzip) : 0) + (page.brotli ? of(*page.brotli) : 0);
}

}  // namespace

struct PageCache::State {
    // One page, in two lists: of all, and of its tenant; the least lately used is last.
    struct Entry {
        std::uint64_t hash = 0;
        std::string text;  // the bytes that the key's views show
        PageKey key;
        std::shared_ptr<const Page> page;
        std::vector<std::uint64_t> tags;
        std::size_t bytes = 0;
        Time expires;
        std::list<Entry*>::iterator in_all;
        std::list<Entry*>::iterator in_tenant;
    };

    struct Tenant {
        std::list<Entry*> used;
        std::unordered_map<std::uint64_t, std::vector<Entry*>> tagged;
        std::size_t bytes = 0;
    };

    PageCacheLimits limits;
    std::uint64_t hash_key = 0;
    std::uint64_t other_hash_key = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> entries;  // by the key's hash
    std::unordered_map<std::int64_t, Tenant> tenants;
    std::list<Entry*> used;
    std::array<std::uint64_t, change_counters> changes{};

    Counter hits;
    Counter misses;
    Counter kept;
    Counter refused;
    Counter evicted;
    Counter forgotten;
    Counter alarms;
    Counter pages;
    Counter bytes;

    std::uint64_t hash_of(const PageKey& key) const noexcept {
        KeyedHash hash(hash_key, other_hash_key);
        hash.add(static_cast<std::uint64_t>(key.tenant))
            .add(key.theme_version)
            .add(std::uint64_t{key.secure});
        for (const std::string_view part :
             {key.host, key.route, key.path, key.query, key.locale, key.currency, key.customer_class}) {
            hash.add(std::uint64_t{part.size()}).add(part);
        }
        return hash.finish();
    }

    std::uint64_t& changes_of(std::int64_t tenant) noexcept {
        return changes[static_cast<std::uint64_t>(tenant) % change_counters];
    }

    void touch(Entry& entry) noexcept {
        used.splice(used.begin(), used, entry.in_all);
        auto& own = tenants.find(entry.key.tenant)->second.used;
        own.splice(own.begin(), own, entry.in_tenant);
    }

    void drop(Entry& entry) {
        const auto tenant = tenants.find(entry.key.tenant);
        Tenant& owner = tenant->second;
        for (const std::uint64_t tag : entry.tags) {
            const auto tagged = owner.tagged.find(tag);
            std::erase(tagged->second, &entry);
            if (tagged->second.empty()) owner.tagged.erase(tagged);
        }
        used.erase(entry.in_all);
        owner.used.erase(entry.in_tenant);
        owner.bytes -= entry.bytes;
        bytes.subtract(entry.bytes);
        pages.subtract(1);
        entries.erase(entry.hash);  // `entry` ends here
        if (owner.used.empty()) tenants.erase(tenant);
    }

    void make_room(std::int64_t tenant, std::size_t wanted) {
        const auto full = [&] {
            const auto own = tenants.find(tenant);
            return own != tenants.end() && own->second.bytes + wanted > limits.bytes_of_tenant;
        };
        while (full()) {
            drop(*tenants.find(tenant)->second.used.back());
            evicted.add();
        }
        while (!used.empty() && bytes.value() + wanted > limits.bytes) {
            drop(*used.back());
            evicted.add();
        }
    }
};

namespace {

// Moves a key's bytes into `text` and lets its views show them there.
template <class Key>
Key own_key(Key key, std::string& text) {
    const std::array<std::string_view*, 7> parts{
        &key.host, &key.route, &key.path, &key.query, &key.locale, &key.currency, &key.customer_class};
    std::size_t size = 0;
    for (const auto* part : parts) size += part->size();
    text.reserve(size);
    for (auto* part : parts) {
        const std::size_t at = text.size();
        text.append(*part);
        *part = std::string_view(text).substr(at);
    }
    return key;
}

}  // namespace

std::uint64_t tag_of(std::string_view kind, std::int64_t id) noexcept {
    return KeyedHash(0, 1).add(kind).add(static_cast<std::uint64_t>(id)).finish();
}

std::uint64_t tag_of(std::string_view kind, std::string_view name) noexcept {
    return KeyedHash(0, 2).add(std::uint64_t{kind.size()}).add(kind).add(name).finish();
}

PageCache::PageCache(Rng& rng, const PageCacheLimits& limits) : state_(std::make_unique<State>()) {
    state_->limits = limits;
    rng.fill(std::as_writable_bytes(std::span(&state_->hash_key, 1)));
    rng.fill(std::as_writable_bytes(std::span(&state_->other_hash_key, 1)));
}

PageCache::~PageCache() = default;

std::shared_ptr<const Page> PageCache::find(const PageKey& key, Time now) noexcept {
    State& state = *state_;
    const auto found = state.entries.find(state.hash_of(key));
    if (found == state.entries.end() || found->second->key != key) {
        state.misses.add();
        return nullptr;
    }
    State::Entry& entry = *found->second;
    if (entry.page->tenant != key.tenant) {
        state.alarms.add();
        return nullptr;
    }
    if (entry.expires <= now) {
        state.misses.add();
        return nullptr;
    }
    state.hits.add();
    state.touch(entry);
    return entry.page;
}

PageCache::Ticket PageCache::ticket(std::int64_t tenant) const noexcept {
    return {state_->changes_of(tenant)};
}

void PageCache::keep(const PageKey& key,
                     std::shared_ptr<const Page> page,
                     std::span<const std::uint64_t> tags,
                     Ticket ticket,
                     Time now) {
    State& state = *state_;
    auto entry = std::make_unique<State::Entry>();
    entry->key = own_key(key, entry->text);
    entry->hash = state.hash_of(key);
    entry->bytes = sizeof(State::Entry) + entry->text.size() + size_of(*page) + tags.size() * sizeof(tags[0]);
    if (page->tenant != key.tenant) state.alarms.add();
    if (page->tenant != key.tenant || ticket.changes != state.changes_of(key.tenant) ||
        entry->bytes > std::min(state.limits.bytes_of_page, state.limits.bytes_of_tenant)) {
        state.refused.add();
        return;
    }
    if (const auto old = state.entries.find(entry->hash); old != state.entries.end())
        state.drop(*old->second);
    state.make_room(key.tenant, entry->bytes);

    entry->page = std::move(page);
    entry->expires = now + state.limits.lifetime;
    entry->tags.assign(tags.begin(), tags.end());
    std::ranges::sort(entry->tags);
    const auto same = std::ranges::unique(entry->tags);
    entry->tags.erase(same.begin(), same.end());

    State::Tenant& tenant = state.tenants[key.tenant];
    for (const std::uint64_t tag : entry->tags) tenant.tagged[tag].push_back(entry.get());
    entry->in_all = state.used.insert(state.used.begin(), entry.get());
    entry->in_tenant = tenant.used.insert(tenant.used.begin(), entry.get());
    tenant.bytes += entry->bytes;
    state.bytes.add(entry->bytes);
    state.pages.add();
    state.kept.add();
    state.entries.emplace(entry->hash, std::move(entry));
}

void PageCache::forget(std::int64_t tenant, std::uint64_t tag) {
    State& state = *state_;
    ++state.changes_of(tenant);
    const auto owner = state.tenants.find(tenant);
    if (owner == state.tenants.end()) return;
    const auto tagged = owner->second.tagged.find(tag);
    if (tagged == owner->second.tagged.end()) return;
    const std::vector<State::Entry*> victims = tagged->second;  // dropping changes the list
    for (State::Entry* victim : victims) state.drop(*victim);
    state.forgotten.add(victims.size());
}

void PageCache::forget_tenant(std::int64_t tenant) {
    State& state = *state_;
    ++state.changes_of(tenant);
    for (auto owner = state.tenants.find(tenant); owner != state.tenants.end();
         owner = state.tenants.find(tenant)) {
        state.drop(*owner->second.used.back());
        state.forgotten.add();
    }
}

void PageCache::forget_all() {
    State& state = *state_;
    for (std::uint64_t& changes : state.changes) ++changes;
    state.forgotten.add(state.used.size());
    while (!state.used.empty()) state.drop(*state.used.back());
}

PageCache::Stats PageCache::stats() const noexcept {
    const State& state = *state_;
    return {.hits = state.hits.value(),
            .misses = state.misses.value(),
            .kept = state.kept.value(),
            .refused = state.refused.value(),
            .evicted = state.evicted.value(),
            .forgotten = state.forgotten.value(),
            .alarms = state.alarms.value(),
            .pages = state.pages.value(),
            .bytes = state.bytes.value()};
}

}  // namespace cartwright::http
