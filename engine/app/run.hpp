// One Task to its end, on an io_context of its own: for commands and for what `serve` does before it serves.
#pragma once

#include "base/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace cartwright::app {

// Returns what the task returned, or throws what it threw. `io` runs until it has nothing left to do, so what
// lives on it (a Database) has to be closed by the task, or keep nothing pending.
template <class T>
T run_to_end(boost::asio::io_context& io, Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(io.get_executor(), std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = std::move(thrown);
        if (!failure) {
            result.emplace(std::move(value));
        }
        io.stop();
    });
    io.run();
    io.restart();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return std::move(*result);
}

}  // namespace cartwright::app
