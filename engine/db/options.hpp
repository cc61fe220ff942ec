// How a Database reaches its server, and how much of it one thread may use.
#pragma once

#include <chrono>
#include <string>

namespace cartwright::db {

struct DatabaseOptions {
    std::string url;                  // a libpq URL or keywords; logs in as cw_app, or as a member of it
    bool prepared_statements = true;  // false behind PgBouncer 1.18 in transaction mode
    std::string role;                 // SET ROLE after login, unless empty; not behind PgBouncer
    unsigned connections = 4;         // of this thread; a shop may hold half of them
    unsigned waiting = 256;           // requests that may wait for one; more are refused at once
    std::chrono::milliseconds connect_limit{2000};
};

struct PoolFigures {
    unsigned open = 0;
    unsigned in_use = 0;
    unsigned waiting = 0;
};

}  // namespace cartwright::db
