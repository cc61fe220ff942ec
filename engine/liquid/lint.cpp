#include "liquid/lint.hpp"

#include "liquid/drop.hpp"
#include "liquid/nearest.hpp"
#include "liquid/scan.hpp"
#include "liquid/theme_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace cartwright::liquid {

namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::size_t most_findings = 500;  // of one file
constexpr std::string_view extension = ".liquid";
constexpr std::string_view snippets = "snippets/";

// "; did you mean 'x'?", or nothing.
std::string meant(std::string_view wrong, const auto& names) {
    const auto near = nearest(wrong, names);
    return near ? fmt::format("; did you mean '{}'?", *near) : std::string();
}

std::string unknown(std::string_view what, std::string_view wrong, const auto& names) {
    const std::string near = meant(wrong, names);
    return fmt::format("There is no {} '{}'{}", what, wrong, near.empty() ? "." : near);
}

template <class Registered>
std::vector<std::string_view> names_of(const Registered& registered) {
    std::vector<std::string_view> names;
    for (const auto& each : registered) {
        names.push_back(each.name);
    }
    return names;
}

// The name by which a file is rendered: without its extension and the folder of snippets.
std::string_view partial_name(std::string_view file) {
    if (file.ends_with(extension)) {
        file.remove_suffix(extension.size());
    }
    if (file.starts_with(snippets)) {
        file.remove_prefix(snippets.size());
    }
    return file;
}

class Theme {
public:
    Theme(const Environment& environment, std::span<const ThemeFile> files, const LintOptions& options)
        : environment_(environment), options_(options) {
        std::vector<const ThemeFile*> sorted;
        for (const ThemeFile& file : files) {
            sorted.push_back(&file);
        }
        std::ranges::sort(sorted, {}, [](const ThemeFile* file) { return std::string_view(file->name); });
        for (const ThemeFile* file : sorted) {
            files_.push_back({file->name, ThemeScan(environment, file->source)});
        }
        connect();
    }

    // Errors first: they aren't to be crowded out.
    std::vector<Finding> findings() {
        for (const File& file : files_) {
            findings_before_ = findings_.size();
            syntax(file);
            filters(file);
            partials(file);
            elses(file);
            if (!file.scan.failure()) {
                unused_variables(file);
                unknown_objects(file);
            }
            strict_syntax(file);
        }
        std::ranges::sort(findings_, {}, [](const Finding& finding) {
            return std::tie(finding.file, finding.line, finding.column, finding.code, finding.message);
        });
        return std::move(findings_);
    }

private:
    struct File {
        std::string name;
        ThemeScan scan;
    };

    void add(std::string_view code,
             Severity severity,
             const File& file,
             const Position& position,
             std::string message) {
        if (!has_room()) {
            return;
        }
        findings_.push_back({.code = code,
                             .severity = severity,
                             .file = file.name,
                             .line = position.line,
                             .column = position.column,
                             .message = std::move(message)});
    }

    bool has_room() const { return findings_.size() - findings_before_ < most_findings; }

    bool has_partial(std::string_view name) const {
        return names_.contains(name) || names_.contains(fmt::format("{}{}", name, extension)) ||
               names_.contains(fmt::format("{}{}{}", snippets, name, extension));
    }

    // What one file tells about others.
    void connect() {
        for (const File& file : files_) {
            names_.insert(file.name);
            partial_names_.emplace(partial_name(file.name));
            computed_partials_ = computed_partials_ || file.scan.computed_partials();
            for (const Mention& partial : file.scan.partials()) {
                rendered_.insert(partial.name);
                if (partial.tag == "include") {
                    included_.insert(partial.name);
                }
            }
            for (const Mention& tag : file.scan.tags()) {
                if (tag.name == "render" || tag.name == "include") {
                    add_arguments(tag.markup);
                }
            }
            for (const Mention& lookup : file.scan.lookups()) {
                read_anywhere_.insert(lookup.name);
            }
            for (const Mention& assigned : file.scan.assigned()) {
                assigned_anywhere_.insert(assigned.name);
            }
        }
    }

    // Names that a render or include gives to its partial: `name: value`, `as name`, and the partial's own.
    void add_arguments(std::string_view markup) {
        if (!markup.starts_with('"') && !markup.starts_with('\'')) {
            return;
        }
        const std::size_t end = scan::end_of_quoted(markup, 0);
        if (end == std::string_view::npos) {
            return;
        }
        const std::string_view partial = markup.substr(1, end - 2);
        Names& names = arguments_[std::string(partial)];
        names.emplace(partial);
        std::size_t at = end;
        while (const auto argument = scan::next_attribute(markup, at)) {
            names.emplace(argument->key);
        }
        constexpr std::string_view as = " as ";
        if (const auto found = markup.find(as, end); found != std::string_view::npos) {
            const std::size_t begin = scan::skip_space(markup, found + as.size());
            names.emplace(markup.substr(begin, scan::skip_segment(markup, begin) - begin));
        }
    }

    // Its variables are those of its callers, too.
    bool shares_variables(const File& file) const {
        return file.scan.includes() || included_.contains(partial_name(file.name));
    }

    void syntax(const File& file) {
        const auto& failure = file.scan.failure();
        if (!failure) {
            return;
        }
        for (const Mention& tag : file.scan.tags()) {
            if (!tag.known && failure->error.message == fmt::format("Unknown tag '{}'", tag.name)) {
                add("unknown-tag",
                    Severity::error,
                    file,
                    tag.position,
                    failure->error.text() + meant(tag.name, names_of(environment_.tags())));
                return;
            }
        }
        add("syntax", Severity::error, file, failure->position, failure->error.text());
    }

    void strict_syntax(const File& file) {
        for (const Problem& warning : file.scan.warnings()) {
            add("strict-syntax", Severity::warning, file, warning.position, warning.error.text());
        }
    }

    void filters(const File& file) {
        for (const Mention& filter : file.scan.filters()) {
            if (!filter.known && has_room()) {
                add("unknown-filter",
                    Severity::error,
                    file,
                    filter.position,
                    unknown("filter", filter.name, names_of(environment_.filters())));
            }
        }
    }

    void partials(const File& file) {
        for (const Mention& partial : file.scan.partials()) {
            if (!has_partial(partial.name) && has_room()) {
                add("missing-partial",
                    Severity::error,
                    file,
                    partial.position,
                    unknown("partial", partial.name, partial_names_));
            }
        }
        if (file.name.starts_with(snippets) && !computed_partials_ &&
            !rendered_.contains(partial_name(file.name))) {
            add("unused-partial", Severity::info, file, {}, "Nobody renders this partial.");
        }
    }

    void elses(const File& file) {
        struct Open {
            std::string_view tag;
            bool has_else = false;
        };

        std::vector<Open> open;
        for (const Mention& tag : file.scan.tags()) {
            if (tag.name == "if" || tag.name == "unless" || tag.name == "case" || tag.name == "for") {
                open.push_back({.tag = tag.name});
            } else if (!open.empty() && tag.name == fmt::format("end{}", open.back().tag)) {
                open.pop_back();
            } else if (!open.empty() && tag.name == "else") {
                if (std::exchange(open.back().has_else, true)) {
                    add("duplicate-else",
                        Severity::warning,
                        file,
                        tag.position,
                        fmt::format("This '{}' has an else already.", open.back().tag));
                }
            }
        }
    }

    void unused_variables(const File& file) {
        if (file.scan.computed_names() || (shares_variables(file) && computed_partials_)) {
            return;
        }
        Names read;
        for (const Mention& lookup : file.scan.lookups()) {
            read.insert(lookup.name);
        }
        for (const Mention& assigned : file.scan.assigned()) {
            const bool variable = assigned.tag == "assign" || assigned.tag == "capture";
            const bool is_read = read.contains(assigned.name) ||
                                 (shares_variables(file) && read_anywhere_.contains(assigned.name));
            if (variable && !is_read) {
                add("unused-variable",
                    Severity::warning,
                    file,
                    assigned.position,
                    fmt::format("Nobody reads the variable '{}'.", assigned.name));
            }
        }
    }

    void unknown_objects(const File& file) {
        if (options_.objects.empty() && options_.types.empty()) {
            return;
        }
        Names known = {"forloop", "tablerowloop", "self"};
        known.insert(options_.objects.begin(), options_.objects.end());
        for (const DropType* type : options_.types) {
            known.emplace(type->name());
        }
        for (const Mention& assigned : file.scan.assigned()) {
            known.insert(assigned.name);
        }
        if (shares_variables(file)) {
            known.insert(assigned_anywhere_.begin(), assigned_anywhere_.end());
        }
        const auto given = arguments_.find(partial_name(file.name));
        if (given != arguments_.end()) {
            known.insert(given->second.begin(), given->second.end());
        } else if (file.name.starts_with(snippets)) {
            return;  // nobody says what it is given
        }
        for (const Mention& lookup : file.scan.lookups()) {
            if (!known.contains(lookup.name) && has_room()) {
                add("unknown-object",
                    Severity::warning,
                    file,
                    lookup.position,
                    unknown("object", lookup.name, known));
            }
        }
    }

    const Environment& environment_;
    const LintOptions& options_;
    std::vector<File> files_;
    std::map<std::string, Names, std::less<>> arguments_;  // by partial
    Names names_;                                          // of the files
    Names partial_names_;
    Names rendered_;
    Names included_;
    Names read_anywhere_;
    Names assigned_anywhere_;
    bool computed_partials_ = false;
    std::vector<Finding> findings_;
    std::size_t findings_before_ = 0;  // the file in hand
};

}  // namespace

std::string_view word_of(Severity severity) noexcept {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::info:
            break;
    }
    return "info";
}

std::string Finding::text() const {
    std::string place = file;
    if (line != 0) {
        place += fmt::format(":{}", line);
        if (column != 0) {
            place += fmt::format(":{}", column);
        }
    }
    return fmt::format("{}: {}: {} [{}]", place, word_of(severity), message, code);
}

std::vector<Finding> lint(const Environment& environment,
                          std::span<const ThemeFile> files,
                          const LintOptions& options) {
    return Theme(environment, files, options).findings();
}

}  // namespace cartwright::liquid
