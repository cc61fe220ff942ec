// Plain decimal numbers as integers of a fixed scale: "12.5" with two digits is 1250. The dot is the only
// separator, no digit is ever rounded away; how people write numbers is locale.hpp's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright {

// "-12.50", the whole text: an optional "-", one digit or more, then at most `digits` behind a dot (and at
// least one, if there is a dot). Nothing for anything else, "+", " 1", ".5" and "1e3" included, and for
// what doesn't fit.
std::optional<std::int64_t> parse_decimal(std::string_view text, unsigned digits) noexcept;

enum class Zeros : bool { kept, dropped };

// 1250 with two digits is "12.50", or "12.5" with Zeros::dropped; 1200 is then "12".
std::string print_decimal(std::int64_t value, unsigned digits, Zeros zeros = Zeros::kept);

// numerator / denominator, rounded half away from zero, as cash is counted in most countries. Throws
// std::overflow_error where the result doesn't fit; the denominator is above zero.
std::int64_t divide_rounded(__int128 numerator, std::int64_t denominator);

}  // namespace cartwright
