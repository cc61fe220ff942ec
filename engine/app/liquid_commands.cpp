#include "app/liquid_commands.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/settings.hpp"
#include "liquid/conform.hpp"
#include "liquid/environment.hpp"
#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/render.hpp"
#include "liquid/rfc3339.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

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

// All .liquid files of the folder and the folders in it, by their paths from there.
void add_folder(liquid::MemoryPartials& partials, const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().extension() == ".liquid") {
            partials.add(entry.path().lexically_relative(folder).generic_string(),
                         read_file(entry.path(), most_bytes));
        }
    }
}

// What the commands that render share: the program, its data and its partials.
class Rendering {
public:
    explicit Rendering(const Page& page)
        : options_{.mode = mode_of(page.mode), .line_numbers = true, .limits = {}},
          partials_(environment_, options_),
          program_(liquid::parse(environment_, read_file(page.file, most_bytes), options_)) {
        rendering_.clock = clock_of(page.clock);
        rendering_.ticks = nanoseconds;
        rendering_.partials = &partials_;
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
            add_folder(partials_, page.partials);
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

    liquid::RenderOptions& options() noexcept { return rendering_; }

private:
    liquid::Environment environment_ = liquid::Environment::standard();
    liquid::ParseOptions options_;
    liquid::MemoryPartials partials_;
    liquid::Arena data_;
    std::expected<liquid::ProgramPointer, liquid::Error> program_;
    liquid::RenderOptions rendering_;
};

Exit render_command(const Page& page) {
    Rendering rendering(page);
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
        bool verbose = false;
    };

    const auto typed = std::make_shared<Typed>();

    CLI::App* group = cli.add_subcommand("liquid", "render and check Liquid templates");
    group->require_subcommand(1);

    CLI::App* render = group->add_subcommand("render", "render a template; its errors go to standard error");
    add_page(*render, typed->page);
    render->final_callback([typed, &command] { command = [typed] { return render_command(typed->page); }; });

    CLI::App* conform = group->add_subcommand("conform", "run conformance tests: golden-liquid, liquid-spec");
    conform->add_option("file", typed->file, "a JSON file of tests")->required();
    conform->add_option("--filter", typed->filter, "only tests with this in their name");
    conform->add_flag("--verbose", typed->verbose, "names that passed, and texts in full length");
    conform->final_callback([typed, &command] {
        command = [typed] { return conform_command(typed->file, typed->filter, typed->verbose); };
    });
}

}  // namespace cartwright::app
