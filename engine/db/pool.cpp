#include "db/pool.hpp"

#include "base/clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace cartwright::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t most_in_batch = 16;
// Reads travel in few, full batches: a wake-up of the server costs as much as the read of a row. Only when a batch
// is out for longer than a quick one takes do the others stop waiting for it.
constexpr unsigned reading_lanes = 1;
constexpr milliseconds lane_patience{4};
constexpr milliseconds close_look{250};  // how often deadlines are looked at while something is under way
constexpr milliseconds calm_look{10'000};
constexpr seconds ping_after{30};        // an idle connection is asked whether it is still there
constexpr minutes unused_after{10};      // and closed, if others are left
constexpr minutes retire_after{30};      // memory of a backend grows with what it has seen
constexpr milliseconds first_pause{50};  // between attempts to reconnect; doubles
constexpr milliseconds longest_pause{1000};
constexpr milliseconds grace{500};  // beyond statement_timeout, before a silent server counts as dead

}  // namespace

class Pool::Waiting {
public:
    Waiting(Pool& pool, Wish& wish) : pool_(pool.shared_from_this()), wish_(wish) {}

    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    ~Waiting() { pool_->drop(wish_); }

private:
    std::shared_ptr<Pool> pool_;
    Wish& wish_;
};

Pool::Pool(Executor executor, DatabaseOptions options, Rng& rng)
    : executor_(executor),
      options_(std::move(options)),
      rng_(&rng),
      share_(std::max(1U, (options_.connections + 1) / 2)),
      watch_(executor),
      lane_watch_(executor) {}

Pool::~Pool() {
    close();
}

Task<std::shared_ptr<Connection>> Pool::take(ShopId shop, Work work) {
    Wish wish{.shop = shop, .work = work, .until = {}, .connection = {}, .answer = {}};
    Waiting waiting(*this, wish);
    enqueue(wish);
    co_await Connection::wait(wish.answer);
    co_return std::exchange(wish.connection, nullptr);
}

Task<Rows> Pool::fetch(ShopId shop, Work work, const StatementInfo& statement, const Parameters& parameters) {
    // A read that was skipped because another of its batch failed has done nothing and is sent again. The one
    // that failed is not, so each round has at least one fewer.
    for (std::size_t round = 0; round < most_in_batch; ++round) {
        Wish wish{.shop = shop,
                  .work = work,
                  .until = {},
                  .statement = &statement,
                  .parameters = &parameters,
                  .connection = {},
                  .answer = {}};
        Waiting waiting(*this, wish);
        enqueue(wish);
        if (!wish.answer.done) co_await wish.answer.wakeup.wait();
        if (wish.answer.aborted) continue;
        if (wish.answer.failure) std::rethrow_exception(wish.answer.failure);
        co_return std::move(wish.answer.rows);
    }
    throw Unavailable("a read kept company with failing ones too often");
}

void Pool::put(const std::shared_ptr<Connection>& connection, ShopId shop) {
    unhold(shop);
    Slot* slot = slot_of(*connection);
    if (slot == nullptr) {
        connection->close("the pool has gone");
    } else if (connection->idle()) {
        make_idle(*slot);
    } else {
        discard(*connection);
    }
    serve();
}

void Pool::close() {
    closed_ = true;
    watch_.cancel();
    lane_watch_.cancel();
    for (auto& slot : std::exchange(slots_, {})) {
        slot->connection->on_broken = nullptr;
        slot->connection->on_answered = nullptr;
        slot->connection->close("the server is stopping");
    }
    refuse_all("the server is stopping");
}

PoolFigures Pool::figures() const noexcept {
    const auto idle = std::ranges::count_if(slots_, [](const auto& slot) { return slot->idle; });
    return {.open = static_cast<unsigned>(slots_.size()),
            .in_use = static_cast<unsigned>(slots_.size() - static_cast<std::size_t>(idle)),
            .waiting = static_cast<unsigned>(waiting_.size())};
}

void Pool::enqueue(Wish& wish) {
    if (closed_) throw Unavailable("the server is stopping");
    const Time now = ticks();
    if (slots_.empty() && failures_ > 0 && now < retry_at_) throw Unavailable(last_failure_);
    if (waiting_.size() >= options_.waiting) throw Unavailable("too many wait for the database");
    if (wish.shop) {
        ShopLoad& load = shops_[wish.shop];
        // A shop may fill its half of the queue; the rest is left to the others.
        if (load.waiting >= std::max(1U, options_.waiting / 2)) {
            throw Unavailable("too many of this shop wait for the database");
        }
        ++load.waiting;
    }
    wish.until = now + limits_of(wish.work).queue;
    waiting_.push_back(&wish);
    serve();
    arm_watch();
}

void Pool::drop(Wish& wish) noexcept {
    leave_queue(wish);
    if (wish.connection == nullptr) return;
    if (wish.statement != nullptr) {
        if (!wish.answer.done) wish.connection->forget(wish.answer);
    } else {
        put(std::exchange(wish.connection, nullptr), wish.shop);
    }
}

// Gives idle connections to those who wait, in their order.
void Pool::serve() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
        Slot* slot = idle_slot();
        if (slot == nullptr) break;
        Wish& wish = **it;
        if (!within_share(wish.shop)) {
            ++it;
            continue;
        }
        if (wish.statement != nullptr) {
            if (free_lanes() == 0) {
                watch_lanes();
                ++it;
                continue;
            }
            serve_reads(*slot);
            it = waiting_.begin();
            continue;
        }
        ++it;
        hold(wish.shop);
        leave_queue(wish);
        slot->idle = false;
        wish.connection = slot->connection;
        wish.answer.done = true;
        wish.answer.wakeup.wake();
    }
    connect_if_needed();
}

// Sends the reads that wait longest down one connection, not more than its part of them all.
void Pool::serve_reads(Slot& slot) {
    const auto reads = static_cast<std::size_t>(
        std::ranges::count_if(waiting_, [](const Wish* wish) { return wish->statement != nullptr; }));
    const std::size_t lanes = free_lanes();
    const std::size_t part = (reads + lanes - 1) / lanes;
    const std::size_t most = std::clamp<std::size_t>(part, 1, most_in_batch);
    const auto connection = slot.connection;
    slot.idle = false;
    slot.sent_at = ticks();
    milliseconds patience = grace;
    std::size_t count = 0;
    for (auto it = waiting_.begin(); it != waiting_.end() && count < most;) {
        Wish& wish = **it;
        const bool counted = std::ranges::find(slot.batch, wish.shop) != slot.batch.end();
        if (wish.statement == nullptr || (!counted && !within_share(wish.shop))) {
            ++it;
            continue;
        }
        ++it;
        if (!counted) {
            hold(wish.shop);
            slot.batch.push_back(wish.shop);
        }
        leave_queue(wish);
        wish.connection = connection;
        patience += limits_of(wish.work).statement;
        ++count;
        try {
            connection->send_read(wish.shop, wish.work, *wish.statement, *wish.parameters, &wish.answer);
        } catch (const std::exception&) {
            // The slot is gone with its connection, and those sent before have been told.
            connection->close("a read could not be sent");
            return refuse(wish, std::current_exception());
        }
    }
    connection->ask(patience);
}

// How many batches may leave now. Those that are out for long don't count.
std::size_t Pool::free_lanes() const noexcept {
    const Time since = ticks() - lane_patience;
    const auto taken = std::ranges::count_if(
        slots_, [&](const auto& slot) { return !slot->batch.empty() && slot->sent_at > since; });
    return reading_lanes - std::min<std::size_t>(static_cast<std::size_t>(taken), reading_lanes);
}

// Serves again when the batches that are out have had their time.
void Pool::watch_lanes() {
    if (watching_lanes_) return;
    watching_lanes_ = true;
    lane_watch_.expires_after(lane_patience);
    lane_watch_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!self) return;
        self->watching_lanes_ = false;
        if (!error) self->serve();
    });
}

bool Pool::within_share(ShopId shop) const {
    if (!shop) return true;
    const auto found = shops_.find(shop);
    return found == shops_.end() || found->second.held < share_;
}

void Pool::hold(ShopId shop) {
    if (shop) ++shops_[shop].held;
}

void Pool::unhold(ShopId shop) noexcept {
    if (!shop) return;
    --shops_[shop].held;
    tidy(shop);
}

// Forgets a shop that has nothing here.
void Pool::tidy(ShopId shop) noexcept {
    const auto found = shops_.find(shop);
    if (found->second.held == 0 && found->second.waiting == 0) shops_.erase(found);
}

// The one used last: its caches are warm, and the others can grow old and be closed.
Pool::Slot* Pool::idle_slot() noexcept {
    Slot* best = nullptr;
    for (const auto& slot : slots_) {
        if (slot->idle && (best == nullptr || slot->idle_since > best->idle_since)) best = slot.get();
    }
    return best;
}

Pool::Slot* Pool::slot_of(const Connection& connection) noexcept {
    const auto found =
        std::ranges::find_if(slots_, [&](const auto& slot) { return slot->connection.get() == &connection; });
    return found == slots_.end() ? nullptr : found->get();
}

void Pool::make_idle(Slot& slot) {
    const Time now = ticks();
    if (now > slot.retire_at) return discard(*slot.connection);
    slot.idle = true;
    slot.idle_since = now;
}

// A batch of reads has come back; connections that were taken come back by put().
void Pool::on_answered(Connection& connection) {
    Slot* slot = slot_of(connection);
    if (slot == nullptr || slot->batch.empty()) return;
    if (connection.needs_rollback()) return connection.roll_back(grace);
    for (const ShopId shop : std::exchange(slot->batch, {})) unhold(shop);
    if (connection.idle()) {
        make_idle(*slot);
    } else {
        discard(connection);
    }
    serve();
}

void Pool::discard(Connection& connection) {
    const auto found =
        std::ranges::find_if(slots_, [&](const auto& slot) { return slot->connection.get() == &connection; });
    if (found == slots_.end()) return;
    const auto slot = std::move(*found);
    slots_.erase(found);
    slot->connection->on_broken = nullptr;
    slot->connection->close("the connection was not fit to be used again");
    for (const ShopId shop : slot->batch) unhold(shop);
}

void Pool::connect_if_needed() {
    if (closed_ || waiting_.empty()) return;
    const bool doubtful = failures_ > 0;
    if (doubtful && (connecting_ > 0 || ticks() < retry_at_)) return;
    while (slots_.size() + connecting_ < options_.connections && connecting_ < waiting_.size()) {
        ++connecting_;
        boost::asio::co_spawn(
            executor_, [self = shared_from_this()] { return self->connect(); }, boost::asio::detached);
        if (doubtful) break;
    }
}

Task<> Pool::connect() {
    const auto self = shared_from_this();
    // A refusal can come before the first wait; the lists of those who called must not change under them.
    co_await boost::asio::post(executor_, use_task);
    std::shared_ptr<Connection> connection;
    try {
        connection =
            co_await Connection::open(ConnectionOptions{.url = options_.url,
                                                        .prepared_statements = options_.prepared_statements,
                                                        .role = options_.role,
                                                        .connect_limit = options_.connect_limit});
    } catch (const std::exception& error) {
        last_failure_ = error.what();
    }
    --connecting_;
    if (connection == nullptr) {
        const auto doubled = first_pause * (1U << std::min(failures_, 6U));
        const milliseconds pause = std::min<milliseconds>(doubled, longest_pause);
        // Between half and the whole of the pause, so that the nodes of a fleet do not come back in step.
        const auto varied = rng_->below(static_cast<std::uint64_t>(pause.count() / 2) + 1);
        retry_at_ = ticks() + pause / 2 + milliseconds(varied);
        ++failures_;
        if (slots_.empty()) refuse_all(last_failure_);
        co_return;
    }
    failures_ = 0;
    if (closed_) {
        connection->close("the server is stopping");
        co_return;
    }
    connection->on_broken = [this, raw = connection.get()] {
        discard(*raw);
        serve();
    };
    connection->on_answered = [this, raw = connection.get()] { on_answered(*raw); };
    const auto spread = rng_->below(static_cast<std::uint64_t>(milliseconds(retire_after).count()) / 4);
    slots_.push_back(std::make_unique<Slot>(Slot{.connection = connection,
                                                 .idle = false,
                                                 .idle_since = {},
                                                 .retire_at = ticks() + retire_after + milliseconds(spread),
                                                 .batch = {}}));
    make_idle(*slots_.back());
    serve();
}

void Pool::leave_queue(Wish& wish) noexcept {
    if (std::erase(waiting_, &wish) == 0 || !wish.shop) return;
    --shops_[wish.shop].waiting;
    tidy(wish.shop);
}

void Pool::refuse(Wish& wish, std::exception_ptr failure) {
    leave_queue(wish);
    if (wish.answer.done) return;
    wish.answer.failure = std::move(failure);
    wish.answer.done = true;
    wish.answer.wakeup.wake();
}

void Pool::refuse_all(const std::string& why) {
    const auto failure = std::make_exception_ptr(Unavailable(why));
    while (!waiting_.empty()) refuse(*waiting_.front(), failure);
}

bool Pool::busy() const noexcept {
    return !waiting_.empty() || std::ranges::any_of(slots_, [](const auto& slot) { return !slot->idle; });
}

void Pool::arm_watch() {
    if (closed_ || watching_closely_) return;
    watching_closely_ = busy();
    watch_.expires_after(watching_closely_ ? close_look : calm_look);
    watch_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!error && self) self->watch();
    });
}

void Pool::watch() {
    const Time now = ticks();
    std::vector<std::shared_ptr<Connection>> connections;
    for (const auto& slot : slots_) connections.push_back(slot->connection);
    for (const auto& connection : connections) {
        connection->check_patience(now);
        const Slot* slot = slot_of(*connection);
        if (slot == nullptr || !slot->idle || !connection->idle()) continue;
        const auto unused = now - slot->idle_since;
        if ((unused > unused_after && slots_.size() > 1) || now > slot->retire_at) {
            discard(*connection);
        } else if (unused > ping_after) {
            connection->ask(grace);
        }
    }
    const auto too_long = std::make_exception_ptr(Unavailable("the wait for a connection was too long"));
    for (auto it = waiting_.begin(); it != waiting_.end();) {
        Wish& wish = **it++;
        if (now > wish.until) refuse(wish, too_long);
    }
    serve();
    watching_closely_ = false;
    arm_watch();
}

}  // namespace cartwright::db
