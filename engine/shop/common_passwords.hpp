// The passwords that every guesser tries first, of at least eight characters: shorter ones are refused by
// their length.
#pragma once

#include <string_view>

namespace cartwright::shop {

// `folded`: in lower case.
bool is_common_password(std::string_view folded) noexcept;

}  // namespace cartwright::shop
