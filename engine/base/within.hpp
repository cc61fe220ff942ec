// A Task with a deadline. The one that is too late is cancelled (Asio's terminal cancellation) and waited
// for, so it has to end when it is cancelled; what it held is released before `within` returns.
#pragma once

#include "base/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace cartwright {

// What `within` throws when the time is over.
class TooLate : public std::runtime_error {
public:
    TooLate() : std::runtime_error("it took longer than its deadline") {}
};

namespace detail {

template <class T, class Stored>
Task<> keep(Task<T> work, std::optional<Stored>& result) {
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        result.emplace();
    } else {
        result.emplace(co_await std::move(work));
    }
}

}  // namespace detail

// The result of `work`, or the exception that it threw, or TooLate.
template <class T>
Task<T> within(std::chrono::milliseconds limit, Task<T> work) {
    namespace asio = boost::asio;
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
    const Executor executor = co_await asio::this_coro::executor;
    Timer timer(executor, limit);
    std::optional<Stored> result;
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, detail::keep<T, Stored>(std::move(work), result), asio::deferred),
        timer.async_wait(asio::deferred));
    auto [order, failure, time_error] =
        co_await group.async_wait(asio::experimental::wait_for_one(), use_task);
    if (!result) {
        const bool is_late = order[0] == 1 && !time_error;
        if (is_late || !failure) {
            throw TooLate();
        }
        std::rethrow_exception(failure);
    }
    if constexpr (!std::is_void_v<T>) {
        co_return std::move(*result);
    }
}

}  // namespace cartwright
