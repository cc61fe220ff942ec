#include "liquid/compare.hpp"
#include "liquid/environment.hpp"
#include "liquid/items.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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

// Values that were seen, by their content.
class SeenValues {
public:
    SeenValues(Render& render, std::size_t most)
        : render_(render),
          places_(render.arena().room<Place>(std::bit_ceil(most * 2 + 1))),
          mask_(std::bit_ceil(most * 2 + 1) - 1) {
        std::uninitialized_fill_n(places_, mask_ + 1, Place{});
    }

    // False: it was there already.
    bool add(const Value& value) {
        const std::uint64_t hash = content_hash(render_, value) | 1;
        std::size_t at = (hash >> 8) & mask_;
        for (; places_[at].hash != 0 && render_.spend(0); at = (at + 1) & mask_) {
            if (places_[at].hash == hash && same(render_, places_[at].value, value)) {
                return false;
            }
        }
        places_[at] = {hash, value};
        return true;
    }

private:
    struct Place {
        std::uint64_t hash = 0;  // 0: free
        Value value;
    };

    Render& render_;
    Place* places_;
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

// Sorts as the reference does, result for result: a merge sort from the top down, each half of the items first.
// It is stable, and a comparison that contradicts itself, or fails, does no harm.
class Sorting {
public:
    // Negative, 0 or positive; a failure ends the sorting.
    using Compare = int (*)(Sorting&, const Value& a, const Value& b);

    Sorting(Render& render, std::span<const Value> items, Compare compare)
        : render_(render),
          compare_(compare),
          entries_(render.arena().room<Entry>(items.size())),
          spare_(render.arena().room<Entry>(items.size())),
          size_(items.size()) {
        for (std::size_t at = 0; at < size_; ++at) {
            std::construct_at(entries_ + at, items[at], items[at]);
        }
    }

    Render& render() { return render_; }

    // Items are ordered by this property of theirs.
    void key(const Property& property) {
        for (std::size_t at = 0; at < size_; ++at) {
            entries_[at].key = property.of(entries_[at].item);
        }
    }

    // Items are ordered by the text of their key, nil staying nil.
    void key_texts() {
        for (std::size_t at = 0; at < size_; ++at) {
            Value& key = entries_[at].key;
            if (!key.is_nil() && !key.is_failure()) {
                key = Value::string(render_.text(key));
            }
        }
    }

    Value finish() {
        sort(entries_, spare_, size_);
        if (!failure_.is_nil()) {
            return failure_;
        }
        ArrayBuilder sorted(render_, size_);
        for (std::size_t at = 0; at < size_; ++at) {
            sorted.append(entries_[at].item);
        }
        return sorted.finish();
    }

    void fail(const Value& failure) { failure_ = failure; }

private:
    struct Entry {
        Value key;
        Value item;
    };

    bool first_goes_first(const Entry& a, const Entry& b) {
        for (const Entry* entry : {&a, &b}) {
            if (entry->key.is_failure()) {
                fail(entry->key);
                return true;
            }
        }
        return compare_(*this, a.key, b.key) <= 0;
    }

    void sort(Entry* entries, Entry* spare, std::size_t size) {
        if (size < 2 || !failure_.is_nil()) {
            return;
        }
        const std::size_t half = size / 2;
        sort(entries, spare, half);
        sort(entries + half, spare, size - half);
        std::size_t first = 0;
        std::size_t second = half;
        std::size_t to = 0;
        while (first < half && second < size && failure_.is_nil()) {
            const bool takes_first = first_goes_first(entries[first], entries[second]);
            spare[to++] = entries[takes_first ? first++ : second++];
        }
        // What is left of the second half stands where it belongs.
        std::copy(entries + first, entries + half, spare + to);
        std::copy_n(spare, to + (half - first), entries);
    }

    Render& render_;
    Compare compare_;
    Entry* entries_;
    Entry* spare_;
    std::size_t size_;
    Value failure_;
};

// nil comes last.
std::optional<int> order_of_nil(const Value& a, const Value& b) {
    if (!a.is_nil() && !b.is_nil()) {
        return std::nullopt;
    }
    return static_cast<int>(a.is_nil()) - static_cast<int>(b.is_nil());
}

// Looked at in the worst case.
std::size_t common_bytes(const Value& a, const Value& b) {
    return a.is_string() && b.is_string() ? std::min(a.as_string().size(), b.as_string().size()) : 0;
}

int compare_values(Sorting& sorting, const Value& a, const Value& b) {
    Render& render = sorting.render();
    if (!render.spend(common_bytes(a, b))) {
        sorting.fail(render.exhausted());
        return 0;
    }
    if (const auto by_nil = order_of_nil(a, b)) {
        return *by_nil;
    }
    if (const auto ordered = sort_order(render, a, b)) {
        return *ordered;
    }
    sorting.fail(render.stopped() ? render.exhausted()
                                  : render.argument_error("cannot sort values of incompatible types"));
    return 0;
}

char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

int compare_without_case(Sorting& sorting, const Value& a, const Value& b) {
    Render& render = sorting.render();
    if (!render.spend(common_bytes(a, b))) {
        sorting.fail(render.exhausted());
        return 0;
    }
    if (const auto by_nil = order_of_nil(a, b)) {
        return *by_nil;
    }
    const std::string_view left = a.as_string();
    const std::string_view right = b.as_string();
    const auto [at, other] =
        std::ranges::mismatch(left, right, [](char one, char two) { return lower(one) == lower(two); });
    if (at != left.end() && other != right.end()) {
        return static_cast<int>(static_cast<unsigned char>(lower(*at))) -
               static_cast<int>(static_cast<unsigned char>(lower(*other)));
    }
    return static_cast<int>(at != left.end()) - static_cast<int>(other != right.end());
}

Value sorted_by(Render& render, const Value& input, const Arguments& arguments, Sorting::Compare compare) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    Sorting sorting(render, *items, compare);
    if (!arguments[0].is_nil()) {
        if (!std::ranges::all_of(*items, Property::in)) {
            return {};
        }
        sorting.key(Property(render, arguments[0]));
    }
    if (compare == compare_without_case) {
        sorting.key_texts();
    }
    return sorting.finish();
}

Value sort(Render& render, const Value& input, const Arguments& arguments) {
    return sorted_by(render, input, arguments, compare_values);
}

Value sort_natural(Render& render, const Value& input, const Arguments& arguments) {
    return sorted_by(render, input, arguments, compare_without_case);
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
