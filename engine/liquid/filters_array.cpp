#include "liquid/compare.hpp"
#include "liquid/environment.hpp"
#include "liquid/items.hpp"
#include "liquid/render.hpp"
#include "liquid/sorting.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

namespace {

void append_text(TextBuilder& out, Render& render, const Value& value) {
    if (value.is(Kind::integer)) {
        out.append_integer(value.as_integer());
    } else {
        out.append(render.text(value));
    }
}

Value join(Render& render, const Value& input, const Arguments& arguments) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    const std::string_view glue = arguments.size() == 0 ? " " : render.text(arguments[0]);
    TextBuilder out(render, items->size() * (8 + glue.size()));
    for (const Value& item : *items) {
        if (&item != items->data()) {
            out.append(glue);
        }
        append_text(out, render, item);
        if (out.overflowed()) {
            break;
        }
    }
    return out.finish();
}

Value reverse(Render& render, const Value& input, const Arguments&) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    ArrayBuilder reversed(render, items->size());
    for (std::size_t at = items->size(); at > 0; --at) {
        reversed.append((*items)[at - 1]);
    }
    return reversed.finish();
}

Value concat(Render& render, const Value& input, const Arguments& arguments) {
    const Value& other = arguments[0];
    std::optional<std::span<const Value>> more;
    if (other.is(Kind::array)) {
        more = other.as_array();
    } else if (other.is(Kind::drop)) {
        more = other.as_drop().slice(render, 0, std::nullopt);
    }
    if (!more) {
        return render.argument_error("concat filter requires an array argument");
    }
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    ArrayBuilder both(render, items->size() + more->size());
    for (const std::span<const Value> part : {*items, *more}) {
        for (const Value& item : part) {
            both.append(item);
        }
    }
    return render.spend(more->size() * 16) ? both.finish() : render.exhausted();
}

Value map(Render& render, const Value& input, const Arguments& arguments) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    const bool itself = arguments[0].is_string() && arguments[0].as_string() == "to_liquid";
    const Property property(render, arguments[0]);
    ArrayBuilder mapped(render, items->size());
    for (const Value& item : *items) {
        const Value value = itself ? item : Property::in(item) ? property.of(item) : Value();
        if (value.is_failure()) {
            return value;
        }
        mapped.append(value);
    }
    return mapped.finish();
}

// What an item counts by: a property if one was asked for, or the item itself.
class Key {
public:
    Key(Render& render, const Value& property) : property_(render, property), is_item_(property.is_nil()) {}

    bool in(const Value& item) const { return is_item_ || Property::in(item); }

    Value of(const Value& item) const { return is_item_ ? item : property_.of(item); }

private:
    Property property_;
    bool is_item_;
};

Value compact(Render& render, const Value& input, const Arguments& arguments) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    const Key key(render, arguments[0]);
    ArrayBuilder kept(render, items->size());
    for (const Value& item : *items) {
        if (!key.in(item)) {
            return {};
        }
        const Value value = key.of(item);
        if (value.is_failure()) {
            return value;
        }
        if (!value.is_nil()) {
            kept.append(item);
        }
    }
    return kept.finish();
}

// Values that were seen, by their content. Its memory is its own, to be given back sooner than the render's.
class SeenValues {
public:
    SeenValues(Render& render, std::size_t most)
        : render_(render), places_(std::bit_ceil(most + most / 2 + 1)), mask_(places_.size() - 1) {
        seen_.reserve(most);
    }

    // False: it was there already.
    bool add(const Value& value) {
        const std::uint64_t hash = content_hash(render_, value);
        std::size_t at = (hash >> 8) & mask_;
        for (; places_[at] != 0 && render_.spend(0); at = (at + 1) & mask_) {
            const Seen& other = seen_[places_[at] - 1];
            if (other.hash == hash && same(render_, other.value, value)) {
                return false;
            }
        }
        seen_.push_back({hash, value});
        places_[at] = static_cast<std::uint32_t>(seen_.size());
        return true;
    }

private:
    struct Seen {
        std::uint64_t hash;
        Value value;
    };

    Render& render_;
    std::vector<Seen> seen_;
    std::vector<std::uint32_t> places_;  // positions in seen_, + 1; 0 is free
    std::size_t mask_;
};

Value uniq(Render& render, const Value& input, const Arguments& arguments) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    if (items->size() == 1) {
        return Value::array(*items);  // Ruby asks a single item for nothing.
    }
    const Key key(render, arguments[0]);
    SeenValues seen(render, items->size());
    ArrayBuilder kept(render, items->size());
    for (const Value& item : *items) {
        const Value liquid = render.primitive(item);
        if (!key.in(liquid)) {
            return {};
        }
        const Value value = key.of(liquid);
        if (value.is_failure()) {
            return value;
        }
        if (seen.add(value)) {
            kept.append(item);
        }
        if (render.stopped()) {
            return render.exhausted();
        }
    }
    return kept.finish();
}

Value sort(Render& render, const Value& input, const Arguments& arguments) {
    return sorted(render, input, arguments[0]);
}

Value sort_natural(Render& render, const Value& input, const Arguments& arguments) {
    return sorted_naturally(render, input, arguments[0]);
}

constexpr auto filters = std::to_array<Filter>({
    {.name = "join",
     .apply = join,
     .most = 1,
     .pure = true,
     .summary =
         "Combines all of the items in an array into a single string, separated by a space or the text given."},
    {.name = "reverse",
     .apply = reverse,
     .pure = true,
     .summary = "Reverses the order of the items in an array."},
    {.name = "sort",
     .apply = sort,
     .most = 1,
     .pure = true,
     .summary =
         "Sorts the items in an array, or what a property of theirs says, in case-sensitive or numerical order."},
    {.name = "sort_natural",
     .apply = sort_natural,
     .most = 1,
     .pure = true,
     .summary = "Sorts the items in an array, or what a property of theirs says, in case-insensitive order."},
    {.name = "uniq",
     .apply = uniq,
     .most = 1,
     .pure = true,
     .summary = "Removes duplicate items, or items with the same property, from an array."},
    {.name = "concat",
     .apply = concat,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "Combines two arrays."},
    {.name = "compact",
     .apply = compact,
     .most = 1,
     .pure = true,
     .summary = "Removes items that are nil, or whose property is nil, from an array."},
    {.name = "map",
     .apply = map,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "Creates an array of the values of one property of the items in an array."},
});

}  // namespace

std::span<const Filter> array_filters() {
    return filters;
}

}  // namespace cartwright::liquid
