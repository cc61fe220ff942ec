#include "liquid/hostile.hpp"

#include "base/clock.hpp"
#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"

#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace cartwright::liquid::testing {

namespace {

constexpr std::string_view folder = CARTWRIGHT_SOURCE_DIR "/tests/liquid/hostile/";
constexpr std::string_view opening = "⟦";
constexpr std::string_view closing = "⟧";
constexpr std::string_view number = "№";

std::string file_text(const std::string& name) {
    std::ifstream file(std::string(folder) + name, std::ios::binary);
    if (!file) {
        throw std::runtime_error("tests/liquid/hostile/" + name + " can't be read");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

void append_repetition(std::string& out, std::string_view text, std::size_t repetition) {
    while (true) {
        const auto at = text.find(number);
        out += text.substr(0, at);
        if (at == std::string_view::npos) {
            return;
        }
        out += std::to_string(repetition);
        text.remove_prefix(at + number.size());
    }
}

// "1000:text", or bytes in hexadecimal.
void append_expanded(std::string& out, std::string_view inside) {
    const auto colon = inside.find(':');
    if (colon == std::string_view::npos) {
        for (; inside.size() >= 2; inside.remove_prefix(2)) {
            unsigned char byte = 0;
            std::from_chars(inside.data(), inside.data() + 2, byte, 16);
            out += static_cast<char>(byte);
        }
        return;
    }
    std::size_t count = 0;
    std::from_chars(inside.data(), inside.data() + colon, count);
    for (std::size_t at = 0; at < count; ++at) {
        append_repetition(out, inside.substr(colon + 1), at);
    }
}

std::string expanded(std::string_view text) {
    std::string out;
    while (true) {
        const auto begin = text.find(opening);
        out += text.substr(0, begin);
        if (begin == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(begin + opening.size());
        const auto end = text.find(closing);
        append_expanded(out, text.substr(0, end));
        text.remove_prefix(end + closing.size());
    }
}

std::string member(const Map& entry, std::string_view name) {
    const Value* value = entry.find(name);
    return value == nullptr ? std::string() : std::string(value->as_string());
}

}  // namespace

std::vector<HostileTemplate> hostile_templates() {
    const std::string text = file_text("hostile.json");
    Arena arena;
    const auto listed = from_json(arena, text);
    if (!listed) {
        throw std::runtime_error("tests/liquid/hostile/hostile.json: " + listed.error());
    }
    std::vector<HostileTemplate> templates;
    for (const Value& item : listed->as_array()) {
        const Map& entry = item.as_map();
        HostileTemplate hostile{.file = member(entry, "file"),
                                .why = member(entry, "why"),
                                .expects = member(entry, "expects"),
                                .output = member(entry, "output"),
                                .error = expanded(member(entry, "error"))};
        std::string text_of_file = file_text(hostile.file);
        text_of_file.pop_back();  // the file's last line break
        hostile.source = expanded(text_of_file);
        if (const Value* bytes = entry.find("bytes")) {
            hostile.bytes = bytes->as_integer();
        }
        if (const Value* partials = entry.find("partials")) {
            for (const Map::Entry& partial : partials->as_map().entries()) {
                hostile.partials.emplace(partial.key.text(), expanded(partial.value.as_string()));
            }
        }
        templates.push_back(std::move(hostile));
    }
    return templates;
}

std::int64_t looks_as_time() {
    thread_local std::int64_t time_ns = 0;
    return time_ns += 20'000;
}

std::int64_t wall_time() {
    return cartwright::ticks().time_since_epoch() / std::chrono::nanoseconds(1);
}

HostileOutcome outcome(const Environment& environment,
                       const HostileTemplate& hostile,
                       Mode mode,
                       std::int64_t budget_ns,
                       std::int64_t (*ticks)()) {
    HostileOutcome result;
    const std::int64_t begin = wall_time();
    const auto program = parse(environment, hostile.source, {.mode = mode, .limits = {}});
    result.parse_ns = wall_time() - begin;
    if (!program) {
        result.kind = "parse";
        result.output = program.error().text();
        return result;
    }
    MemoryPartials partials(environment, {.mode = mode, .limits = {}});
    for (const auto& [name, text] : hostile.partials) {
        partials.add(name, text);
    }
    RenderOptions options;
    options.partials = &partials;
    options.clock.unix_seconds = 1'700'000'000;
    options.limits.time_ns = budget_ns;
    options.ticks = ticks;
    const std::int64_t parsed = wall_time();
    Arena arena;
    Output output;
    Render render(options, arena, output);
    const RenderResult rendered = render.run(**program);
    result.render_ns = wall_time() - parsed;
    result.output = output.text();
    result.kind = !rendered.exceeded                                     ? "ok"
                  : result.output == "Liquid error: Time limit exceeded" ? "time"
                                                                         : "memory";
    return result;
}

}  // namespace cartwright::liquid::testing
