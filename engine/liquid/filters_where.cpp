#include "liquid/compare.hpp"
#include "liquid/environment.hpp"
#include "liquid/items.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::liquid {

namespace {

// Asks each item whether its property has the value wanted, or any value but nil and false when none is wanted.
// `visit(position, item, matches)` says whether to go on. The result is what the filter comes to early: a
// failure, or nil when an item has no properties.
template <class Visit>
std::optional<Value> visit_items(Render& render,
                                 const Value& input,
                                 const Arguments& arguments,
                                 Visit visit) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    const Property property(render, arguments[0]);
    const Value wanted = arguments[1];
    for (std::size_t at = 0; at < items->size(); ++at) {
        const Value& item = (*items)[at];
        if (!Property::in(item)) {
            return Value();
        }
        const Value value = property.of(item);
        if (value.is_failure()) {
            return value;
        }
        if (!visit(at, item, wanted.is_nil() ? value.truthy() : equal(render, value, wanted))) {
            break;
        }
    }
    return std::nullopt;
}

Value keep(Render& render, const Value& input, const Arguments& arguments, bool matching) {
    ArrayBuilder kept(render);
    const auto early =
        visit_items(render, input, arguments, [&](std::size_t, const Value& item, bool matches) {
            if (matches == matching) {
                kept.append(item);
            }
            return true;
        });
    return early ? *early : kept.finish();
}

Value where(Render& render, const Value& input, const Arguments& arguments) {
    return keep(render, input, arguments, true);
}

Value reject(Render& render, const Value& input, const Arguments& arguments) {
    return keep(render, input, arguments, false);
}

Value find(Render& render, const Value& input, const Arguments& arguments) {
    Value found;
    const auto early =
        visit_items(render, input, arguments, [&found](std::size_t, const Value& item, bool matches) {
            if (matches) {
                found = item;
            }
            return !matches;
        });
    return early.value_or(found);
}

Value find_index(Render& render, const Value& input, const Arguments& arguments) {
    Value found;
    const auto early =
        visit_items(render, input, arguments, [&found](std::size_t at, const Value&, bool matches) {
            if (matches) {
                found = Value::integer(static_cast<std::int64_t>(at));
            }
            return !matches;
        });
    return early.value_or(found);
}

Value has(Render& render, const Value& input, const Arguments& arguments) {
    bool found = false;
    const auto early =
        visit_items(render, input, arguments, [&found](std::size_t, const Value&, bool matches) {
            found = matches;
            return !matches;
        });
    return early.value_or(Value::boolean(found));
}

// Adds up whole numbers and decimals without loss: digits in groups of nine, as signed sums whose carries are
// worked out at the end. A group holds the sums of more numbers than an array has items.
class ExactSum {
public:
    explicit ExactSum(std::size_t most_digits)
        : groups_(fraction_groups + (std::max(most_digits, digits_of_double) / group_digits) + 4) {}

    // An integer, a big integer or a double.
    void add(const Value& number) {
        if (number.is(Kind::integer)) {
            const std::int64_t term = number.as_integer();
            if (std::int64_t sum = 0; !__builtin_add_overflow(small_, term, &sum)) {
                small_ = sum;
            } else {
                add_digits(std::to_string(term), 0);
            }
        } else if (number.is(Kind::big_integer)) {
            add_digits(number.as_string(), 0);
        } else {
            add_real(number.as_real());
        }
    }

    Value finish(Render& render) {
        if (special_ != 0) {
            return Value::real(special_);
        }
        if (overflowed_) {
            return render.exhausted();
        }
        add_digits(std::to_string(std::exchange(small_, 0)), 0);
        const bool negative = settle();
        std::string digits = negative ? "-" : "";
        for (std::size_t at = groups_.size(); at > (is_real_ ? 0 : fraction_groups); --at) {
            const std::string group = std::to_string(groups_[at - 1]);
            digits.append(group_digits - group.size(), '0').append(group);
        }
        if (!is_real_) {
            const std::size_t first = std::min(digits.find_first_not_of("-0"), digits.size() - 1);
            digits.replace(0, first, negative ? "-" : "");
            const Value whole = whole_number(render, digits);
            return whole.is_nil() ? render.exhausted() : whole;
        }
        digits.append("e-").append(std::to_string(fraction_groups * group_digits));
        return Value::real(std::strtod(digits.c_str(), nullptr));
    }

private:
    static constexpr std::size_t group_digits = 9;
    static constexpr std::int64_t group_size = 1'000'000'000;
    // The smallest double is 5e-324, and has at most 17 digits.
    static constexpr std::size_t fraction_groups = 39;
    static constexpr std::size_t digits_of_double = 309;

    void add_real(double number) {
        is_real_ = true;
        if (!std::isfinite(number)) {
            special_ += number;
            return;
        }
        char text[40];
        const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::scientific).ptr;
        const std::string_view printed(text, static_cast<std::size_t>(end - text));
        const std::size_t e = printed.find('e');
        std::string digits(printed.substr(0, e));
        int exponent = 0;
        const std::size_t sign = printed[e + 1] == '+' ? 1 : 0;
        std::from_chars(printed.data() + e + 1 + sign, end, exponent);
        if (const std::size_t point = digits.find('.'); point != std::string::npos) {
            digits.erase(point, 1);
            exponent -= static_cast<int>(digits.size() - point);
        }
        add_digits(digits, exponent);
    }

    // Digits, perhaps after a '-', times 10 to the exponent.
    void add_digits(std::string_view digits, int exponent) {
        const bool negative = digits.starts_with('-');
        if (negative) {
            digits.remove_prefix(1);
        }
        auto place = static_cast<std::size_t>(static_cast<int>(fraction_groups * group_digits) + exponent);
        if (place + digits.size() > (groups_.size() - 2) * group_digits) {
            overflowed_ = true;
            return;
        }
        for (std::size_t at = digits.size(); at > 0; --at, ++place) {
            std::int64_t digit = digits[at - 1] - '0';
            for (std::size_t zeros = place % group_digits; zeros > 0; --zeros) {
                digit *= 10;
            }
            groups_[place / group_digits] += negative ? -digit : digit;
        }
    }

    // Brings the groups to 0..999,999,999 each, as the amount of the sum. True: the sum is negative.
    bool settle() {
        carry();
        const bool negative = groups_.back() < 0;
        if (negative) {
            for (std::int64_t& group : groups_) {
                group = -group;
            }
            carry();
        }
        return negative;
    }

    void carry() {
        for (std::size_t at = 0; at + 1 < groups_.size(); ++at) {
            std::int64_t above = groups_[at] / group_size;
            groups_[at] -= above * group_size;
            if (groups_[at] < 0) {
                groups_[at] += group_size;
                --above;
            }
            groups_[at + 1] += above;
        }
    }

    std::vector<std::int64_t> groups_;  // the first fraction_groups of them stand behind the point
    std::int64_t small_ = 0;
    double special_ = 0;  // infinite or NaN: so is the sum
    bool is_real_ = false;
    bool overflowed_ = false;
};

Value sum(Render& render, const Value& input, const Arguments& arguments) {
    auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    if (!arguments[0].is_nil()) {
        const Property property(render, arguments[0]);
        ArrayBuilder values(render, items->size());
        for (const Value& item : *items) {
            const Value value = Property::in(item) ? property.of(item) : Value::integer(0);
            if (value.is_failure()) {
                return value;
            }
            values.append(value);
        }
        const Value array = values.finish();
        if (array.is_failure()) {
            return array;
        }
        items = items_of(render, array);
        if (!items) {
            return items.error();
        }
    }
    ExactSum total(render.limits().digits);
    for (const Value& item : *items) {
        if (!render.spend(item.is_string() || item.is(Kind::big_integer) ? item.as_string().size() : 0)) {
            return render.exhausted();
        }
        total.add(to_number(render, item));
    }
    return total.finish(render);
}

constexpr auto filters = std::to_array<Filter>({
    {.name = "where",
     .apply = where,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "Filters an array to include only items with a specific property value."},
    {.name = "reject",
     .apply = reject,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "Filters an array to exclude items with a specific property value."},
    {.name = "find",
     .apply = find,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "Returns the first item in an array with a specific property value."},
    {.name = "find_index",
     .apply = find_index,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "Returns the index of the first item in an array with a specific property value."},
    {.name = "has",
     .apply = has,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "Tests if any item in an array has a specific property value."},
    {.name = "sum",
     .apply = sum,
     .most = 1,
     .pure = true,
     .summary = "Returns the sum of the numbers in an array, or of a property of its items."},
});

}  // namespace

std::span<const Filter> where_filters() {
    return filters;
}

}  // namespace cartwright::liquid
