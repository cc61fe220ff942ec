// Equality and order of values, as Ruby's == and <=> have them for what templates can hold.
#pragma once

#include "liquid/value.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::liquid {

class Render;

// a == b: numbers by value (1 == 1.0), texts by bytes, arrays and maps by content, nil only nil. Nested deeper
// than 100 is unequal.
bool equal(Render& render, const Value& a, const Value& b, int depth = 0);

// The literals: is the value `empty` ("", [], {}), or `blank` (also nil, false, white space).
bool is_empty(Render& render, const Value& value);
bool is_blank(Render& render, const Value& value);

// a <=> b for numbers among themselves, and texts among themselves: negative, 0, positive; nullopt: they can't be
// ordered (NaN included).
std::optional<int> order(const Value& a, const Value& b);

// The name of the Ruby class, for error texts: Integer, Float, String, NilClass, TrueClass …
std::string_view class_name(const Value& value);

// How Ruby shows it in error texts and inside of printed arrays: "a", 1, nil, true, {"a"=>1}.
std::string_view inspect(Render& render, const Value& value);

}  // namespace cartwright::liquid
