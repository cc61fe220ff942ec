#include "events/dispatcher.hpp"

#include "events/feed.hpp"
#include "events/store.hpp"

#include <boost/asio/post.hpp>

#include <limits>
#include <utility>

namespace cartwright::events {

namespace {

constexpr std::int32_t wakes_a_query = 1'000;
constexpr std::int32_t events_a_query = 500;

constexpr db::TxOptions reading{.work = db::Work::background, .read_only = true};

}  // namespace

Dispatcher::Dispatcher(db::Database& database,
                       Executor executor,
                       OnFailure on_failure,
                       std::chrono::milliseconds poll_interval)
    : database_(database),
      on_failure_(std::move(on_failure)),
      poll_interval_(poll_interval),
      pause_(executor) {}

void Dispatcher::subscribe(Executor executor, Subscriber subscriber) {
    subscribers_.emplace_back(executor, std::move(subscriber));
}

Task<> Dispatcher::run() {
    while (!stopped_) {
        try {
            co_await poll();
        } catch (const std::exception& failure) {
            on_failure_(failure);
        }
        // What is pending waits for another transaction's end, which rings no bell.
        constexpr std::chrono::milliseconds while_pending{20};
        co_await pause_.wait(pending_.empty() ? poll_interval_ : std::min(poll_interval_, while_pending));
    }
}

void Dispatcher::stop() {
    stopped_ = true;
    pause_.wake();
}

Task<std::size_t> Dispatcher::poll() {
    const auto now = ticks();
    const bool lost = last_wake_ && now - last_read_ > wakes_kept / 2;
    if (!last_wake_ || lost) {
        co_await find_present();
        last_read_ = now;
        if (lost) tell({.lost = true, .events = {}});
        co_return 0;
    }
    co_await read_wakes();
    last_read_ = now;

    News news;
    const std::vector<std::pair<ShopId, db::Xid>> shops(pending_.begin(), pending_.end());
    for (const auto& [shop, until] : shops) co_await read_shop(shop, until, news.events);
    const std::size_t count = news.events.size();
    if (count > 0) tell(std::move(news));
    co_return count;
}

Task<> Dispatcher::find_present() {
    auto work = [](db::PlatformTx& tx) -> Task<db::Xid> { return tx.one(select_horizon); };
    const db::Xid horizon = co_await database_.in_platform(reading, work);
    pending_.clear();
    positions_.clear();
    last_wake_ = Wake{db::Xid{horizon.number - 1}, ShopId(std::numeric_limits<std::int64_t>::max())};
}

Task<> Dispatcher::read_wakes() {
    for (bool more = true; more;) {
        db::Xid ceiling;
        auto work = [&](db::PlatformTx& tx) -> Task<std::vector<WakeRow>> {
            std::vector<WakeRow> wakes =
                co_await tx.all(select_wakes, last_wake_->xid, last_wake_->shop, wakes_a_query);
            ceiling = co_await tx.one(select_ceiling);
            co_return wakes;
        };
        const std::vector<WakeRow> wakes = co_await database_.in_platform(reading, work);
        for (const WakeRow& wake : wakes) {
            last_wake_ = Wake{wake.xid, wake.for_shop};
            pending_[wake.for_shop] = ceiling;
            // Events of a transaction have stamps of its number at least.
            positions_.try_emplace(wake.for_shop, Position{wake.xid, -1});
        }
        more = wakes.size() == static_cast<std::size_t>(wakes_a_query);
    }
}

Task<> Dispatcher::read_shop(ShopId shop, db::Xid until, std::vector<ShopEvent>& events) {
    Position& position = positions_[shop];
    db::Xid horizon;
    auto work = [&](db::Tx& tx) -> Task<std::vector<Event>> {
        horizon = co_await tx.one(select_horizon);
        co_return co_await read_feed(tx, position, events_a_query);
    };
    std::vector<Event> next = co_await database_.in_shop(shop, reading, work);
    const bool all = next.size() < static_cast<std::size_t>(events_a_query);
    if (!next.empty()) position = next.back().position;
    for (Event& event : next) events.push_back({shop, std::move(event)});
    if (all && horizon >= until) pending_.erase(shop);
}

void Dispatcher::tell(News news) {
    const auto shared = std::make_shared<const News>(std::move(news));
    for (const auto& [executor, subscriber] : subscribers_) {
        boost::asio::post(executor, [shared, told = subscriber] { told(*shared); });
    }
}

Task<std::int64_t> forget_wakes(db::PlatformTx& tx, Instant now) {
    const Instant oldest = now - wakes_kept;
    co_return co_await tx.run(delete_wakes, oldest);
}

}  // namespace cartwright::events
