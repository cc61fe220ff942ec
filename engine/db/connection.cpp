#include "db/connection.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace cartwright::db {

namespace {

namespace asio = boost::asio;

// The cluster's own messages are in the server's log; the client's words go with the exceptions.
void ignore_notice(void*, const PGresult*) {}

struct CommandText {
    const char* handle;
    const char* sql;
};

// In the order of Command.
constexpr std::array<CommandText, 7> commands{{
    {"c_begin", "begin"},
    {"c_begin_read_only", "begin read only"},
    {"c_commit", "commit"},
    {"c_rollback", "rollback"},
    {"c_write",
     "select set_config('statement_timeout', '5000', true), set_config('lock_timeout', '3000', true)"},
    {"c_panel",
     "select set_config('statement_timeout', '10000', true), set_config('lock_timeout', '3000', true)"},
    {"c_background",
     "select set_config('statement_timeout', '60000', true), set_config('lock_timeout', '10000', true)"},
}};

const CommandText& text_of(Command command) {
    return commands.at(static_cast<std::size_t>(command));
}

// A page's limits (work.hpp), so that the most frequent transaction needs to set none.
constexpr const char* session_settings =
    "select set_config('statement_timeout', '2000', false), set_config('lock_timeout', '1000', false),"
    " set_config('idle_in_transaction_session_timeout', '10000', false), set_config('jit', 'off', false)";

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return std::string(text);
}

std::string quoted_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string_view field_of(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

// Classes of sqlstate that say "not now" rather than "wrong": connection exceptions, insufficient resources,
// operator intervention apart from a cancelled statement, and a primary that became a standby.
bool means_unavailable(std::string_view sqlstate) {
    return sqlstate.starts_with("08") || sqlstate.starts_with("53") || sqlstate.starts_with("57P") ||
           sqlstate == "25006";
}

}  // namespace

Connection::Connection(Executor executor, ConnectionOptions options)
    : executor_(executor), options_(std::move(options)), socket_(executor), opened_at_(ticks()) {}

Connection::~Connection() {
    PQfinish(connection_);
}

Task<std::shared_ptr<Connection>> Connection::open(ConnectionOptions options) {
    const Executor executor = co_await asio::this_coro::executor;
    auto connection = std::make_shared<Connection>(executor, std::move(options));
    Timer limit(executor, connection->options_.connect_limit);
    limit.async_wait([weak = std::weak_ptr(connection)](boost::system::error_code error) {
        if (error) return;
        if (auto late = weak.lock()) late->close("the database did not answer in time");
    });
    std::exception_ptr failure;
    try {
        co_await connection->connect();
        co_await connection->set_up();
    } catch (const boost::system::system_error& error) {
        // Closed by the limit, or cancelled together with its caller.
        failure = connection->broken() ? connection->failure() : std::current_exception();
    } catch (...) {
        failure = std::current_exception();
    }
    limit.cancel();
    if (!failure && connection->broken()) failure = connection->failure();
    if (!failure) co_return connection;
    connection->close("it could not be set up");
    std::rethrow_exception(failure);
}

Task<> Connection::connect() {
    constexpr std::array keywords{"dbname",
                                  "application_name",
                                  "client_encoding",
                                  "gssencmode",
                                  "keepalives",
                                  "keepalives_idle",
                                  "keepalives_interval",
                                  "keepalives_count",
                                  "tcp_user_timeout",
                                  static_cast<const char*>(nullptr)};
    const std::array values{options_.url.c_str(),
                            "cartwright",
                            "UTF8",
                            "disable",
                            "1",
                            "30",
                            "5",
                            "3",
                            "20000",
                            static_cast<const char*>(nullptr)};
    connection_ = PQconnectStartParams(keywords.data(), values.data(), 1);
    if (connection_ == nullptr) throw std::bad_alloc();
    PQsetNoticeReceiver(connection_, ignore_notice, nullptr);
    auto next = PGRES_POLLING_WRITING;
    while (PQstatus(connection_) != CONNECTION_BAD && next != PGRES_POLLING_OK &&
           next != PGRES_POLLING_FAILED) {
        // The socket may be another one after each step, so each wait is on a copy of its own.
        socket_.assign(dup(PQsocket(connection_)));
        const auto event = next == PGRES_POLLING_READING ? asio::posix::descriptor_base::wait_read
                                                         : asio::posix::descriptor_base::wait_write;
        co_await socket_.async_wait(event, use_task);
        if (broken_) std::rethrow_exception(failure_);
        next = PQconnectPoll(connection_);
        socket_.close();
    }
    if (PQstatus(connection_) != CONNECTION_OK) {
        throw Unavailable("the database can't be reached: " + trimmed(PQerrorMessage(connection_)));
    }
    socket_.assign(dup(PQsocket(connection_)));
    if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1) {
        throw Unavailable("libpq: " + trimmed(PQerrorMessage(connection_)));
    }
}

Task<> Connection::set_up() {
    if (!options_.role.empty()) send_text("set role " + quoted_identifier(options_.role), nullptr);
    if (options_.prepared_statements) {
        send_text(session_settings, nullptr);
        prepare_commands();
    }
    co_await settle(options_.connect_limit);
}

void Connection::prepare_commands() {
    for (const auto& [handle, sql] : commands) {
        check_sent(PQsendPrepare(connection_, handle, sql, 0, nullptr));
        expect(Kind::prepare, no_statement, nullptr);
    }
}

void Connection::check_sent(int accepted) {
    if (accepted == 1) return;
    const std::string why = trimmed(PQerrorMessage(connection_));
    close("the connection to the database broke: " + why);
    throw Unavailable("the connection to the database broke: " + why);
}

void Connection::expect(Kind kind, std::uint32_t statement, Answer* answer) {
    if (expected_.empty()) heard_at_ = ticks();
    expected_.push_back(Expected{kind, false, statement, answer});
    unflushed_ = kind != Kind::sync;
    unsynced_ = kind != Kind::sync;
}

void Connection::send(const StatementInfo& statement, const Parameters& parameters, Answer* answer) {
    // More than any statement needs; PostgreSQL's own limit is 65,535.
    constexpr std::size_t most_parameters = 64;
    std::array<const char*, most_parameters> values{};
    std::array<int, most_parameters> lengths{};
    std::array<int, most_parameters> formats{};
    const std::size_t count = parameters.count();
    if (count > most_parameters) throw std::logic_error("a statement with more than 64 parameters");
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view bytes = parameters[i];
        values[i] = parameters.is_null(i) ? nullptr : bytes.data();
        lengths[i] = static_cast<int>(bytes.size());
        formats[i] = 1;
    }
    if (broken_) throw Unavailable("the connection to the database broke");
    const int n = static_cast<int>(count);
    const auto index = static_cast<std::uint32_t>(statement.index());
    if (!options_.prepared_statements) {
        check_sent(PQsendQueryParams(connection_,
                                     std::string(statement.sql()).c_str(),
                                     n,
                                     statement.parameter_types().data(),
                                     values.data(),
                                     lengths.data(),
                                     formats.data(),
                                     1));
    } else {
        if (prepared_.size() <= index) prepared_.resize(StatementInfo::all().size());
        if (!prepared_[index]) {
            check_sent(PQsendPrepare(connection_,
                                     statement.handle().c_str(),
                                     std::string(statement.sql()).c_str(),
                                     n,
                                     statement.parameter_types().data()));
            expect(Kind::prepare, index, nullptr);
            prepared_[index] = true;
        }
        check_sent(PQsendQueryPrepared(
            connection_, statement.handle().c_str(), n, values.data(), lengths.data(), formats.data(), 1));
    }
    expect(Kind::statement, index, answer);
}

void Connection::send(Command command, Answer* answer) {
    if (!options_.prepared_statements) return send_text(text_of(command).sql, answer);
    if (broken_) throw Unavailable("the connection to the database broke");
    check_sent(PQsendQueryPrepared(connection_, text_of(command).handle, 0, nullptr, nullptr, nullptr, 1));
    expect(Kind::statement, no_statement, answer);
}

void Connection::send_shop(ShopId shop) {
    fmt::basic_memory_buffer<char, 64> sql;
    fmt::format_to(std::back_inserter(sql), "set local app.shop_id = '{}'", shop.value());
    sql.push_back('\0');
    if (broken_) throw Unavailable("the connection to the database broke");
    check_sent(PQsendQueryParams(connection_, sql.data(), 0, nullptr, nullptr, nullptr, nullptr, 1));
    expect(Kind::statement, no_statement, nullptr);
}

void Connection::send_text(const std::string& sql, Answer* answer) {
    if (broken_) throw Unavailable("the connection to the database broke");
    check_sent(PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
    expect(Kind::statement, no_statement, answer);
}

void Connection::send_sync(Answer* answer) {
    if (broken_) throw Unavailable("the connection to the database broke");
    check_sent(PQpipelineSync(connection_));
    expect(Kind::sync, no_statement, answer);
}

void Connection::send_read(
    ShopId shop, Work work, const StatementInfo& statement, const Parameters& parameters, Answer* answer) {
    send(Command::begin_read_only, nullptr);
    if (shop) send_shop(shop);
    send_limits(work);
    send(statement, parameters, answer);
    send(Command::commit, nullptr);
}

void Connection::send_limits(Work work) {
    switch (work) {
        case Work::page:
            return;
        case Work::write:
            return send(Command::write_limits, nullptr);
        case Work::panel:
            return send(Command::panel_limits, nullptr);
        case Work::background:
            return send(Command::background_limits, nullptr);
    }
}

void Connection::flush(std::chrono::milliseconds patience) {
    if (broken_) return;
    patience_ = patience;
    if (unflushed_) {
        check_sent(PQsendFlushRequest(connection_));
        unflushed_ = false;
    }
    write();
    arm_read();
}

void Connection::ask(std::chrono::milliseconds patience) noexcept {
    try {
        send_sync(nullptr);
        flush(patience);
    } catch (const Unavailable&) {
        // It is closed, and whoever holds it has been told.
    }
}

void Connection::roll_back(std::chrono::milliseconds patience) noexcept {
    try {
        send(Command::rollback, nullptr);
    } catch (const Unavailable&) {
        return;
    }
    ask(patience);
}

void Connection::write() {
    if (broken_ || writing_) return;
    const int left = PQflush(connection_);
    if (left < 0)
        return close("the connection to the database broke: " + trimmed(PQerrorMessage(connection_)));
    if (left > 0) arm_write();
}

void Connection::arm_write() {
    writing_ = true;
    socket_.async_wait(asio::posix::descriptor_base::wait_write,
                       [self = shared_from_this()](boost::system::error_code error) {
                           self->writing_ = false;
                           if (!error) self->write();
                       });
}

void Connection::arm_read() {
    if (reading_ || broken_) return;
    reading_ = true;
    socket_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                           self->reading_ = false;
                           if (!error) self->on_readable();
                       });
}

void Connection::on_readable() {
    if (broken_) return;
    heard_at_ = ticks();
    const bool alive = PQconsumeInput(connection_) == 1;
    drain();
    if (!alive) close("the connection to the database broke: " + trimmed(PQerrorMessage(connection_)));
    arm_read();
}

void Connection::drain() {
    const bool awaited = !expected_.empty();
    while (!broken_ && !expected_.empty() && PQisBusy(connection_) == 0) {
        PGresult* result = PQgetResult(connection_);
        if (result != nullptr) {
            take_result(result);
        } else if (expected_.front().answered) {
            const Expected done = expected_.front();
            expected_.pop_front();
            complete(done, nullptr);
        } else {
            break;
        }
    }
    if (awaited && !broken_ && expected_.empty() && on_answered) on_answered();
    while (PGnotify* raw = broken_ ? nullptr : PQnotifies(connection_)) {
        Notification notification{raw->relname, raw->extra};
        PQfreemem(raw);
        if (on_notification) on_notification(std::move(notification));
    }
}

void Connection::take_result(pg_result* raw) {
    Rows rows(raw);
    Expected& front = expected_.front();
    const auto status = PQresultStatus(raw);
    if (status == PGRES_PIPELINE_SYNC) {
        if (front.kind != Kind::sync) return close("the database answered out of turn");
        const Expected done = front;
        expected_.pop_front();
        complete(done, std::exchange(failure_, nullptr));
        return;
    }
    if (front.kind == Kind::sync || front.answered) return close("the database answered out of turn");
    front.answered = true;
    switch (status) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_EMPTY_QUERY:
            if (front.answer != nullptr) front.answer->rows = std::move(rows);
            return;
        case PGRES_PIPELINE_ABORTED:
        case PGRES_FATAL_ERROR:
            break;
        default:
            return close("the database answered in a way that no statement asks for");
    }
    if (front.kind == Kind::prepare && front.statement != no_statement) prepared_[front.statement] = false;
    const std::exception_ptr failure =
        status == PGRES_PIPELINE_ABORTED && failure_ ? failure_ : failure_of(raw, front.statement);
    if (!failure_) failure_ = failure;
    if (front.answer != nullptr) {
        front.answer->failure = failure;
        front.answer->aborted = status == PGRES_PIPELINE_ABORTED;
    }
    const std::string_view severity = field_of(raw, PG_DIAG_SEVERITY_NONLOCALIZED);
    const std::string_view sqlstate = field_of(raw, PG_DIAG_SQLSTATE);
    if (severity == "FATAL" || severity == "PANIC" || PQstatus(connection_) != CONNECTION_OK) {
        if (front.answer != nullptr) front.answer->lost = true;
        close("the database ended the connection: " + trimmed(PQresultErrorMessage(raw)));
    } else if (sqlstate == "26000" || sqlstate == "0A000" || sqlstate == "25006") {
        // A statement that this connection no longer knows, a plan that no longer fits, a primary that is
        // one no more: a fresh connection has none of these.
        discard_ = true;
    }
}

void Connection::complete(Expected expected, std::exception_ptr failure) {
    if (expected.answer == nullptr) return;
    if (failure && !expected.answer->failure) expected.answer->failure = std::move(failure);
    expected.answer->done = true;
    expected.answer->wakeup.wake();
}

std::exception_ptr Connection::failure_of(pg_result* result, std::uint32_t statement) const {
    const std::string sqlstate(field_of(result, PG_DIAG_SQLSTATE));
    const std::string_view name = statement == no_statement ? std::string_view("a transaction's frame")
                                                            : StatementInfo::all()[statement]->name();
    const std::string message =
        fmt::format("{}: {} ({})", name, trimmed(PQresultErrorMessage(result)), sqlstate);
    if (sqlstate.empty() || means_unavailable(sqlstate)) return std::make_exception_ptr(Unavailable(message));
    return std::make_exception_ptr(
        Error(message, sqlstate, std::string(field_of(result, PG_DIAG_CONSTRAINT_NAME))));
}

Task<> Connection::wait(Answer& answer) {
    if (!answer.done) co_await answer.wakeup.wait();
    if (answer.failure) std::rethrow_exception(answer.failure);
}

Task<> Connection::settle(std::chrono::milliseconds patience) {
    // Should this coroutine be cancelled, the answer must not arrive where it no longer is.
    struct Local {
        explicit Local(Connection& c) : connection(c) {}

        Local(const Local&) = delete;
        Local& operator=(const Local&) = delete;

        ~Local() { connection.forget(answer); }

        Connection& connection;
        Answer answer;
    };

    const auto self = shared_from_this();
    Local settled(*this);
    send_sync(&settled.answer);
    flush(patience);
    co_await wait(settled.answer);
}

void Connection::forget(const Answer& answer) noexcept {
    for (auto& expected : expected_) {
        if (expected.answer == &answer) expected.answer = nullptr;
    }
}

bool Connection::idle() const noexcept {
    // libpq learns of a transaction's state with the answer to a sync, and not before.
    return !broken_ && !discard_ && !unsynced_ && expected_.empty() &&
           PQtransactionStatus(connection_) == PQTRANS_IDLE;
}

bool Connection::needs_rollback() const noexcept {
    return !broken_ && !unsynced_ && expected_.empty() && PQtransactionStatus(connection_) == PQTRANS_INERROR;
}

void Connection::close(const std::string& why) {
    if (broken_) return;
    broken_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    const bool lost = !failure_;
    if (lost) failure_ = std::make_exception_ptr(Unavailable(why));
    for (const auto& expected : std::exchange(expected_, {})) {
        if (expected.answer != nullptr && lost) expected.answer->lost = true;
        complete(expected, failure_);
    }
    if (const auto tell = std::exchange(on_broken, nullptr)) tell();
}

void Connection::check_patience(std::chrono::steady_clock::time_point now) {
    if (!broken_ && !expected_.empty() && now - heard_at_ > patience_) {
        close("the database did not answer in time");
    }
}

}  // namespace cartwright::db
