// The order in which the filters sort and sort_natural put items: nil last, equal items as they stood.
#pragma once

#include "liquid/value.hpp"

namespace cartwright::liquid {

class Render;

// The items of an input in the order of a property of theirs, or of the items themselves when it is nil. A
// failure: they can't be ordered; nil: an item has no properties.
Value sorted(Render& render, const Value& input, const Value& property);

// As sorted(), by their texts without regard to the case of ASCII letters.
Value sorted_naturally(Render& render, const Value& input, const Value& property);

}  // namespace cartwright::liquid
