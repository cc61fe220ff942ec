// Classes of work by how long somebody is willing to wait.
#pragma once

#include <chrono>
#include <cstdint>

namespace cartwright::db {

// Decides lock_timeout, statement_timeout and how long to wait for a connection.
enum class Work : std::uint8_t {
    page,        // a shopper waits: 2 s a statement, 1 s a lock
    write,       // a shopper's or owner's change: 5 s, 3 s
    panel,       // lists and reports of the owner: 10 s, 3 s
    background,  // jobs and imports: 60 s, 10 s
};

struct WorkLimits {
    std::chrono::milliseconds statement;
    std::chrono::milliseconds lock;
    std::chrono::milliseconds queue;  // for a connection
};

// A page's limits are also those of the role (storage/roles.sql) and of each connection, so that the most
// frequent transaction sends none.
constexpr WorkLimits limits_of(Work work) noexcept {
    using std::chrono::milliseconds;
    switch (work) {
        case Work::page:
            return {milliseconds(2000), milliseconds(1000), milliseconds(1000)};
        case Work::write:
            return {milliseconds(5000), milliseconds(3000), milliseconds(2000)};
        case Work::panel:
            return {milliseconds(10000), milliseconds(3000), milliseconds(2000)};
        case Work::background:
            break;
    }
    return {milliseconds(60000), milliseconds(10000), milliseconds(30000)};
}

}  // namespace cartwright::db
