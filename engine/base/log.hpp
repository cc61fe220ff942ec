// The log: one JSON object a line. Each thread has a Log of its own that gathers lines in a buffer without
// lock or allocation; the buffer goes to the shared LogFile in one write when it is full, when `flush` is
// called (by a timer of the thread), and at once for errors. A line is never split between two writes, so
// that lines of several threads and processes don't mix.
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace cartwright {

// Where lines go. Safe to share between threads.
class LogFile {
public:
    // Standard output or standard error, by its descriptor (1 or 2); stays open.
    explicit LogFile(int descriptor) noexcept;

    // Appends to a file, which is made (mode 0640) where it isn't. Throws std::system_error.
    explicit LogFile(std::filesystem::path file);

    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile();

    // Opens the file by its name again, after a log rotation moved it. On failure the old one stays in use
    // and std::system_error is thrown. Does nothing for standard output.
    void reopen();

    // Whole lines. What can't be written (a full disk, a pipe that nobody reads for a second) is dropped and
    // counted: a shop doesn't stop for its log.
    void write(std::span<const char> lines) noexcept;

    std::uint64_t dropped_bytes() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
    std::filesystem::path file_;
    int descriptor_;
    std::atomic<std::uint64_t> dropped_{0};
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };

// "info" for LogLevel::info.
std::string_view name_of(LogLevel level) noexcept;

// A named value of a line. Values of fields that are named like a secret (password, token, secret,
// authorization, cookie, api_key …) are written as "[redacted]".
struct LogField {
    std::string_view name;
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view> value;

    LogField(std::string_view field, bool flag) noexcept : name(field), value(flag) {}

    LogField(std::string_view field, double number) noexcept : name(field), value(number) {}

    LogField(std::string_view field, std::string_view text) noexcept : name(field), value(text) {}

    // Without it a literal would turn into the bool.
    LogField(std::string_view field, const char* text) noexcept
        : name(field), value(std::string_view(text)) {}

    template <std::signed_integral Number>
    LogField(std::string_view field, Number number) noexcept
        : name(field), value(static_cast<std::int64_t>(number)) {}

    template <std::unsigned_integral Number>
        requires(!std::same_as<Number, bool>)
    LogField(std::string_view field, Number number) noexcept
        : name(field), value(static_cast<std::uint64_t>(number)) {}
};

using LogFields = std::initializer_list<LogField>;

// One thread's. `file` and `clock` outlive it; what is still in the buffer is written when it ends.
class Log {
public:
    // Bytes gathered before a write, and the longest line. A longer one loses its end: messages are cut after
    // 1,024 bytes, values after max_value_bytes, and fields that don't fit then are left out.
    static constexpr std::size_t buffer_bytes = 64 * 1024;
    static constexpr std::size_t max_line_bytes = 8 * 1024;
    static constexpr std::size_t max_value_bytes = 2 * 1024;

    Log(LogFile& file, const Clock& clock, LogLevel least = LogLevel::info);
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log();

    void debug(std::string_view message, LogFields fields = {}) { add(LogLevel::debug, message, fields); }

    void info(std::string_view message, LogFields fields = {}) { add(LogLevel::info, message, fields); }

    void warning(std::string_view message, LogFields fields = {}) { add(LogLevel::warning, message, fields); }

    void error(std::string_view message, LogFields fields = {}) { add(LogLevel::error, message, fields); }

    void add(LogLevel level, std::string_view message, LogFields fields);

    // A line that is JSON already and ends with "\n", for the one of each request. Longer ones than
    // max_line_bytes are dropped.
    void append(std::string_view line) noexcept;

    void flush() noexcept;

    bool writes(LogLevel level) const noexcept { return level >= least_; }

private:
    void make_room() noexcept;

    LogFile* file_;
    const Clock* clock_;
    LogLevel least_;
    std::string buffer_;
};

// `text` as a JSON string with its quotes. Control characters (C0, DEL and C1) become escapes, bytes that
// are not UTF-8 become U+FFFD, so that a line can't be forged and a terminal not be driven by it.
void append_log_string(std::string& out, std::string_view text);

// "2026-02-28T09:05:00.000123Z" (RFC 3339).
void append_timestamp(std::string& out, Instant at);

}  // namespace cartwright
