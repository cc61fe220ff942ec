// Wakes the readers of events and the workers of jobs on all nodes, through NOTIFY. Rung after a transaction was
// committed; several rings within a few milliseconds are one NOTIFY, in a transaction of its own: within the
// transactions that cause them, NOTIFY would make their commits wait for each other (decisions/0061). A ring may
// be lost with its process; readers poll as well, so that costs a second and nothing else.
#pragma once

#include "base/task.hpp"
#include "db/database.hpp"
#include "events/pause.hpp"

#include <string_view>

namespace cartwright::events {

class Bell {
public:
    // The channel to listen on.
    static constexpr std::string_view channel = "cartwright";

    // Of one thread, as the database is.
    Bell(db::Database& database, Executor executor)
        : database_(database), executor_(executor), pause_(executor) {}

    void ring() {
        rung_ = true;
        pause_.wake();
    }

    // Sends what is rung until stop; start it once.
    Task<> run();
    void stop();

private:
    db::Database& database_;
    Executor executor_;
    Pause pause_;
    bool rung_ = false;
    bool stopped_ = false;
};

}  // namespace cartwright::events
