#include "liquid/compare.hpp"
#include "liquid/environment.hpp"
#include "liquid/items.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

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
    return sum_numbers(render, *items);
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
