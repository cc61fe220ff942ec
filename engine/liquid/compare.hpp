// Equality and order of values, as Ruby's ==, eql? and <=> have them for what templates can hold, and how Ruby
// shows values.
//
// Values may be built to hurt: nested deeper than 100, or holding the same part so often that walking them has no
// end. Such are unequal, and are shown cut off; nothing here runs on without bound.
#pragma once

#include "liquid/value.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::liquid {

class Render;

// a == b: numbers by value (1 == 1.0), texts by bytes, arrays and maps by content (maps in any order), nil only nil,
// a drop as it says itself.
bool equal(Render& render, const Value& a, const Value& b, int depth = 0);

// a.eql?(b): as ==, but 1 and 1.0 differ, and drops are told apart by identity.
bool same(Render& render, const Value& a, const Value& b);

// What is the same has the same hash.
std::uint64_t content_hash(Render& render, const Value& value);

// The literals: is the value `empty` ("", [], {}), or `blank` (also nil, false, white space). No literal is either.
bool is_empty(Render& render, const Value& value);
bool is_blank(Render& render, const Value& value);

// a <=> b for numbers among themselves, and texts among themselves: negative, 0, positive; nullopt: they can't be
// ordered (NaN included).
std::optional<int> order(const Value& a, const Value& b);

// a <=> b as sorting sees it: as order(), arrays item by item, and 0 for what is equal.
std::optional<int> sort_order(Render& render, const Value& a, const Value& b);

// The name of the Ruby class, for error texts: Integer, Float, String, NilClass, TrueClass …
std::string_view class_name(const Value& value);

// How Ruby shows it in error texts and inside of printed arrays: "a", 1, nil, true, {"a"=>1}. A part that holds
// itself is shown as [...] or {...}.
std::string_view inspect(Render& render, const Value& value);

}  // namespace cartwright::liquid
