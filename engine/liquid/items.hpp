// How array filters see their input, and properties of its items (InputIterator of the reference, and Ruby's []).
//
// What surprises: a text has properties, too. "abc"["b"] is "b", "abc"[1] is "b", 5[0] is a bit, and 5["a"] is an
// error, while nil, truth, floats and ranges have no properties at all.
#pragma once

#include "liquid/name.hpp"
#include "liquid/value.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

namespace cartwright::liquid {

class Render;

// The items that an array filter walks over: of an array with the arrays in it flattened, of a range, of a drop
// that is a list; nil has none, and anything else (a map, too) is one item. What goes wrong is a failure to
// return from the filter. The work of one walk is counted.
std::expected<std::span<const Value>, Value> items_of(Render& render, const Value& input);

// Picks one property of items.
class Property {
public:
    Property(Render& render, const Value& key);

    // Whether an item has properties. Filters answer nil when one has none.
    static bool in(const Value& item) noexcept;

    // item[key], for an item that has properties. nil: there is none by this key; a failure: a key of this type
    // can't be asked for.
    Value of(const Value& item) const;

private:
    Value of_string(const Value& item) const;
    Value of_array(const Value& item) const;
    Value of_integer(std::int64_t number) const;
    Value unselectable() const;

    // The key as a position; a failure: it can't be one.
    std::expected<std::int64_t, Value> position() const;

    Render& render_;
    Value key_;
    Name name_;
};

}  // namespace cartwright::liquid
