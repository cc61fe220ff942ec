// The database of one thread: a pool of connections on its io_context, and transactions on them.
//
// A transaction of a shop is the only place from which a shop's rows can be reached: Statement needs a Tx,
// a Tx needs a ShopId. Statements travel in libpq's pipeline mode: BEGIN, the tenant setting and all
// statements sent before the first await share one round trip, and statements that were sent but not awaited
// leave together with COMMIT.
//
// What surprises: a transaction inside the work of another takes a second connection while it holds the
// first, so that a full pool waits for itself. Work gets its Tx handed in and opens none.
#pragma once

#include "base/id.hpp"
#include "base/outcome.hpp"
#include "base/rng.hpp"
#include "base/task.hpp"
#include "db/answer.hpp"
#include "db/error.hpp"
#include "db/options.hpp"
#include "db/statement.hpp"
#include "db/work.hpp"

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cartwright::db {

class Connection;
class Pool;
class PlatformTx;
class Tx;

struct TxOptions {
    Work work = Work::write;
    bool read_only = false;
    // The work may be run again from its start, at most 3 times, after 40001, 40P01 or 55P03. Say so only where
    // nothing outside the transaction happens in it.
    bool repeatable = false;
    // Counts the statements sent, for the request's log line. Lives as long as the transaction.
    std::uint32_t* sql_count = nullptr;
};

// The answer of a statement that was sent. Awaiting one of its coroutines flushes what was sent before.
// Dropping it unawaited is allowed: the statement still runs, and its failure fails the transaction. One
// answer is awaited at a time, and before its transaction ends.
template <class Row>
class Pending {
public:
    Task<std::vector<Row>> all() { return all_of(*tx_, *answer_); }

    Task<std::optional<Row>> maybe() {
        return maybe_of(*tx_, *answer_);
    }  // throws std::logic_error on two rows or more

    Task<Row> one() { return one_of(*tx_, *answer_); }  // throws std::logic_error unless there is exactly one

    Task<std::int64_t> done() {
        return done_of(*tx_, *answer_);
    }  // the number of rows that the statement touched

private:
    friend class PlatformTx;
    friend class Tx;

    Pending(PlatformTx& tx, Answer& answer) noexcept : tx_(&tx), answer_(&answer) {}

    // These outlive the Pending, which is a temporary where send(…).all() is one expression.
    static Task<std::vector<Row>> all_of(PlatformTx& tx, Answer& answer);
    static Task<std::optional<Row>> maybe_of(PlatformTx& tx, Answer& answer);
    static Task<Row> one_of(PlatformTx& tx, Answer& answer);
    static Task<std::int64_t> done_of(PlatformTx& tx, Answer& answer);

    PlatformTx* tx_;
    Answer* answer_;
};

// A transaction on tables of no shop. `enter` makes it one of a shop, once and for its rest.
class PlatformTx {
public:
    PlatformTx(const PlatformTx&) = delete;
    PlatformTx& operator=(const PlatformTx&) = delete;

    // Throws Unavailable when the connection broke meanwhile.
    template <class Row, class... Arguments>
    Pending<Row> send(const PlatformStatement<Row(Arguments...)>& statement,
                      const std::type_identity_t<Arguments>&... arguments) {
        parameters_.clear();
        (add_parameter<Arguments>(parameters_, arguments), ...);
        return Pending<Row>(*this, post(statement));
    }

    // send(…).all(), .maybe(), .one(), .done() in one word each.
    template <class Row, class... Arguments>
    Task<std::vector<Row>> all(const PlatformStatement<Row(Arguments...)>& statement,
                               const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).all();
    }

    template <class Row, class... Arguments>
    Task<std::optional<Row>> maybe(const PlatformStatement<Row(Arguments...)>& statement,
                                   const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).maybe();
    }

    template <class Row, class... Arguments>
    Task<Row> one(const PlatformStatement<Row(Arguments...)>& statement,
                  const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).one();
    }

    template <class Row, class... Arguments>
    Task<std::int64_t> run(const PlatformStatement<Row(Arguments...)>& statement,
                           const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).done();
    }

    // Throws std::logic_error when it is already a transaction of another shop.
    Tx& enter(ShopId shop);

protected:
    friend class Database;
    template <class Row>
    friend class Pending;

    PlatformTx(std::shared_ptr<Pool> pool, ShopId shop, TxOptions options);
    ~PlatformTx();

    Answer& post(const StatementInfo& statement);

    Parameters parameters_;
    ShopId shop_;

private:
    Task<> open();
    Task<Rows> receive(Answer& answer);
    // Commits or rolls back and gives the connection back. True: run the work again. Throws `failure`, or
    // that of a statement or of the commit.
    Task<bool> finish(bool keep, std::exception_ptr failure, unsigned attempt);
    Task<std::exception_ptr> commit();
    Task<> rollback();
    void release() noexcept;

    std::shared_ptr<Pool> pool_;
    std::shared_ptr<Connection> connection_;
    TxOptions options_;
    ShopId taken_for_;
    bool begun_ = false;
    std::deque<Answer> answers_;
};

// A transaction of one shop: runs Statements with the shop as $1, and PlatformStatements too (a job is
// enqueued in the transaction that causes it).
class Tx : public PlatformTx {
public:
    ShopId shop() const noexcept { return shop_; }

    using PlatformTx::all;
    using PlatformTx::maybe;
    using PlatformTx::one;
    using PlatformTx::run;
    using PlatformTx::send;

    template <class Row, class... Arguments>
    Pending<Row> send(const Statement<Row(Arguments...)>& statement,
                      const std::type_identity_t<Arguments>&... arguments) {
        parameters_.clear();
        add_parameter<ShopId>(parameters_, shop_);
        (add_parameter<Arguments>(parameters_, arguments), ...);
        return Pending<Row>(*this, post(statement));
    }

    template <class Row, class... Arguments>
    Task<std::vector<Row>> all(const Statement<Row(Arguments...)>& statement,
                               const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).all();
    }

    template <class Row, class... Arguments>
    Task<std::optional<Row>> maybe(const Statement<Row(Arguments...)>& statement,
                                   const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).maybe();
    }

    template <class Row, class... Arguments>
    Task<Row> one(const Statement<Row(Arguments...)>& statement,
                  const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).one();
    }

    template <class Row, class... Arguments>
    Task<std::int64_t> run(const Statement<Row(Arguments...)>& statement,
                           const std::type_identity_t<Arguments>&... arguments) {
        return send(statement, arguments...).done();
    }

private:
    friend class Database;
    using PlatformTx::PlatformTx;
    ~Tx() = default;
};

namespace detail {

template <class T>
struct Awaited;

template <class T>
struct Awaited<Task<T>> {
    using type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
};

template <class T>
constexpr bool accepted(const T&) noexcept {
    return true;
}

template <class T>
constexpr bool accepted(const Outcome<T>& outcome) noexcept {
    return outcome.has_value();
}

}  // namespace detail

// The database of one thread. Connections are made when they are first needed. It ends before its
// io_context does.
class Database {
public:
    Database(boost::asio::io_context& io, DatabaseOptions options, Rng& rng);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Opens a transaction, runs work(Tx&) and commits when it returns; work is a callable that returns
    // Task<T> or Task<Outcome<T>>. A refusal or an exception rolls back. Throws Unavailable (also for a
    // statement or a lock that took too long, and a conflict that outlived its retries), CommitUnknown,
    // Error, or what work threw. A transaction in which a statement failed never commits: when work hides
    // the failure and returns a value, in_shop throws it.
    template <class F>
    auto in_shop(ShopId shop, TxOptions options, F work) -> std::invoke_result_t<F&, Tx&> {
        return transact<Tx>(shop, options, std::move(work));
    }

    template <class F>
    auto in_platform(TxOptions options, F work) -> std::invoke_result_t<F&, PlatformTx&> {
        return transact<PlatformTx>(ShopId(), options, std::move(work));
    }

    // One read-only statement in a transaction of its own: BEGIN … COMMIT in one round trip, together with
    // others of the same moment.
    template <class Row, class... Arguments>
    Task<std::vector<Row>> fetch(ShopId shop,
                                 const Statement<Row(Arguments...)>& statement,
                                 std::type_identity_t<Arguments>... arguments) {
        return fetch(fetch_options, shop, statement, std::move(arguments)...);
    }

    template <class Row, class... Arguments>
    Task<std::vector<Row>> fetch(const PlatformStatement<Row(Arguments...)>& statement,
                                 std::type_identity_t<Arguments>... arguments) {
        return fetch(fetch_options, statement, std::move(arguments)...);
    }

    // The same with other limits, or counted; the rest of the options says nothing for a fetch.
    template <class Row, class... Arguments>
    Task<std::vector<Row>> fetch(TxOptions options,
                                 ShopId shop,
                                 const Statement<Row(Arguments...)>& statement,
                                 std::type_identity_t<Arguments>... arguments) {
        Parameters parameters;
        add_parameter<ShopId>(parameters, shop);
        (add_parameter<Arguments>(parameters, arguments), ...);
        return fetch_as<Row>(options, shop, statement, std::move(parameters));
    }

    template <class Row, class... Arguments>
    Task<std::vector<Row>> fetch(TxOptions options,
                                 const PlatformStatement<Row(Arguments...)>& statement,
                                 std::type_identity_t<Arguments>... arguments) {
        Parameters parameters;
        (add_parameter<Arguments>(parameters, arguments), ...);
        return fetch_as<Row>(options, ShopId(), statement, std::move(parameters));
    }

    // Asks the server for an answer: returns, or throws Unavailable.
    Task<> ping();

    PoolFigures figures() const noexcept;

    // Ends all connections; what waits and what comes later fails with Unavailable. Until then the pool looks
    // after its connections by a timer, so an io_context that runs until it has no work runs on.
    void close();

private:
    static constexpr TxOptions fetch_options{.work = Work::page, .read_only = true};

    template <class As, class F>
    auto transact(ShopId shop, TxOptions options, F work) -> std::invoke_result_t<F&, As&> {
        using Task = std::invoke_result_t<F&, As&>;
        using Result = typename detail::Awaited<Task>::type;
        for (unsigned attempt = 1;; ++attempt) {
            Tx tx(pool_, shop, options);
            co_await tx.open();
            std::optional<Result> result;
            std::exception_ptr failure;
            try {
                if constexpr (std::is_same_v<Result, std::monostate>) {
                    co_await work(static_cast<As&>(tx));
                    result.emplace();
                } else {
                    result.emplace(co_await work(static_cast<As&>(tx)));
                }
            } catch (...) {
                failure = std::current_exception();
            }
            const bool keep = result && detail::accepted(*result);
            const bool again = co_await tx.finish(keep, std::move(failure), attempt);
            if (again) continue;
            if constexpr (std::is_same_v<Result, std::monostate>) {
                co_return;
            } else {
                co_return std::move(*result);
            }
        }
    }

    template <class Row>
    Task<std::vector<Row>> fetch_as(TxOptions options,
                                    ShopId shop,
                                    const StatementInfo& statement,
                                    Parameters parameters) {
        const Rows rows = co_await read(options, shop, statement, parameters);
        co_return decode_all<Row>(rows);
    }

    Task<Rows> read(TxOptions options,
                    ShopId shop,
                    const StatementInfo& statement,
                    const Parameters& parameters);

    std::shared_ptr<Pool> pool_;
};

template <class Row>
Task<std::vector<Row>> Pending<Row>::all_of(PlatformTx& tx, Answer& answer) {
    const Rows rows = co_await tx.receive(answer);
    co_return decode_all<Row>(rows);
}

template <class Row>
Task<std::optional<Row>> Pending<Row>::maybe_of(PlatformTx& tx, Answer& answer) {
    const Rows rows = co_await tx.receive(answer);
    co_return decode_maybe<Row>(rows);
}

template <class Row>
Task<Row> Pending<Row>::one_of(PlatformTx& tx, Answer& answer) {
    const Rows rows = co_await tx.receive(answer);
    co_return decode_one<Row>(rows);
}

template <class Row>
Task<std::int64_t> Pending<Row>::done_of(PlatformTx& tx, Answer& answer) {
    const Rows rows = co_await tx.receive(answer);
    co_return rows.touched();
}

}  // namespace cartwright::db
