#include "liquid/profile.hpp"

#include "liquid/memory_partials.hpp"
#include "liquid/render.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cartwright::liquid {
namespace {

// Each look at the clock is a nanosecond later, so a node without nodes inside takes 1, and one with a node of 1
// inside takes 3.
std::int64_t count_looks() {
    static std::int64_t looks = 0;
    return ++looks;
}

std::string lines_of(const std::vector<Profile::Row>& rows) {
    std::string all;
    for (const auto& [template_name, line, kind, cost] : rows) {
        all += template_name + ":" + std::to_string(line) + " " + kind + " " + std::to_string(cost.calls) +
               " " + std::to_string(cost.self_ns) + " " + std::to_string(cost.total_ns) + "\n";
    }
    return all;
}

class Profiling : public testing::Test {
protected:
    std::string render(std::string_view source) {
        const auto program = parse(environment_, source, options_);
        EXPECT_TRUE(program) << program.error().text();
        RenderOptions options;
        options.partials = &partials_;
        options.profile = &profile_;
        Arena arena;
        Output output;
        EXPECT_TRUE(Render(options, arena, output).run(**program).errors.empty());
        return std::string(output.text());
    }

    Environment environment_ = Environment::standard();
    Profile profile_{count_looks};
    ParseOptions options_{.listener = &profile_, .limits = {}};
    MemoryPartials partials_{environment_, options_};
};

TEST_F(Profiling, nodes_are_counted_by_line_and_kind) {
    EXPECT_EQ(render("a{{ 1 }}\n{% assign x = 2 %}{{ x }}{{ x }}"), "a1\n22");
    EXPECT_EQ(lines_of(profile_.by_place()),
              ":0 text 2 2 2\n"
              ":2 {{ }} 2 2 2\n"
              ":1 {{ }} 1 1 1\n"
              ":2 assign 1 1 1\n");
    EXPECT_EQ(lines_of(profile_.by_kind()),
              ":0 {{ }} 3 3 3\n"
              ":0 text 2 2 2\n"
              ":0 assign 1 1 1\n");
    EXPECT_EQ(lines_of(profile_.by_template()), ":0  6 6 6\n");
}

TEST_F(Profiling, what_is_inside_counts_for_the_total_and_once) {
    EXPECT_EQ(render("{% if true %}{% if true %}{{ 1 }}{% endif %}{% endif %}"), "1");
    EXPECT_EQ(lines_of(profile_.by_kind()),
              ":0 if 2 4 5\n"
              ":0 {{ }} 1 1 1\n");
}

TEST_F(Profiling, partials_are_told_by_name) {
    partials_.add("p", "{{ a }}");
    EXPECT_EQ(render("{% render 'p', a: 1 %}{% render 'p', a: 2 %}"), "12");
    EXPECT_EQ(lines_of(profile_.by_template()),
              ":0  2 4 6\n"
              "p:0  2 2 2\n");
}

TEST_F(Profiling, memory_of_the_arena_is_counted) {
    EXPECT_EQ(render("{% assign x = 'ab' | append: y | upcase %}{% if true %}{% assign z = x %}{% endif %}"),
              "");
    for (const auto& row : profile_.by_kind()) {
        EXPECT_GE(row.cost.total_bytes, row.cost.self_bytes);
        if (row.kind == "assign") {
            EXPECT_GE(row.cost.self_bytes, 2);
        }
    }
}

TEST_F(Profiling, a_program_that_was_parsed_without_it_has_no_kinds) {
    options_.listener = nullptr;
    EXPECT_EQ(render("{{ 1 }}"), "1");
    EXPECT_EQ(lines_of(profile_.by_kind()), ":0 ? 1 1 1\n");
}

}  // namespace
}  // namespace cartwright::liquid
