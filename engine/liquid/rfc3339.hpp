// A moment as clocks of tools are given it: "2024-01-01T00:01:58Z", "2024-01-01T03:01:58+03:00" (RFC 3339 without
// fractions and leap seconds). What templates call a date is read by the filter `date`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cartwright::liquid {

// Unix seconds; nullopt: not such a text, or no such day.
std::optional<std::int64_t> from_rfc3339(std::string_view text) noexcept;

}  // namespace cartwright::liquid
