// What `cartwright liquid …` prints, for people and as JSON for programs.
#pragma once

#include "liquid/environment.hpp"
#include "liquid/lint.hpp"
#include "liquid/profile.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace cartwright::app {

// A line each, and how many there are of which severity.
std::string findings_text(std::span<const liquid::Finding> findings);
// {"findings": [{"code", "severity", "file", "line", "column", "message"}]}; unknown places are null.
std::string findings_json(std::span<const liquid::Finding> findings);

// Sums over `passes` renders.
struct ProfileReport {
    const liquid::Profile& profile;
    std::int64_t passes = 1;
    std::size_t output_bytes = 0;
};

// Means of one render: by tag, by template, and the costliest lines.
std::string profile_text(const ProfileReport& report);
// Sums of all passes: {"passes", "output_bytes", "by_tag", "by_template", "by_line"}.
std::string profile_json(const ProfileReport& report);

// Tags, filters and objects of a host with their sentences.
std::string docs_text(const liquid::Environment& environment, std::span<const liquid::DropType* const> types);
std::string docs_json(const liquid::Environment& environment, std::span<const liquid::DropType* const> types);

}  // namespace cartwright::app
