#include "base/process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace cartwright {
namespace {

// `cartwright liquid …` as an operator types it; output and error output come together.
class LiquidCommands : public testing::Test {
protected:
    void SetUp() override {
        folder_ =
            std::filesystem::temp_directory_path() / ("cartwright_liquid_" + std::to_string(::getpid()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "theme/snippets");
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, std::string_view content) {
        std::ofstream(folder_ / name, std::ios::binary) << content;
        return path(name);
    }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::pair<int, std::string> run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "liquid");
        const Ran ran = cartwright::run(
            {.program = CARTWRIGHT_BINARY_DIR "/engine/app/cartwright", .arguments = std::move(arguments)},
            std::chrono::seconds(60));
        return {ran.exit ? ran.exit->code : -1, ran.output};
    }

    using Ending = std::pair<int, std::string>;

    std::filesystem::path folder_;
};

TEST_F(LiquidCommands, render_prints_the_page) {
    const std::string page = write("page.liquid", "{{ who }} {% render 'a' %}{{ 'now' | date: '%F' }}");
    const std::string data = write("data.json", R"({"who": "you"})");
    write("theme/a.liquid", "and I ");
    EXPECT_EQ(
        run({"render", page, "--data", data, "--partials", path("theme"), "--clock", "2026-11-23T10:00:00Z"}),
        Ending(0, "you and I 2026-11-23"));
}

TEST_F(LiquidCommands, render_collects_errors_and_refuses_bad_syntax) {
    const std::string error = "Liquid error (line 1): divided by 0";
    EXPECT_EQ(run({"render", write("a.liquid", "{{ 1 | divided_by: 0 }}\n")}),
              Ending(0, error + "\n" + error + "\n"));
    EXPECT_EQ(run({"render", write("b.liquid", "{{ a b }}"), "--mode", "lax"}), Ending(0, ""));
    EXPECT_EQ(
        run({"render", write("b.liquid", "{{ a b }}"), "--mode", "strict2"}),
        Ending(1, "Liquid syntax error (line 1): Expected end_of_string but found id in \"{{ a b }}\"\n"));
}

TEST_F(LiquidCommands, partials_never_come_from_outside_of_their_folder) {
    write("secret.liquid", "secret");
    std::filesystem::create_symlink(folder_ / "secret.liquid", folder_ / "theme/link.liquid");
    const std::string page = write("page.liquid", "{% render '../secret' %},{% render 'link' %}");
    const std::string outside = "Liquid error (line 1): Could not find asset ../secret";
    const std::string link = "Liquid error (line 1): Could not find asset link";
    EXPECT_EQ(run({"render", page, "--partials", path("theme")}),
              Ending(0, outside + "\n" + link + "\n" + outside + "," + link));
}

TEST_F(LiquidCommands, wrong_options_and_files_are_told) {
    const std::string page = write("page.liquid", "a");
    EXPECT_EQ(run({"render", page, "--mode", "loose"}),
              Ending(2, "cartwright: --mode loose: it is one of lax, strict and strict2\n"));
    EXPECT_EQ(run({"render", page, "--clock", "noon"}),
              Ending(2, "cartwright: --clock noon: write a moment as in 2024-01-01T00:01:58Z\n"));
    const std::string list = write("list.json", "[]");
    EXPECT_EQ(run({"render", page, "--data", list}),
              Ending(2, "cartwright: " + list + ": the data has to be a JSON object\n"));
    EXPECT_EQ(run({"conform", page}),
              Ending(2, "cartwright: " + page + ": line 1 isn't JSON: syntax error\n"));
    EXPECT_EQ(run({"lint", page}), Ending(2, "cartwright: " + page + " isn't a folder\n"));
}

TEST_F(LiquidCommands, conform_counts_and_ends_with_1_on_a_failure) {
    EXPECT_EQ(run({"conform",
                   write("good.json", R"({"tests": [{"name": "a", "template": "a", "result": "a"}]})"),
                   "--verbose"}),
              Ending(0, "passed: a\n1 passed, 0 failed\n"));
    EXPECT_EQ(
        run({"conform", write("bad.json", R"({"tests": [{"name": "a", "template": "a", "result": "b"}]})")}),
        Ending(1, "--- a (lax)\ntemplate: a\nexpected: b\ngot:      a\n0 passed, 1 failed\n"));
}

TEST_F(LiquidCommands, lint_tells_findings_as_text_and_as_json) {
    write("theme/page.liquid", "{{ prodct | monye }}{% form %}{% endform %}{% schema %}{%{% endschema %}");
    write("tags.json", R"([{"name": "form", "syntax": "{% form %}{% endform %}"}])");
    write("filters.json", R"(["money"])");
    const std::string objects = write("objects.txt", "product\n");
    EXPECT_EQ(run({"lint", path("theme"), "--docs", folder_.string(), "--objects", objects}),
              Ending(1,
                     "page.liquid:1:4: warning: There is no object 'prodct'; did you mean 'product'? "
                     "[unknown-object]\n"
                     "page.liquid:1:13: error: There is no filter 'monye'; did you mean 'money'? "
                     "[unknown-filter]\n"
                     "1 errors, 1 warnings, 0 hints\n"));
    EXPECT_EQ(
        run({"lint", path("theme"), "--docs", folder_.string(), "--json"}),
        Ending(1,
               R"({"findings":[{"code":"unknown-filter","severity":"error","file":"page.liquid",)"
               R"("line":1,"column":13,"message":"There is no filter 'monye'; did you mean 'money'?"}]})"
               "\n"));
    write("theme/page.liquid", "{% assign a = 1 %}");
    EXPECT_EQ(run({"lint", path("theme")}),
              Ending(0,
                     "page.liquid:1:11: warning: Nobody reads the variable 'a'. [unused-variable]\n"
                     "0 errors, 1 warnings, 0 hints\n"));
}

TEST_F(LiquidCommands, profile_counts_the_passes) {
    const std::string page = write("page.liquid", "{{ a }}{{ a }}");
    const auto [exit, output] = run({"profile", page, "--passes", "3", "--json"});
    EXPECT_EQ(exit, 0);
    EXPECT_EQ(output.substr(0, output.find(R"(,"self_ns")")),
              R"({"passes":3,"output_bytes":0,"by_tag":[{"template":"","line":null,"tag":"{{ }}","nodes":6)");
    EXPECT_EQ(run({"profile", page}).second.substr(0, 10), "100 passes");
}

TEST_F(LiquidCommands, docs_have_a_sentence_for_every_tag_and_filter) {
    const auto [exit, output] = run({"docs", "--json"});
    EXPECT_EQ(exit, 0);
    EXPECT_EQ(output.find(R"("summary":"")"), std::string::npos);
    EXPECT_NE(run({"docs"}).second.find("\n  upcase "), std::string::npos);
}

}  // namespace
}  // namespace cartwright
