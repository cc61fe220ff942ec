// Renders with our engine: JSON lines {"template", "data", "partials"} in, {"output"} or {"error"} out. Errors of
// rendering stand in the output; a template that can't be parsed is an error.
#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/parse.hpp"
#include "liquid/render.hpp"

#include <fmt/core.h>

#include <iostream>
#include <string>

namespace {

using namespace cartwright::liquid;

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char byte : text) {
        if (static_cast<unsigned char>(byte) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
        } else {
            if (byte == '"' || byte == '\\') {
                out += '\\';
            }
            out += byte;
        }
    }
    return out + '"';
}

std::string answer(const Environment& environment, std::string_view line) {
    Arena arena;
    const auto task = from_json(arena, line);
    if (!task) {
        return "{\"error\":" + quoted(task.error()) + "}";
    }
    const Map& fields = task->as_map();
    const ParseOptions parsing{.mode = Mode::lax, .line_numbers = false, .limits = {}};
    const auto program = parse(environment, fields.find("template")->as_string(), parsing);
    if (!program) {
        return "{\"error\":" + quoted(program.error().text()) + "}";
    }
    MemoryPartials partials(environment, parsing);
    for (const Map::Entry& partial : fields.find("partials")->as_map().entries()) {
        partials.add(partial.key.text(), partial.value.as_string());
    }
    RenderOptions options;
    options.data = &fields.find("data")->as_map();
    options.partials = &partials;
    Output output;
    Arena values;
    Render(options, values, output).run(**program);
    return "{\"output\":" + quoted(output.text()) + "}";
}

}  // namespace

int main() {
    const Environment environment = Environment::standard();
    std::string line;
    while (std::getline(std::cin, line)) {
        fmt::print("{}\n", answer(environment, line));
    }
    return 0;
}
