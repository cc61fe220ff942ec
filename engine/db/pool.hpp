// The connections of one thread, who has them, and who waits for one.
//
// Waiting is first come, first served, with two exceptions: a shop that holds its share already is passed
// over, and reads of one statement leave in batches on one connection, since a pipeline carries eight of
// them nearly as fast as one (decisions/0041). While the database is away, asking fails at once; one attempt to
// reconnect is made at a time, after a pause that grows and varies.
#pragma once

#include "base/id.hpp"
#include "base/rng.hpp"
#include "base/task.hpp"
#include "base/wakeup.hpp"
#include "db/connection.hpp"
#include "db/options.hpp"
#include "db/work.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace cartwright::db {

class Pool : public std::enable_shared_from_this<Pool> {
public:
    Pool(Executor executor, DatabaseOptions options, Rng& rng);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // A connection for one transaction. Throws Unavailable when the database is away, the queue is full or
    // the wait too long. A transaction of no shop passes ShopId().
    Task<std::shared_ptr<Connection>> take(ShopId shop, Work work);

    // Back from the same shop. A connection that is not idle is thrown away.
    void put(const std::shared_ptr<Connection>& connection, ShopId shop);

    // Runs one reading statement in a transaction of its own. `parameters` stay until the end.
    Task<Rows> fetch(ShopId shop, Work work, const StatementInfo& statement, const Parameters& parameters);

    // Ends all connections; what waits and what comes later fails with Unavailable.
    void close();

    PoolFigures figures() const noexcept;

    Executor executor() const noexcept { return executor_; }

    Rng& rng() noexcept { return *rng_; }

private:
    using Time = std::chrono::steady_clock::time_point;

    // A wish for a connection, or for the answer of a reading statement. It lives in the frame of the
    // coroutine that waits, and leaves the pool's lists with it.
    struct Wish {
        ShopId shop;
        Work work;
        Time until;
        const StatementInfo* statement = nullptr;  // none: a connection is wished
        const Parameters* parameters = nullptr;
        std::shared_ptr<Connection> connection;
        Answer answer;
    };

    class Waiting;  // takes a wish out of the lists when its coroutine ends

    struct Slot {
        std::shared_ptr<Connection> connection;
        bool idle = false;
        Time idle_since;
        Time retire_at;
        Time sent_at{};
        std::vector<ShopId> batch;  // shops whose reads travel on it
    };

    struct ShopLoad {
        unsigned held = 0;
        unsigned waiting = 0;
    };

    void enqueue(Wish& wish);
    void drop(Wish& wish) noexcept;
    void serve();
    void serve_reads(Slot& slot);
    std::size_t free_lanes() const noexcept;
    void watch_lanes();
    bool within_share(ShopId shop) const;
    void hold(ShopId shop);
    void unhold(ShopId shop) noexcept;
    void tidy(ShopId shop) noexcept;
    Slot* idle_slot() noexcept;
    Slot* slot_of(const Connection& connection) noexcept;
    void make_idle(Slot& slot);
    void on_answered(Connection& connection);
    void discard(Connection& connection);
    void connect_if_needed();
    Task<> connect();
    void leave_queue(Wish& wish) noexcept;
    void refuse(Wish& wish, std::exception_ptr failure);
    void refuse_all(const std::string& why);
    bool busy() const noexcept;
    void arm_watch();
    void watch();

    Executor executor_;
    DatabaseOptions options_;
    Rng* rng_;
    unsigned share_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::list<Wish*> waiting_;
    std::unordered_map<ShopId, ShopLoad> shops_;
    unsigned connecting_ = 0;
    unsigned failures_ = 0;
    Time retry_at_{};
    std::string last_failure_;
    Timer watch_;
    Timer lane_watch_;
    bool watching_lanes_ = false;
    bool watching_closely_ = false;
    bool closed_ = false;
};

}  // namespace cartwright::db
