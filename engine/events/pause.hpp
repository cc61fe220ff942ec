// A wait that ends after a time or when somebody wakes it, whichever comes first. For the loops of one thread
// that poll and are woken: a wake that comes while nobody waits ends the next wait at once.
#pragma once

#include "base/task.hpp"

#include <boost/asio/redirect_error.hpp>

#include <chrono>

namespace cartwright::events {

class Pause {
public:
    explicit Pause(Executor executor) : timer_(executor) {}

    Task<> wait(std::chrono::milliseconds longest) {
        if (!woken_) {
            timer_.expires_after(longest);
            boost::system::error_code ignored;  // cancelled means woken
            co_await timer_.async_wait(boost::asio::redirect_error(use_task, ignored));
        }
        woken_ = false;
    }

    // On the thread of the waiting one.
    void wake() {
        woken_ = true;
        timer_.cancel();
    }

private:
    Timer timer_;
    bool woken_ = false;
};

}  // namespace cartwright::events
