// Writes JSON in one way: compact, members in the order of the calls, ids as decimal strings, whole numbers
// only. Money is written by its owner as minor units and currency; there are no floating-point numbers here.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::json {

// Nesting is checked: a member outside an object, or an end without a beginning, throws std::logic_error.
class Writer {
public:
    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);

    // Bytes that aren't UTF-8 become U+FFFD.
    Writer& value(std::string_view text);

    Writer& value(const char* text) { return value(std::string_view(text)); }

    Writer& value(const std::string& text) { return value(std::string_view(text)); }

    Writer& value(bool flag);
    // Beyond 2^53 JavaScript would round it: throws std::out_of_range. Such numbers are ids, or strings.
    Writer& value(std::int64_t number);

    template <std::integral Number>
        requires(!std::same_as<Number, bool> && !std::same_as<Number, char> && sizeof(Number) < 8)
    Writer& value(Number number) {
        return value(static_cast<std::int64_t>(number));
    }

    template <class Tag>
    Writer& value(Id<Tag> id) {
        return value(std::string_view(std::to_string(id.value())));
    }

    // RFC 3339 in UTC with microseconds: "2026-11-23T15:04:05.000001Z".
    Writer& value(Instant moment);

    template <class Value>
    Writer& value(const std::optional<Value>& maybe) {
        return maybe ? value(*maybe) : null();
    }

    Writer& null();
    // Text that is JSON already, such as a stored document.
    Writer& raw(std::string_view json);

    template <class Value>
    Writer& member(std::string_view name, const Value& content) {
        return key(name).value(content);
    }

    // The finished document; throws std::logic_error while something is open.
    std::string take();

private:
    enum class Inside : std::uint8_t { object, array };

    void before_value();
    void end(Inside kind, char bracket);

    std::string out_;
    std::vector<Inside> open_;
    bool after_key_ = false;
    bool first_ = true;
};

}  // namespace cartwright::json
