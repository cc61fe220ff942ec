// Parses any bytes in all modes: warn takes what lax takes, a refusal has words and a line that
// is there, and a program holds little more than its source.
#include "demand.hpp"
#include "liquid/parse.hpp"

#include <algorithm>
#include <cstdint>

using namespace cartwright::liquid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Environment environment = Environment::standard();
    const std::string_view source(reinterpret_cast<const char*>(data), size);
    const auto lines = static_cast<std::uint32_t>(std::ranges::count(source, '\n')) + 1;
    bool is_taken[4] = {};
    for (const Mode mode : {Mode::lax, Mode::warn, Mode::strict, Mode::strict2}) {
        ParseOptions options{.mode = mode, .limits = {}};
        options.limits.memory = 16 << 20;
        const auto program = parse(environment, source, options);
        is_taken[static_cast<int>(mode)] = program.has_value();
        if (program) {
            demand((*program)->source() == source);
            demand((*program)->memory() < (1 << 20) + 1000 * size);
        } else {
            demand(!program.error().message.empty());
            // A block left open in a liquid tag is told at the line after its last, as by the reference.
            demand(program.error().line <= lines + 1);
        }
    }
    demand(is_taken[1] || !is_taken[0]);
    return 0;
}
