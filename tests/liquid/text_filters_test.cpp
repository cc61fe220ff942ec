#include "filter_probe.hpp"

#include <gtest/gtest.h>

namespace cartwright::liquid {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(LiquidTextFilters, ChangeLettersOfAllScripts) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("upcase", "hello, World 1"), "HELLO, WORLD 1");
    EXPECT_EQ(probe.of("downcase", "Hello, WORLD [@`{"), "hello, world [@`{");
    EXPECT_EQ(probe.of("capitalize", "hello WORLD"), "Hello world");
    EXPECT_EQ(probe.of("capitalize", ""), "");
    EXPECT_EQ(probe.of("upcase", "straße ŉ ﬁ жук ი ᾳ"), "STRASSE ʼN FI ЖУК Ი ΑΙ");
    EXPECT_EQ(probe.of("downcase", "ÀÉ İ ᾼ ЖУК"), "àé i\u0307 ᾳ жук");
    EXPECT_EQ(probe.of("capitalize", "éÀ ÉÀ"), "Éà éà");
    EXPECT_EQ(probe.of("capitalize", "ßA"), "Ssa");
    EXPECT_EQ(probe.of("capitalize", "ǆ"), "ǅ");
    EXPECT_EQ(probe.of("capitalize", "ﬁX"), "Fix");
    EXPECT_EQ(probe.of("capitalize", "აა"), "აა");
    EXPECT_EQ(probe.of("capitalize", "\u1C90\u1C90"), "აა");
}

TEST(LiquidTextFilters, SigmaHasNoFinalForm) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("downcase", "ΑΣ ΣΑΣ"), "ασ σασ");
    EXPECT_EQ(probe.of("capitalize", "ΣΑΣ ΑΣ"), "Σασ ασ");
}

TEST(LiquidTextFilters, LettersOfMixedScriptsInOneText) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("upcase", "aé€жß한ŉbⱥ😀ⅷ"), "AÉ€ЖSS한ʼNBȺ😀Ⅷ");
    EXPECT_EQ(probe.of("downcase", "AÉ€ЖẞİȺ한B😀Ⅷ"), "aé€жßi\u0307ⱥ한b😀ⅷ");
    std::string small;
    std::string capital;
    for (int i = 0; i < 2000; ++i) {
        small += "ӏⅷ";
        capital += "ӀⅧ";
    }
    EXPECT_EQ(probe.of("upcase", small), capital);
    EXPECT_EQ(probe.of("downcase", capital), small);
}

TEST(LiquidTextFilters, OnlyAsciiLettersOfBytesThatAreNotUtf8) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("upcase", "a\xffé"), "A\xffé");
    EXPECT_EQ(probe.of("downcase", "A\xffÉ"), "a\xffÉ");
    EXPECT_EQ(probe.of("capitalize", "éA\xff"), "éa\xff");
}

TEST(LiquidTextFilters, WhatDoesNotChangeIsNotCopied) {
    FilterProbe probe;
    const Value text = "PLAIN"_v;
    EXPECT_EQ(probe.value("upcase", text).as_string().data(), text.as_string().data());
    EXPECT_EQ(probe.value("strip", text).as_string().data(), text.as_string().data());
    EXPECT_EQ(probe.value("squish", text).as_string().data(), text.as_string().data());
    EXPECT_EQ(probe.value("replace", text, {"x"_v, "y"_v}).as_string().data(), text.as_string().data());
    EXPECT_EQ(probe.value("append", text, {""_v}).as_string().data(), text.as_string().data());
}

TEST(LiquidTextFilters, OtherValuesAreTheirText) {
    FilterProbe probe;
    EXPECT_EQ(probe.text("upcase", Value::boolean(false)), "FALSE");
    EXPECT_EQ(probe.text("capitalize", Value()), "");
    EXPECT_EQ(probe.text("append", 5_v, {"there"_v}), "5there");
    EXPECT_EQ(probe.text("prepend", "items"_v, {5_v}), "5items");
    EXPECT_EQ(probe.text("append", Value(), {Value()}), "");
    EXPECT_EQ(probe.text("squish", Value()), "nil");
}

TEST(LiquidTextFilters, ReplaceAll) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("replace", "aaaa", {"aa", "X"}), "XX");
    EXPECT_EQ(probe.of("replace", "hello", {"ll"}), "heo");
    EXPECT_EQ(probe.of("replace", "hello", {"how", "x"}), "hello");
    EXPECT_EQ(probe.of("replace", "hi", {"", "x"}), "xhxix");
    EXPECT_EQ(probe.of("replace", "é€", {"", "-"}), "-é-€-");
    EXPECT_EQ(probe.of("replace", "", {"", "x"}), "x");
    EXPECT_EQ(probe.of("replace", "\xff é", {"", "-"}), "-\xff- -\xc3-\xa9-");
    EXPECT_EQ(probe.of("replace", "a b c", {" ", "-"}), "a-b-c");
    EXPECT_EQ(probe.text("replace", "a1b1"_v, {1_v, 22_v}), "a22b22");
}

TEST(LiquidTextFilters, ReplaceFirstAndLast) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("replace_first", "banana", {"a", "X"}), "bXnana");
    EXPECT_EQ(probe.of("replace_first", "banana", {"", "X"}), "Xbanana");
    EXPECT_EQ(probe.of("replace_first", "banana", {"an"}), "bana");
    EXPECT_EQ(probe.of("replace_last", "banana", {"an", "X"}), "banXa");
    EXPECT_EQ(probe.of("replace_last", "banana", {"a", "X"}), "bananX");
    EXPECT_EQ(probe.of("replace_last", "banana", {"banana", "X"}), "X");
    EXPECT_EQ(probe.of("replace_last", "banana", {"bananas", "X"}), "banana");
    EXPECT_EQ(probe.of("replace_last", "banana", {"nb", "X"}), "banana");
    EXPECT_EQ(probe.of("replace_last", "banana", {"ba", "X"}), "Xnana");
    EXPECT_EQ(probe.of("replace_last", "aaa", {"aa", "X"}), "aX");
    EXPECT_EQ(probe.of("replace_last", "banana", {"", "#"}), "banana#");
    EXPECT_EQ(probe.of("replace_last", "a-b-c", {"-", "\\0"}), "a-b\\0c");
    EXPECT_EQ(probe.of("remove", "banana", {"an"}), "ba");
    EXPECT_EQ(probe.of("remove_first", "banana", {"an"}), "bana");
    EXPECT_EQ(probe.of("remove_last", "banana", {"an"}), "bana");
    EXPECT_EQ(probe.of("remove", "banana", {""}), "banana");
}

TEST(LiquidTextFilters, ReplacementsHaveBackslashes) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"([\0])"}), "[t]o[t]o");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"([\&])"}), "[t]o[t]o");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\1)"}), "oo");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\9x)"}), "xoxo");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\+)"}), "oo");
    EXPECT_EQ(probe.of("replace", "6. toto", {"t", R"(\`)"}), "6. 6. o6. too");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\')"}), "otoooo");
    EXPECT_EQ(probe.of("replace", "toto", {"", R"(\`-)"}), "-tt-oto-ttot-ototo-");
    EXPECT_EQ(probe.of("replace", "a", {"a", R"(\\\)"}), R"(\\)");
    EXPECT_EQ(probe.of("replace", "a", {"a", R"(\\)"}), R"(\)");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\x)"}), R"(\xo\xo)");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\é)"}), R"(\éo\éo)");
    EXPECT_EQ(probe.of("replace", "toto", {"t", R"(\k)"}), R"(\ko\ko)");
    EXPECT_EQ(probe.of("replace_first", "toto", {"o", R"([\`|\'|\&])"}), "t[t|to|o]to");
}

TEST(LiquidTextFilters, ReplacementsNameNoGroups) {
    FilterProbe probe;
    const Value named = probe.value("replace", "toto"_v, {"t"_v, Value::string("\\k<lol>")});
    ASSERT_TRUE(named.is_failure());
    EXPECT_EQ(named.as_failure().kind, ErrorKind::internal);
    EXPECT_EQ(named.as_failure().message, "internal");
    EXPECT_EQ(probe.of("replace", "toto", {"t", "\\k<lol"}), "Error: internal");
    EXPECT_EQ(probe.of("replace", "xx", {"t", "\\k<lol>"}), "xx");
}

TEST(LiquidTextFilters, Strip) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("strip", "\0\v a\0 \0"sv), "a");
    EXPECT_EQ(probe.of("lstrip", "\0 a \0"sv), "a \0"s);
    EXPECT_EQ(probe.of("rstrip", "\0 a \0"sv), "\0 a"s);
    EXPECT_EQ(probe.of("strip", " \t\r\n\f "), "");
    EXPECT_EQ(probe.of("strip", "\u00a0a\u00a0"), "\u00a0a\u00a0");
    EXPECT_EQ(probe.of("strip_newlines", "a\r\r\nb\nc\n"), "a\rbc");
    EXPECT_EQ(probe.of("strip_newlines", "\n\r\n"), "");
}

TEST(LiquidTextFilters, Squish) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("squish", "  a \n\t b c\vd "), "a b c d");
    EXPECT_EQ(probe.of("squish", "a b c"), "a b c");
    EXPECT_EQ(probe.of("squish", "a\nb"), "a b");
    EXPECT_EQ(probe.of("squish", " \t "), "");
    EXPECT_EQ(probe.of("squish", " \0 a \n b \v\u00a0"sv), "a b \u00a0");
}

TEST(LiquidTextFilters, Default) {
    FilterProbe probe;
    Map options(probe.arena());
    options.set("allow_false", Value::boolean(true));
    const Map empty(probe.arena());
    const Value other = "other"_v;
    EXPECT_EQ(probe.text("default", Value(), {other}), "other");
    EXPECT_EQ(probe.text("default", Value::boolean(false), {other}), "other");
    EXPECT_EQ(probe.text("default", Value::boolean(false), {other, Value::map(options)}), "false");
    EXPECT_EQ(probe.text("default", Value(), {other, Value::map(options)}), "other");
    EXPECT_EQ(probe.text("default", ""_v, {other, Value::map(options)}), "other");
    EXPECT_EQ(probe.text("default", Value::boolean(false), {other, 1_v}), "other");
    EXPECT_EQ(probe.text("default", Value::array({}), {other}), "other");
    EXPECT_EQ(probe.text("default", Value::map(empty), {other}), "other");
    EXPECT_EQ(probe.text("default", Value::empty(), {other}), "other");
    EXPECT_EQ(probe.text("default", "  "_v, {other}), "  ");
    EXPECT_EQ(probe.text("default", 0_v, {other}), "0");
    EXPECT_EQ(probe.text("default", Value()), "");
}

TEST(LiquidTextFilters, LongTextsTakeLinearTime) {
    FilterProbe probe;
    const std::string as(4'000'000, 'a');
    EXPECT_EQ(probe.of("remove", as, {"a"}), "");
    EXPECT_EQ(probe.of("replace", as, {"a", "b"}), std::string(as.size(), 'b'));
    const std::string prefix(1'000'000, 'a');
    EXPECT_EQ(probe.of("remove", as, {prefix + "b"}), as);
    EXPECT_EQ(probe.of("remove_last", as, {prefix + "b"}), as);
    EXPECT_EQ(probe.of("remove_last", as, {"b" + prefix}), as);
    EXPECT_EQ(probe.of("remove_last", as, {prefix}), std::string(3'000'000, 'a'));
}

TEST(LiquidTextFilters, RoomThatIsNotNeededIsGivenBack) {
    FilterProbe probe;
    const std::string_view first =
        probe.value("strip_newlines", Value::string("a\n\n\n\n\n\n\n\n"sv)).as_string();
    const std::string_view second = probe.value("strip_newlines", "b\n"_v).as_string();
    EXPECT_EQ(second.data() - first.data(), alignof(Value));
}

TEST(LiquidTextFilters, ResultsAreBounded) {
    FilterProbe probe(RenderLimits{.string_bytes = 1000});
    const std::string half(600, 'a');
    EXPECT_EQ(probe.of("append", half, {half}), "Error: Memory limits exceeded");
    FilterProbe blowing_up(RenderLimits{.string_bytes = 1000});
    EXPECT_EQ(blowing_up.of("replace", half, {"a", "\\`\\'"}), "Error: Memory limits exceeded");
    FilterProbe growing(RenderLimits{.string_bytes = 1000});
    EXPECT_EQ(growing.of("upcase", half + "é"), std::string(600, 'A') + "É");
}

}  // namespace
}  // namespace cartwright::liquid
