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

// The answer of a statement that was sent. Awaiting one of its coroutines flushes what was sent before.
// Dropping it unawaited is allowed: the statement still runs, and its failure fails the transaction.
template <class Row>
class Pending {
public:
    Task<std::vector<Row>> all();
    Task<std::optional<Row>> maybe();    // throws std::logic_error on two rows or more
    Task<Row> one();                     // throws std::logic_error unless there is exactly one
    Task<std::int64_t> done();           // the number of rows that the statement touched
};

// A transaction on tables of no shop. `enter` makes it one of a shop, once and for its rest.
class PlatformTx {
public:
    template <class Row, class... Arguments>
    Pending<Row> send(const PlatformStatement<Row(Arguments...)>& statement,
                      const std::type_identity_t<Arguments>&... arguments);

    // send(…).all(), .maybe(), .one(), .done() in one word each.
    template <class Row, class... Arguments>
    Task<std::vector<Row>> all(const PlatformStatement<Row(Arguments...)>&, const std::type_identity_t<Arguments>&...);
    template <class Row, class... Arguments>
    Task<std::optional<Row>> maybe(const PlatformStatement<Row(Arguments...)>&, const std::type_identity_t<Arguments>&...);
    template <class Row, class... Arguments>
    Task<Row> one(const PlatformStatement<Row(Arguments...)>&, const std::type_identity_t<Arguments>&...);
    template <class Row, class... Arguments>
    Task<std::int64_t> run(const PlatformStatement<Row(Arguments...)>&, const std::type_identity_t<Arguments>&...);

    class Tx& enter(ShopId shop);
};

// A transaction of one shop: runs Statements with the shop as $1, and PlatformStatements too (a job is
// enqueued in the transaction that causes it).
class Tx : public PlatformTx {
public:
    ShopId shop() const noexcept;
    // the same five, for Statement<Row(Arguments...)>
};

// The database of one thread.
class Database {
public:
    // Opens a transaction, runs work(Tx&) and commits when it returns; work is a callable that returns
    // Task<T> or Task<Outcome<T>>. A refusal or an exception rolls back. Throws Unavailable, CommitUnknown,
    // Error, or what work threw.
    template <class F>
    auto in_shop(ShopId shop, TxOptions options, F work) -> std::invoke_result_t<F&, Tx&>;
    template <class F>
    auto in_platform(TxOptions options, F work) -> std::invoke_result_t<F&, PlatformTx&>;

    // One read-only statement in a transaction of its own: BEGIN … COMMIT in one round trip.
    template <class Row, class... Arguments>
    Task<std::vector<Row>> fetch(ShopId shop, const Statement<Row(Arguments...)>&, std::type_identity_t<Arguments>...);
    template <class Row, class... Arguments>
    Task<std::vector<Row>> fetch(const PlatformStatement<Row(Arguments...)>&, std::type_identity_t<Arguments>...);
};

}  // namespace cartwright::db
