#include "json/writer.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace cartwright::json {

namespace {

[[noreturn]] void misused(const char* what) {
    throw std::logic_error(std::string("JSON writer: ") + what);
}

// Each byte that belongs to no character becomes one U+FFFD.
std::string repaired(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !is_utf8(text.substr(0, length))) ++length;
        if (length <= 4 && length <= text.size()) {
            out.append(text.substr(0, length));
            text.remove_prefix(length);
        } else {
            out.append("\xef\xbf\xbd");
            text.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace

void Writer::before_value() {
    if (open_.empty()) {
        if (!out_.empty()) misused("a second value");
        return;
    }
    if (open_.back() == Inside::object) {
        if (!after_key_) misused("a value without a key");
        after_key_ = false;
        return;
    }
    if (!first_) out_.push_back(',');
    first_ = false;
}

Writer& Writer::begin_object() {
    before_value();
    out_.push_back('{');
    open_.push_back(Inside::object);
    first_ = true;
    return *this;
}

Writer& Writer::begin_array() {
    before_value();
    out_.push_back('[');
    open_.push_back(Inside::array);
    first_ = true;
    return *this;
}

void Writer::end(Inside kind, char bracket) {
    if (open_.empty() || open_.back() != kind || after_key_) misused("an end that doesn't fit");
    open_.pop_back();
    out_.push_back(bracket);
    first_ = false;
}

Writer& Writer::end_object() {
    end(Inside::object, '}');
    return *this;
}

Writer& Writer::end_array() {
    end(Inside::array, ']');
    return *this;
}

Writer& Writer::key(std::string_view name) {
    if (open_.empty() || open_.back() != Inside::object || after_key_) misused("a key outside an object");
    if (!first_) out_.push_back(',');
    first_ = false;
    append_json_string(out_, name);
    out_.push_back(':');
    after_key_ = true;
    return *this;
}

Writer& Writer::value(std::string_view text) {
    before_value();
    if (is_utf8(text)) {
        append_json_string(out_, text);
    } else {
        append_json_string(out_, repaired(text));
    }
    return *this;
}

Writer& Writer::value(bool flag) {
    before_value();
    out_.append(flag ? "true" : "false");
    return *this;
}

Writer& Writer::value(std::int64_t number) {
    constexpr std::int64_t largest = std::int64_t{1} << 53U;
    if (number > largest || number < -largest) throw std::out_of_range("a number beyond 2^53 in JSON");
    before_value();
    fmt::format_to(std::back_inserter(out_), "{}", number);
    return *this;
}

Writer& Writer::value(Instant moment) {
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return value(std::string_view(fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                                              static_cast<int>(date.year()),
                                              static_cast<unsigned>(date.month()),
                                              static_cast<unsigned>(date.day()),
                                              time.hours().count(),
                                              time.minutes().count(),
                                              time.seconds().count(),
                                              time.subseconds().count())));
}

Writer& Writer::null() {
    return raw("null");
}

Writer& Writer::raw(std::string_view json) {
    before_value();
    out_.append(json);
    return *this;
}

std::string Writer::take() {
    if (!open_.empty() || out_.empty()) misused("an unfinished document");
    first_ = true;
    return std::exchange(out_, {});
}

}  // namespace cartwright::json
