#include "liquid/digits.hpp"
#include "liquid/number.hpp"
#include "liquid/search.hpp"
#include "liquid/text_filter.hpp"
#include "liquid/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace cartwright::liquid {

namespace {

Value invalid_integer(Render& render) {
    return render.argument_error("invalid integer");
}

struct Section {
    std::size_t from;
    std::size_t count;
};

// What slice takes of `size` items; a negative offset counts from the end. nullopt: nothing, not even "".
std::optional<Section> section_of(std::size_t size, std::int64_t offset, std::int64_t length) noexcept {
    const auto signed_size = static_cast<std::int64_t>(size);
    if (length < 0 || offset > signed_size || offset < -signed_size) {
        return std::nullopt;
    }
    const auto from = static_cast<std::size_t>(offset < 0 ? offset + signed_size : offset);
    return Section{from, std::min(static_cast<std::size_t>(length), size - from)};
}

Value slice(Render& render, const Value& input, const Arguments& arguments) {
    const std::optional<std::int64_t> offset = to_integer(render, arguments[0]);
    const std::optional<std::int64_t> length =
        arguments[1].truthy() ? to_integer(render, arguments[1]) : std::optional<std::int64_t>(1);
    if (!offset || !length) {
        return invalid_integer(render);
    }
    if (input.is(Kind::array)) {
        const std::span<const Value> items = input.as_array();
        const std::optional<Section> section = section_of(items.size(), *offset, *length);
        return Value::array(section ? items.subspan(section->from, section->count)
                                    : std::span<const Value>());
    }
    const std::string_view text = render.text(input);
    if (!render.spend(text.size())) {
        return render.exhausted();
    }
    const Characters characters(text);
    const std::optional<Section> section = section_of(characters.size(), *offset, *length);
    return Value::string(section ? characters.slice(section->from, section->count) : std::string_view());
}

std::string_view ellipsis(Render& render, const Arguments& arguments) {
    return arguments.size() < 2 ? std::string_view("...") : render.text(arguments[1]);
}

Value truncate(Render& render, std::string_view text, const Arguments& arguments) {
    const std::optional<std::int64_t> length =
        arguments.size() == 0 ? std::optional<std::int64_t>(50) : to_integer(render, arguments[0]);
    if (!length) {
        return invalid_integer(render);
    }
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(*length, 0));
    if (*length >= 0 && text.size() <= most) {
        return Value::string(text);
    }
    const Characters characters(text);
    if (*length >= 0 && characters.size() <= most) {
        return Value::string(text);
    }
    const std::string_view end = ellipsis(render, arguments);
    if (!render.spend(end.size())) {
        return render.exhausted();
    }
    const std::size_t kept = most - std::min(most, Characters(end).size());
    const std::string_view beginning = characters.slice(0, kept);
    TextBuilder out(render, beginning.size() + end.size());
    out.append(beginning);
    out.append(end);
    return out.finish();
}

// One word after the other, as Ruby's split(" ") has them: between ASCII white space.
class Words {
public:
    explicit Words(std::string_view text) noexcept : rest_(text) {}

    // Empty: there are no more.
    std::string_view next() noexcept {
        std::size_t begin = 0;
        while (begin < rest_.size() && is_space(rest_[begin])) {
            ++begin;
        }
        std::size_t end = begin;
        while (end < rest_.size() && !is_space(rest_[end])) {
            ++end;
        }
        const std::string_view word = rest_.substr(begin, end - begin);
        rest_.remove_prefix(end);
        return word;
    }

    // Nothing follows the last word, not even white space.
    bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

// White space behind the last word counts as one more, as it does for Ruby's split with a limit.
Value truncatewords(Render& render, std::string_view text, const Arguments& arguments) {
    const std::optional<std::int64_t> given =
        arguments.size() == 0 ? std::optional<std::int64_t>(15) : to_integer(render, arguments[0]);
    if (!given) {
        return invalid_integer(render);
    }
    const std::int64_t most = std::max<std::int64_t>(*given, 1);
    Words counted(text);
    for (std::int64_t count = 0; count < most; ++count) {
        if (counted.next().empty() || counted.at_end()) {
            return Value::string(text);
        }
    }
    const std::string_view end = ellipsis(render, arguments);
    TextBuilder out(render, 128);
    Words words(text);
    for (std::int64_t count = 0; count < most && !out.overflowed(); ++count) {
        if (count > 0) {
            out.append(' ');
        }
        out.append(words.next());
    }
    out.append(end);
    return out.finish();
}

Value split_into_words(Render& render, std::string_view text) {
    ArrayBuilder parts(render);
    Words words(text);
    for (std::string_view word = words.next(); !word.empty() && !parts.overflowed(); word = words.next()) {
        parts.append(Value::string(word));
    }
    return parts.finish();
}

Value split_into_characters(Render& render, std::string_view text) {
    const Characters characters(text);
    ArrayBuilder parts(render, std::min(characters.size(), render.limits().array_items));
    while (!text.empty() && !parts.overflowed()) {
        const std::string_view first = characters.first_of(text);
        parts.append(Value::string(first));
        text.remove_prefix(first.size());
    }
    return parts.finish();
}

// Empty parts at the end are left out.
Value split_by(Render& render, std::string_view text, std::string_view separator) {
    ArrayBuilder parts(render);
    std::size_t empty = 0;
    const auto add = [&parts, &empty](std::string_view part) {
        if (part.empty()) {
            ++empty;
            return;
        }
        for (; empty > 0 && !parts.overflowed(); --empty) {
            parts.append(Value::string(""));
        }
        parts.append(Value::string(part));
    };
    std::size_t begin = 0;
    for (std::size_t found = find_text(text, separator);
         found != std::string_view::npos && !parts.overflowed();
         found = find_text(text, separator, begin)) {
        add(text.substr(begin, found - begin));
        begin = found + separator.size();
    }
    add(text.substr(begin));
    return parts.finish();
}

Value split(Render& render, std::string_view text, const Arguments& arguments) {
    const std::string_view separator = render.text(arguments[0]);
    if (separator == " ") {
        return split_into_words(render, text);
    }
    return separator.empty() ? split_into_characters(render, text) : split_by(render, text, separator);
}

// Bytes of a whole number, as Ruby keeps it: at least a machine word.
std::int64_t bytes_of_number(Render& render, std::string_view digits) {
    if (digits.starts_with('-')) {
        digits.remove_prefix(1);
    }
    const Arena::Mark mark = render.arena().mark();
    auto* words = render.arena().room<std::uint32_t>(digits.size() / 9 + 1);
    std::size_t size = 0;
    for (const char digit : digits) {
        auto carry = static_cast<std::uint64_t>(digit - '0');
        for (std::size_t i = 0; i < size; ++i) {
            carry += std::uint64_t{words[i]} * 10;
            words[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        if (carry != 0) {
            words[size++] = static_cast<std::uint32_t>(carry);
        }
    }
    std::int64_t bytes = static_cast<std::int64_t>(size) * 4;
    for (std::uint32_t shift = 24; size > 0 && shift > 0 && words[size - 1] >> shift == 0; shift -= 8) {
        --bytes;
    }
    render.arena().rewind(mark);
    return std::max<std::int64_t>(bytes, 8);
}

constexpr Name own_size("size");
constexpr Name own_first("first");
constexpr Name own_last("last");

// The item of a drop that is a list, or nil.
Value item_of(Render& render, Drop& drop, std::size_t at) {
    const std::span<const Value> items = drop.slice(render, at, at + 1).value_or(std::span<const Value>());
    return items.empty() ? Value() : items.front();
}

// A drop's own property goes before what the filter makes of lists: forloop | first.
bool has_property(const Value& drop, const Name& name) {
    return drop.as_drop().type().find(name) >= 0;
}

Value size(Render& render, const Value& input, const Arguments&) {
    const auto whole = [](std::uint64_t number) {
        constexpr auto most = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        return Value::integer(static_cast<std::int64_t>(std::min(number, most)));
    };
    switch (input.kind()) {
        case Kind::string:
            return render.spend(input.as_string().size()) ? whole(Characters(input.as_string()).size())
                                                          : render.exhausted();
        case Kind::array:
            return whole(input.as_array().size());
        case Kind::map:
            return whole(input.as_map().size());
        case Kind::range:
            return whole(input.as_range().size());
        case Kind::integer:
            return Value::integer(8);
        case Kind::big_integer:
            return render.spend(input.as_string().size() * input.as_string().size())
                       ? Value::integer(bytes_of_number(render, input.as_string()))
                       : render.exhausted();
        case Kind::drop:
            return has_property(input, own_size) ? render.get(input, own_size)
                                                 : whole(input.as_drop().count(render).value_or(0));
        default:
            return Value::integer(0);
    }
}

Value first(Render& render, const Value& input, const Arguments&) {
    switch (input.kind()) {
        case Kind::string:
            return render.spend(input.as_string().size()) ? Value::string(first_character(input.as_string()))
                                                          : render.exhausted();
        case Kind::array:
            return input.as_array().empty() ? Value() : input.as_array().front();
        case Kind::map: {
            if (input.as_map().size() == 0) {
                return {};
            }
            const Map::Entry& entry = input.as_map().entries().front();
            auto* pair = render.arena().room<Value>(2);
            pair[0] = Value::string(entry.key.text());
            pair[1] = entry.value;
            return Value::array({pair, 2});
        }
        case Kind::range:
            return Value::integer(input.as_range().first);
        case Kind::drop:
            return has_property(input, own_first) ? render.get(input, own_first)
                                                  : item_of(render, input.as_drop(), 0);
        case Kind::empty:
        case Kind::blank:
            return Value::string("");
        default:
            return {};
    }
}

Value last(Render& render, const Value& input, const Arguments&) {
    switch (input.kind()) {
        case Kind::string:
            return render.spend(input.as_string().size()) ? Value::string(last_character(input.as_string()))
                                                          : render.exhausted();
        case Kind::array:
            return input.as_array().empty() ? Value() : input.as_array().back();
        case Kind::range:
            return Value::integer(input.as_range().last);
        case Kind::drop: {
            if (has_property(input, own_last)) {
                return render.get(input, own_last);
            }
            const std::size_t count = input.as_drop().count(render).value_or(0);
            return count == 0 ? Value() : item_of(render, input.as_drop(), count - 1);
        }
        case Kind::empty:
        case Kind::blank:
            return Value::string("");
        default:
            return {};
    }
}

constexpr Filter filters[] = {
    {.name = "slice",
     .apply = slice,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary =
         "Characters of a text or items of an array from a place on (negative: from the end), by default one."},
    {.name = "truncate",
     .apply = of_text_or_nil<truncate>,
     .most = 2,
     .pure = true,
     .summary = "The text cut off at a number of characters, the ellipsis counted."},
    {.name = "truncatewords",
     .apply = of_text_or_nil<truncatewords>,
     .most = 2,
     .pure = true,
     .summary = "The text cut off after a number of words, with an ellipsis."},
    {.name = "split",
     .apply = of_text<split>,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "The parts of a text between the occurrences of another, as an array."},
    {.name = "size",
     .apply = size,
     .pure = true,
     .summary = "The number of characters of a text or of items of an array."},
    {.name = "first",
     .apply = first,
     .pure = true,
     .summary = "The first item of an array, or the first character of a text."},
    {.name = "last",
     .apply = last,
     .pure = true,
     .summary = "The last item of an array, or the last character of a text."},
};

}  // namespace

std::span<const Filter> slice_filters() {
    return filters;
}

}  // namespace cartwright::liquid
