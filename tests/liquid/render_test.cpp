#include "liquid/rendered.hpp"
#include "liquid/tag_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cartwright::liquid::testing {

namespace {

using ::testing::ElementsAre;

// --- Limits ---

Rendered limited(std::string_view source, const RenderLimits& limits, std::string_view data = "{}") {
    RenderOptions options;
    options.limits = limits;
    return rendered(source, {.data = data, .partials = {{"p", "{{ 1 }}"}}, .options = options});
}

TEST(LiquidLimits, ScoresAreCountedAsTheReferenceCountsThem) {
    // The outer body has 2 nodes; the loop's body has 2, and is rendered 3 times.
    EXPECT_EQ(rendered("{% for i in (1..3) %}{{ i }},{% endfor %}x").render_score, 8U);
    EXPECT_EQ(rendered("{% assign a = 'four' %}{% assign b = 1 %}").assign_score, 5U);
    EXPECT_EQ(rendered("{% capture a %}{{ 'four' }}xy{% endcapture %}").assign_score, 6U);
    EXPECT_EQ(rendered("{% assign a = list %}", {.data = R"({"list": ["ab", 1]})"}).assign_score, 4U);
}

TEST(LiquidLimits, ExceedingAScoreReplacesThePage) {
    const std::string_view loop = "before{% for i in (1..3) %}{{ i }},{% endfor %}x";
    EXPECT_EQ(limited(loop, {.render_score = 9}).text, "before1,2,3,x");
    const Rendered over = limited(loop, {.render_score = 8});
    EXPECT_EQ(over.text, "Liquid error: Memory limits exceeded");
    EXPECT_TRUE(over.exceeded);
    EXPECT_THAT(over.errors, ElementsAre("Liquid error: Memory limits exceeded"));
    EXPECT_EQ(limited("{% assign a = 'four' %}{{ a }}", {.assign_score = 4}).text, "four");
    EXPECT_TRUE(limited("{% assign a = 'five!' %}", {.assign_score = 4}).exceeded);
    EXPECT_EQ(limited("12345", {.output_bytes = 5}).text, "12345");
    EXPECT_TRUE(limited("123456", {.output_bytes = 5}).exceeded);
}

TEST(LiquidLimits, TextsAndArraysOfFiltersAreBounded) {
    EXPECT_EQ(limited("{{ a | append: 'cd' }}", {.string_bytes = 4}, R"({"a": "ab"})").text, "abcd");
    EXPECT_TRUE(limited("{{ a | append: 'cde' }}", {.string_bytes = 4}, R"({"a": "ab"})").exceeded);
    EXPECT_TRUE(
        limited("{{ r | split: ',' | size }}", {.array_items = 4}, R"({"r": "1,2,3,4,5,6,7,8,9"})").exceeded);
    EXPECT_EQ(limited("{% assign r = (1..1000000000000) %}{{ r.size }}{{ r.last }}", {}).text,
              "10000000000001000000000000");
    EXPECT_TRUE(limited("{{ r | times: r }}", {.digits = 20}, R"({"r": 99999999999999})").exceeded);
}

TEST(LiquidLimits, PartialsAreCounted) {
    EXPECT_EQ(limited("{% render 'p' %}{% render 'p' %}", {.partials = 2}).text, "11");
    EXPECT_TRUE(limited("{% render 'p' %}{% render 'p' %}{% render 'p' %}", {.partials = 2}).exceeded);
}

// A clock that moves one millisecond at each look.
std::int64_t moving = 0;

std::int64_t look() {
    return moving += 1'000'000;
}

TEST(LiquidLimits, TimeIsLookedAtInLoopsOfEmptyBodiesToo) {
    RenderOptions options;
    options.ticks = &look;
    options.limits.time_ns = 50'000'000;
    const Rendered got = rendered("a{% for i in (1..1000000000000) %}{% endfor %}", {.options = options});
    EXPECT_EQ(got.text, "Liquid error: Time limit exceeded");
    EXPECT_TRUE(got.exceeded);
}

// --- Drops, tags and filters of a host ---

struct Product final : Drop {
    static const DropType own_type;

    explicit Product(std::string_view name) : Drop(own_type), title(name) {}

    Value get(Render&, const Value& key) override {
        return key.is_string() && key.as_string() == "dynamic" ? Value::integer(7) : Value();
    }

    std::string_view title;
    int asked = 0;
};

const DropType Product::own_type{
    "product",
    "A product.",
    {
        {"title",
         "string",
         "Its name.",
         [](Render&, Drop& self) { return Value::string(static_cast<Product&>(self).title); }},
        {"asked",
         "number",
         "How often this was asked.",
         [](Render&, Drop& self) { return Value::integer(++static_cast<Product&>(self).asked); }},
    }};

const DropType endless_type{"endless", "Numbers without an end.", {}};

// Remembers how far it was read.
struct Endless final : Drop {
    Endless() : Drop(endless_type) {}

    std::optional<std::span<const Value>> slice(Render& render,
                                                std::size_t from,
                                                std::optional<std::size_t> to) override {
        const std::size_t end = to.value_or(1'000'000);
        read_to = std::max(read_to, end);
        Value* items = render.arena().room<Value>(end - from);
        for (std::size_t at = from; at < end; ++at) {
            items[at - from] = Value::integer(static_cast<std::int64_t>(at));
        }
        return std::span<const Value>(items, end - from);
    }

    std::size_t read_to = 0;
};

const DropType flag_type{"flag", "Stands for false.", {}};

struct Flag final : Drop {
    Flag() : Drop(flag_type) {}

    Value primitive(Render&) override { return Value::boolean(false); }

    std::string_view text(Render&) override { return "flag"; }
};

struct RepeatNode : Node {
    Expression times;
    Block body;
};

Flow render_repeat(const Node& node, Render& render) {
    const auto& self = static_cast<const RepeatNode&>(node);
    const Value times = render.evaluate(self.times);
    if (!times.is(Kind::integer)) {
        return render.report(node, render.argument_error("repeat needs a number"));
    }
    for (std::int64_t turn = 0; turn < times.as_integer(); ++turn) {
        if (const Flow flow = render.render(self.body); flow != Flow::next) {
            return flow == Flow::stop ? flow : Flow::next;
        }
    }
    return Flow::next;
}

Environment host() {
    Environment environment = Environment::standard();
    environment.add(Tag{.name = "repeat",
                        .parse = [](TagParser& tag) -> const Node* {
                            auto* node = tag.node<RepeatNode>(&render_repeat);
                            node->times = tag.expression(tag.markup());
                            tag.whole_body(node->body);
                            return node;
                        },
                        .end = "endrepeat",
                        .summary = "Renders its body a number of times."});
    environment.add(Filter{.name = "wrap",
                           .apply =
                               [](Render& render, const Value& input, const Arguments& arguments) {
                                   TextBuilder out(render);
                                   out.append(render.text(arguments[0]));
                                   out.append(render.text(input));
                                   const Value* end = arguments.named("end");
                                   out.append(end != nullptr ? render.text(*end) : render.text(arguments[0]));
                                   return out.finish();
                               },
                           .least = 1,
                           .most = 1,
                           .takes_named = true,
                           .summary = "Puts a text around."});
    return environment;
}

class LiquidHost : public ::testing::Test {
protected:
    std::string page(std::string_view source) {
        const auto program = parse(environment_, source);
        if (!program) {
            return program.error().text();
        }
        options_.data = &data_;
        Output output;
        Render render(options_, arena_, output);
        result_ = render.run(**program);
        touched_ = render.touched();
        return std::string(output.text());
    }

    const Environment environment_ = host();
    Arena data_arena_;
    Map data_{data_arena_};
    Arena arena_;
    RenderOptions options_;
    RenderResult result_;
    Touched touched_;
};

TEST_F(LiquidHost, TagsAndFiltersAreRegisteredByValue) {
    EXPECT_EQ(page("{% repeat 3 %}{{ 'a' | wrap: '-' }}{{ 'b' | wrap: '<', end: '>' }}{% endrepeat %}"),
              "-a-<b>-a-<b>-a-<b>");
    EXPECT_EQ(page("{% repeat 'x' %}{% endrepeat %}"), "Liquid error (line 1): repeat needs a number");
    EXPECT_EQ(page("{{ 'a' | wrap }}"),
              "Liquid error (line 1): wrong number of arguments (given 1, expected 2)");
    EXPECT_EQ(page("{% repeat 2 %}"), "Liquid syntax error (line 1): 'repeat' tag was never closed");
}

TEST_F(LiquidHost, DropsAnswerWhenTheyAreAsked) {
    Product product("Cup");
    data_.set("product", Value::drop(product));
    EXPECT_EQ(
        page(
            "{{ product.title }} {{ product['title'] }} {{ product.nope }}{{ product.dynamic }} {{ product }}"),
        "Cup Cup 7 product");
    EXPECT_EQ(product.asked, 0);
    EXPECT_EQ(page("{% if product.asked == 1 %}{{ product.asked }}{% endif %}"), "2");
}

TEST_F(LiquidHost, ListsAreReadNoFurtherThanTheLoopGoes) {
    Endless endless;
    data_.set("numbers", Value::drop(endless));
    EXPECT_EQ(page("{% for i in numbers limit:3 offset:2 %}{{ i }}{% endfor %}"), "234");
    EXPECT_EQ(endless.read_to, 5U);
}

TEST_F(LiquidHost, ADropStandsForAValue) {
    Flag flag;
    data_.set("flag", Value::drop(flag));
    EXPECT_EQ(page("{% if flag %}a{% else %}b{% endif %}{% if flag == false %}c{% endif %}{{ flag }}"),
              "bcflag");
}

TEST_F(LiquidHost, WhatWasTouchedIsRemembered) {
    Product product("Cup");
    Product other("Pot");
    data_.set("product", Value::drop(product));
    data_.set("other", Value::drop(other));
    data_.set("unused", Value::integer(1));
    EXPECT_EQ(
        page(
            "{{ product.title }}{% if other %}{% endif %}{{ nothing.at.all }}{% assign mine = 1 %}{{ mine }}"),
        "Cup1");
    EXPECT_THAT(touched_.names, ElementsAre("product", "other"));
    EXPECT_THAT(touched_.missing, ElementsAre("nothing"));
    EXPECT_THAT(touched_.drops, ElementsAre(&product));
    EXPECT_EQ(product.touched(), 1U);
    EXPECT_EQ(other.touched(), 0U);
}

TEST_F(LiquidHost, StrictVariablesAndFiltersAreCollectedNotShown) {
    options_.strict_variables = true;
    options_.strict_filters = true;
    data_.set("a", Value::integer(1));
    EXPECT_EQ(page("[{{ a }}{{ b }}{{ a | nope }}]"), "[1]");
    ASSERT_EQ(result_.errors.size(), 2U);
    EXPECT_EQ(result_.errors[0].text(), "Liquid error (line 1): undefined variable b");
    EXPECT_EQ(result_.errors[1].text(), "Liquid error (line 1): undefined filter nope");
}

TEST_F(LiquidHost, MemoryOfARenderIsUsedAgain) {
    Output output;
    const auto program =
        parse(environment_,
              "{% for i in (1..20000) %}{{ i | append: 'some text that takes room' | size }}{% endfor %}");
    ASSERT_TRUE(program);
    options_.data = &data_;
    EXPECT_FALSE(Render(options_, arena_, output).run(**program).exceeded);
    EXPECT_LT(arena_.footprint(), 20'000U);
}

}  // namespace

}  // namespace cartwright::liquid::testing
