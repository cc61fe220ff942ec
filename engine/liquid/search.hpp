// Where one text stands in another, in time linear in both whatever they hold: templates choose them.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace cartwright::liquid {

class Render;

// Place of the first `needle` at or after `from`, or npos. An empty one is found at once.
inline std::size_t find_text(std::string_view haystack,
                             std::string_view needle,
                             std::size_t from = 0) noexcept {
    if (from > haystack.size() || needle.size() > haystack.size() - from) {
        return std::string_view::npos;
    }
    if (needle.empty()) {
        return from;
    }
    const char* begin = haystack.data() + from;
    const std::size_t rest = haystack.size() - from;
    const void* found = needle.size() == 1 ? std::memchr(begin, needle[0], rest)
                                           : memmem(begin, rest, needle.data(), needle.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - haystack.data());
}

// Place of the last `needle`, or npos; an empty one is found at the end. Time that a hostile text takes beyond its
// length is paid from the render's budget; when that is used up the answer is npos.
std::size_t find_last_text(Render& render, std::string_view haystack, std::string_view needle);

}  // namespace cartwright::liquid
