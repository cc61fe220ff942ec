#include "http/lane.hpp"

#include "base/rng.hpp"
#include "http/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace cartwright::http {
namespace {

// Blocks kept for the next requests of a thread: 2 MiB at most stay with an idle server.
constexpr std::size_t max_spare_blocks = 48;

constexpr std::chrono::milliseconds log_delay{100};

// A block's output grows for long heads; it goes back to the usual size then.
constexpr std::size_t usual_output = 16 << 10;

}  // namespace

bool Connections::enter(const Address& client, std::size_t per_address) {
    if (open_.load() >= limit_) return false;
    if (per_address != 0) {
        const std::scoped_lock lock(mutex_);
        std::size_t& count = by_address_[client_key(client)];
        if (count >= per_address) return false;
        ++count;
    }
    ++open_;
    return true;
}

void Connections::leave(const Address& client, std::size_t per_address) noexcept {
    --open_;
    if (per_address == 0) return;
    const std::scoped_lock lock(mutex_);
    const auto found = by_address_.find(client_key(client));
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

bool Connections::enter_shop(std::int64_t tenant, std::size_t per_shop) {
    const std::scoped_lock lock(mutex_);
    std::size_t& count = by_shop_[tenant];
    if (per_shop != 0 && count >= per_shop) return false;
    ++count;
    return true;
}

void Connections::leave_shop(std::int64_t tenant) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto found = by_shop_.find(tenant);
    if (found != by_shop_.end() && --found->second == 0) by_shop_.erase(found);
}

Lane::Lane(Executor lane_executor,
           const Limits& lane_limits,
           const Networks& trusted,
           Connections& counts,
           Exchange& behind,
           LogSink sink,
           const Clock& lane_clock,
           Rng& rng)
    : executor(lane_executor),
      limits(lane_limits),
      proxies(trusted),
      connections(counts),
      exchange(behind),
      log(std::move(sink)),
      clock(lane_clock) {
    rng.fill(std::as_writable_bytes(std::span(&id_seed_, 1)));
}

Lane::~Lane() = default;

std::unique_ptr<Block> Lane::take_block() {
    if (blocks_.empty()) return std::unique_ptr<Block>(new Block);
    auto block = std::move(blocks_.back());
    blocks_.pop_back();
    return block;
}

void Lane::give_block(std::unique_ptr<Block> block) noexcept {
    if (blocks_.size() >= max_spare_blocks || block->output.capacity() > usual_output) return;
    // An answer that its connection could not take any more must not reach the next one.
    block->output.clear();
    blocks_.push_back(std::move(block));
}

void Lane::next_request_id(std::array<char, 16>& into) noexcept {
    // A permutation of the 64-bit numbers (Stafford's mix 13, as in SplitMix64), so ids don't repeat.
    std::uint64_t mixed = id_seed_ + ++id_count_ * 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    mixed ^= mixed >> 31;
    for (char& digit : into) {
        digit = "0123456789abcdef"[mixed >> 60];
        mixed <<= 4;
    }
}

std::string_view Lane::date_line(Instant now) noexcept {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second.time_since_epoch().count() != date_second_) {
        date_second_ = second.time_since_epoch().count();
        static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array months{
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        const auto day = std::chrono::floor<std::chrono::days>(second);
        const std::chrono::year_month_day date(day);
        const std::chrono::hh_mm_ss time(second - day);
        fmt::format_to_n(date_.data(),
                         date_.size(),
                         "Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
                         days[std::chrono::weekday(day).c_encoding()],
                         static_cast<unsigned>(date.day()),
                         months[static_cast<unsigned>(date.month()) - 1],
                         static_cast<int>(date.year()),
                         time.hours().count(),
                         time.minutes().count(),
                         time.seconds().count());
    }
    return {date_.data(), date_.size()};
}

void Lane::add(Session& session) {
    session.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &session;
    first_ = &session;
    ++session_count_;
    wake();
}

void Lane::remove(Session& session) noexcept {
    if (session.previous_ != nullptr) session.previous_->next_ = session.next_;
    if (session.next_ != nullptr) session.next_->previous_ = session.previous_;
    if (first_ == &session) first_ = session.next_;
    session.previous_ = session.next_ = nullptr;
    --session_count_;
}

void Lane::wake() {
    if (std::exchange(beating_, true)) return;
    boost::asio::co_spawn(executor, beat(), boost::asio::detached);
}

Task<> Lane::beat() {
    Timer timer(executor);
    auto next_sweep = ticks() + limits.tick;
    while (session_count_ != 0 || log.dirty()) {
        timer.expires_after(std::min(log_delay, limits.tick));
        co_await timer.async_wait(use_task);
        log.flush();
        const auto now = ticks();
        if (now < next_sweep) continue;
        next_sweep = now + limits.tick;
        for (Session* session = first_; session != nullptr; session = session->next_) session->check(now);
    }
    beating_ = false;
}

void Lane::drain() {
    draining_ = true;
    for (Session* session = first_; session != nullptr; session = session->next_) session->drain();
}

void Lane::cut() {
    for (Session* session = first_; session != nullptr; session = session->next_) session->cut();
}

}  // namespace cartwright::http
