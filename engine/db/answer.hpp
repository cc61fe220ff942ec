// The place where the answer to one message arrives. It stays where it is until `done`, or until its owner
// has told the connection to forget it.
#pragma once

#include "base/wakeup.hpp"
#include "db/rows.hpp"

#include <exception>

namespace cartwright::db {

struct Answer {
    Rows rows;
    std::exception_ptr failure;
    bool done = false;
    bool aborted = false;  // skipped since a message before it failed
    bool lost = false;     // the connection ended while this very answer was due
    Wakeup wakeup;
};

}  // namespace cartwright::db
