#include "liquid/conform.hpp"

#include "liquid/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cartwright::liquid {
namespace {

using testing::ElementsAre;

std::expected<ConformReport, std::string> run(std::string_view json, std::string_view filter = {}) {
    static const Environment environment = Environment::standard();
    return conform(environment, json, filter);
}

std::string refusal(std::string_view json) {
    const auto report = run(json);
    return report ? "ran" : report.error();
}

// The shared part of the suites: the test is skipped where it isn't at hand.
void all_pass(const std::string& name, std::size_t count) {
    const char* set = std::getenv("CARTWRIGHT_SHARED");
    const std::filesystem::path shared = set != nullptr
                                             ? std::filesystem::path(set)
                                             : std::filesystem::path(CARTWRIGHT_SOURCE_DIR) / "../shared";
    std::ifstream file(shared / "liquid" / name, std::ios::binary);
    if (!file) {
        GTEST_SKIP() << name << " isn't at hand: name its folder's parent in CARTWRIGHT_SHARED";
    }
    const std::string json{std::istreambuf_iterator<char>(file), {}};
    auto report = run(json);
    ASSERT_TRUE(report) << report.error();
    constexpr std::size_t shown = 20;
    const std::size_t failed = report->failed;
    report->failures.resize(std::min(shown, report->failures.size()));
    EXPECT_EQ(failed, 0) << report->text(false);
    EXPECT_EQ(report->passed.size(), count);
}

TEST(Conform, golden_liquid) {
    all_pass("golden_liquid.json", 782);
}

TEST(Conform, liquid_spec) {
    all_pass("liquid_spec.json", 5020);
}

TEST(Conform, golden_cases_pass_by_result_or_by_failing) {
    const auto report = run(R"json({"tests": [
        {"name": "result", "template": "{{ a }}", "data": {"a": "b"}, "result": "b"},
        {"name": "results", "template": "{{ a }}", "data": {"a": "b"}, "results": ["a", "b"]},
        {"name": "wrong", "template": "{{ a }}", "data": {"a": "b"}, "result": "a"},
        {"name": "no syntax", "template": "{% if %}", "result": ""},
        {"name": "invalid", "template": "{% if %}", "invalid": true},
        {"name": "invalid in rendering", "template": "{{ 1 | divided_by: 0 }}", "invalid": true},
        {"name": "valid", "template": "a", "invalid": true},
        {"name": "strict", "template": "{{ a b }}", "invalid": true, "tags": ["strict"]},
        {"name": "lax", "template": "{{ a b }}", "result": ""},
        {"name": "partial", "template": "{% render 'a' %}", "templates": {"a": "b"}, "result": "b"}
    ]})json");
    ASSERT_TRUE(report) << report.error();
    EXPECT_THAT(
        report->passed,
        ElementsAre("result", "results", "invalid", "invalid in rendering", "strict", "lax", "partial"));
    EXPECT_EQ(report->failed, 3);
    ASSERT_EQ(report->failures.size(), 3);
    EXPECT_EQ(report->failures[0].name, "wrong");
    EXPECT_EQ(report->failures[0].mode, "lax");
    EXPECT_EQ(report->failures[0].source, "{{ a }}");
    EXPECT_EQ(report->failures[0].expected, "a");
    EXPECT_EQ(report->failures[0].got, "b");
    EXPECT_THAT(report->failures[1].got, testing::StartsWith("refused: Liquid syntax error (line 1)"));
    EXPECT_EQ(report->failures[2].expected, "an error");
}

TEST(Conform, specs_pass_when_output_and_errors_agree_in_both_modes) {
    const auto report = run(R"json({"clock": "2024-01-01T00:01:58Z", "timezone": "UTC", "tests": [
        {"name": "both", "template": "{{ 'now' | date: '%s' }}",
         "oracle": {"lax": {"output": "1704067318"}, "strict2": {"output": "1704067318"}}},
        {"name": "error", "template": "{{ 1 | divided_by: 0 }}", "oracle": {
            "lax": {"output": "Liquid error (line 1): divided by 0",
                    "errors": ["Liquid error (line 1): divided by 0"]},
            "strict2": {"output": "Liquid error (line 1): divided by 0"}}},
        {"name": "file", "template": "{% include 'a' %}{% include 'b' %}",
         "filesystem": {"a.liquid": "A"}, "oracle": {
            "lax": {"output": "ALiquid error (line 1): Could not find asset b",
                    "errors": ["Liquid error (line 1): Could not find asset b"]},
            "strict2": {"output": "ALiquid error (line 1): Could not find asset b",
                        "errors": ["Liquid error (line 1): Could not find asset b"]}}}
    ]})json");
    ASSERT_TRUE(report) << report.error();
    EXPECT_THAT(report->passed, ElementsAre("both", "file"));
    EXPECT_EQ(report->failed, 1);
    EXPECT_EQ(report->text(false),
              "--- error (strict2)\n"
              "template: {{ 1 | divided_by: 0 }}\n"
              "expected: Liquid error (line 1): divided by 0\n"
              "got:      Liquid error (line 1): divided by 0\n"
              "[error] Liquid error (line 1): divided by 0\n"
              "2 passed, 1 failed\n");
}

TEST(Conform, a_filter_chooses_by_name) {
    const auto report = run(R"json({"tests": [
        {"name": "one a", "template": "a", "result": "a"}, {"name": "two", "template": "a", "result": "a"}
    ]})json",
                            "one");
    ASSERT_TRUE(report) << report.error();
    EXPECT_EQ(report->text(true), "passed: one a\n1 passed, 0 failed\n");
}

TEST(Conform, a_malformed_file_is_refused_with_a_sentence) {
    EXPECT_EQ(refusal("["), "line 1 isn't JSON: incomplete JSON");
    EXPECT_EQ(refusal("[]"), "the file isn't an object");
    EXPECT_EQ(refusal("{}"), "the file has no \"tests\"");
    EXPECT_EQ(refusal(R"({"tests": 1})"), "the file has a member \"tests\" that isn't an array");
    EXPECT_EQ(refusal(R"({"tests": [1]})"), "test 1 isn't an object");
    EXPECT_EQ(refusal(R"({"tests": [{"template": ""}]})"), "test 1 has no \"name\"");
    EXPECT_EQ(refusal(R"({"tests": [{"name": "", "template": ""}]})"), "test 1 has no \"result\"");
    EXPECT_EQ(refusal(R"({"tests": [{"name": "", "template": "", "oracle": {}}]})"),
              "test 1, member \"oracle\", member \"lax\" isn't an object");
    EXPECT_EQ(refusal(R"({"tests": [{"name": "", "template": "", "result": "", "data": []}]})"),
              "test 1 has a member \"data\" that isn't an object");
    EXPECT_EQ(refusal(R"({"tests": [{"name": "", "template": "", "templates": {"a": 1}, "result": ""}]})"),
              "test 1 has something in \"templates\" that isn't a text");
    EXPECT_EQ(refusal(R"({"clock": "today", "tests": []})"),
              "the file has a \"clock\" that isn't a moment as in 2024-01-01T00:01:58Z");
    EXPECT_EQ(refusal(R"({"timezone": "Europe/Moscow", "tests": []})"),
              "the file wants the time zone Europe/Moscow: only UTC is known here");
}

}  // namespace
}  // namespace cartwright::liquid
