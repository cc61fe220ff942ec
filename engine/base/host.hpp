// The one spelling of a host's name: lower case, IDN as ASCII, without port and trailing dot. Cookies,
// links, cache keys and the table of domains use it, never what a client or an owner typed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cartwright {

// «Магазин.РФ.» → "xn--80aaxitdbjk.xn--p1ai", by UTS #46 (non-transitional, STD3 rules). An IPv4 address
// stays as it is. Nothing for what can't be a host: empty or over-long labels (63) or names (253), foreign
// characters, a hyphen at an end of a label, IPv6 literals, a port.
std::optional<std::string> canonical_host(std::string_view name);

// The name for people: "xn--80aaxitdbjk.xn--p1ai" → "магазин.рф". Returns what it got where that isn't a
// good IDN name.
std::string readable_host(std::string_view canonical);

}  // namespace cartwright
