// Coroutines of the server. A Task runs on the io_context of one thread from its first to its last
// statement; threads share nothing but what says so. The executor is the concrete one of io_context, not
// Asio's type-erased default: it costs no reference count and no virtual call on each step.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace cartwright {

using Executor = boost::asio::io_context::executor_type;

template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

// The completion token that makes an asynchronous call awaitable in a Task.
inline constexpr boost::asio::use_awaitable_t<Executor> use_task{};

// A timer bound to the thread of its Task. Steady time: for deadlines and pauses, never for dates.
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>,
                                                Executor>;

}  // namespace cartwright
