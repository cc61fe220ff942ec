#include "liquid/sorting.hpp"

#include "liquid/compare.hpp"
#include "liquid/items.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

namespace {

// Sorts as the reference does, result for result: a merge sort from the top down, each half of the items first.
// It is stable, and a comparison that contradicts itself, or fails, does no harm.
class Sorting {
public:
    // Negative, 0 or positive; a failure ends the sorting.
    using Compare = int (*)(Sorting&, const Value& a, const Value& b);

    Sorting(Render& render, std::span<const Value> items, Compare compare)
        : render_(render), compare_(compare), spare_(items.size()) {
        entries_.reserve(items.size());
        for (const Value& item : items) {
            entries_.push_back({item, item});
        }
    }

    Render& render() { return render_; }

    // Items are ordered by this property of theirs.
    void key(const Property& property) {
        for (Entry& entry : entries_) {
            entry.key = property.of(entry.item);
        }
    }

    // Items are ordered by the text of their key, nil staying nil.
    void key_texts() {
        for (Entry& entry : entries_) {
            if (!entry.key.is_nil() && !entry.key.is_failure()) {
                entry.key = Value::string(render_.text(entry.key));
            }
        }
    }

    Value finish() {
        sort(entries_, spare_);
        if (!failure_.is_nil()) {
            return failure_;
        }
        ArrayBuilder sorted(render_, entries_.size());
        for (const Entry& entry : entries_) {
            sorted.append(entry.item);
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

    void sort(std::span<Entry> entries, std::span<Entry> spare) {
        if (entries.size() < 2 || !failure_.is_nil()) {
            return;
        }
        const std::size_t half = entries.size() / 2;
        sort(entries.first(half), spare);
        sort(entries.subspan(half), spare);
        std::size_t first = 0;
        std::size_t second = half;
        std::size_t to = 0;
        while (first < half && second < entries.size() && failure_.is_nil()) {
            const bool takes_first = first_goes_first(entries[first], entries[second]);
            spare[to++] = entries[takes_first ? first++ : second++];
        }
        // What is left of the second half stands where it belongs.
        std::ranges::copy(entries.subspan(first, half - first), spare.subspan(to).begin());
        std::ranges::copy(spare.first(to + half - first), entries.begin());
    }

    Render& render_;
    Compare compare_;
    std::vector<Entry> entries_;
    std::vector<Entry> spare_;
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

// Ruby's casecmp: bytes in order, with only ASCII letters in lower case.
int casecmp(std::string_view a, std::string_view b) {
    const std::size_t size = std::min(a.size(), b.size());
    constexpr std::size_t stride = 16;
    for (std::size_t at = 0; at < size;) {
        if (size - at >= stride && std::memcmp(a.data() + at, b.data() + at, stride) == 0) {
            at += stride;
            continue;
        }
        for (const std::size_t end = std::min(at + stride, size); at < end; ++at) {
            const int difference =
                static_cast<unsigned char>(lower(a[at])) - static_cast<unsigned char>(lower(b[at]));
            if (difference != 0) {
                return difference;
            }
        }
    }
    return static_cast<int>(a.size() > size) - static_cast<int>(b.size() > size);
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
    return casecmp(a.as_string(), b.as_string());
}

Value sorted_by(Render& render, const Value& input, const Value& property, Sorting::Compare compare) {
    const auto items = items_of(render, input);
    if (!items) {
        return items.error();
    }
    Sorting sorting(render, *items, compare);
    if (!property.is_nil()) {
        if (!std::ranges::all_of(*items, Property::in)) {
            return {};
        }
        sorting.key(Property(render, property));
    }
    if (compare == compare_without_case) {
        sorting.key_texts();
    }
    return sorting.finish();
}

}  // namespace

Value sorted(Render& render, const Value& input, const Value& property) {
    return sorted_by(render, input, property, compare_values);
}

Value sorted_naturally(Render& render, const Value& input, const Value& property) {
    return sorted_by(render, input, property, compare_without_case);
}

}  // namespace cartwright::liquid
