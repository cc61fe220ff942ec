// What a database can do to its caller. All are exceptions: nobody on the page could have caused them. A
// violated constraint that a person did cause is an Error whose `constraint` the slice knows and turns into
// a refusal.
#pragma once

#include "base/unavailable.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace cartwright::db {

// The database is gone, too slow, or the wait queue is full: the face answers 503 with Retry-After.
class Unavailable : public cartwright::Unavailable {
public:
    using cartwright::Unavailable::Unavailable;
};

// A statement failed. `sqlstate` is PostgreSQL's five characters; `constraint` is set for violations.
// The message is for the log, never for a person: it may hold values.
class Error : public std::runtime_error {
public:
    Error(const std::string& message, std::string sqlstate_, std::string constraint_)
        : std::runtime_error(message), sqlstate(std::move(sqlstate_)), constraint(std::move(constraint_)) {}

    std::string sqlstate;
    std::string constraint;
};

// The connection broke between COMMIT and its answer: whether the work happened is unknown. Callers that
// have an idempotency key look it up; nobody guesses.
class CommitUnknown : public Unavailable {
public:
    using Unavailable::Unavailable;
};

}  // namespace cartwright::db
