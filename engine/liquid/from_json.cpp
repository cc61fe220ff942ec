#include "liquid/from_json.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

namespace cartwright::liquid {

namespace {

constexpr std::size_t most_levels = 200;
constexpr std::size_t most_digits = 1'000;  // as RenderLimits::digits

// Keeps the values of open arrays and objects on one stack, and moves them to the arena when those close.
class Builder {
public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    using error_code = boost::json::error_code;
    using string_view = boost::json::string_view;

    explicit Builder(Arena& arena) : arena_(arena) {}

    Value root() const { return values_.empty() ? Value() : values_.front().value; }

    bool too_many_digits() const noexcept { return too_many_digits_; }

    bool on_document_begin(error_code&) { return true; }

    bool on_document_end(error_code&) { return true; }

    bool on_array_begin(error_code&) { return open(); }

    bool on_object_begin(error_code&) { return open(); }

    bool on_array_end(std::size_t count, error_code&) {
        const std::size_t first = values_.size() - count;
        auto* items = arena_.room<Value>(count);
        std::ranges::transform(values_.begin() + static_cast<std::ptrdiff_t>(first),
                               values_.end(),
                               items,
                               [](const Map::Entry& entry) { return entry.value; });
        return close(count, Value::array({items, count}));
    }

    bool on_object_end(std::size_t count, error_code&) {
        auto* map = arena_.make<Map>(arena_);
        map->reserve(static_cast<std::uint32_t>(count));
        for (std::size_t at = values_.size() - count; at < values_.size(); ++at) {
            map->set(values_[at].key, values_[at].value);
        }
        return close(count, Value::map(*map));
    }

    bool on_key_part(string_view part, std::size_t, error_code&) { return collect(part); }

    bool on_key(string_view part, std::size_t, error_code&) {
        key_ = Name(taken(part));
        return true;
    }

    bool on_string_part(string_view part, std::size_t, error_code&) { return collect(part); }

    bool on_string(string_view part, std::size_t, error_code&) { return add(Value::string(taken(part))); }

    bool on_number_part(string_view part, error_code&) { return collect(part); }

    bool on_int64(std::int64_t number, string_view, error_code&) {
        text_.clear();
        return add(Value::integer(number));
    }

    bool on_uint64(std::uint64_t, string_view part, error_code&) {
        return add(Value::big_integer(taken(part)));
    }

    // The library's own value is off by a bit now and then, and rounds long whole numbers: the text is read again.
    bool on_double(double, string_view part, error_code& error) {
        text_.append(part.data(), part.size());
        const std::string text = std::exchange(text_, {});
        if (text.find_first_not_of("-0123456789") != std::string::npos) {
            return add(Value::real(real_of(text)));
        }
        if (text.size() > most_digits) {
            too_many_digits_ = true;
            error = boost::json::error::exponent_overflow;
            return false;
        }
        return add(Value::big_integer(arena_.copy(text)));
    }

    bool on_bool(bool flag, error_code&) { return add(Value::boolean(flag)); }

    bool on_null(error_code&) { return add(Value()); }

    bool on_comment_part(string_view, error_code&) { return true; }

    bool on_comment(string_view, error_code&) { return true; }

private:
    // As Ruby reads a number that a double can't hold: infinite, or zero.
    static double real_of(std::string_view text) {
        double number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec == std::errc::result_out_of_range) {
            const bool tiny = text.find("e-") != text.npos || text.find("E-") != text.npos;
            number = std::copysign(tiny ? 0.0 : std::numeric_limits<double>::infinity(),
                                   text.starts_with('-') ? -1.0 : 1.0);
        }
        return number;
    }

    bool open() {
        keys_.push_back(std::exchange(key_, {}));
        return true;
    }

    bool close(std::size_t count, const Value& value) {
        values_.resize(values_.size() - count);
        key_ = keys_.back();
        keys_.pop_back();
        return add(value);
    }

    bool add(const Value& value) {
        values_.push_back({std::exchange(key_, {}), value});
        return true;
    }

    bool collect(string_view part) {
        text_.append(part.data(), part.size());
        return true;
    }

    std::string_view taken(string_view part) {
        if (text_.empty()) {
            return arena_.copy({part.data(), part.size()});
        }
        text_.append(part.data(), part.size());
        return arena_.copy(std::exchange(text_, {}));
    }

    Arena& arena_;
    std::vector<Map::Entry> values_;
    std::vector<Name> keys_;  // of the open arrays and objects
    Name key_;
    std::string text_;
    bool too_many_digits_ = false;
};

}  // namespace

std::expected<Value, std::string> from_json(Arena& arena, std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = most_levels;
    boost::json::basic_parser<Builder> parser(options, arena);
    boost::json::error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && read < text.size()) {
        error = boost::json::error::extra_data;
    }
    if (!error) {
        return parser.handler().root();
    }
    if (parser.handler().too_many_digits()) {
        return std::unexpected("a number has more than " + std::to_string(most_digits) + " digits");
    }
    const auto line = 1 + std::ranges::count(text.substr(0, read), '\n');
    return std::unexpected("line " + std::to_string(line) + " isn't JSON: " + error.message());
}

}  // namespace cartwright::liquid
