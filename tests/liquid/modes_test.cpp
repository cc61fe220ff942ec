#include "liquid/rendered.hpp"
#include "liquid/tag_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cartwright::liquid::testing {

namespace {

using ::testing::ElementsAre;

std::string refusal(std::string_view source, Mode mode) {
    const auto program = parse(standard(), source, {.mode = mode});
    return program ? "no refusal" : program.error().text();
}

TEST(LiquidModes, LaxTakesWhatItCan) {
    EXPECT_EQ(
        text_of("{{ 1 + 1 }}{{ 'a' 'b' }}{{ false - }}{% assign x = 1 junk %}{{ x }}{{ 'X' | downcase) }}"),
        "1afalse1x");
    EXPECT_EQ(text_of("{{ 'a' | nosuchfilter }}{{ 'a' | append: 'b', }}"), "aab");
}

TEST(LiquidModes, Strict2NamesTokenAndMarkup) {
    EXPECT_EQ(refusal("{{ 1 + 1 }}", Mode::strict2),
              "Liquid syntax error (line 1): Unexpected character + in \"{{ 1 + 1 }}\"");
    EXPECT_EQ(refusal("\n{{ 'a' 'b' }}", Mode::strict2),
              "Liquid syntax error (line 2): Expected end_of_string but found string in \"{{ 'a' 'b' }}\"");
    EXPECT_EQ(
        refusal("{{ ['product'] }}", Mode::strict2),
        "Liquid syntax error (line 1): Bare bracket access is not allowed. Use self['...'] instead in \"{{ ['product'] }}\"");
    EXPECT_EQ(
        refusal("{% for i in (1..3) limit: 2 reversed %}{% endfor %}", Mode::strict2),
        "Liquid syntax error (line 1): Invalid attribute in for loop. Valid attributes are limit and offset in "
        "\"i in (1..3) limit: 2 reversed\"");
}

TEST(LiquidModes, StrictLiesBetween) {
    EXPECT_EQ(refusal("{{ foo bar }}", Mode::strict),
              "Liquid syntax error (line 1): Expected end_of_string but found id in \"{{ foo bar }}\"");
    EXPECT_EQ(refusal("{% assign a. = 1 %}", Mode::strict), "no refusal");
    EXPECT_EQ(refusal("{% include 'a' junk %}", Mode::strict), "no refusal");
    EXPECT_EQ(refusal("{% include 'a' junk %}", Mode::strict2),
              "Liquid syntax error (line 1): Expected colon but found end_of_string in \"'a' junk\"");
}

TEST(LiquidModes, WarnRendersLikeLaxAndCollectsWhatStrict2Refuses) {
    const auto program =
        parse(standard(), "{{ 1 + 1 }}\n{% if a b %}{% endif %}\n{{ fine }}", {.mode = Mode::warn});
    ASSERT_TRUE(program);
    std::vector<std::string> warnings;
    for (const Error& warning : (*program)->warnings()) {
        warnings.push_back(warning.text());
    }
    EXPECT_THAT(warnings,
                ElementsAre("Liquid syntax error (line 1): Unexpected character + in \"{{ 1 + 1 }}\"",
                            "Liquid syntax error (line 2): Expected end_of_string but found id in \"a b\""));
    EXPECT_EQ(text_of("{{ 1 + 1 }}", {.mode = Mode::warn}), "1");
}

TEST(LiquidModes, BlocksAreClosedByTheirOwnTags) {
    EXPECT_EQ(refusal("{% if true %}", Mode::lax), "Liquid syntax error (line 1): 'if' tag was never closed");
    EXPECT_EQ(refusal("{% if true %}{% endfor %}", Mode::lax),
              "Liquid syntax error (line 1): 'endfor' is not a valid delimiter for if tags. use endif");
    EXPECT_EQ(refusal("{% for i in a %}{% elsif %}{% endfor %}", Mode::lax),
              "Liquid syntax error (line 1): Unknown tag 'elsif'");
    EXPECT_EQ(refusal("{% else %}", Mode::lax), "Liquid syntax error (line 1): Unexpected outer 'else' tag");
    EXPECT_EQ(refusal("{% capture a %}{% else %}{% endcapture %}", Mode::lax),
              "Liquid syntax error (line 1): capture tag does not expect 'else' tag");
    EXPECT_EQ(
        refusal("a\nb {{ c", Mode::lax),
        "Liquid syntax error (line 2): Variable '{{' was not properly terminated with regexp: /\\}\\}/");
    EXPECT_EQ(refusal("a\nb {% c", Mode::lax),
              "Liquid syntax error (line 2): Tag '{%' was not properly terminated with regexp: /\\%\\}/");
}

TEST(LiquidModes, ParsingIsBounded) {
    std::string deep;
    for (int i = 0; i < 101; ++i) {
        deep += "{% if true %}";
    }
    EXPECT_EQ(refusal(deep, Mode::lax), "Liquid error: Nesting too deep");
    const auto long_one = parse(standard(), std::string(11, 'a'), {.limits = {.source_bytes = 10}});
    ASSERT_FALSE(long_one);
    EXPECT_EQ(long_one.error().text(), "Liquid syntax error: Template is too long: 11 bytes of at most 10");
    EXPECT_EQ(refusal("{{ a" + std::string(200, '[') + std::string(200, ']') + " }}", Mode::lax),
              "Liquid syntax error (line 1): Nesting too deep");
}

// A clock that moves one millisecond at each look.
std::int64_t moving = 0;

std::int64_t look() {
    return moving += 1'000'000;
}

TEST(LiquidModes, ParsingHasATimeBudget) {
    std::string source;
    for (int i = 0; i < 5'000; ++i) {
        source += "{{ a.b | append: 'c' }}";
    }
    ParseOptions options{.ticks = &look};
    EXPECT_TRUE(parse(standard(), source, options));
    options.limits.time_ns = 5'000'000;
    const auto slow = parse(standard(), source, options);
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().text(), "Liquid syntax error (line 1): Template takes too long to parse");
}

class Listener final : public ParseListener {
public:
    void source(std::string_view text) override { begin_ = text.data(); }

    void tag(std::string_view name, std::string_view, bool known) override {
        note(known ? "tag " : "no tag ", name);
    }

    void lookup(const Lookup& lookup, std::string_view) override {
        note("lookup ", lookup.first.name().text());
    }

    void filter(std::string_view name, bool known) override { note(known ? "filter " : "no filter ", name); }

    void assigned(std::string_view tag, std::string_view name) override {
        note(std::string(tag) + " of ", name);
    }

    void partial(std::string_view tag, std::string_view name) override {
        note(std::string(tag) + " of ", name);
    }

    std::vector<std::string> notes;

private:
    void note(const std::string& what, std::string_view name) {
        notes.push_back(what + std::string(name) + " at " + std::to_string(name.data() - begin_));
    }

    const char* begin_ = nullptr;
};

TEST(LiquidModes, AListenerIsToldWhatStandsWhere) {
    Listener listener;
    ASSERT_TRUE(parse(standard(),
                      "{% assign a = b.c | upcase | nope %}{{ b }}{% render 'p', x: b %}",
                      {.listener = &listener}));
    EXPECT_THAT(listener.notes,
                ElementsAre("tag assign at 3",
                            "lookup b at 14",
                            "filter upcase at 20",
                            "no filter nope at 29",
                            "assign of a at 10",
                            "lookup b at 39",
                            "tag render at 46",
                            "lookup b at 61",
                            "render of p at 54"));
}

}  // namespace

}  // namespace cartwright::liquid::testing
