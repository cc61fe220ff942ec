// From source to program. Three modes, as the reference has them: `lax` takes what it can and ignores the rest,
// `strict` refuses most of that, `strict2` all of it. `warn` notes on the program what strict2 would have
// refused, and reads that like lax.
#pragma once

#include "liquid/environment.hpp"
#include "liquid/error.hpp"
#include "liquid/limits.hpp"
#include "liquid/program.hpp"

#include <expected>
#include <memory>
#include <string_view>

namespace cartwright::liquid {

class ParseListener;

enum class Mode : std::uint8_t { lax, warn, strict, strict2 };

struct ParseOptions {
    Mode mode = Mode::lax;
    // Error texts say the line.
    bool line_numbers = true;
    // Is told what the parse comes upon (tag_parser.hpp); nullptr: nobody.
    ParseListener* listener = nullptr;
    ParseLimits limits{};
    // A monotonic clock in nanoseconds, for limits.time_ns; nullptr: no limit of time.
    std::int64_t (*ticks)() = nullptr;
};

using ProgramPointer = std::shared_ptr<const Program>;

// The environment must outlive the program. The source is copied.
std::expected<ProgramPointer, Error> parse(const Environment& environment,
                                           std::string_view source,
                                           const ParseOptions& options = {});

}  // namespace cartwright::liquid
