// The drops `forloop` and `tablerowloop`. Internal to the engine.
#pragma once

#include "liquid/drop.hpp"
#include "liquid/render.hpp"

#include <cstdint>
#include <string_view>

namespace cartwright::liquid {

extern const DropType forloop_type;
extern const DropType tablerowloop_type;

struct ForLoop final : Drop {
    ForLoop() noexcept : Drop(forloop_type) { never_recorded(); }

    std::string_view text(Render&) override { return "Liquid::ForloopDrop"; }

    std::string_view name;
    std::int64_t length = 0;
    std::int64_t index0 = 0;
    Value parent;
    bool escaped = false;  // a variable holds it: not to be used again
};

struct TableRowLoop final : Drop {
    TableRowLoop() noexcept : Drop(tablerowloop_type) { never_recorded(); }

    std::string_view text(Render&) override { return "Liquid::TablerowloopDrop"; }

    std::int64_t length = 0;
    std::int64_t index0 = 0;
    std::int64_t cols = 0;
    std::int64_t col = 1;
    std::int64_t row = 1;
};

}  // namespace cartwright::liquid
