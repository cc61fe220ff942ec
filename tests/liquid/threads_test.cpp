#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/parse.hpp"
#include "liquid/program_cache.hpp"
#include "liquid/render.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace cartwright::liquid::testing {

namespace {

constexpr std::size_t thread_count = 8;
constexpr int renders_each = 50;

// A bit of every family of tags and filters, constants that are folded, counters, cycles and errors in place.
constexpr std::string_view source = R"({% assign total = 0 %}{% for p in products %}
{% cycle 'odd', 'even' %} {{ p.title | upcase | append: '!' | escape }} {{ p.price | divided_by: 100.0 | round: 2 }}
{% if p.tags contains 'new' or p.price > 500 %}*{% elsif p.title == blank %}?{% else %}-{% endif %}
{% assign total = total | plus: p.price %}{% increment seen %}{% endfor %}{{ total }}
{% capture list %}{{ products | map: 'title' | sort_natural | join: ', ' }}{% endcapture %}{{ list | truncate: 20 }}
{% case total %}{% when 1, 2 %}few{% else %}many{% endcase %}{{ 'now' | date: '%Y-%m-%d' }}{{ 'a,b' | split: ',' }}
{% tablerow i in (1..4) cols: 2 %}{{ i }}{% endtablerow %}{% render 'line', title: 'x' %}{% include 'line' %}
{{ 1 | divided_by: 0 }}{{ products | where: 'price', 700 | size }}{{ 99999999999999999999 | times: 3 }})";

constexpr std::string_view data = R"({"products": [
{"title": "cup <red>", "price": 700, "tags": ["new"]}, {"title": "Bowl", "price": 450, "tags": []},
{"title": "", "price": 1, "tags": ["old", "sale"]}]})";

std::string rendered(const Environment& environment, const Program& program, const Map& values) {
    MemoryPartials partials(environment);
    partials.add("line", "[{{ title }}{% decrement down %}]");
    RenderOptions options;
    options.data = &values;
    options.partials = &partials;
    options.clock.unix_seconds = 1'700'000'000;
    Arena arena;
    Output output;
    Render(options, arena, output).run(program);
    return std::string(output.text());
}

TEST(LiquidThreads, OneProgramRendersTheSameInEightThreads) {
    const Environment environment = Environment::standard();
    const auto program = parse(environment, source);
    ASSERT_TRUE(program) << program.error().text();
    Arena arena;
    const auto values = from_json(arena, data);
    ASSERT_TRUE(values) << values.error();
    const std::string expected = rendered(environment, **program, values->as_map());
    EXPECT_NE(expected.find("Liquid error (line 8): divided by 0"), std::string::npos) << expected;
    std::array<std::size_t, thread_count> equal{};
    {
        std::vector<std::jthread> threads;
        for (std::size_t at = 0; at < thread_count; ++at) {
            threads.emplace_back([&, at] {
                for (int turn = 0; turn < renders_each; ++turn) {
                    equal[at] += rendered(environment, **program, values->as_map()) == expected ? 1 : 0;
                }
            });
        }
    }
    for (const std::size_t count : equal) {
        EXPECT_EQ(count, static_cast<std::size_t>(renders_each));
    }
}

TEST(LiquidThreads, OneCacheServesEightThreads) {
    const Environment environment = Environment::standard();
    ProgramCache cache;
    const auto alone = parse(environment, source);
    ASSERT_TRUE(alone) << alone.error().text();
    Arena arena;
    const auto values = from_json(arena, data);
    ASSERT_TRUE(values) << values.error();
    const std::string expected = rendered(environment, **alone, values->as_map());
    std::array<std::size_t, thread_count> equal{};
    {
        std::vector<std::jthread> threads;
        for (std::size_t at = 0; at < thread_count; ++at) {
            threads.emplace_back([&, at] {
                for (int turn = 0; turn < renders_each; ++turn) {
                    // Nine texts, so that threads meet on some and part on others.
                    const std::string padded =
                        std::string(source) + std::string(static_cast<std::size_t>(turn) % 9, '.');
                    const auto program = cache.find_or_parse(environment, padded);
                    const std::string dots(static_cast<std::size_t>(turn) % 9, '.');
                    equal[at] +=
                        program && rendered(environment, **program, values->as_map()) == expected + dots ? 1
                                                                                                         : 0;
                }
            });
        }
    }
    for (const std::size_t count : equal) {
        EXPECT_EQ(count, static_cast<std::size_t>(renders_each));
    }
    EXPECT_GT(cache.memory(), 9 * source.size());
}

}  // namespace

}  // namespace cartwright::liquid::testing
