// Runs files of conformance tests against the engine: golden-liquid's format (template, data, templates, and
// result, results or invalid) and liquid-spec's with an oracle (the reference's output and errors in lax and in
// strict2 mode). For the command `cartwright liquid conform` and for tests.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class Environment;

struct ConformFailure {
    std::string name;
    std::string_view mode;  // "lax", "strict", "strict2"
    std::string source;
    std::string expected;
    std::string got;
};

struct ConformReport {
    std::vector<std::string> passed;  // names
    std::size_t failed = 0;
    std::vector<ConformFailure> failures;  // one for each mode that failed

    // The failures, and "N passed, M failed" as the last line. Long texts are cut unless `verbose`, which also
    // lists the names that passed.
    std::string text(bool verbose) const;
};

// Runs the tests whose names hold `filter`. Refuses a file that isn't in one of the formats, with a sentence.
// A case of the golden format passes when the output is the expected one, or, if it is `invalid`, when parsing or
// rendering fails; one of the other format when output and errors are the reference's in both modes.
std::expected<ConformReport, std::string> conform(const Environment& environment,
                                                  std::string_view json,
                                                  std::string_view filter = {});

}  // namespace cartwright::liquid
