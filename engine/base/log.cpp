#include "base/log.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace cartwright {

namespace {

constexpr std::string_view redacted = "\"[redacted]\"";
constexpr int full_pipe_wait_ms = 1000;

// Room that each line keeps for its closing brace and end.
constexpr std::size_t line_end_bytes = 2;

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_message_bytes = 1024;

// A character of input becomes six at most ("\u001f"); name and value have quotes and two marks around them.
constexpr std::size_t largest_field_bytes = 6 * (max_name_bytes + Log::max_value_bytes) + 6;
static_assert(6 * max_message_bytes + 128 < Log::max_line_bytes);

int open_log(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        throw std::system_error(
            errno, std::generic_category(), "the log file " + file.string() + " can't be opened");
    }
    return descriptor;
}

bool is_secret(std::string_view name) noexcept {
    constexpr auto words = std::to_array<std::string_view>({"password",
                                                            "passwd",
                                                            "token",
                                                            "secret",
                                                            "authorization",
                                                            "cookie",
                                                            "api_key",
                                                            "apikey",
                                                            "credential"});
    return std::ranges::any_of(words, [name](std::string_view word) {
        return !std::ranges::search(name, word, {}, lower_ascii, lower_ascii).empty();
    });
}

void append_escape(std::string& out, unsigned code) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u00";
    out += digits[code >> 4U];
    out += digits[code & 15U];
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.begin(), text.end(), number).ptr;
    out.append(text.data(), end);
}

struct AppendValue {
    std::string& out;

    void operator()(bool flag) const { out += flag ? "true" : "false"; }

    void operator()(std::int64_t number) const { append_number(out, number); }

    void operator()(std::uint64_t number) const { append_number(out, number); }

    void operator()(double number) const {
        if (std::isfinite(number)) {
            append_number(out, number);
        } else {
            out += "null";
        }
    }

    void operator()(std::string_view text) const {
        append_log_string(out, utf8_prefix(text, Log::max_value_bytes));
    }
};

}  // namespace

LogFile::LogFile(int descriptor) noexcept : descriptor_(descriptor) {}

LogFile::LogFile(std::filesystem::path file) : file_(std::move(file)), descriptor_(open_log(file_)) {}

LogFile::~LogFile() {
    if (!file_.empty()) {
        ::close(descriptor_);
    }
}

void LogFile::reopen() {
    if (file_.empty()) {
        return;
    }
    const int opened = open_log(file_);
    // The number stays, so that other threads may be writing meanwhile.
    const bool replaced = ::dup3(opened, descriptor_, O_CLOEXEC) >= 0;
    const int error = errno;
    ::close(opened);
    if (!replaced) {
        throw std::system_error(error, std::generic_category(), "the log file can't be opened again");
    }
}

void LogFile::write(std::span<const char> lines) noexcept {
    while (!lines.empty()) {
        const ssize_t count = ::write(descriptor_, lines.data(), lines.size());
        if (count >= 0) {
            lines = lines.subspan(static_cast<std::size_t>(count));
            continue;
        }
        if (errno == EINTR) {
            continue;
        }
        pollfd waited{.fd = descriptor_, .events = POLLOUT, .revents = 0};
        if (errno == EAGAIN && ::poll(&waited, 1, full_pipe_wait_ms) == 1 &&
            (waited.revents & POLLOUT) != 0) {
            continue;
        }
        dropped_.fetch_add(lines.size(), std::memory_order_relaxed);
        return;
    }
}

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            break;
    }
    return "error";
}

Log::Log(LogFile& file, const Clock& clock, LogLevel least) : file_(&file), clock_(&clock), least_(least) {
    buffer_.reserve(buffer_bytes + largest_field_bytes);
}

Log::~Log() {
    flush();
}

void Log::make_room() noexcept {
    if (buffer_.size() + max_line_bytes > buffer_bytes) {
        flush();
    }
}

void Log::add(LogLevel level, std::string_view message, LogFields fields) {
    if (!writes(level)) {
        return;
    }
    make_room();
    const std::size_t begin = buffer_.size();
    buffer_ += R"({"time":")";
    append_timestamp(buffer_, clock_->now());
    buffer_ += R"(","level":")";
    buffer_ += name_of(level);
    buffer_ += R"(","message":)";
    append_log_string(buffer_, utf8_prefix(message, max_message_bytes));
    for (const LogField& field : fields) {
        const std::size_t field_begin = buffer_.size();
        buffer_ += ',';
        append_log_string(buffer_, utf8_prefix(field.name, max_name_bytes));
        buffer_ += ':';
        if (is_secret(field.name)) {
            buffer_ += redacted;
        } else {
            std::visit(AppendValue{buffer_}, field.value);
        }
        if (buffer_.size() - begin > max_line_bytes - line_end_bytes) {
            buffer_.resize(field_begin);
            break;
        }
    }
    buffer_ += "}\n";
    if (level == LogLevel::error) {
        flush();
    }
}

void Log::append(std::string_view line) noexcept {
    if (line.size() <= max_line_bytes) {
        make_room();
        buffer_ += line;
    }
}

void Log::flush() noexcept {
    file_->write(buffer_);
    buffer_.clear();
}

void append_log_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto is_plain = [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
        };
        const auto plain_end = std::ranges::find_if_not(text, is_plain);
        const auto plain = static_cast<std::size_t>(plain_end - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        const auto byte = static_cast<unsigned char>(text.front());
        std::size_t taken = utf8_character_bytes(text);
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text.front();
        } else if (byte == '\n') {
            out += "\\n";
        } else if (byte < 0x80) {
            append_escape(out, byte);
        } else if (taken == 0) {
            out += "\xEF\xBF\xBD";
            taken = 1;
        } else if (byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
            append_escape(out, static_cast<unsigned char>(text[1]));
        } else {
            out += text.substr(0, taken);
        }
        text.remove_prefix(taken);
    }
    out += '"';
}

void append_timestamp(std::string& out, Instant at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    fmt::format_to(std::back_inserter(out),
                   "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                   static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()),
                   time.hours().count(),
                   time.minutes().count(),
                   time.seconds().count(),
                   time.subseconds().count());
}

}  // namespace cartwright
