// JSON as data for templates: whole numbers stay whole whatever their size, 1.0 stays a real, members keep their
// order.
#pragma once

#include "liquid/arena.hpp"
#include "liquid/value.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace cartwright::liquid {

// Everything lives in the arena, texts included. Refuses what isn't JSON, or nests deeper than 200, with a
// sentence.
std::expected<Value, std::string> from_json(Arena& arena, std::string_view text);

}  // namespace cartwright::liquid
