#include "filter_probe.hpp"

#include <gtest/gtest.h>

namespace cartwright::liquid {
namespace {

using namespace std::string_view_literals;

TEST(LiquidUrlFilters, Encode) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("url_encode", "*~-._ !'()/é\n+"), "%2A~-._+%21%27%28%29%2F%C3%A9%0A%2B");
    EXPECT_EQ(probe.of("url_encode", "azAZ09"), "azAZ09");
    EXPECT_EQ(probe.of("url_encode", "\0"sv), "%00");
    EXPECT_EQ(probe.of("url_encode", std::string(2000, 'a') + "&"), std::string(2000, 'a') + "%26");
    EXPECT_EQ(probe.text("url_encode", 1_v), "1");
    EXPECT_EQ(probe.text("url_encode", Value()), "nil");
}

TEST(LiquidUrlFilters, Decode) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("url_decode", "a+b%2B%C3%A9%c3%a9"), "a b+éé");
    EXPECT_EQ(probe.of("url_decode", "%4"), "%4");
    EXPECT_EQ(probe.of("url_decode", "100%"), "100%");
    EXPECT_EQ(probe.of("url_decode", "+%+"), " %+");
    EXPECT_EQ(probe.of("url_decode", "%+%41"), "% A");
    EXPECT_EQ(probe.of("url_decode", "%zz%41%4g%%41"), "%zzA%4g%A");
    EXPECT_EQ(probe.text("url_decode", Value()), "nil");
}

TEST(LiquidUrlFilters, DecodeGivesUtf8OrNothing) {
    FilterProbe probe;
    for (const std::string_view text :
         {"%C3", "%FF", "%C0%80", "%ED%A0%80", "%E0%9F%BF", "%F4%90%80%80", "%F0%8F%BF%BF", "%80", "\xff"}) {
        EXPECT_EQ(probe.of("url_decode", text), "Error: invalid byte sequence in UTF-8") << text;
    }
    EXPECT_EQ(probe.of("url_decode", "%ED%9F%BF%EE%80%80%F4%8F%BF%BF"), "\uD7FF\uE000\U0010FFFF");
}

TEST(LiquidUrlFilters, Base64Encode) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("base64_encode", ""), "");
    EXPECT_EQ(probe.of("base64_encode", "f"), "Zg==");
    EXPECT_EQ(probe.of("base64_encode", "fo"), "Zm8=");
    EXPECT_EQ(probe.of("base64_encode", "foo"), "Zm9v");
    EXPECT_EQ(probe.of("base64_encode", "\xfb\xff\xbf"), "+/+/");
    EXPECT_EQ(probe.of("base64_url_safe_encode", "\xfb\xff\xbf"), "-_-_");
    EXPECT_EQ(probe.of("base64_url_safe_encode", "fo"), "Zm8=");
    EXPECT_EQ(probe.text("base64_encode", 0_v), "MA==");
    EXPECT_EQ(probe.text("base64_encode", Value()), "");
}

TEST(LiquidUrlFilters, Base64Decode) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("base64_decode", "b25lIHR3byB0aHJlZQ=="), "one two three");
    EXPECT_EQ(probe.of("base64_decode", "Zm8="), "fo");
    EXPECT_EQ(probe.of("base64_decode", ""), "");
    EXPECT_EQ(probe.of("base64_decode", "+/+/"), "\xfb\xff\xbf");
    EXPECT_EQ(probe.text("base64_decode", Value()), "");
    for (const std::string_view text :
         {"5", "YQ", "YR==", "YQ==\n", "YQ==YQ==", "====", "=", "Y===", "-_-_", "YWF=", "Y=Q=", "Zm9vé"}) {
        EXPECT_EQ(probe.of("base64_decode", text), "Error: invalid base64 provided to base64_decode") << text;
    }
}

TEST(LiquidUrlFilters, Base64DecodeOfUrlsNeedsNoPadding) {
    FilterProbe probe;
    EXPECT_EQ(probe.of("base64_url_safe_decode", "YQ"), "a");
    EXPECT_EQ(probe.of("base64_url_safe_decode", "YQ=="), "a");
    EXPECT_EQ(probe.of("base64_url_safe_decode", "YWI"), "ab");
    EXPECT_EQ(probe.of("base64_url_safe_decode", "-_-_"), "\xfb\xff\xbf");
    EXPECT_EQ(probe.of("base64_url_safe_decode", "+/+/"), "\xfb\xff\xbf");
    for (const std::string_view text : {"Y", "YQ=", "YR", "=", "YWJ=YQ", "Y===", "YQ=a"}) {
        EXPECT_EQ(probe.of("base64_url_safe_decode", text),
                  "Error: invalid base64 provided to base64_url_safe_decode")
            << text;
    }
}

TEST(LiquidUrlFilters, ResultsAreBounded) {
    FilterProbe probe(RenderLimits{.string_bytes = 1000});
    EXPECT_EQ(probe.of("url_encode", std::string(900, '&')), "Error: Memory limits exceeded");
    FilterProbe other(RenderLimits{.string_bytes = 1000});
    EXPECT_EQ(other.of("base64_encode", std::string(900, '&')), "Error: Memory limits exceeded");
}

}  // namespace
}  // namespace cartwright::liquid
