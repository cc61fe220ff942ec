#include "db/database.hpp"

#include "db/connection.hpp"
#include "db/pool.hpp"

#include <array>
#include <string_view>

namespace cartwright::db {

namespace {

constexpr unsigned most_repeats = 3;
constexpr std::chrono::milliseconds repeat_pause{10};  // doubles with each repeat

// Each statement keeps a place for its answer up to the end. Work with more than this belongs into several
// transactions: it would hold its locks for minutes.
constexpr std::size_t most_statements = 100'000;

// How long the server may be silent: a statement's limit, and half a second for the way.
std::chrono::milliseconds patience_of(Work work) {
    return limits_of(work).statement + std::chrono::milliseconds(500);
}

bool is_conflict(std::string_view sqlstate) {
    return sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03";
}

bool is_conflict(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return is_conflict(error.sqlstate);
    } catch (...) {
        return false;
    }
}

// What only means "too busy now" leaves as Unavailable.
[[noreturn]] void rethrow(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        constexpr std::string_view cancelled_by_timeout = "57014";
        if (is_conflict(error.sqlstate) || error.sqlstate == cancelled_by_timeout)
            throw Unavailable(error.what());
        throw;
    }
}

}  // namespace

PlatformTx::PlatformTx(std::shared_ptr<Pool> pool, ShopId shop, TxOptions options)
    : shop_(shop), pool_(std::move(pool)), options_(options), taken_for_(shop) {}

PlatformTx::~PlatformTx() {
    release();
}

void PlatformTx::release() noexcept {
    if (connection_ != nullptr) pool_->put(std::exchange(connection_, nullptr), taken_for_);
}

Task<> PlatformTx::open() {
    connection_ = co_await pool_->take(taken_for_, options_.work);
}

Tx& PlatformTx::enter(ShopId shop) {
    if (shop_ && shop_ != shop) throw std::logic_error("a transaction of one shop may not enter another");
    if (!shop_ && begun_) connection_->send_shop(shop);
    shop_ = shop;
    return static_cast<Tx&>(*this);
}

Answer& PlatformTx::post(const StatementInfo& statement) {
    if (connection_ == nullptr) throw std::logic_error("a statement after the end of its transaction");
    if (answers_.size() >= most_statements) throw std::logic_error("a transaction of too many statements");
    if (!begun_) {
        connection_->send(options_.read_only ? Command::begin_read_only : Command::begin, nullptr);
        begun_ = true;
        if (shop_) connection_->send_shop(shop_);
        connection_->send_limits(options_.work);
    }
    if (options_.sql_count != nullptr) ++*options_.sql_count;
    Answer& answer = answers_.emplace_back();
    connection_->send(statement, parameters_, &answer);
    return answer;
}

Task<Rows> PlatformTx::receive(Answer& answer) {
    if (connection_ == nullptr) throw std::logic_error("an answer awaited after the end of its transaction");
    if (!answer.done) connection_->flush(patience_of(options_.work));
    co_await Connection::wait(answer);
    co_return std::move(answer.rows);
}

Task<bool> PlatformTx::finish(bool keep, std::exception_ptr failure, unsigned attempt) {
    std::exception_ptr cause = connection_->failure();
    if (begun_ && keep && !cause) cause = co_await commit();
    if (begun_ && !connection_->idle() && !connection_->broken()) co_await rollback();
    release();
    if (cause && options_.repeatable && attempt <= most_repeats && is_conflict(cause)) {
        const auto longest = static_cast<std::uint64_t>((repeat_pause * (1U << attempt)).count());
        Timer pause(pool_->executor(), std::chrono::milliseconds(pool_->rng().below(longest) + 1));
        co_await pause.async_wait(use_task);
        co_return true;
    }
    if (failure) rethrow(failure);
    if (keep && cause) rethrow(cause);
    co_return false;
}

// The failure of the commit or of a statement that left with it, or null.
Task<std::exception_ptr> PlatformTx::commit() {
    Answer& committed = answers_.emplace_back();
    Answer& synced = answers_.emplace_back();
    try {
        connection_->send(Command::commit, &committed);
        connection_->send_sync(&synced);
    } catch (const Unavailable&) {
        co_return std::current_exception();  // COMMIT never left
    }
    connection_->flush(patience_of(options_.work));
    if (!synced.done) co_await synced.wakeup.wait();
    if (committed.lost && !options_.read_only) {
        co_return std::make_exception_ptr(
            CommitUnknown("the connection broke while a transaction was being committed"));
    }
    if (!committed.failure && committed.rows.tag() != "COMMIT") {
        co_return std::make_exception_ptr(Error("the server rolled the transaction back", "40000", {}));
    }
    co_return committed.failure;
}

Task<> PlatformTx::rollback() {
    Answer& synced = answers_.emplace_back();
    // What failed before skips everything up to a sync, so ROLLBACK stands behind one.
    connection_->send_sync(nullptr);
    connection_->send(Command::rollback, nullptr);
    connection_->send_sync(&synced);
    connection_->flush(patience_of(options_.work));
    if (!synced.done) co_await synced.wakeup.wait();
}

Database::Database(boost::asio::io_context& io, DatabaseOptions options, Rng& rng)
    : pool_(std::make_shared<Pool>(io.get_executor(), std::move(options), rng)) {}

Database::~Database() {
    pool_->close();
}

Task<Rows> Database::read(TxOptions options,
                          ShopId shop,
                          const StatementInfo& statement,
                          const Parameters& parameters) {
    if (options.sql_count != nullptr) ++*options.sql_count;
    std::exception_ptr failure;
    try {
        co_return co_await pool_->fetch(shop, options.work, statement, parameters);
    } catch (const Error&) {
        failure = std::current_exception();
    }
    rethrow(failure);
}

namespace {

const PlatformStatement<std::int32_t()> are_you_there{"db.are_you_there", "select 1"};

}  // namespace

Task<> Database::ping() {
    co_await fetch(are_you_there);
}

PoolFigures Database::figures() const noexcept {
    return pool_->figures();
}

void Database::close() {
    pool_->close();
}

}  // namespace cartwright::db
