// Renders any bytes as a template, within tight limits, twice: the same comes out, no longer than it may be. The
// first byte chooses mode and strictness; a byte 1 parts the template from its partials p and q.
#include "demand.hpp"
#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/parse.hpp"
#include "liquid/render.hpp"

#include <cstdint>
#include <string>

namespace {

using namespace cartwright::liquid;

constexpr std::string_view json = R"({
    "s": "a <b> & \"c\" déjà vu", "e": "", "w": "  ", "n": 42, "m": -7, "f": 2.5, "t": true, "z": null,
    "big": 123456789012345678901234567890, "words": ["one", "Two", "three", "one"], "numbers": [3, 1, 2, 3.5],
    "mixed": [1, "a", null, [2, 3], {"k": "v"}], "none": [],
    "map": {"a": 1, "b": {"c": [1, 2, 3]}, "size": 9, "first": "f"},
    "products": [{"title": "cup", "price": 700, "tags": ["new"], "available": true},
                 {"title": "bowl", "price": 450, "tags": [], "available": false}, {"title": null}]})";

struct Rendered {
    std::string output;
    bool exceeded = false;
    std::size_t errors = 0;

    friend bool operator==(const Rendered&, const Rendered&) = default;
};

// Goes on with each look, so that the same input ends at the same place.
std::int64_t looks = 0;

std::int64_t count_looks() {
    return ++looks;
}

Rendered rendered(const Environment& environment,
                  const Program& program,
                  std::string_view p,
                  std::string_view q,
                  const ParseOptions& parsing,
                  bool is_strict) {
    static Arena data_arena;
    static const Map& data = from_json(data_arena, json)->as_map();
    MemoryPartials partials(environment, parsing);
    partials.add("p", p);
    partials.add("q", q);
    RenderOptions options;
    options.data = &data;
    options.partials = &partials;
    options.clock.unix_seconds = 1'700'000'000;
    options.strict_variables = is_strict;
    options.strict_filters = is_strict;
    options.limits = {.render_score = 20'000,
                      .assign_score = 1'000'000,
                      .output_bytes = 1 << 18,
                      .memory = 8 << 20,
                      .string_bytes = 1 << 17,
                      .array_items = 10'000,
                      .digits = 300,
                      .depth = 30,
                      .partials = 200,
                      .errors = 50,
                      .time_ns = 4'000};
    options.ticks = count_looks;
    Arena arena;
    Output output;
    const RenderResult result = Render(options, arena, output).run(program);
    // The last node before the look may have printed a whole text of its own.
    demand(output.size() <= options.limits.output_bytes + 2 * options.limits.string_bytes);
    demand(result.errors.size() <= options.limits.errors + 1);
    return {
        .output = std::string(output.text()), .exceeded = result.exceeded, .errors = result.errors.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    static const Environment environment = Environment::standard();
    const std::uint8_t choice = data[0];
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::string_view parts[3];
    for (std::string_view& part : parts) {
        const auto end = rest.find('\1');
        part = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    ParseOptions parsing{
        .mode = static_cast<Mode>(choice & 3), .line_numbers = (choice & 4) == 0, .limits = {}};
    parsing.limits.memory = 8 << 20;
    const auto program = parse(environment, parts[0], parsing);
    if (!program) {
        return 0;
    }
    const bool is_strict = (choice & 8) != 0;
    const Rendered once = rendered(environment, **program, parts[1], parts[2], parsing, is_strict);
    demand(once == rendered(environment, **program, parts[1], parts[2], parsing, is_strict));
    return 0;
}
