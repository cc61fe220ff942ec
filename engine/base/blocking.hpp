// A few threads for what would hold up a thread that serves requests: hashing passwords, resizing images,
// waiting for a mail server. Their number and the queue before them are bounded; when the queue is full,
// `run` throws Busy at once and the face answers 503 rather than letting everybody wait.
#pragma once

#include "base/task.hpp"
#include "base/unavailable.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cartwright {

// The pool's queue is full; another try in a moment may succeed.
class Busy : public Unavailable {
public:
    using Unavailable::Unavailable;
};

// Shared by all threads of the server. The io_contexts whose Tasks use it outlive it: what was queued ends on
// them.
class BlockingPool {
public:
    BlockingPool(unsigned threads, std::size_t queue_limit);
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    // Waits until everything that was queued has been done.
    ~BlockingPool();

    // Queues `work`, which must not throw. False when the queue is full, and then nothing has happened.
    [[nodiscard]] bool post(std::move_only_function<void()> work);

    // Waiting, not yet begun; for metrics.
    std::size_t queued() const;

private:
    void serve();

    std::size_t limit_;
    mutable std::mutex mutex_;
    std::condition_variable wakes_;
    std::deque<std::move_only_function<void()>> queue_;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

// Runs `work` on the pool and resumes the Task on its own thread with the result, or with the exception that
// `work` threw. `work` owns what it uses, since a Task that is destroyed meanwhile doesn't stop it. Throws
// Busy when the queue is full.
template <class Work>
Task<std::invoke_result_t<Work&>> run(BlockingPool& pool, Work work) {
    using Result = std::invoke_result_t<Work&>;
    using Stored = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
    auto initiate = [&pool, &work](auto handler) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto guard = boost::asio::make_work_guard(executor);
        // Shared, since a queue that is full gives the handler back.
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        auto job = [work = std::move(work), waiting, guard = std::move(guard), executor]() mutable {
            std::exception_ptr failure;
            std::optional<Stored> result;
            try {
                if constexpr (std::is_void_v<Result>) {
                    work();
                    result.emplace();
                } else {
                    result.emplace(work());
                }
            } catch (...) {
                failure = std::current_exception();
            }
            boost::asio::post(
                executor,
                [waiting = std::move(waiting),
                 failure = std::move(failure),
                 result = std::move(result)]() mutable { std::move (*waiting)(failure, std::move(result)); });
        };
        if (!pool.post(std::move(job))) {
            auto failure = std::make_exception_ptr(Busy("too much blocking work is waiting"));
            boost::asio::post(executor, [waiting, failure = std::move(failure)] {
                std::move (*waiting)(failure, std::optional<Stored>());
            });
        }
    };
    auto result = co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>,
                                                       void(std::exception_ptr, std::optional<Stored>)>(
        initiate, use_task);
    if constexpr (!std::is_void_v<Result>) {
        co_return std::move(*result);
    }
}

}  // namespace cartwright
