// Capital and small letters of all scripts, as Ruby has them: Unicode's full mapping (one letter may become three),
// of no language in particular. The text itself when nothing changes.
#pragma once

#include "liquid/value.hpp"

#include <string_view>

namespace cartwright::liquid {

class Render;

// A string, or the failure when it grew too long.
Value in_capital_letters(Render& render, std::string_view text);
Value in_small_letters(Render& render, std::string_view text);
// The first letter as a capital, all others small.
Value capitalized(Render& render, std::string_view text);

}  // namespace cartwright::liquid
