// The part of a collection that for and tablerow walk over. Internal to the engine.
#pragma once

#include "liquid/render.hpp"
#include "liquid/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cartwright::liquid {

// What a loop walks over: items that are there, or a range that never is.
struct Segment {
    std::span<const Value> items;
    Range range;
    bool lazy = false;

    std::int64_t size() const noexcept {
        return lazy ? static_cast<std::int64_t>(range.size()) : static_cast<std::int64_t>(items.size());
    }

    Value at(std::int64_t position) const noexcept {
        return lazy ? Value::integer(range.first + position) : items[static_cast<std::size_t>(position)];
    }
};

// a + b, held at the ends of the range of int64.
std::int64_t saturated_sum(std::int64_t a, std::int64_t b);

// Items from..to (exclusive; nothing: to the end) as Liquid::Utils.slice_collection takes them.
Segment segment_of(Render& render,
                   const Value& collection,
                   std::int64_t from,
                   std::optional<std::int64_t> to);

}  // namespace cartwright::liquid
