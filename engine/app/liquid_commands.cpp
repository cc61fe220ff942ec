#include "app/liquid_commands.hpp"

#include "app/liquid_language.hpp"
#include "app/liquid_reports.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/settings.hpp"
#include "liquid/conform.hpp"
#include "liquid/environment.hpp"
#include "liquid/from_json.hpp"
#include "liquid/lint.hpp"
#include "liquid/loops.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/profile.hpp"
#include "liquid/render.hpp"
#include "liquid/rfc3339.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::app {

namespace {

constexpr std::size_t most_bytes = 64 << 20;  // of one file

void out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void tell(std::string_view line) {
    fmt::print(stderr, "{}\n", line);
}

std::int64_t nanoseconds() {
    return std::chrono::nanoseconds(ticks().time_since_epoch()).count();
}

// A template with all that it is rendered with.
struct Page {
    std::string file;
    std::string data;
    std::string mode = "lax";
    std::string partials;
    std::string clock;
};

liquid::Mode mode_of(const std::string& word) {
    constexpr std::array<std::pair<std::string_view, liquid::Mode>, 3> modes = {{
        {"lax", liquid::Mode::lax},
        {"strict", liquid::Mode::strict},
        {"strict2", liquid::Mode::strict2},
    }};
    for (const auto& [name, mode] : modes) {
        if (name == word) {
            return mode;
        }
    }
    throw BadSettings(fmt::format("--mode {}: it is one of lax, strict and strict2", word));
}

liquid::Clock clock_of(const std::string& moment) {
    liquid::Clock clock;
    if (moment.empty()) {
        clock.unix_seconds =
            std::chrono::floor<std::chrono::seconds>(SystemClock().now()).time_since_epoch().count();
        return clock;
    }
    const auto seconds = liquid::from_rfc3339(moment);
    if (!seconds) {
        throw BadSettings(fmt::format("--clock {}: write a moment as in 2024-01-01T00:01:58Z", moment));
    }
    clock.unix_seconds = *seconds;
    return clock;
}

// All .liquid files of the folder and the folders in it, by their paths from there; links are left out, for they
// could lead out of it.
std::vector<liquid::ThemeFile> read_folder(const std::filesystem::path& folder) {
    if (!std::filesystem::is_directory(folder)) {
        throw BadSettings(fmt::format("{} isn't a folder", folder.string()));
    }
    std::vector<liquid::ThemeFile> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_symlink() && entry.is_regular_file() && entry.path().extension() == ".liquid") {
            files.push_back({entry.path().lexically_relative(folder).generic_string(),
                             read_file(entry.path(), most_bytes)});
        }
    }
    return files;
}

// What the commands that render share: the program, its data and its partials.
class Rendering {
public:
    explicit Rendering(const Page& page, liquid::Profile* profile = nullptr)
        : options_{.mode = mode_of(page.mode),
                   .line_numbers = true,
                   .listener = profile,
                   .limits = {},
                   .ticks = nanoseconds},
          partials_(environment_, options_),
          program_(liquid::parse(environment_, read_file(page.file, most_bytes), options_)) {
        rendering_.clock = clock_of(page.clock);
        rendering_.ticks = nanoseconds;
        rendering_.partials = &partials_;
        rendering_.profile = profile;
        if (!page.data.empty()) {
            const auto data = liquid::from_json(data_, read_file(page.data, most_bytes));
            if (!data) {
                throw BadSettings(fmt::format("{}: {}", page.data, data.error()));
            }
            if (!data->is(liquid::Kind::map)) {
                throw BadSettings(fmt::format("{}: the data has to be a JSON object", page.data));
            }
            rendering_.data = &data->as_map();
        }
        if (!page.partials.empty()) {
            for (const liquid::ThemeFile& file : read_folder(page.partials)) {
                partials_.add(file.name, file.source);
            }
        }
    }

    // The program, or nothing, with its syntax error told.
    const liquid::Program* program() const {
        if (!program_) {
            tell(program_.error().text());
            return nullptr;
        }
        return program_->get();
    }

    const liquid::RenderOptions& options() const noexcept { return rendering_; }

private:
    liquid::Environment environment_ = liquid::Environment::standard();
    liquid::ParseOptions options_;
    liquid::MemoryPartials partials_;
    liquid::Arena data_;
    std::expected<liquid::ProgramPointer, liquid::Error> program_;
    liquid::RenderOptions rendering_;
};

Exit render_command(const Page& page) {
    const Rendering rendering(page);
    const liquid::Program* program = rendering.program();
    if (program == nullptr) {
        return Exit::failed;
    }
    liquid::Arena arena;
    liquid::Output output;
    const liquid::RenderResult result = liquid::Render(rendering.options(), arena, output).run(*program);
    out(output.text());
    for (const liquid::Error& error : result.errors) {
        tell(error.text());
    }
    return Exit::ok;
}

Exit profile_command(const Page& page, std::int64_t passes, bool json) {
    liquid::Profile profile(nanoseconds);
    const Rendering rendering(page, &profile);
    const liquid::Program* program = rendering.program();
    if (program == nullptr) {
        return Exit::failed;
    }
    liquid::Arena arena;
    liquid::Output output;
    for (std::int64_t pass = 0; pass < passes; ++pass) {
        arena.clear();
        output.clear();
        liquid::Render(rendering.options(), arena, output).run(*program);
    }
    const ProfileReport report{.profile = profile, .passes = passes, .output_bytes = output.size()};
    out(json ? profile_json(report) : profile_text(report));
    return Exit::ok;
}

Exit lint_command(const std::string& folder, const std::string& docs, const std::string& objects, bool json) {
    LiquidLanguage language;
    if (!docs.empty()) {
        language.add_folder(docs);
    }
    if (!objects.empty()) {
        language.add_objects(objects);
    }
    const auto findings = liquid::lint(
        language.environment(), read_folder(folder), {.objects = language.objects(), .types = {}});
    out(json ? findings_json(findings) : findings_text(findings));
    const bool failed = std::ranges::any_of(
        findings, [](const auto& finding) { return finding.severity == liquid::Severity::error; });
    return failed ? Exit::failed : Exit::ok;
}

Exit docs_command(bool json) {
    const auto environment = liquid::Environment::standard();
    const std::array types{&liquid::forloop_type, &liquid::tablerowloop_type};
    out(json ? docs_json(environment, types) : docs_text(environment, types));
    return Exit::ok;
}

Exit conform_command(const std::string& file, const std::string& filter, bool verbose) {
    const auto report = liquid::conform(liquid::Environment::standard(), read_file(file, most_bytes), filter);
    if (!report) {
        throw BadSettings(fmt::format("{}: {}", file, report.error()));
    }
    out(report->text(verbose));
    return report->failed == 0 ? Exit::ok : Exit::failed;
}

void add_page(CLI::App& to, Page& page) {
    to.add_option("file", page.file, "the template")->required();
    to.add_option("--data", page.data, "a JSON object: what the template sees by name");
    to.add_option("--mode", page.mode, "lax (default), strict or strict2");
    to.add_option("--partials", page.partials, "the folder of the .liquid files for render and include");
    to.add_option("--clock", page.clock, "what \"now\" is, as in 2024-01-01T00:01:58Z (default: now)");
}

}  // namespace

void add_liquid_commands(CLI::App& cli, std::function<Exit()>& command) {
    struct Typed {
        Page page;
        std::string file;
        std::string filter;
        std::string docs;
        std::string objects;
        std::int64_t passes = 100;
        bool verbose = false;
        bool json = false;
    };

    const auto typed = std::make_shared<Typed>();

    CLI::App* group = cli.add_subcommand("liquid", "render and check Liquid templates");
    group->require_subcommand(1);

    CLI::App* render = group->add_subcommand("render", "render a template; its errors go to standard error");
    add_page(*render, typed->page);
    render->final_callback([typed, &command] { command = [typed] { return render_command(typed->page); }; });

    CLI::App* profile = group->add_subcommand("profile", "where a render's time and memory go");
    add_page(*profile, typed->page);
    profile->add_option("--passes", typed->passes, "how often to render it (default: 100)")
        ->check(CLI::Range(1, 1'000'000));
    profile->add_flag("--json", typed->json, "as JSON, with sums of all passes");
    profile->final_callback([typed, &command] {
        command = [typed] { return profile_command(typed->page, typed->passes, typed->json); };
    });

    CLI::App* lint = group->add_subcommand("lint", "find mistakes in the templates of a theme");
    lint->add_option("folder", typed->file, "the theme's folder")->required();
    lint->add_option("--docs",
                     typed->docs,
                     "a folder of tags.json, filters.json and objects.json: what the host adds to Liquid");
    lint->add_option("--objects",
                     typed->objects,
                     "names that templates are given: one a line, or a JSON array of names or of {name}");
    lint->add_flag("--json", typed->json, "as JSON");
    lint->final_callback([typed, &command] {
        command = [typed] { return lint_command(typed->file, typed->docs, typed->objects, typed->json); };
    });

    CLI::App* docs = group->add_subcommand("docs", "tags, filters and objects that templates can use");
    docs->add_flag("--json", typed->json, "as JSON");
    docs->final_callback([typed, &command] { command = [typed] { return docs_command(typed->json); }; });

    CLI::App* conform = group->add_subcommand("conform", "run conformance tests: golden-liquid, liquid-spec");
    conform->add_option("file", typed->file, "a JSON file of tests")->required();
    conform->add_option("--filter", typed->filter, "only tests with this in their name");
    conform->add_flag("--verbose", typed->verbose, "names that passed, and texts in full length");
    conform->final_callback([typed, &command] {
        command = [typed] { return conform_command(typed->file, typed->filter, typed->verbose); };
    });
}

}  // namespace cartwright::app
