#include "liquid/lint.hpp"

#include "liquid/drop.hpp"
#include "liquid/environment.hpp"
#include "liquid/nearest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace cartwright::liquid {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> findings(const std::vector<ThemeFile>& files, const LintOptions& options = {}) {
    const Environment environment = Environment::standard();
    std::vector<std::string> texts;
    for (const Finding& finding : lint(environment, files, options)) {
        texts.push_back(finding.text());
    }
    return texts;
}

std::vector<std::string> findings(const std::string& source, const LintOptions& options = {}) {
    return findings({{"a.liquid", source}}, options);
}

TEST(Lint, what_is_right_is_silent) {
    EXPECT_THAT(findings("{% assign a = 1 %}{% if a %}{{ a | plus: b }}{% else %}{% endif %}"), IsEmpty());
    EXPECT_THAT(findings(""), IsEmpty());
}

TEST(Lint, syntax_errors_have_their_place) {
    EXPECT_THAT(
        findings("a\n {% if %}{% endif %}"),
        ElementsAre(
            "a.liquid:2:5: error: Liquid syntax error (line 2): Syntax Error in tag 'if' - Valid syntax: "
            "if [expression] [syntax]"));
    EXPECT_THAT(findings("{% liquid\n for a in b %}"),
                ElementsAre("a.liquid:2:2: error: Liquid syntax error (line 3): 'for' tag was never closed "
                            "[syntax]"));
    EXPECT_THAT(findings("{% if a %}"),
                ElementsAre("a.liquid:1:4: error: Liquid syntax error (line 1): 'if' tag was never closed "
                            "[syntax]"));
}

TEST(Lint, what_only_lax_takes_is_a_warning_in_the_words_of_strict2) {
    EXPECT_THAT(findings("a\n  {{ a b }}\n{% if a = b %}{% endif %}"),
                ElementsAre("a.liquid:2:3: warning: Liquid syntax error (line 2): Expected end_of_string but "
                            "found id in \"{{ a b }}\" [strict-syntax]",
                            "a.liquid:3:7: warning: Liquid syntax error (line 3): Unexpected character = in "
                            "\"a = b\" [strict-syntax]"));
}

TEST(Lint, unknown_tags_and_filters_come_with_the_nearest_name) {
    EXPECT_THAT(
        findings("\n\n {% fro a in b %}{% endfor %}"),
        ElementsAre(
            "a.liquid:3:5: error: Liquid syntax error (line 3): Unknown tag 'fro'; did you mean 'for'? "
            "[unknown-tag]"));
    EXPECT_THAT(
        findings("{% xyzzy %}"),
        ElementsAre("a.liquid:1:4: error: Liquid syntax error (line 1): Unknown tag 'xyzzy' [unknown-tag]"));
    EXPECT_THAT(
        findings("{{ a | upcas | xyzzyxyzzy }}"),
        ElementsAre(
            "a.liquid:1:8: error: There is no filter 'upcas'; did you mean 'upcase'? [unknown-filter]",
            "a.liquid:1:16: error: There is no filter 'xyzzyxyzzy'. [unknown-filter]"));
    EXPECT_THAT(findings("{% liquid\n  assign a = 5 | pluss: 1\n  echo a\n%}"),
                ElementsAre("a.liquid:2:18: error: There is no filter 'pluss'; did you mean 'plus'? "
                            "[unknown-filter]"));
}

TEST(Lint, unknown_objects_are_looked_for_where_the_known_ones_are_told) {
    const std::string source =
        "{{ prodct.title }}{{ product }}{% for i in products %}{{ i }}{{ forloop.index }}{% endfor %}";
    EXPECT_THAT(findings(source), IsEmpty());
    EXPECT_THAT(findings(source, {.objects = {"product", "products"}, .types = {}}),
                ElementsAre("a.liquid:1:4: warning: There is no object 'prodct'; did you mean 'product'? "
                            "[unknown-object]"));
    const DropType product("product", "A product.", {});
    const DropType products("products", "All of them.", {});
    const std::array types{&product, &products};
    EXPECT_THAT(findings(source, {.objects = {}, .types = types}),
                ElementsAre("a.liquid:1:4: warning: There is no object 'prodct'; did you mean 'product'? "
                            "[unknown-object]"));
}

TEST(Lint, partials_know_what_they_are_given) {
    const LintOptions options{.objects = {"shop"}, .types = {}};
    const std::vector<ThemeFile> theme = {
        {"page.liquid", "{% render 'card', title: shop %}{% render 'row' for shop as item %}"},
        {"snippets/card.liquid", "{{ title }}{{ card }}{{ shop }}{{ other }}"},
        {"snippets/row.liquid", "{{ item }}{{ row }}{{ forloop.index }}{{ title }}"}};
    EXPECT_THAT(
        findings(theme, options),
        ElementsAre("snippets/card.liquid:1:35: warning: There is no object 'other'. [unknown-object]",
                    "snippets/row.liquid:1:42: warning: There is no object 'title'. [unknown-object]"));
}

TEST(Lint, an_included_partial_knows_the_variables_of_its_callers) {
    const LintOptions options{.objects = {"shop"}, .types = {}};
    EXPECT_THAT(findings({{"page.liquid", "{% assign a = 1 %}{% include 'part' %}{{ b }}"},
                          {"snippets/part.liquid", "{{ a }}{% assign b = 2 %}"}},
                         options),
                IsEmpty());
}

TEST(Lint, variables_that_nobody_reads_are_found) {
    EXPECT_THAT(findings("{% assign a = 1 %}{% capture b %}{% endcapture %}{% increment c %}"),
                ElementsAre("a.liquid:1:11: warning: Nobody reads the variable 'a'. [unused-variable]",
                            "a.liquid:1:30: warning: Nobody reads the variable 'b'. [unused-variable]"));
    EXPECT_THAT(findings("{% assign a = 1 %}{{ self[b] }}"), IsEmpty());
    EXPECT_THAT(findings("{% assign a = 1 %}{{ self['a'] }}"), IsEmpty());
    EXPECT_THAT(findings("{% assign a = 1 %}{{ self.a }}"), IsEmpty());
    EXPECT_THAT(findings("{% assign a = 1 %}{{ self.b }}"),
                ElementsAre("a.liquid:1:11: warning: Nobody reads the variable 'a'. [unused-variable]"));
    EXPECT_THAT(findings({{"page.liquid", "{% assign a = 1 %}{% render 'part' %}"},
                          {"snippets/part.liquid", "{{ a }}"}}),
                ElementsAre("page.liquid:1:11: warning: Nobody reads the variable 'a'. [unused-variable]"));
    EXPECT_THAT(findings("{% assign a = 1 %}{% include b %}"), IsEmpty());
}

TEST(Lint, partials_that_are_missing_or_unused_are_found) {
    EXPECT_THAT(findings({{"page.liquid", "{% render 'crad' %}{% include 'other' %}"},
                          {"other.liquid", ""},
                          {"snippets/card.liquid", ""}}),
                ElementsAre("page.liquid:1:12: error: There is no partial 'crad'; did you mean 'card'? "
                            "[missing-partial]",
                            "snippets/card.liquid: info: Nobody renders this partial. [unused-partial]"));
    EXPECT_THAT(findings({{"page.liquid", "{% include a %}"}, {"snippets/card.liquid", ""}}), IsEmpty());
}

TEST(Lint, a_second_else_is_found) {
    EXPECT_THAT(
        findings("{% if a %}{% for b in c %}{% else %}{% endfor %}{% else %}{% if b %}{% else %}{% endif %}\n"
                 "{% else %}{% endif %}{% case a %}{% else %}{% else %}{% endcase %}"),
        ElementsAre("a.liquid:2:4: warning: This 'if' has an else already. [duplicate-else]",
                    "a.liquid:2:47: warning: This 'case' has an else already. [duplicate-else]"));
}

TEST(Lint, findings_of_a_file_are_bounded) {
    std::string source;
    for (int number = 0; number < 2'000; ++number) {
        source += "{{ a b | f" + std::to_string(number) + " }}";
    }
    const auto found = findings({{"a.liquid", source}, {"b.liquid", "{{ 1 | f }}"}});
    EXPECT_EQ(found.size(), 501);
    EXPECT_THAT(found, testing::Each(testing::HasSubstr("error: There is no filter")));
}

TEST(Lint, files_come_in_order) {
    EXPECT_THAT(findings({{"b.liquid", "{% assign a = 1 %}"}, {"a.liquid", "{% assign a = 1 %}"}}),
                ElementsAre("a.liquid:1:11: warning: Nobody reads the variable 'a'. [unused-variable]",
                            "b.liquid:1:11: warning: Nobody reads the variable 'a'. [unused-variable]"));
}

TEST(Nearest, few_changes_make_a_name_near) {
    const std::vector<std::string> names = {"upcase", "downcase", "escape", "at"};
    EXPECT_EQ(nearest("upcas", names), "upcase");
    EXPECT_EQ(nearest("dwncsae", names), std::nullopt);
    EXPECT_EQ(nearest("excape", names), "escape");
    EXPECT_EQ(nearest("a", names), std::nullopt);
    EXPECT_EQ(nearest("", names), std::nullopt);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
    EXPECT_EQ(edit_distance("", "abc"), 3);
}

}  // namespace
}  // namespace cartwright::liquid
