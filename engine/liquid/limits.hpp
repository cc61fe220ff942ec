// The bounds of one render and of one parse. The first three are counted as the reference counts them
// (resource_limits.rb); the others bound what the reference leaves open. Reaching one ends that render with
// "Memory limits exceeded" or "Time limit exceeded" and costs nobody else anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace cartwright::liquid {

struct RenderLimits {
    // Nodes of every block, each time it is rendered. A page of a big theme comes to some 100,000.
    std::uint64_t render_score = 10'000'000;
    // Bytes and items that were assigned or captured.
    std::uint64_t assign_score = 50'000'000;
    // Bytes of the page.
    std::size_t output_bytes = 32 << 20;
    // Memory for values that filters and tags make.
    std::size_t memory = 64 << 20;
    // One string that a filter makes. Far more than a page needs, far less than what doubling in a loop asks for.
    std::size_t string_bytes = 4 << 20;
    // Items of one array that a filter makes of something that wasn't one: a range, a split text.
    std::size_t array_items = 1 << 18;
    // Decimal digits of one number.
    std::size_t digits = 1'000;
    // Scopes and partials within each other, as the reference.
    std::uint32_t depth = 100;
    // Partials rendered in all.
    std::uint32_t partials = 20'000;
    // Errors remembered; later ones are shown in place and not collected.
    std::size_t errors = 1'000;
    // Nanoseconds by RenderOptions::ticks; 0 is no limit.
    std::int64_t time_ns = 5'000'000'000;
};

struct ParseLimits {
    std::size_t source_bytes = 1 << 20;
    // Blocks within each other, as the reference.
    std::uint32_t depth = 100;
    // Brackets within each other in one expression.
    std::uint32_t expression_depth = 100;
    // Memory of the program; what is folded counts.
    std::size_t memory = 64 << 20;
    // Nanoseconds by ParseOptions::ticks; 0 is no limit. A theme's page takes a tenth of a millisecond.
    std::int64_t time_ns = 1'000'000'000;
};

}  // namespace cartwright::liquid
