// The hostile templates of tests/liquid/hostile: small files that ask for more time, memory or stack than there
// is. A file says what repeats as ⟦1000:text⟧, in which № is the number of the repetition from 0, so that what is
// a megabyte to the parser is a line in the repository; ⟦ff00⟧ are bytes. Its last line break doesn't count.
// hostile.json lists them with what is expected of each.
#pragma once

#include "liquid/parse.hpp"
#include "liquid/render.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid::testing {

struct HostileTemplate {
    std::string file{};
    std::string why{};
    // "time" or "memory": that limit ends the render. "parse": it isn't parsed, `error` says why. "ok": it renders
    // `output`, or as many bytes as `bytes` says; what goes wrong in it is told in place.
    std::string expects{};
    std::string output{};
    std::string error{};
    std::int64_t bytes = -1;  // -1: output is compared
    std::string source{};
    std::map<std::string, std::string, std::less<>> partials{};
};

struct HostileOutcome {
    std::string kind;      // as HostileTemplate::expects
    std::string output{};  // of the render, or the error of the parse
    std::int64_t parse_ns = 0;
    std::int64_t render_ns = 0;
};

// Throws std::runtime_error with the reason when the list can't be read.
std::vector<HostileTemplate> hostile_templates();

// A clock of this thread that goes on by 20 µs with each look, so that a test ends at the same place everywhere.
std::int64_t looks_as_time();

// Time by the wall, in nanoseconds.
std::int64_t wall_time();

// Parses and renders within `budget_ns` by `ticks`, and the default limits in all else.
HostileOutcome outcome(const Environment& environment,
                       const HostileTemplate& hostile,
                       Mode mode,
                       std::int64_t budget_ns,
                       std::int64_t (*ticks)());

}  // namespace cartwright::liquid::testing
