// Tells this process what was committed in any shop, on any node, soon after: how caches are invalidated. It
// reads which shops have news, then the feeds of those shops, and hands the events to subscribers on their own
// threads. It keeps its cursors in memory and starts at the present; what must survive a restart is a durable
// consumer (feed.hpp).
#pragma once

#include "base/task.hpp"
#include "db/database.hpp"
#include "events/events.hpp"
#include "events/pause.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cartwright::events {

struct ShopEvent {
    ShopId shop;
    Event event;
};

// What a subscriber is told. `lost`: the database was out of reach for so long that events may have gone by
// unread; whatever a cache holds may be old.
struct News {
    bool lost = false;
    std::vector<ShopEvent> events;  // each shop's in the order of its feed
};

// How long the notes of which shops have news are kept (forget_wakes), and how long a dispatcher may sleep.
inline constexpr std::chrono::minutes wakes_kept{60};

class Dispatcher {
public:
    using Subscriber = std::function<void(const News&)>;
    using OnFailure = std::function<void(const std::exception&)>;

    // `executor` is that of the thread that owns `database`. `on_failure` hears of polls that failed (they are
    // repeated), for the log.
    Dispatcher(db::Database& database,
               Executor executor,
               OnFailure on_failure,
               std::chrono::milliseconds poll_interval = std::chrono::seconds(1));

    // Before run. The subscriber is called on `executor`'s thread, and must not throw.
    void subscribe(Executor executor, Subscriber subscriber);

    // Polls until stop. Start it once.
    Task<> run();

    // Reads what there is now and hands it out; answers how many events. The first call finds the present and
    // nothing else.
    Task<std::size_t> poll();

    // On the dispatcher's thread: something was committed.
    void wake() { pause_.wake(); }

    void stop();

private:
    struct Wake {
        db::Xid xid;
        ShopId shop;

        friend auto operator<=>(const Wake&, const Wake&) = default;
    };

    Task<> find_present();
    Task<> read_wakes();
    Task<> read_shop(ShopId shop, db::Xid until, std::vector<ShopEvent>& events);
    void tell(News news);

    db::Database& database_;
    OnFailure on_failure_;
    std::chrono::milliseconds poll_interval_;
    Pause pause_;
    bool stopped_ = false;
    std::vector<std::pair<Executor, Subscriber>> subscribers_;

    std::optional<Wake> last_wake_;  // nothing before the present was found
    std::chrono::steady_clock::time_point last_read_;
    std::unordered_map<ShopId, Position> positions_;  // of shops that had news since the start: 32 bytes each
    std::unordered_map<ShopId, db::Xid> pending_;  // shops to read, until their feed has come to this stamp
};

// Deletes notes older than wakes_kept; answers how many. A job calls it every few minutes.
Task<std::int64_t> forget_wakes(db::PlatformTx& tx, Instant now);

}  // namespace cartwright::events
