// The database of one thread: a pool of connections on its io_context, and transactions on them.
//
// A transaction of a shop is the only place from which a shop's rows can be reached: Statement needs a Tx,
// a Tx needs a ShopId. Statements travel in libpq's pipeline mode: BEGIN, the tenant setting and all
// statements sent before the first await share one round trip, and statements that were sent but not awaited
// leave together with COMMIT.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/outcome.hpp"
#include "base/task.hpp"
#include "db/statement.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace cartwright::db {

// The database is gone, too slow, or the wait queue is full: the face answers 503 with Retry-After.
class Unavailable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
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

// Decides lock_timeout, statement_timeout and how long to wait for a connection.
enum class Work : std::uint8_t {
    page,        // a shopper waits: 2 s a statement, 1 s a lock
    write,       // a shopper's or owner's change: 5 s, 3 s
    panel,       // lists and reports of the owner: 10 s, 3 s
    background,  // jobs and imports: 60 s, 10 s
};

struct TxOptions {
    Work work = Work::write;
    bool read_only = false;
    // The work may be run again from its start, at most 3 times, after 40001, 40P01 or 55P03. Say so only where
    // nothing outside the transaction happens in it.
    bool repeatable = false;
};

class Connection;
class Database;

// The answer of a statement that was sent. Awaiting it flushes what was sent before. Destroying it
// unawaited is allowed: the statement still runs, and its failure fails the transaction.
template <class Row>
class Pending;

// What both kinds of transactions can do.
class TxBase;

// A transaction of one shop. Runs Statements, with the shop as $1, and PlatformStatements (a job is enqueued
// in the transaction that causes it).
class Tx;

// A transaction on tables of no shop. `enter` makes it a transaction of a shop, once.
class PlatformTx;

}  // namespace cartwright::db
