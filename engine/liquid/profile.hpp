// Where the time and the memory of a render go: by place in the templates, by kind of tag, and by template. Give it
// to the parse (ParseOptions::listener), so that it knows what nodes are, and to the render
// (RenderOptions::profile). Renders without one pay a single branch for each block. Reading the clock twice for
// each node makes everything slower while it measures, small nodes most of all.
#pragma once

#include "liquid/tag_parser.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace cartwright::liquid {

class Profile final : public ParseListener {
public:
    // What was used between entering and leaving: `total` with everything inside of it, `self` without the nodes
    // inside. In a total, what is inside of itself counts once.
    struct Cost {
        std::uint64_t calls = 0;
        std::int64_t self_ns = 0;
        std::int64_t total_ns = 0;
        std::uint64_t self_bytes = 0;  // of the render's arena
        std::uint64_t total_bytes = 0;
    };

    struct Row {
        std::string template_name;  // empty: the outermost, or all
        std::uint32_t line = 0;     // 0: all
        std::string kind;           // name of the tag, "{{ }}", "text"; empty: all
        Cost cost;
    };

    // `ticks`: a monotonic clock in nanoseconds.
    explicit Profile(std::int64_t (*ticks)()) noexcept : ticks_(ticks) {}

    // Each with the costliest first, by self time.
    std::vector<Row> by_place() const;
    std::vector<Row> by_kind() const;
    std::vector<Row> by_template() const;

    void node(const Node& node, std::string_view kind) override;

    // --- For the render ---
    // `used`: bytes of the arena that are in use.
    void enter(const Node& node, std::string_view template_name, std::size_t used);
    void leave(std::size_t used);

private:
    struct Tally {
        Cost cost;
        std::uint32_t depth = 0;  // how often it is open
    };

    // Template, line, kind; what a sum isn't split by is empty.
    using Key = std::tuple<std::string_view, std::uint32_t, std::string_view>;
    using Tallies = std::map<Key, Tally>;

    struct Open {
        std::array<Tally*, 3> tallies;
        std::int64_t began_ns;
        std::size_t used;
        std::int64_t inside_ns = 0;
        std::uint64_t inside_bytes = 0;
    };

    std::string_view kept(std::string_view name);
    std::string_view kind_of(const Node& node) const;
    static std::vector<Row> rows(const Tallies& tallies);

    std::int64_t (*ticks_)();
    std::set<std::string, std::less<>> names_;
    std::unordered_map<const Node*, std::string_view> kinds_;
    Tallies places_;
    Tallies by_kind_;
    Tallies by_template_;
    std::vector<Open> open_;
};

}  // namespace cartwright::liquid
