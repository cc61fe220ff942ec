// Renders a template for a test: everything in one call, with the collected errors.
#pragma once

#include "liquid/environment.hpp"
#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/parse.hpp"
#include "liquid/render.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::liquid::testing {

struct Rendered {
    std::string text;                 // of the page, or of the syntax error
    std::vector<std::string> errors;  // collected while rendering
    bool refused = false;             // a syntax error
    bool exceeded = false;
    std::uint64_t render_score = 0;
    std::uint64_t assign_score = 0;
};

struct Setting {
    std::string_view data = "{}";
    Mode mode = Mode::lax;
    std::initializer_list<std::pair<std::string_view, std::string_view>> partials = {};
    RenderOptions options = {};
};

inline const Environment& standard() {
    static const Environment environment = Environment::standard();
    return environment;
}

inline Rendered rendered(std::string_view source, const Setting& setting = {}) {
    const ParseOptions parsing{.mode = setting.mode};
    const auto program = parse(standard(), source, parsing);
    if (!program) {
        return {.text = program.error().text(), .errors = {}, .refused = true};
    }
    Arena data_arena;
    const auto data = from_json(data_arena, setting.data);
    if (!data || !data->is(Kind::map)) {
        throw std::invalid_argument("the test's data is no JSON object");
    }
    MemoryPartials partials(standard(), parsing);
    for (const auto& [name, text] : setting.partials) {
        partials.add(name, text);
    }
    RenderOptions options = setting.options;
    options.data = &data->as_map();
    options.partials = &partials;
    Arena arena;
    Output output;
    const RenderResult result = Render(options, arena, output).run(**program);
    Rendered answer{.text = std::string(output.text()), .errors = {}};
    for (const Error& error : result.errors) {
        answer.errors.push_back(error.text());
    }
    answer.exceeded = result.exceeded;
    answer.render_score = result.render_score;
    answer.assign_score = result.assign_score;
    return answer;
}

inline std::string text_of(std::string_view source, const Setting& setting = {}) {
    return rendered(source, setting).text;
}

}  // namespace cartwright::liquid::testing
