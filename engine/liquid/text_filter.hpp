// What most filters of texts begin with: the input as text, its length paid from the time budget.
#pragma once

#include "liquid/environment.hpp"
#include "liquid/render.hpp"

#include <string_view>

namespace cartwright::liquid {

template <Value (*Apply)(Render&, std::string_view, const Arguments&)>
Value of_text(Render& render, const Value& input, const Arguments& arguments) {
    const std::string_view text = render.text(input);
    return render.spend(text.size()) ? Apply(render, text, arguments) : render.exhausted();
}

// The same for filters that leave nil as it is.
template <Value (*Apply)(Render&, std::string_view, const Arguments&)>
Value of_text_or_nil(Render& render, const Value& input, const Arguments& arguments) {
    return input.is_nil() ? Value() : of_text<Apply>(render, input, arguments);
}

}  // namespace cartwright::liquid
