#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cartwright {
namespace {

TEST(Utf8Test, AcceptsWhatRfc3629Allows) {
    for (const std::string_view good : {"",
                                        "abc",
                                        "Футболка",
                                        "日本",
                                        "\U0001F600",
                                        "\xEF\xBF\xBF",
                                        "\xF4\x8F\xBF\xBF",
                                        "\xED\x9F\xBF",
                                        "\xEE\x80\x80"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8Test, RefusesTheRest) {
    const std::string_view bad[] = {"\x80",
                                    "\xC0\x80",
                                    "\xC1\xBF",
                                    "\xC3",
                                    "\xE0\x80\x80",
                                    "\xE0\x9F\xBF",
                                    "\xED\xA0\x80",
                                    "\xED\xBF\xBF",
                                    "\xF0\x80\x80\x80",
                                    "\xF4\x90\x80\x80",
                                    "\xF5\x80\x80\x80",
                                    "\xFF",
                                    "\xE2\x82",
                                    "\xE2\x28\xA1",
                                    "abcdefghijk\xD0",
                                    "\xD0\xD0\xB0"};
    for (const std::string_view text : bad) {
        EXPECT_FALSE(is_utf8(text));
    }
}

TEST(Utf8Test, PrefixDoesNotCutACharacter) {
    EXPECT_EQ(utf8_prefix("яя", 3), "я");
    EXPECT_EQ(utf8_prefix("яя", 4), "яя");
    EXPECT_EQ(utf8_prefix("яя", 1), "");
    EXPECT_EQ(utf8_prefix("ab", 1), "a");
}

TEST(HtmlTest, EscapesTheFiveThatMatter) {
    EXPECT_EQ(escape_html("<a href=\"x\">Tom & 'Jerry'</a>"),
              "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jerry&#39;&lt;/a&gt;");
    EXPECT_EQ(escape_html("nothing to do"), "nothing to do");
    EXPECT_EQ(escape_html(""), "");
    EXPECT_EQ(escape_html(std::string_view("a\0<", 3)), std::string("a\0&lt;", 6));
    std::string page = "<b>";
    append_html(page, "1 < 2");
    EXPECT_EQ(page, "<b>1 &lt; 2");
}

TEST(AsciiTest, CaseIsIgnoredForAsciiAlone) {
    EXPECT_TRUE(same_ignoring_case("Content-Length", "content-lENGTH"));
    EXPECT_FALSE(same_ignoring_case("a", "ab"));
    EXPECT_FALSE(same_ignoring_case("Я", "я"));
    EXPECT_FALSE(same_ignoring_case("@", "`"));
    EXPECT_EQ(to_lower_ascii("Shop.EXAMPLE"), "shop.example");
}

TEST(AsciiTest, TrimTakesBlanksOfBothEnds) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim(""), "");
}

TEST(NumberTest, ParseInt64TakesTheWholeTextOrNothing) {
    EXPECT_EQ(parse_int64("0"), 0);
    EXPECT_EQ(parse_int64("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(parse_int64("9223372036854775807"), INT64_MAX);
    for (const std::string_view wrong :
         {"", "-", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808", "1e3", "--1"}) {
        EXPECT_EQ(parse_int64(wrong), std::nullopt) << wrong;
    }
}

TEST(UrlTest, EncodesAllButUnreserved) {
    EXPECT_EQ(url_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(url_encode("a b/я?&+%"), "a%20b%2F%D1%8F%3F%26%2B%25");
}

TEST(UrlTest, DecodesOnceAndStrictly) {
    EXPECT_EQ(url_decode("a%20b+%D1%8F", Plus::stays, 100), "a b+я");
    EXPECT_EQ(url_decode("a%20b+%d1%8f", Plus::is_space, 100), "a b я");
    EXPECT_EQ(url_decode("%2541", Plus::stays, 100), "%41");
    EXPECT_EQ(url_decode("%41", Plus::stays, 1), "A");
    EXPECT_EQ(url_decode("", Plus::stays, 0), "");
    for (const std::string_view wrong : {"%", "%4", "%4g", "%g4", "%00", "%FF", "%D1", "%+1", "% 1"}) {
        EXPECT_EQ(url_decode(wrong, Plus::stays, 100), std::nullopt) << wrong;
    }
    EXPECT_EQ(url_decode("ab", Plus::stays, 1), std::nullopt);
}

TEST(NearestTest, FindsTheWordThatWasMeant) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    const std::string_view words[] = {"server.port", "server.listen", "log.level"};
    EXPECT_EQ(nearest("server.prot", words), "server.port");
    EXPECT_EQ(nearest("log.levle", words), "log.level");
    EXPECT_EQ(nearest("xyz", words), std::nullopt);
}

}  // namespace
}  // namespace cartwright
