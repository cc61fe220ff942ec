#include "filter_probe.hpp"
#include "liquid/html_scan.hpp"

#include <gtest/gtest.h>

namespace cartwright::liquid {
namespace {

std::string times(std::size_t count, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

TEST(LiquidHtmlFilters, ScanFindsEachSpecialAtEachPlace) {
    for (int c = 0; c < 256; ++c) {
        const auto character = static_cast<char>(c);
        for (std::size_t at = 0; at < 40; ++at) {
            std::string text(40, 'x');
            text[at] = character;
            ASSERT_EQ(find_html_special(text), html_entity(character).empty() ? 40U : at)
                << c << " at " << at;
        }
    }
}

TEST(LiquidHtmlFilters, Escape) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("escape", "<a href='x'>\"&amp;\"</a>"),
              "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;&quot;&lt;/a&gt;");
    EXPECT_EQ(probe.of("h", "<strong>"), "&lt;strong&gt;");
    EXPECT_EQ(probe.of("escape", "é \xff >"), "é \xff &gt;");
    EXPECT_EQ(probe.of("escape", times(100, "<")), times(100, "&lt;"));
    EXPECT_EQ(probe.text("escape", Value()), "nil");
    EXPECT_EQ(probe.text("escape", 5_v), "5");
    const Value plain = "nothing special in these characters"_v;
    EXPECT_EQ(probe.value("escape", plain).as_string().data(), plain.as_string().data());
}

TEST(LiquidHtmlFilters, EscapeOfEveryLengthAndPlace) {
    FilterProbe probe;
    for (std::size_t size = 1; size <= 70; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            const std::string before(at, 'b');
            const std::string after(size - at - 1, 'a');
            ASSERT_EQ(probe.of("escape", before + "\"" + after), before + "&quot;" + after);
        }
        ASSERT_EQ(probe.of("escape", std::string(size, '<')), times(size, "&lt;"));
    }
}

TEST(LiquidHtmlFilters, OutputEscapesTheSameWay) {
    Output output;
    std::string expected;
    for (const std::size_t size : {1U, 15U, 16U, 31U, 32U, 33U, 5000U}) {
        output.append_escaped(times(size, "a"));
        output.append_escaped(times(size, "&"));
        expected += times(size, "a") + times(size, "&amp;");
    }
    output.append_escaped("");
    EXPECT_EQ(output.text(), expected);
}

TEST(LiquidHtmlFilters, EscapeOnceKeepsEntities) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("escape_once", "&lt;strong&gt;Hulk</strong>"), "&lt;strong&gt;Hulk&lt;/strong&gt;");
    EXPECT_EQ(probe.of("escape_once", "&#x27; &am p; &#39; &#; &; &é; &a1; &"),
              "&amp;#x27; &amp;am p; &#39; &amp;#; &amp;; &amp;é; &amp;a1; &amp;");
    EXPECT_EQ(probe.of("escape_once", "&&amp;&"), "&amp;&amp;&amp;");
    EXPECT_EQ(probe.of("escape_once", "'\"<>"), "&#39;&quot;&lt;&gt;");
    const Value plain = "&lt;kept&gt;"_v;
    EXPECT_EQ(probe.value("escape_once", plain).as_string().data(), plain.as_string().data());
    EXPECT_EQ(probe.text("escape_once", Value()), "");
}

TEST(LiquidHtmlFilters, StripHtmlRemovesTags) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("strip_html", "Have <em>you</em> read\n<strong\n>it</strong>?"), "Have you read\nit?");
    EXPECT_EQ(probe.of("strip_html", "a < b"), "a < b");
    EXPECT_EQ(probe.of("strip_html", "a > b < c"), "a > b < c");
    EXPECT_EQ(probe.of("strip_html", "<b>a</b> <"), "a <");
    EXPECT_EQ(probe.of("strip_html", "<<b>>"), ">");
    EXPECT_EQ(probe.of("strip_html", "<>a"), "a");
    EXPECT_EQ(probe.text("strip_html", Value()), "");
}

TEST(LiquidHtmlFilters, StripHtmlRemovesScriptsStylesAndCommentsFirst) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("strip_html", "a<script type='x'>b<i>\n</script>c"), "ac");
    EXPECT_EQ(probe.of("strip_html", "a<style>\nb</style>c<script>d</script>e"), "ace");
    EXPECT_EQ(probe.of("strip_html", "a<!-- <b>\n --> c"), "a c");
    EXPECT_EQ(probe.of("strip_html", "<!-->a-->b"), "b");
    EXPECT_EQ(probe.of("strip_html", "<!-->a"), "a");
    EXPECT_EQ(probe.of("strip_html", "<SCRIPT>a</SCRIPT>"), "a");
    EXPECT_EQ(probe.of("strip_html", "<<<script </script>script>foo;</script>"), "foo;");
    EXPECT_EQ(probe.of("strip_html", "<scr<!-- -->ipt>a</script>"), "a");
    EXPECT_EQ(probe.of("strip_html", "<script>a</style>b"), "ab");
    EXPECT_EQ(probe.of("strip_html", "<script>a<script>b</script>c</script>d"), "cd");
    EXPECT_EQ(probe.of("strip_html", "<script><!--</script>-->a"), "-->a");
}

TEST(LiquidHtmlFilters, StripHtmlTakesLinearTime) {
    FilterProbe probe;
    for (const std::string_view piece : {"<", "<!--", "<script", "<style", "<!--<script<style", "</script"}) {
        const std::string text = times(3'000'000 / piece.size(), piece);
        EXPECT_EQ(probe.of("strip_html", text), text) << piece;
        EXPECT_EQ(probe.of("strip_html", ">" + text), ">" + text) << piece;
    }
    EXPECT_EQ(probe.of("strip_html", times(300'000, "<script") + ">"), "");
    EXPECT_EQ(probe.of("escape_once", times(300'000, "&abc")), times(300'000, "&amp;abc"));
}

TEST(LiquidHtmlFilters, NewlineToBr) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("newline_to_br", "a\r\nb\nc"), "a<br />\nb<br />\nc");
    EXPECT_EQ(probe.of("newline_to_br", "\n\n"), "<br />\n<br />\n");
    EXPECT_EQ(probe.of("newline_to_br", "a\rb\r\r\n"), "a\rb\r<br />\n");
    EXPECT_EQ(probe.of("newline_to_br", "a"), "a");
}

TEST(LiquidHtmlFilters, ResultsAreBounded) {
    for (const std::string_view filter : {"escape", "escape_once"}) {
        FilterProbe probe(RenderLimits{.string_bytes = 1000});
        EXPECT_EQ(probe.of(filter, std::string(900, '"')), "Error: Memory limits exceeded") << filter;
    }
    FilterProbe probe(RenderLimits{.string_bytes = 1000});
    EXPECT_EQ(probe.of("newline_to_br", std::string(900, '\n')), "Error: Memory limits exceeded");
}

}  // namespace
}  // namespace cartwright::liquid
