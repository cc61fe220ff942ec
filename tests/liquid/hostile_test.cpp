#include "liquid/hostile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cartwright::liquid::testing {

namespace {

constexpr std::int64_t budget_ns = 100'000'000;

std::vector<HostileTemplate>& all() {
    static std::vector<HostileTemplate> templates = hostile_templates();
    return templates;
}

std::string shortened(std::string_view text) {
    return text.size() <= 300
               ? std::string(text)
               : std::string(text.substr(0, 300)) + "… of " + std::to_string(text.size()) + " bytes";
}

// A render after it in the same environment is what it always was.
void expect_unharmed(const Environment& environment) {
    const HostileTemplate healthy{
        .source = "{% assign x = 'a,b' | split: ',' %}{% for i in x %}{{ i | upcase }}{% endfor %}{{ y }}."};
    const HostileOutcome after = outcome(environment, healthy, Mode::strict2, budget_ns, looks_as_time);
    EXPECT_EQ(after.kind, "ok");
    EXPECT_EQ(after.output, "AB.");
}

class Hostile : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Hostile, EndsAsItShouldAndHarmsNobodyElse) {
    const Environment environment = Environment::standard();
    const HostileTemplate& hostile = all()[GetParam()];
    SCOPED_TRACE(hostile.why);
    const HostileOutcome result = outcome(environment, hostile, Mode::lax, budget_ns, looks_as_time);
    EXPECT_EQ(result.kind, hostile.expects) << shortened(result.output);
    if (hostile.expects == "time") {
        EXPECT_EQ(result.output, "Liquid error: Time limit exceeded");
    } else if (hostile.expects == "memory") {
        EXPECT_EQ(result.output, "Liquid error: Memory limits exceeded");
    } else if (hostile.expects == "parse") {
        EXPECT_EQ(shortened(result.output), shortened(hostile.error));
    } else if (hostile.bytes >= 0) {
        EXPECT_EQ(result.output.size(), static_cast<std::size_t>(hostile.bytes)) << shortened(result.output);
    } else {
        EXPECT_EQ(shortened(result.output), shortened(hostile.output));
    }
    expect_unharmed(environment);
}

TEST_P(Hostile, EndsInTheOtherModesToo) {
    const Environment environment = Environment::standard();
    for (const Mode mode : {Mode::warn, Mode::strict, Mode::strict2}) {
        const HostileOutcome result =
            outcome(environment, all()[GetParam()], mode, budget_ns / 10, looks_as_time);
        EXPECT_THAT(result.kind, ::testing::AnyOf("ok", "parse", "time", "memory"));
    }
    expect_unharmed(environment);
}

std::string name_of(const ::testing::TestParamInfo<std::size_t>& info) {
    const std::string& file = all()[info.param].file;
    return file.substr(4, file.find('.') - 4);
}

INSTANTIATE_TEST_SUITE_P(Templates, Hostile, ::testing::Range(std::size_t{0}, all().size()), name_of);

TEST(HostileTemplates, AreAtLeastAHundred) {
    EXPECT_GE(all().size(), 100U);
}

}  // namespace

}  // namespace cartwright::liquid::testing
