// What one template of a theme mentions: the material of the lint. Internal to the engine.
#pragma once

#include "liquid/tag_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

// Line and column in bytes, both from 1; 0 is unknown.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

// Something that was told, copied, for a program that doesn't parse is gone.
struct Mention {
    std::string name;
    Position position;
    bool known = true;   // of tags and filters
    std::string tag;     // of assigned and partials
    std::string markup;  // of tags
};

// What the parser says, in its words and with the line that it counts, and the place in the source.
struct Problem {
    Error error;
    Position position;
};

class ThemeScan final : public ParseListener {
public:
    // Parses in the mode `warn`.
    ThemeScan(const Environment& environment, std::string_view source);

    // Each in the order of the source, each place once.
    const std::vector<Mention>& tags() const noexcept { return tags_; }

    const std::vector<Mention>& filters() const noexcept { return filters_; }

    // First names of look-ups.
    const std::vector<Mention>& lookups() const noexcept { return lookups_; }

    const std::vector<Mention>& assigned() const noexcept { return assigned_; }

    // With a literal name.
    const std::vector<Mention>& partials() const noexcept { return partials_; }

    // The first name of a look-up is computed: any variable may be read.
    bool computed_names() const noexcept { return computed_names_; }

    // The name of a partial is computed: any may be rendered.
    bool computed_partials() const noexcept { return computed_partials_; }

    bool includes() const noexcept { return includes_; }

    // What ended the parse; the mentions end there.
    const std::optional<Problem>& failure() const noexcept { return failure_; }

    // What strict2 refuses and lax ignores.
    const std::vector<Problem>& warnings() const noexcept { return warnings_; }

    void source(std::string_view text) override;
    void tag(std::string_view name, std::string_view markup, bool known) override;
    void lookup(const Lookup& lookup, std::string_view markup) override;
    void filter(std::string_view name, bool known) override;
    void assigned(std::string_view tag, std::string_view name) override;
    void partial(std::string_view tag, std::string_view name) override;

private:
    Position position_of(std::string_view view) const;
    Position position_at(std::size_t offset) const;
    Position position_of(const Error& error) const;

    std::string_view text_;
    std::vector<std::size_t> line_begins_;
    std::vector<Mention> tags_;
    std::vector<Mention> filters_;
    std::vector<Mention> lookups_;
    std::vector<Mention> assigned_;
    std::vector<Mention> partials_;
    std::vector<Problem> warnings_;
    std::optional<Problem> failure_;
    bool computed_names_ = false;
    bool computed_partials_ = false;
    bool includes_ = false;
};

}  // namespace cartwright::liquid
