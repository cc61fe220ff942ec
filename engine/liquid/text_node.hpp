// Text between tags. Internal to the engine: the parser strips it afterwards, so it has to know it.
#pragma once

#include "liquid/program.hpp"

#include <string_view>

namespace cartwright::liquid {

// The place of the line holds the size: text has no errors to tell of.
struct TextNode : Node {
    const char* begin = nullptr;

    std::string_view text() const noexcept { return {begin, line}; }

    void set(std::string_view text) noexcept {
        begin = text.data();
        line = static_cast<std::uint32_t>(text.size());
    }
};

Flow render_text(const Node& node, Render& render);

}  // namespace cartwright::liquid
