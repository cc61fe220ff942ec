#include "db/listener.hpp"

#include "db/connection.hpp"
#include "db/error.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace cartwright::db {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{50};  // doubles
constexpr milliseconds longest_pause{2000};
constexpr milliseconds patience{5000};

}  // namespace

Listener::Listener(boost::asio::io_context& io, std::string url, std::vector<std::string> channels, Rng& rng)
    : io_(io), url_(std::move(url)), channels_(std::move(channels)), rng_(rng) {}

Listener::~Listener() {
    close();
}

void Listener::close() {
    closed_ = true;
    if (connection_) {
        connection_->on_broken = nullptr;
        connection_->on_notification = nullptr;
        connection_->close("the server is stopping");
    }
    wake();
}

Task<Heard> Listener::next() {
    while (!closed_) {
        if (!heard_.empty()) {
            Heard first = std::move(heard_.front());
            heard_.pop_front();
            co_return first;
        }
        if (!connection_ || connection_->broken()) {
            co_await connect();
            continue;
        }
        wakeup_.emplace();
        co_await wakeup_->wait();
        wakeup_.reset();
    }
    throw Unavailable("the server is stopping");
}

// One attempt; after a failed one, a pause.
Task<> Listener::connect() {
    bool connected = false;
    try {
        connection_ = co_await Connection::open(ConnectionOptions{.url = url_, .role = {}});
        for (const auto& channel : channels_) connection_->send_text("listen " + channel, nullptr);
        co_await connection_->settle(patience);
        connected = true;
    } catch (const Unavailable&) {
        connection_ = nullptr;
    }
    if (!connected) {
        co_await pause();
        co_return;
    }
    failures_ = 0;
    connection_->on_notification = [this](Notification heard) {
        hear(Heard{.channel = std::move(heard.channel), .payload = std::move(heard.payload)});
    };
    connection_->on_broken = [this] { wake(); };
    hear(Heard{.anew = true, .channel = {}, .payload = {}});
}

Task<> Listener::pause() {
    const auto doubled = std::min(longest_pause, first_pause * (1U << std::min(failures_, 6U)));
    ++failures_;
    const auto varied = rng_.below(static_cast<std::uint64_t>(doubled.count() / 2) + 1);
    Timer timer(io_.get_executor(), doubled / 2 + milliseconds(varied));
    co_await timer.async_wait(use_task);
}

void Listener::hear(Heard heard) {
    if (heard_.size() >= most_waiting) {
        heard_.clear();
        heard = Heard{.anew = true, .channel = {}, .payload = {}};
    }
    heard_.push_back(std::move(heard));
    wake();
}

void Listener::wake() {
    if (wakeup_) wakeup_->wake();
}

}  // namespace cartwright::db
