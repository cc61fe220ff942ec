#include "http/access_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace cartwright::http {
namespace {

// Longer values are cut: a line has a bounded size, whatever the client sends.
constexpr std::size_t max_value = 1024;
constexpr std::size_t max_line = 8 * max_value * 6 + 512;  // each byte escaped as \u00XX

class Writer {
public:
    explicit Writer(char* at) noexcept : at_(at) {}

    void raw(std::string_view text) noexcept { at_ = std::copy(text.begin(), text.end(), at_); }

    template <class Number>
    void number(Number value) noexcept {
        at_ = std::to_chars(at_, at_ + 24, value).ptr;
    }

    // A JSON string (RFC 8259 7). Bytes of 0x7f and above are escaped one by one, so that a line is ASCII
    // whatever came in: a log reader can't be fooled by broken UTF-8.
    void string(std::string_view text) noexcept {
        *at_++ = '"';
        for (const char c : text.substr(0, max_value)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
                *at_++ = c;
            } else {
                static constexpr std::string_view digits = "0123456789abcdef";
                raw("\\u00");
                *at_++ = digits[byte >> 4];
                *at_++ = digits[byte & 15];
            }
        }
        *at_++ = '"';
    }

    char* end() const noexcept { return at_; }

private:
    char* at_;
};

struct File {
    explicit File(const std::string& path)
        : fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) {
        if (fd < 0)
            throw std::system_error(errno, std::generic_category(), "can't open the access log " + path);
    }

    File(const File&) = delete;
    File& operator=(const File&) = delete;

    ~File() { ::close(fd); }

    int fd;
};

}  // namespace

LogSink file_sink(const std::string& path) {
    return [file = std::make_shared<const File>(path)](std::string_view lines) {
        while (!lines.empty()) {
            const auto written = ::write(file->fd, lines.data(), lines.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return;
            lines.remove_prefix(static_cast<std::size_t>(written));
        }
    };
}

AccessLog::AccessLog(LogSink sink) : sink_(std::move(sink)), buffer_(flush_bytes + max_line, '\0') {}

AccessLog::~AccessLog() {
    flush();
}

void AccessLog::flush() {
    if (size_ == 0) return;
    const std::size_t size = std::exchange(size_, 0);
    if (!sink_) return;
    try {
        sink_(std::string_view(buffer_.data(), size));
    } catch (const std::exception&) {
        // A log that can't be written loses its lines; requests go on.
    }
}

void AccessLog::add(const AccessLine& line) {
    const auto since_epoch = line.time.time_since_epoch();
    const auto second = std::chrono::floor<std::chrono::seconds>(since_epoch);
    if (second.count() != second_) {
        second_ = second.count();
        const auto day = std::chrono::floor<std::chrono::days>(line.time);
        const std::chrono::year_month_day date(day);
        const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(line.time - day));
        fmt::format_to_n(second_text_.data(),
                         second_text_.size(),
                         "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.",
                         static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()),
                         time.hours().count(),
                         time.minutes().count(),
                         time.seconds().count());
    }
    Writer out(buffer_.data() + size_);
    out.raw(R"({"time":")");
    out.raw(std::string_view(second_text_.data(), second_text_.size()));
    auto micros = (since_epoch - second).count();
    std::array<char, 6> fraction;
    for (auto digit = fraction.rbegin(); digit != fraction.rend(); ++digit, micros /= 10) {
        *digit = static_cast<char>('0' + micros % 10);
    }
    out.raw(std::string_view(fraction.data(), fraction.size()));
    out.raw(R"(Z","id":)");
    out.string(line.id);
    out.raw(R"(,"method":)");
    out.string(line.method);
    out.raw(R"(,"host":)");
    out.string(line.host);
    out.raw(R"(,"path":)");
    out.string(line.path);
    out.raw(R"(,"shop":)");
    out.number(line.shop);
    out.raw(R"(,"route":)");
    out.string(line.route);
    out.raw(R"(,"status":)");
    out.number(line.status);
    out.raw(R"(,"us":)");
    out.number(line.took.count());
    out.raw(R"(,"sql":)");
    out.number(line.sql);
    out.raw(R"(,"bytes":)");
    out.number(line.bytes);
    out.raw(R"(,"peer":)");
    out.string(line.peer);
    out.raw("}\n");
    size_ = static_cast<std::size_t>(out.end() - buffer_.data());
    if (size_ >= flush_bytes) flush();
}

}  // namespace cartwright::http
