// One JSON line a request. Lines gather in a buffer of the thread and leave it in one write, at the latest
// 100 ms later; a line costs no allocation and no system call of its own.
//
// The query string is not logged: reset tokens and e-mail addresses travel there.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cartwright::http {

struct AccessLine {
    Instant time;
    std::string_view id;
    std::string_view method;  // "" and no path: the head was refused before it was understood
    std::string_view host;
    std::string_view path;  // as sent, percent-encoded
    std::int64_t shop = 0;  // 0: none
    std::string_view route;
    int status = 0;  // 0: the client went before an answer
    std::chrono::microseconds took{0};
    std::uint32_t sql = 0;    // statements
    std::uint64_t bytes = 0;  // of the answer, head included
    std::string_view peer;
};

// Takes whole lines. Called from several threads at once, each with lines of its own.
using LogSink = std::function<void(std::string_view lines)>;

// Appends to a file; throws std::system_error if it can't be opened. A write that fails (disk full) loses
// the lines and nothing else.
LogSink file_sink(const std::string& path);

// Of one thread.
class AccessLog {
public:
    static constexpr std::size_t flush_bytes = 64 << 10;

    explicit AccessLog(LogSink sink);
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;
    ~AccessLog();

    void add(const AccessLine& line);
    void flush();

    bool dirty() const noexcept { return size_ != 0; }

private:
    LogSink sink_;
    std::string buffer_;  // of fixed size; `size_` bytes are used
    std::size_t size_ = 0;
    std::int64_t second_ = -1;            // that second_text_ shows
    std::array<char, 20> second_text_{};  // "2026-11-23T15:40:00."
};

}  // namespace cartwright::http
