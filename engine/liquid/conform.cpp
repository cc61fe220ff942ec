#include "liquid/conform.hpp"

#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/rfc3339.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::size_t shown_bytes = 1'000;

// What a template came to, or should have.
struct Answer {
    std::string syntax_error;  // of the parse; the rest is empty then
    std::string output;
    std::vector<std::string> errors;

    bool failed() const { return !syntax_error.empty() || !errors.empty(); }

    bool operator==(const Answer&) const = default;

    std::string text() const {
        if (!syntax_error.empty()) {
            return "refused: " + syntax_error;
        }
        std::string all = output;
        for (const std::string& error : errors) {
            all += "\n[error] " + error;
        }
        return all;
    }
};

// The file is malformed: the sentence that says how.
struct Malformed {
    std::string sentence;
};

bool contains(const std::vector<std::string>& texts, std::string_view text) {
    return std::ranges::find(texts, text) != texts.end();
}

std::string_view word_of(Mode mode) {
    switch (mode) {
        case Mode::strict:
            return "strict";
        case Mode::strict2:
            return "strict2";
        default:
            return "lax";
    }
}

// A test of the file, whose members are read by kind.
class Member {
public:
    Member(const Value& value, std::string place) : value_(value), place_(std::move(place)) {
        if (!value.is(Kind::map)) {
            refuse("isn't an object");
        }
    }

    const Value* find(std::string_view name) const { return value_.as_map().find(name); }

    bool has(std::string_view name) const { return find(name) != nullptr; }

    // nullptr when it isn't there, or null.
    const Value* find(std::string_view name, Kind kind, std::string_view kind_name) const {
        const Value* found = find(name);
        if (found == nullptr || found->is_nil()) {
            return nullptr;
        }
        if (!found->is(kind)) {
            refuse(fmt::format("has a member \"{}\" that isn't {}", name, kind_name));
        }
        return found;
    }

    const Map* map(std::string_view name) const {
        const Value* found = find(name, Kind::map, "an object");
        return found == nullptr ? nullptr : &found->as_map();
    }

    std::string_view text(std::string_view name) const {
        const Value* found = find(name, Kind::string, "a text");
        if (found == nullptr) {
            refuse(fmt::format("has no \"{}\"", name));
        }
        return found->as_string();
    }

    std::vector<std::string> texts(std::string_view name) const {
        std::vector<std::string> all;
        if (const Value* found = find(name, Kind::array, "an array")) {
            for (const Value& item : found->as_array()) {
                if (!item.is_string()) {
                    refuse(fmt::format("has something in \"{}\" that isn't a text", name));
                }
                all.emplace_back(item.as_string());
            }
        }
        return all;
    }

    Member member(std::string_view name) const {
        const Value* found = find(name);
        return {found == nullptr ? Value() : *found, fmt::format("{}, member \"{}\"", place_, name)};
    }

    [[noreturn]] void refuse(std::string_view sentence) const {
        throw Malformed{fmt::format("{} {}", place_, sentence)};
    }

private:
    Value value_;
    std::string place_;
};

class Runner {
public:
    Runner(const Environment& environment, const Clock& clock) : environment_(environment), clock_(clock) {}

    void golden(const Member& test) {
        const std::string_view source = test.text("template");
        const std::vector<std::string> tags = test.texts("tags");
        const Mode mode = contains(tags, "strict2")  ? Mode::strict2
                          : contains(tags, "strict") ? Mode::strict
                                                     : Mode::lax;
        const Answer got = run(source, mode, test.map("data"), test, "templates");
        const Value* invalid = test.find("invalid", Kind::boolean, "true or false");
        if (invalid != nullptr && invalid->as_boolean()) {
            count(test,
                  got.failed() ? std::vector<ConformFailure>{}
                               : std::vector{failure(test, mode, "an error", got.text())});
            return;
        }
        std::vector<std::string> results = test.texts("results");
        if (results.empty()) {
            results.emplace_back(test.text("result"));
        }
        const bool right = got.syntax_error.empty() && contains(results, got.output);
        count(test,
              right ? std::vector<ConformFailure>{}
                    : std::vector{failure(test, mode, results.front(), got.text())});
    }

    void spec(const Member& test) {
        std::vector<ConformFailure> failures;
        const Member oracle = test.member("oracle");
        for (const Mode mode : {Mode::lax, Mode::strict2}) {
            const Answer wanted = wanted_of(oracle.member(word_of(mode)));
            const Answer got = run(test.text("template"), mode, test.map("environment"), test, "filesystem");
            if (got != wanted) {
                failures.push_back(failure(test, mode, wanted.text(), got.text()));
            }
        }
        count(test, std::move(failures));
    }

    ConformReport report() && { return std::move(report_); }

private:
    static Answer wanted_of(const Member& answer) {
        if (answer.has("syntax_error")) {
            return {.syntax_error = std::string(answer.text("syntax_error")), .output = {}, .errors = {}};
        }
        return {.syntax_error = {},
                .output = std::string(answer.text("output")),
                .errors = answer.texts("errors")};
    }

    static ConformFailure failure(const Member& test, Mode mode, std::string expected, std::string got) {
        return {.name = std::string(test.text("name")),
                .mode = word_of(mode),
                .source = std::string(test.text("template")),
                .expected = std::move(expected),
                .got = std::move(got)};
    }

    void count(const Member& test, std::vector<ConformFailure> failures) {
        if (failures.empty()) {
            report_.passed.emplace_back(test.text("name"));
            return;
        }
        ++report_.failed;
        std::ranges::move(failures, std::back_inserter(report_.failures));
    }

    Answer run(
        std::string_view source, Mode mode, const Map* data, const Member& test, std::string_view files) {
        const ParseOptions options{.mode = mode, .line_numbers = true, .limits = {}};
        MemoryPartials partials(environment_, options);
        if (const Map* sources = test.map(files)) {
            for (const auto& [name, text] : sources->entries()) {
                if (!text.is_string()) {
                    test.refuse(fmt::format("has something in \"{}\" that isn't a text", files));
                }
                partials.add(name.text(), text.as_string());
            }
        }
        const auto program = parse(environment_, source, options);
        if (!program) {
            return {.syntax_error = program.error().text(), .output = {}, .errors = {}};
        }
        RenderOptions rendering;
        // The specs' environment is one that `render` sees, too; golden data is not.
        (files == "templates" ? rendering.data : rendering.globals) = data;
        rendering.partials = &partials;
        rendering.clock = clock_;
        arena_.clear();
        output_.clear();
        const RenderResult result = Render(rendering, arena_, output_).run(**program);
        Answer got;
        got.output = output_.text();
        std::ranges::transform(result.errors, std::back_inserter(got.errors), &Error::text);
        return got;
    }

    const Environment& environment_;
    Clock clock_;
    Arena arena_;
    Output output_;
    ConformReport report_;
};

Clock clock_of(const Member& file) {
    Clock clock;
    if (file.has("timezone") && file.text("timezone") != "UTC") {
        file.refuse(fmt::format("wants the time zone {}: only UTC is known here", file.text("timezone")));
    }
    if (file.has("clock")) {
        const auto seconds = from_rfc3339(file.text("clock"));
        if (!seconds) {
            file.refuse("has a \"clock\" that isn't a moment as in 2024-01-01T00:01:58Z");
        }
        clock.unix_seconds = *seconds;
    }
    return clock;
}

std::string cut(const std::string& text, bool whole) {
    return whole || text.size() <= shown_bytes ? text : text.substr(0, shown_bytes) + " …";
}

}  // namespace

std::string ConformReport::text(bool verbose) const {
    std::string all;
    for (const std::string& name : passed) {
        if (verbose) {
            all += fmt::format("passed: {}\n", name);
        }
    }
    for (const ConformFailure& failure : failures) {
        all += fmt::format("--- {} ({})\ntemplate: {}\nexpected: {}\ngot:      {}\n",
                           failure.name,
                           failure.mode,
                           cut(failure.source, verbose),
                           cut(failure.expected, verbose),
                           cut(failure.got, verbose));
    }
    return all + fmt::format("{} passed, {} failed\n", passed.size(), failed);
}

std::expected<ConformReport, std::string> conform(const Environment& environment,
                                                  std::string_view json,
                                                  std::string_view filter) {
    Arena arena;
    const auto document = from_json(arena, json);
    if (!document) {
        return std::unexpected(document.error());
    }
    try {
        const Member file(*document, "the file");
        const Value* tests = file.find("tests", Kind::array, "an array");
        if (tests == nullptr) {
            file.refuse("has no \"tests\"");
        }
        Runner runner(environment, clock_of(file));
        for (std::size_t at = 0; at < tests->as_array().size(); ++at) {
            const Member test(tests->as_array()[at], fmt::format("test {}", at + 1));
            if (test.text("name").find(filter) == std::string_view::npos) {
                continue;
            }
            if (test.has("oracle")) {
                runner.spec(test);
            } else {
                runner.golden(test);
            }
        }
        return std::move(runner).report();
    } catch (const Malformed& malformed) {
        return std::unexpected(malformed.sentence);
    }
}

}  // namespace cartwright::liquid
