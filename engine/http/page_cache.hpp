// Pages that were made once and fit many visitors, kept by one thread. Exact: a page knows what it was made
// of (tags), and a commit that changed one of these things throws away just the pages of that shop that
// showed it. A page that was rendered while its shop changed is not kept at all, so nothing stale can slip
// in between reading and keeping (decisions/0033).
//
// Isolation: the tenant is part of the key and of the value, and a value whose tenant isn't the key's is
// never handed out.
#pragma once

#include "http/message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace cartwright {
class Rng;
}

namespace cartwright::http {

// What a page depends on, besides the data of its shop. All views: a look-up copies nothing. The dispatcher
// sets tenant, host, secure, route, path and query; the route's page_key the rest.
struct PageKey {
    std::int64_t tenant = 0;
    std::string_view host = {};  // canonical, never the Host that was sent
    bool secure = false;
    std::string_view route = {};
    std::string_view path = {};   // normal
    std::string_view query = {};  // the parameters that the route names, in its order, in one spelling
    std::string_view locale = {};
    std::string_view currency = {};
    std::string_view customer_class = {};  // a class of prices or a visitor group, never a person
    std::uint64_t theme_version = 0;

    friend bool operator==(const PageKey&, const PageKey&) = default;
};

// A thing that a page shows, as a number: tag_of("product", 17). Two things may share a number; then one
// page too many is thrown away, which is no harm.
std::uint64_t tag_of(std::string_view kind, std::int64_t id) noexcept;
std::uint64_t tag_of(std::string_view kind, std::string_view name) noexcept;

struct PageCacheLimits {
    std::size_t bytes = 64 << 20;           // of this thread, keys and heads included
    std::size_t bytes_of_tenant = 8 << 20;  // so that one shop can't push out all others
    std::size_t bytes_of_page = 1 << 20;    // larger ones aren't kept
    std::chrono::seconds lifetime{300};     // the net under exact invalidation
};

class PageCache {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Stats {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t kept = 0;
        std::uint64_t refused = 0;    // too large, or its shop changed meanwhile
        std::uint64_t evicted = 0;    // for want of room or by age
        std::uint64_t forgotten = 0;  // by tag or tenant
        std::uint64_t alarms = 0;     // a page of another tenant under a key: never, or a bug
        std::uint64_t pages = 0;
        std::uint64_t bytes = 0;
    };

    explicit PageCache(Rng& rng, const PageCacheLimits& limits = {});
    PageCache(const PageCache&) = delete;
    PageCache& operator=(const PageCache&) = delete;
    ~PageCache();

    // Allocation-free. A null pointer: not there.
    std::shared_ptr<const Page> find(const PageKey& key, Time now) noexcept;

    // Taken before a page's data is read, shown when it is kept.
    struct Ticket {
        std::uint64_t changes = 0;
    };

    Ticket ticket(std::int64_t tenant) const noexcept;

    // Keeps the page until one of its tags is forgotten. Does nothing if the tenant has forgotten anything
    // since the ticket was taken, or the page's tenant isn't the key's, or it is too large.
    void keep(const PageKey& key,
              std::shared_ptr<const Page> page,
              std::span<const std::uint64_t> tags,
              Ticket ticket,
              Time now);

    void forget(std::int64_t tenant, std::uint64_t tag);
    void forget_tenant(std::int64_t tenant);
    void forget_all();

    Stats stats() const noexcept;  // by any thread

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cartwright::http
