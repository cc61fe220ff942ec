// A place where one coroutine waits until something else on its thread wakes it: an answer that arrived, a
// connection that became free. It has no deadline of its own; whoever holds the list of waiting ones ends
// those that wait too long. Not for use between threads.
#pragma once

#include "base/task.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace cartwright {

class Wakeup {
public:
    Wakeup() = default;
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    // Ends the wait, now or when it starts. The waiting coroutine goes on in a later turn of the thread's
    // loop, so the caller's own state is settled by then. Waking twice is waking once.
    void wake() {
        woken_ = true;
        finish({});
    }

    // At most one coroutine at a time. Throws boost::system::system_error(operation_aborted) when the
    // coroutine is cancelled meanwhile.
    Task<> wait() {
        return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>,
                                           void(boost::system::error_code)>(
            [this](auto handler) {
                auto slot = boost::asio::get_associated_cancellation_slot(handler);
                if (slot.is_connected()) {
                    slot.assign([this](boost::asio::cancellation_type) {
                        finish(boost::asio::error::operation_aborted);
                    });
                }
                waiting_ = std::make_unique<Held<decltype(handler)>>(std::move(handler));
                if (woken_) finish({});
            },
            use_task);
    }

private:
    struct Waiting {
        virtual ~Waiting() = default;
        virtual void finish(boost::system::error_code result) = 0;
    };

    template <class Handler>
    struct Held final : Waiting {
        explicit Held(Handler h) : handler(std::move(h)) {}

        void finish(boost::system::error_code result) override {
            boost::asio::get_associated_cancellation_slot(handler).clear();
            auto executor = boost::asio::get_associated_executor(handler);
            boost::asio::post(executor, [h = std::move(handler), result]() mutable { std::move(h)(result); });
        }

        Handler handler;
    };

    void finish(boost::system::error_code result) {
        if (auto waiting = std::exchange(waiting_, nullptr)) waiting->finish(result);
    }

    std::unique_ptr<Waiting> waiting_;
    bool woken_ = false;
};

}  // namespace cartwright
