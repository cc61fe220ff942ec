// Text between tags. Internal to the engine: the parser strips it afterwards, so it has to know it.
#pragma once

#include "liquid/program.hpp"

#include <string_view>

namespace cartwright::liquid {

struct TextNode : Node {
    std::string_view text;
};

Flow render_text(const Node& node, Render& render);

}  // namespace cartwright::liquid
