#include "bench/liquid/workload.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "liquid/from_json.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cartwright::bench {

using liquid::Kind;
using liquid::Map;
using liquid::Name;
using liquid::Value;

namespace {

constexpr std::size_t max_file_bytes = 4 << 20;
constexpr int max_depth = 100;

// Copies data, in which {"$ref": "/products/x"} becomes the very map that stands there.
class Resolver {
public:
    Resolver(liquid::Arena& arena, const Value& root) : arena_(arena), root_(root) {}

    Value resolve(const Value& given, int depth = 0) {
        const std::optional<Value> value = target(given, depth);
        if (!value.has_value() || depth > max_depth) {
            failed_ = true;
            return {};
        }
        if (value->is(Kind::array)) {
            const std::span<const Value> items = value->as_array();
            Value* copies = arena_.room<Value>(items.size());
            for (std::size_t at = 0; at < items.size(); ++at) {
                copies[at] = resolve(items[at], depth + 1);
            }
            return Value::array({copies, items.size()});
        }
        if (value->is(Kind::map)) {
            return Value::map(resolve_map(value->as_map(), depth));
        }
        return *value;
    }

    bool failed() const noexcept { return failed_; }

private:
    const Map& resolve_map(const Map& map, int depth) {
        const auto [known, added] = copies_.try_emplace(&map, nullptr);
        if (!added) {
            return *known->second;
        }
        Map* copy = arena_.make<Map>(arena_);
        // Known before it is filled: its content may lead back to it.
        known->second = copy;
        copy->reserve(static_cast<std::uint32_t>(map.size()));
        for (const Map::Entry& entry : map.entries()) {
            copy->set(entry.key, resolve(entry.value, depth + 1));
        }
        return *copy;
    }

    // The value itself, or what its reference leads to; nothing if that doesn't exist.
    std::optional<Value> target(const Value& value, int depth) {
        if (!value.is(Kind::map)) {
            return value;
        }
        const Value* reference = value.as_map().find("$ref");
        if (reference == nullptr) {
            return value;
        }
        if (!reference->is_string() || depth > max_depth) {
            return std::nullopt;
        }
        std::optional<Value> found = root_;
        std::string_view path = reference->as_string();
        while (found.has_value() && !path.empty()) {
            path.remove_prefix(1);
            const std::string_view step = path.substr(0, path.find('/'));
            path.remove_prefix(step.size());
            found = target(*found, depth + 1);
            if (found.has_value()) {
                found = child(*found, step);
            }
        }
        return found.has_value() ? target(*found, depth + 1) : std::nullopt;
    }

    static std::optional<Value> child(const Value& value, std::string_view step) {
        if (value.is(Kind::map)) {
            const Value* found = value.as_map().find(step);
            return found == nullptr ? std::nullopt : std::optional(*found);
        }
        std::size_t at = 0;
        const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), at);
        if (!value.is(Kind::array) || error != std::errc() || at >= value.as_array().size()) {
            return std::nullopt;
        }
        return value.as_array()[at];
    }

    liquid::Arena& arena_;
    Value root_;
    std::unordered_map<const Map*, Map*> copies_;
    bool failed_ = false;
};

// "" if it isn't there or isn't a string.
std::string_view text_of(const Map& map, std::string_view key) {
    const Value* value = map.find(key);
    return value != nullptr && value->is_string() ? value->as_string() : std::string_view();
}

// Seconds since 1970 of "2026-01-01T12:00:00Z"; nothing for anything else.
std::optional<std::int64_t> unix_seconds(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00Z";
    if (text.size() != shape.size()) {
        return std::nullopt;
    }
    const auto number = [text](std::size_t at, std::size_t digits) {
        int value = -1;
        std::from_chars(text.data() + at, text.data() + at + digits, value);
        return value;
    };
    const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                          std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                          std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    if (!day.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(day).time_since_epoch() / std::chrono::seconds(1) + 3600 * number(11, 2) +
           60 * number(14, 2) + number(17, 2);
}

std::expected<Value, std::string> read_json(liquid::Arena& arena, const std::filesystem::path& file) {
    std::error_code missing;
    if (!std::filesystem::is_regular_file(file, missing)) {
        return std::unexpected(fmt::format("there is no {}", file.string()));
    }
    std::expected<Value, std::string> value =
        liquid::from_json(arena, arena.copy(read_file(file, max_file_bytes)));
    if (!value.has_value()) {
        return std::unexpected(fmt::format("{}: {}", file.string(), value.error()));
    }
    if (!value->is(Kind::map)) {
        return std::unexpected(fmt::format("{}: not an object", file.string()));
    }
    return value;
}

std::int64_t nanoseconds() {
    return std::chrono::nanoseconds(ticks().time_since_epoch()).count();
}

}  // namespace

Workload::Workload() : environment_(liquid::Environment::standard()) {
    for (const liquid::Filter& filter : shop_filters()) {
        environment_.add(filter);
    }
    for (const liquid::Tag& tag : shop_tags()) {
        environment_.add(tag);
    }
}

std::expected<std::unique_ptr<Workload>, std::string> Workload::load(const std::filesystem::path& folder) {
    std::unique_ptr<Workload> workload(new Workload());
    const std::expected<Value, std::string> raw = read_json(workload->arena_, folder / "data.json");
    if (!raw.has_value()) {
        return std::unexpected(raw.error());
    }
    Resolver resolver(workload->arena_, *raw);
    workload->data_ = &resolver.resolve(*raw).as_map();
    if (resolver.failed()) {
        return std::unexpected("data.json: a reference leads nowhere");
    }
    for (const std::string_view theme : {"dropify", "tribble"}) {
        if (std::string refused = workload->load_theme(folder, theme); !refused.empty()) {
            return std::unexpected(std::move(refused));
        }
    }
    return workload;
}

std::string Workload::load_theme(const std::filesystem::path& folder, std::string_view theme) {
    const std::expected<Value, std::string> description =
        read_json(arena_, folder / fmt::format("{}.json", theme));
    if (!description.has_value()) {
        return description.error();
    }
    const Map& map = description->as_map();
    const std::optional<std::int64_t> now = unix_seconds(text_of(map, "now"));
    const Value* pages = map.find("pages");
    if (!now.has_value() || pages == nullptr || !pages->is(Kind::map)) {
        return fmt::format("{}.json: not a theme", theme);
    }
    clock_.unix_seconds = *now;
    const std::string_view layout_source = text_of(map, "layout");
    const auto layout = parse(layout_source);
    if (!layout.has_value()) {
        return fmt::format("{}: layout: {}", theme, layout.error().text());
    }
    for (const Map::Entry& entry : pages->as_map().entries()) {
        if (!entry.value.is(Kind::map)) {
            return fmt::format("{}.json: not a page", theme);
        }
        const Map& fields = entry.value.as_map();
        const auto program = parse(text_of(fields, "template"));
        if (!program.has_value()) {
            return fmt::format("{}/{}: {}", theme, entry.key.text(), program.error().text());
        }
        pages_.push_back({.name = fmt::format("{}/{}", theme, entry.key.text()),
                          .template_source = text_of(fields, "template"),
                          .layout_source = layout_source,
                          .expected_content = text_of(fields, "expected_content"),
                          .expected_page = text_of(fields, "expected_page"),
                          .program = *program,
                          .layout = *layout,
                          .template_name = entry.key.text()});
    }
    return {};
}

liquid::ParseOptions Workload::parse_options() const {
    return {.mode = liquid::Mode::lax, .line_numbers = false, .limits = {}};
}

std::expected<liquid::ProgramPointer, liquid::Error> Workload::parse(std::string_view source) const {
    return liquid::parse(environment_, source, parse_options());
}

PageRenderer::Rendered PageRenderer::render(const Page& page) {
    static constexpr Name page_title("page_title");
    static constexpr Name template_name("template");
    static constexpr Name content_for_layout("content_for_layout");
    arena_.clear();
    content_.clear();
    page_.clear();
    Map own(arena_);
    own.reserve(3);
    own.set(page_title, Value::string("Page title"));
    own.set(template_name, Value::string(page.template_name));
    liquid::RenderOptions options;
    options.data = &own;
    options.globals = &workload_->data();
    options.clock = workload_->clock();
    options.ticks = nanoseconds;
    options.track = track_;
    std::size_t errors = 0;
    const auto run = [&](const liquid::Program& program, liquid::Output& output) {
        errors += liquid::Render(options, arena_, output).run(program).errors.size();
    };
    run(*page.program, content_);
    own.set(content_for_layout, Value::string(content_.text()));
    run(*page.layout, page_);
    return {content_.text(), page_.text(), errors};
}

}  // namespace cartwright::bench
