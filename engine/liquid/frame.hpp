// What belongs to one isolated scope: the template itself, or one `render` of a partial. Internal to the engine.
#pragma once

#include "liquid/render.hpp"

namespace cartwright::liquid {

struct Render::Frame {
    explicit Frame(Arena& arena) noexcept
        : assigns(arena), counters(arena), cycles(arena), loop_offsets(arena) {}

    Map assigns;                    // the outermost scope
    Map counters;                   // increment and decrement
    Map cycles;                     // group → the next position
    Map loop_offsets;               // "item-collection" → where offset:continue goes on
    std::string_view last_changed;  // what ifchanged printed last
    bool changed_once = false;
    bool isolated = false;  // data is out of sight, include is forbidden
    Value parent_loop;      // of the innermost for
    Value self;             // the drop `self`, once somebody asked for it
    Frame* outer = nullptr;
    std::size_t first_binding = 0;  // in Render::bindings_
    std::uint32_t base_depth = 0;   // frames below, as the reference counts
    std::uint32_t outer_depth = 0;
    std::string_view outer_template;
};

}  // namespace cartwright::liquid
