// The path of a request in the one form that the router, the log and the cache keys know. Two spellings of
// a path that a browser takes for the same are the same here, and a spelling that some other part (a proxy,
// a file system) could read differently is refused. Decoding happens once, here, and nowhere after.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cartwright::http {

// `raw` is the path of a request target, without the query. Percent-decodes once, merges "//", removes dot
// segments (RFC 3986 5.2.4; "%2e" is a dot), which never lead above the root. Answers a view of `raw` where
// nothing had to change, of `buffer` elsewhere. nullopt (the answer is 400): not starting with "/", a bad
// escape, an encoded "/", a "\" in any form, a control byte, NUL, invalid UTF-8.
std::optional<std::string_view> normal_path(std::string_view raw, std::string& buffer);

}  // namespace cartwright::http
