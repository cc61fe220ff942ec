// The name that was probably meant, for messages about names that don't exist.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string_view>

namespace cartwright::liquid {

// Insertions, removals and changes of one byte between two words (Levenshtein), each cut at 32 bytes.
inline std::size_t edit_distance(std::string_view one, std::string_view other) {
    constexpr std::size_t longest = 32;
    one = one.substr(0, longest);
    other = other.substr(0, longest);
    std::array<std::size_t, longest + 1> row{};
    for (std::size_t at = 0; at <= other.size(); ++at) {
        row[at] = at;
    }
    for (std::size_t i = 1; i <= one.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const std::size_t change = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[other.size()];
}

// The first of the names that are the most like `wrong`; nothing where all differ by more than a third of its
// length and by more than 2, or by all of it. Looks at the first 1,000 names, for they may be somebody else's.
template <std::ranges::input_range Names>
std::optional<std::string_view> nearest(std::string_view wrong, const Names& names) {
    std::optional<std::string_view> best;
    std::size_t least = std::min(std::max<std::size_t>(2, wrong.size() / 3) + 1, wrong.size());
    for (const auto& name : names | std::views::take(1'000)) {
        if (const std::size_t distance = edit_distance(wrong, name); distance < least) {
            least = distance;
            best = name;
        }
    }
    return best;
}

}  // namespace cartwright::liquid
