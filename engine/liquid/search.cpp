#include "liquid/search.hpp"

#include "liquid/render.hpp"

#include <cstdint>

namespace cartwright::liquid {

// Compares hashes of a window that slides from the end (Rabin and Karp): the places to compare by bytes are few,
// and the first that is equal ends the search.
std::size_t find_last_text(Render& render, std::string_view haystack, std::string_view needle) {
    const std::size_t size = needle.size();
    if (size > haystack.size()) {
        return std::string_view::npos;
    }
    if (size == 0) {
        return haystack.size();
    }
    if (size == 1) {
        return haystack.rfind(needle[0]);
    }
    constexpr std::uint64_t base = 0x9E3779B97F4A7C15ULL;
    const auto byte = [](char c) { return static_cast<std::uint64_t>(static_cast<unsigned char>(c)); };
    const std::size_t last = haystack.size() - size;
    std::uint64_t wanted = 0;
    std::uint64_t window = 0;
    std::uint64_t highest = 1;
    for (std::size_t i = size; i-- > 0;) {
        wanted = wanted * base + byte(needle[i]);
        window = window * base + byte(haystack[last + i]);
        highest = i == 0 ? highest : highest * base;
    }
    for (std::size_t at = last;; --at) {
        if (window == wanted) {
            if (std::memcmp(haystack.data() + at, needle.data(), size) == 0) {
                return at;
            }
            if (!render.spend(size)) {
                return std::string_view::npos;
            }
        }
        if (at == 0) {
            return std::string_view::npos;
        }
        window = (window - byte(haystack[at + size - 1]) * highest) * base + byte(haystack[at - 1]);
    }
}

}  // namespace cartwright::liquid
