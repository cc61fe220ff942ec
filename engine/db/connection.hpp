// One connection to PostgreSQL in libpq's pipeline mode. Messages are queued by the senders below and
// travel when flush() is called; their answers come in the same order, each to the Answer that waits for it.
// The connection reads by itself on its io_context, also while nobody waits: that keeps a pipeline from
// blocking when both directions are full, and notices at once when the server goes away.
//
// Any doubt (a broken socket, a fatal error, a server that is silent for too long) ends the connection:
// what was under way fails with Unavailable, and the pool throws it away.
#pragma once

#include "base/task.hpp"
#include "db/answer.hpp"
#include "db/error.hpp"
#include "db/statement.hpp"
#include "db/work.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct pg_conn;

namespace cartwright::db {

struct ConnectionOptions {
    std::string url;                  // a libpq URL or keywords
    bool prepared_statements = true;  // false behind PgBouncer 1.18 in transaction mode
    std::string role;                 // SET ROLE after login, unless empty
    std::chrono::milliseconds connect_limit{2000};
};

struct Notification {
    std::string channel;
    std::string payload;
};

// The messages around statements, prepared once for each connection.
enum class Command : std::uint8_t {
    begin,
    begin_read_only,
    commit,
    rollback,
    write_limits,
    panel_limits,
    background_limits
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    // Throws Unavailable when the server can't be reached, refuses, or takes longer than connect_limit.
    static Task<std::shared_ptr<Connection>> open(ConnectionOptions options);

    Connection(Executor executor, ConnectionOptions options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // Senders. `answer` may be null; then a failure shows in the answers after it, up to the next sync.
    void send(const StatementInfo& statement, const Parameters& parameters, Answer* answer);
    void send(Command command, Answer* answer);
    void send_shop(ShopId shop);                             // SET LOCAL app.shop_id
    void send_text(const std::string& sql, Answer* answer);  // one statement without parameters, unprepared
    void send_sync(Answer* answer);
    // A reading statement in a transaction of its own; no sync follows it.
    void send_read(
        ShopId shop, Work work, const StatementInfo& statement, const Parameters& parameters, Answer* answer);
    // Sets the limits of the transaction, if they differ from a page's.
    void send_limits(Work work);

    // Writes what was queued. Without a sync behind the last message the server is asked to answer anyway.
    // `patience`: how long the server may be silent before the connection counts as dead.
    void flush(std::chrono::milliseconds patience);

    // Whole errands for which nobody waits; a failure shows as a broken connection.
    void ask(std::chrono::milliseconds patience) noexcept;  // sync and flush: an answer must come
    void roll_back(std::chrono::milliseconds patience) noexcept;

    // Waits until the answer is done; throws its failure.
    static Task<> wait(Answer& answer);

    // Sends a sync, and waits until it and all before it are answered; throws the first failure.
    Task<> settle(std::chrono::milliseconds patience);

    // The answer's owner goes away: its rows are dropped when they come.
    void forget(const Answer& answer) noexcept;

    // Nothing under way, no transaction open, and fit for another use.
    bool idle() const noexcept;

    // Nothing under way, but a failed transaction is open: a rollback makes it idle.
    bool needs_rollback() const noexcept;

    bool broken() const noexcept { return broken_; }

    // The first failure since the last sync that was answered.
    const std::exception_ptr& failure() const noexcept { return failure_; }

    // Ends the connection; what is under way fails with Unavailable(why). Idempotent.
    void close(const std::string& why);

    // Closes it when the server has been silent for longer than its patience.
    void check_patience(std::chrono::steady_clock::time_point now);

    std::chrono::steady_clock::time_point opened_at() const noexcept { return opened_at_; }

    // Called when the connection breaks, when the last answer under way has come, and for each notification.
    std::function<void()> on_broken;
    std::function<void()> on_answered;
    std::function<void(Notification)> on_notification;

private:
    enum class Kind : std::uint8_t { prepare, statement, sync };

    struct Expected {
        Kind kind;
        bool answered;            // a result came; the null that ends it is due
        std::uint32_t statement;  // index of the statement, or no_statement
        Answer* answer;
    };

    static constexpr std::uint32_t no_statement = ~std::uint32_t{0};

    Task<> connect();
    Task<> set_up();
    void prepare_commands();
    void check_sent(int accepted);
    void expect(Kind kind, std::uint32_t statement, Answer* answer);
    void arm_read();
    void arm_write();
    void write();
    void on_readable();
    void drain();
    void take_result(pg_result* raw);
    void complete(Expected expected, std::exception_ptr failure);
    std::exception_ptr failure_of(pg_result* result, std::uint32_t statement) const;

    Executor executor_;
    ConnectionOptions options_;
    pg_conn* connection_ = nullptr;
    boost::asio::posix::basic_stream_descriptor<Executor> socket_;
    std::deque<Expected> expected_;
    std::vector<bool> prepared_;
    std::exception_ptr failure_;
    std::chrono::steady_clock::time_point opened_at_;
    std::chrono::steady_clock::time_point heard_at_;
    std::chrono::milliseconds patience_{0};
    bool reading_ = false;
    bool writing_ = false;
    bool unflushed_ = false;
    bool unsynced_ = false;
    bool broken_ = false;
    bool discard_ = false;
};

}  // namespace cartwright::db
