#include "liquid/segment.hpp"

#include <algorithm>
#include <limits>

namespace cartwright::liquid {

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    }
    return sum;
}

Segment segment_of(Render& render,
                   const Value& collection,
                   std::int64_t from,
                   std::optional<std::int64_t> to) {
    const std::int64_t begin = std::max<std::int64_t>(from, 0);
    Segment segment;
    if (collection.is(Kind::range)) {
        const Range& range = collection.as_range();
        const auto size = static_cast<std::int64_t>(range.size());
        const std::int64_t end = std::min(to.value_or(size), size);
        segment.lazy = true;
        segment.range = begin < end ? Range{range.first + begin, range.first + (end - 1)} : Range{};
        return segment;
    }
    if (to && *to <= 0 && !collection.is_string()) {
        return segment;
    }
    segment.items = render.slice(
        collection,
        static_cast<std::size_t>(begin),
        to ? std::optional(static_cast<std::size_t>(std::max<std::int64_t>(*to, 0))) : std::nullopt);
    return segment;
}

}  // namespace cartwright::liquid
