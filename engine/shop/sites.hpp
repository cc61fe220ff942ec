// Which shop a host names: <slug>.<platform host>, or a proven domain of a shop. One object a thread.
//
// Answers are kept for a bounded time and in a bounded number, least recently used first to go: known hosts
// for a minute, unknown ones for ten seconds, so that somebody who tries names neither fills the memory nor
// asks the database each time. What changes a shop's hosts calls `forget` (by way of the event feed) and is
// seen at once.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/task.hpp"
#include "http/message.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace cartwright::db {
class Database;
}

namespace cartwright::shop {

class ShopSites final : public http::Sites {
public:
    static constexpr std::chrono::seconds known_for{60};
    static constexpr std::chrono::seconds unknown_for{10};

    ShopSites(db::Database& database,
              const Clock& clock,
              std::string platform_host,
              std::size_t capacity = 10'000);

    // `host` is canonical (base/host.hpp).
    std::pair<bool, std::shared_ptr<const http::Site>> cached(std::string_view host) override;
    Task<std::shared_ptr<const http::Site>> load(std::string host) override;

    // Forgets every host of the shop, and every host that was unknown: one of them may have become its.
    void forget(ShopId shop);

    // Everything: what changed meanwhile is unknown.
    void forget_all();

    std::size_t size() const noexcept { return entries_.size(); }

private:
    struct Entry {
        std::string host;
        std::shared_ptr<const http::Site> site;
        Instant good_until;
    };

    struct Hash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };

    void keep(std::string host, std::shared_ptr<const http::Site> site);

    db::Database& database_;
    const Clock& clock_;
    std::string suffix_;  // ".localhost"
    std::size_t capacity_;
    std::list<Entry> entries_;  // the most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash, std::equal_to<>> by_host_;
    std::uint64_t generation_ = 0;  // of `forget`: an answer that was asked for before it is not kept
};

}  // namespace cartwright::shop
