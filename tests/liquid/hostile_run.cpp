// Renders the hostile templates by the wall's clock and prints one JSON line for each: what came of it, and how long
// parsing and rendering took.
//
//   liquid_hostile [BUDGET_MS [NAME]]    default: 200 ms, all; -100: 100 ms by the test's own clock
#include "liquid/hostile.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cstdio>

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char byte : text) {
        const auto code = static_cast<unsigned char>(byte);
        out += code < 0x20 || code >= 0x7F || byte == '"' || byte == '\\' ? fmt::format("\\u{:04x}", code)
                                                                          : std::string(1, byte);
    }
    return out + '"';
}

}  // namespace

int main(int count, char** words) {
    using namespace cartwright::liquid;
    std::int64_t budget_ms = 200;
    if (count > 1) {
        const std::string_view given = words[1];
        std::from_chars(given.data(), given.data() + given.size(), budget_ms);
    }
    const std::string_view only = count > 2 ? words[2] : "";
    const Environment environment = Environment::standard();
    for (const auto& hostile : testing::hostile_templates()) {
        if (hostile.file.find(only) == std::string::npos) {
            continue;
        }
        for (const auto& [mode, name] : {std::pair{Mode::lax, "lax"}, std::pair{Mode::strict2, "strict2"}}) {
            const testing::HostileOutcome result =
                testing::outcome(environment,
                                 hostile,
                                 mode,
                                 (budget_ms < 0 ? -budget_ms : budget_ms) * 1'000'000,
                                 budget_ms < 0 ? testing::looks_as_time : testing::wall_time);
            fmt::print(
                "{{\"file\":{},\"mode\":\"{}\",\"expects\":\"{}\",\"kind\":\"{}\",\"parse_ms\":{:.2f},"
                "\"render_ms\":{:.2f},\"source\":{},\"bytes\":{},\"output\":{}}}\n",
                quoted(hostile.file),
                name,
                hostile.expects,
                result.kind,
                static_cast<double>(result.parse_ns) / 1e6,
                static_cast<double>(result.render_ns) / 1e6,
                hostile.source.size(),
                result.output.size(),
                quoted(std::string_view(result.output).substr(0, 400)));
            std::fflush(stdout);
        }
    }
    return 0;
}
