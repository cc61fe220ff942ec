#include "liquid/rendered.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The rules that liquid.md's reference was asked about, one by one; conform_test.cpp has thousands more.

namespace cartwright::liquid::testing {

namespace {

using ::testing::ElementsAre;

TEST(LiquidConditions, TruthIsEverythingButNilAndFalse) {
    EXPECT_EQ(
        text_of(
            "{% if 0 %}a{% endif %}{% if '' %}b{% endif %}{% if nil %}c{% endif %}{% if false %}d{% endif %}"),
        "ab");
}

TEST(LiquidConditions, AndOrAssociateToTheRight) {
    EXPECT_EQ(text_of("{% if true or false and false %}yes{% else %}no{% endif %}"), "yes");
    EXPECT_EQ(text_of("{% if false and false or true %}yes{% else %}no{% endif %}"), "no");
}

TEST(LiquidConditions, BlankAndEmptyAreLiteralsOfConditions) {
    const Setting data{.data = R"({"s": " ", "e": "", "a": [], "m": {}, "f": false})"};
    EXPECT_EQ(
        text_of(
            "{% if s == blank %}1{% endif %}{% if s == empty %}2{% endif %}{% if e == empty %}3{% endif %}"
            "{% if a == empty %}4{% endif %}{% if m == blank %}5{% endif %}{% if f == blank %}6{% endif %}"
            "{% if nothing == empty %}7{% endif %}{% if nothing == blank %}8{% endif %}"
            "{% if blank == blank %}9{% endif %}[{{ blank }}{{ empty }}]",
            data),
        "134568[]");
}

TEST(LiquidConditions, OrderOfUnlikeThingsIsAnErrorInPlace) {
    const Rendered got =
        rendered("{% if 1 < '2' %}a{% else %}b{% endif %}|{% if nil < 1 %}c{% else %}d{% endif %}");
    EXPECT_EQ(got.text, "Liquid error (line 1): comparison of Integer with String failed|d");
    EXPECT_THAT(got.errors, ElementsAre("Liquid error (line 1): comparison of Integer with String failed"));
}

TEST(LiquidConditions, ABlankTagKeepsItsErrorToItself) {
    const Rendered got = rendered("[{% if 'a' < 1 %}{% endif %}]");
    EXPECT_EQ(got.text, "[]");
    EXPECT_THAT(got.errors, ElementsAre("Liquid error (line 1): comparison of String with 1 failed"));
}

TEST(LiquidConditions, ContainsLooksIntoTextsArraysAndMaps) {
    const Setting data{.data = R"({"a": [1, "x"], "m": {"k": null}})"};
    EXPECT_EQ(text_of("{% if 'a1' contains 1 %}1{% endif %}{% if a contains 'x' %}2{% endif %}"
                      "{% if a contains '1' %}3{% endif %}{% if m contains 'k' %}4{% endif %}"
                      "{% if nothing contains 'k' %}5{% endif %}",
                      data),
              "124");
}

TEST(LiquidConditions, UnknownOperatorsAreToldWhenTheyAreReached) {
    EXPECT_EQ(text_of("{% if 0 = 0 %}a{% endif %}"), "Liquid error (line 1): Unknown operator =");
    EXPECT_EQ(text_of("{% if 0 = 0 %}a{% endif %}", {.mode = Mode::strict2}),
              "Liquid syntax error (line 1): Unexpected character = in \"0 = 0\"");
}

TEST(LiquidCase, EachMatchingValueRendersTheBody) {
    EXPECT_EQ(text_of("{% case 1 %}{% when 1, 1 %}a{% when 1 or 2 %}b{% else %}c{% endcase %}"), "aab");
    EXPECT_EQ(text_of("{% case 3 %}{% when 1 %}a{% else %}b{% else %}c{% endcase %}"), "bc");
}

TEST(LiquidFor, TakesOffsetAndLimitBeforeItTurnsRound) {
    EXPECT_EQ(text_of("{% for i in (1..6) reversed limit:2 %}{{ i }}{% endfor %}"), "21");
    EXPECT_EQ(text_of("{% for i in (1..6) limit:2 offset:3 %}{{ i }}{% endfor %}"), "45");
    EXPECT_EQ(text_of("{% for i in (3..1) %}{{ i }}{% else %}none{% endfor %}"), "none");
}

TEST(LiquidFor, GoesOnWhereTheSameLoopStopped) {
    EXPECT_EQ(
        text_of(
            "{% for i in (1..6) limit:2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset:continue limit:3 %}"
            "{{ i }}{% endfor %}-{% for j in (1..6) offset:continue %}{{ j }}{% endfor %}"),
        "12-345-123456");
}

TEST(LiquidFor, WalksOverTextsOnceAndOverMapsByPairs) {
    const Setting data{.data = R"({"m": {"a": 1, "b": [2]}})"};
    EXPECT_EQ(
        text_of("{% for c in 'abc' %}[{{ c }}]{% endfor %}{% for p in m %}{{ p[0] }}={{ p[1] }};{% endfor %}",
                data),
        "[abc]a=1;b=2;");
}

TEST(LiquidFor, KnowsItsPlaceAndItsParent) {
    EXPECT_EQ(
        text_of("{% for i in (1..2) %}{% for j in (1..2) %}{{ forloop.parentloop.index }}{{ forloop.index0 }}"
                "{{ forloop.rindex }}{{ forloop.first }}{{ forloop.last }} {% endfor %}{% endfor %}"
                "{% for i in (1..1) %}{{ forloop.name }} {{ forloop }} {{ forloop.length }}{% endfor %}"),
        "102truefalse 111falsetrue 202truefalse 211falsetrue i-(1..1) Liquid::ForloopDrop 1");
}

TEST(LiquidFor, ALoopThatWasKeptStandsWhereItEnded) {
    EXPECT_EQ(
        text_of(
            "{% for i in (1..3) %}{% assign kept = forloop %}{% endfor %}{% for j in (1..2) %}{% endfor %}"
            "{{ kept.index0 }} {{ kept.length }}"),
        "3 3");
}

TEST(LiquidFor, RefusesALimitThatIsNoNumber) {
    EXPECT_EQ(text_of("{% for i in (1..3) limit:'x' %}{{ i }}{% endfor %}"),
              "Liquid error (line 1): invalid integer");
}

TEST(LiquidFor, BreakAndContinueLeaveOneLoop) {
    EXPECT_EQ(
        text_of(
            "{% for i in (1..2) %}{% for j in (1..3) %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }} "
            "{% endfor %}{% endfor %}{% for i in (1..3) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}"),
        "11 21 13");
    EXPECT_EQ(text_of("before{% break %}after"), "before");
}

TEST(LiquidTablerow, PrintsRowsAsTheReferenceDoes) {
    EXPECT_EQ(text_of("{% tablerow i in (1..3) cols:2 %}{{ tablerowloop.col }}{% endtablerow %}"),
              "<tr class=\"row1\">\n<td class=\"col1\">1</td><td class=\"col2\">2</td></tr>\n"
              "<tr class=\"row2\"><td class=\"col1\">1</td></tr>\n");
}

TEST(LiquidCycle, IsGroupedByNameOrByItsValues) {
    EXPECT_EQ(
        text_of(
            "{% for i in (1..2) %}{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'x', 'y', 'z' %}{% endfor %}"),
        "abxaby");
    EXPECT_EQ(text_of("{% cycle 'n': 1, 2 %}{% cycle 'n': 3, 4 %}"), "14");
}

TEST(LiquidVariables, CountersLiveBelowAssigns) {
    EXPECT_EQ(text_of("{% assign v = 9 %}{% increment v %}{% increment v %}{{ v }}{% decrement w %}{{ w }}"),
              "019-1-1");
}

TEST(LiquidVariables, AssignWritesTheOutermostScope) {
    EXPECT_EQ(text_of("{% for i in (1..2) %}{% assign i = 'x' %}{{ i }}{% endfor %}{{ i }}"), "12x");
    EXPECT_EQ(text_of("{% capture a %}b{{ 1 }}{% endcapture %}{{ a }}{{ a }}"), "b1b1");
}

TEST(LiquidPartials, IncludeSharesAndRenderDoesNot) {
    const Setting setting{.data = R"({"d": "data"})",
                          .partials = {{"p", "[{{ d }}{{ a }}{{ b }}{% assign a = 'changed' %}]"}}};
    EXPECT_EQ(text_of("{% assign a = 1 %}{% include 'p', b: 2 %}{{ a }}", setting), "[data12]changed");
    EXPECT_EQ(text_of("{% assign a = 1 %}{% render 'p', b: 2 %}{{ a }}", setting), "[2]1");
}

TEST(LiquidPartials, RenderWalksWithALoopOfItsOwn) {
    const Setting setting{.data = R"({"list": ["x", "y"]})",
                          .partials = {{"p", "{{ p }}{{ it }}{{ forloop.index }};"}}};
    EXPECT_EQ(text_of("{% render 'p' for list as it %}{% render 'p' with list[0] %}", setting), "x1;y2;x;");
}

TEST(LiquidPartials, ErrorsNameThePartial) {
    const Setting setting{.partials = {{"bad", "x\n{{ 1 | divided_by: 0 }}"},
                                       {"broken", "\n{% if %}"},
                                       {"inc", "{% include 'bad' %}"}}};
    EXPECT_EQ(text_of("{% render 'bad' %}", setting), "x\nLiquid error (bad line 2): divided by 0");
    EXPECT_EQ(
        text_of("{% render 'broken' %}", setting),
        "Liquid syntax error (broken line 2): Syntax Error in tag 'if' - Valid syntax: if [expression]");
    EXPECT_EQ(text_of("{% render 'inc' %}", setting),
              "Liquid error (inc line 1): include usage is not allowed in this context");
    EXPECT_EQ(text_of("{% include nothing %}", setting),
              "Liquid error (line 1): Argument error in tag 'include' - Illegal template name");
    EXPECT_EQ(
        text_of("{% render nothing %}", setting),
        "Liquid syntax error (line 1): Syntax error in tag 'render' - Template name must be a quoted string");
}

TEST(LiquidPartials, CyclesEndWithTheNestingOfTheReference) {
    const Setting setting{
        .partials = {{"a", "{% render 'b' %}"}, {"b", "{% render 'a' %}"}, {"i", "{% include 'i' %}."}}};
    EXPECT_EQ(text_of("{% render 'a' %}", setting), "Liquid error (b line 1): Nesting too deep");
    const Rendered included = rendered("{% include 'i' %}", setting);
    EXPECT_EQ(included.text, "Liquid error (i line 1): Nesting too deep" + std::string(99, '.'));
    EXPECT_FALSE(included.exceeded);
}

TEST(LiquidText, WhiteSpaceIsStrippedOnTheSideOfTheDash) {
    EXPECT_EQ(text_of("a \n {{- 1 -}} \n b {%- assign x = 1 %} c"), "a1b c");
    EXPECT_EQ(text_of("a {%- raw -%} {{ b }} {%- endraw -%} c"), "a {{ b }} c");
}

TEST(LiquidText, CommentsNestAndRawHides) {
    EXPECT_EQ(
        text_of(
            "a{% comment %}{% comment %}{% endcomment %}{% raw %}{% endcomment %}{% endraw %}{% endcomment %}b"),
        "ab");
    EXPECT_EQ(text_of("a{% # one\n # two %}b"), "ab");
    EXPECT_EQ(text_of("{% doc %}{{ x }}{% enddoc %}b"), "b");
}

TEST(LiquidText, LinesOfALiquidTagAreTags) {
    EXPECT_EQ(text_of("{% liquid\n assign a = 2\n for i in (1..a)\n echo i\n endfor\n liquid echo 'x'\n%}"),
              "12x");
    EXPECT_EQ(text_of("{% liquid\n echo 1\n nosuch\n%}"),
              "Liquid syntax error (line 3): Unknown tag 'nosuch'");
}

TEST(LiquidText, IfchangedComparesWithTheLastTime) {
    EXPECT_EQ(
        text_of("{% for i in (1..4) %}{% ifchanged %}{{ i | divided_by: 2 }}{% endifchanged %}{% endfor %}"),
        "012");
}

TEST(LiquidValues, PrintAsRubyDoes) {
    const Setting data{
        .data = R"({"m": {"a": 1, "b": [1, "x", null, true, 1.5]}, "n": [1, [2, "c"]], "f": 3.0})"};
    EXPECT_EQ(text_of("{{ m }}|{{ n }}|{{ f }}|{{ (1..3) }}|{{ nil }}|{{ 100000000000000000000.0 }}", data),
              R"({"a"=>1, "b"=>[1, "x", nil, true, 1.5]}|12c|3.0|1..3||1.0e+20)");
}

TEST(LiquidValues, WholeNumbersAreUnlimitedAndDecimalsExact) {
    EXPECT_EQ(text_of("{{ 9223372036854775807 | plus: 1 }} {{ 0.1 | plus: 0.2 }} {{ -7 | divided_by: 2 }} "
                      "{{ 7 | modulo: -3 }} {{ '3a' | plus: 1 }}"),
              "9223372036854775808 0.3 -4 -2 4");
}

TEST(LiquidValues, LookUpsTakeKeysBeforeCommands) {
    const Setting data{.data = R"({"h": {"size": "own"}, "e": {"a": 1}, "l": [1, 2, 3], "k": "a"})"};
    EXPECT_EQ(
        text_of("{{ h.size }} {{ e.size }} {{ e.first }} {{ l.first }}{{ l.last }}{{ l[-1] }} {{ e[k] }} "
                "{{ l['size'] }}{{ 42 | size }} {{ self['k'] }}",
                data),
        "own 1 a1 133 1 8 a");
}

}  // namespace

}  // namespace cartwright::liquid::testing
