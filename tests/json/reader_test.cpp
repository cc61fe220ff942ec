#include "json/reader.hpp"

#include <gtest/gtest.h>

namespace cartwright::json {
namespace {

Document parsed(std::string_view text) {
    auto document = Document::parse(text);
    EXPECT_TRUE(document) << text;
    return std::move(*document);
}

std::vector<std::pair<std::string, std::string>> faults_of(const Document& document) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Refusal& fault : document.faults()) all.emplace_back(fault.field(), fault.code());
    return all;
}

using Faults = std::vector<std::pair<std::string, std::string>>;

TEST(JsonReader, HandsOutMembersByType) {
    const std::string text =
        R"({"name":"Рубашка \"A\"","count":12,"whole":1.2e1,"on":true,"id":"9007199254740993",
        "maybe":null,"inner":{"x":-5},"list":["a","b"],"rows":[{"n":1},{"n":2}]})";
    Document document = parsed(text);
    Object in = document.object();
    EXPECT_EQ(in.text("name", 100), "Рубашка \"A\"");
    EXPECT_EQ(in.integer("count"), 12);
    EXPECT_EQ(in.integer("whole"), 12);
    EXPECT_TRUE(in.flag("on"));
    EXPECT_EQ(in.id<ShopId>("id"), ShopId(9007199254740993));
    EXPECT_EQ(in.maybe_text("maybe", 10), std::nullopt);
    EXPECT_EQ(in.maybe_integer("absent"), std::nullopt);
    EXPECT_EQ(in.object("inner").integer("x"), -5);
    Array list = in.array("list", 2);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list.text(1, 1), "b");
    Array rows = in.array("rows", 10);
    EXPECT_EQ(rows.object(0).integer("n") + rows.object(1).integer("n"), 3);
    EXPECT_EQ(faults_of(document), Faults());
    EXPECT_TRUE(document.check().has_value());
}

TEST(JsonReader, EveryFaultHasItsPlace) {
    Document document = parsed(
        R"({"name":5,"count":"12","on":1,"id":12,"lines":[{"quantity":0},{}],"a/b~c":1,"long":"abc"})");
    Object in = document.object();
    EXPECT_EQ(in.text("name", 100), "");
    EXPECT_EQ(in.integer("count"), 0);
    EXPECT_FALSE(in.flag("on"));
    EXPECT_EQ(in.id_number("id"), 0);
    Array lines = in.array("lines", 10);
    lines.object(0).integer("quantity", 1, 999);
    lines.object(1).integer("quantity", 1, 999);
    in.text("missing", 1);
    in.text("a/b~c", 1);
    in.text("long", 2);
    in.fault("name", Reason{"shop.bad_name", Kind::invalid});
    const Faults expected{{"/name", "json.wrong_type"},
                          {"/count", "json.wrong_type"},
                          {"/on", "json.wrong_type"},
                          {"/id", "json.wrong_type"},
                          {"/lines/0/quantity", "json.out_of_range"},
                          {"/lines/1/quantity", "json.missing_member"},
                          {"/missing", "json.missing_member"},
                          {"/a~1b~0c", "json.wrong_type"},
                          {"/long", "json.out_of_range"},
                          {"/name", "shop.bad_name"}};
    EXPECT_EQ(faults_of(document), expected);
    EXPECT_EQ(document.check().error().field(), "/name");
}

TEST(JsonReader, MembersThatNobodyAskedForAreRefused) {
    Document document = parsed(R"({"name":"x","shop_id":"1","inner":{"role":"owner","x":1}})");
    Object in = document.object();
    in.text("name", 10);
    in.object("inner").integer("x");
    const Faults expected{{"/shop_id", "json.unknown_member"}, {"/inner/role", "json.unknown_member"}};
    EXPECT_EQ(faults_of(document), expected);
}

TEST(JsonReader, WhatIsInsideAMissingObjectIsNotReportedAgain) {
    Document document = parsed(R"({"inner":5})");
    Object in = document.object();
    EXPECT_EQ(in.object("inner").text("x", 1), "");
    EXPECT_EQ(in.object("other").integer("y"), 0);
    EXPECT_EQ(faults_of(document),
              (Faults{{"/inner", "json.wrong_type"}, {"/other", "json.missing_member"}}));
    Document list = parsed("[1]");
    EXPECT_EQ(list.object().text("x", 1), "");
    EXPECT_EQ(faults_of(list), (Faults{{"", "json.wrong_type"}}));
}

TEST(JsonReader, NumbersAreWholeAndExact) {
    const auto read = [](std::string_view number) -> std::string {
        Document document = parsed("{\"n\":" + std::string(number) + "}");
        const std::int64_t value = document.object().integer("n");
        const auto faults = document.faults();
        return faults.empty() ? std::to_string(value) : std::string(faults.front().code());
    };
    EXPECT_EQ(read("9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(read("-9223372036854775808"), "-9223372036854775808");
    EXPECT_EQ(read("9223372036854775808"), "json.out_of_range");
    EXPECT_EQ(read("18446744073709551616"), "json.out_of_range");
    EXPECT_EQ(read("1e400"), "json.out_of_range");
    EXPECT_EQ(read("1e3"), "1000");
    EXPECT_EQ(read("0.0012e4"), "12");
    EXPECT_EQ(read("-0"), "0");
    EXPECT_EQ(read("1.5"), "json.wrong_type");
    EXPECT_EQ(read("9007199254740994.0"), "json.out_of_range");
    EXPECT_EQ(read("\"5\""), "json.wrong_type");
}

TEST(JsonReader, IdsAreDecimalStrings) {
    const auto read = [](std::string_view text) {
        Document document = parsed("{\"id\":\"" + std::string(text) + "\"}");
        const std::int64_t id = document.object().id_number("id");
        EXPECT_EQ(id == 0, !document.faults().empty());
        return id;
    };
    EXPECT_EQ(read("9223372036854775807"), 9223372036854775807);
    for (const std::string_view text :
         {"", "0", "01", "-1", "+1", "1 ", "0x1", "9223372036854775808", "1e3"}) {
        EXPECT_EQ(read(text), 0) << text;
    }
}

TEST(JsonReader, TextHoldsNoNul) {
    Document document = parsed(R"({"name":"a\u0000b"})");
    EXPECT_EQ(document.object().text("name", 10), "");
    EXPECT_EQ(faults_of(document), (Faults{{"/name", "json.out_of_range"}}));
}

TEST(JsonReader, DuplicateMembersAreRefusedWithTheirPlace) {
    const auto place = [](std::string_view text) {
        const auto document = Document::parse(text);
        EXPECT_FALSE(document);
        EXPECT_EQ(document.error().reason(), duplicate_member);
        return document.error().field();
    };
    EXPECT_EQ(place(R"({"a":1,"a":2})"), "");
    EXPECT_EQ(place(R"({"x":[0,{"b":1,"\u0062":2}]})"), "/x/1");
    EXPECT_EQ(place(R"({"x":{"y":{"":1,"":2}}})"), "/x/y");
}

TEST(JsonReader, OnlyStrictJson) {
    for (const std::string_view text :
         {"",         " ",        "{",           "}",       "{\"a\":1,}", "[1,]",
          "{a:1}",    "{'a':1}",  "// c\n{}",    "{} {}",   "{}x",        "nul",
          "01",       "1.",       ".5",          "+1",      "NaN",        "Infinity",
          "\"\x01\"", "\"\xff\"", "\"\\ud800\"", "\"\\x\"", "\"open",     "\xef\xbb\xbf{}",
          "[1 2]"}) {
        const auto document = Document::parse(text);
        ASSERT_FALSE(document) << text;
        EXPECT_EQ(document.error().reason(), malformed) << text;
    }
}

TEST(JsonReader, LimitsAreExact) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(Document::parse(nested(32)));
    EXPECT_EQ(Document::parse(nested(33)).error().reason(), too_large);
    EXPECT_EQ(Document::parse(std::string(100'000, '[')).error().reason(), too_large);
    EXPECT_TRUE(Document::parse("[1,2,3]", {.values = 4}));
    EXPECT_EQ(Document::parse("[1,2,3]", {.values = 3}).error().reason(), too_large);
    EXPECT_TRUE(Document::parse("[1]", {.bytes = 3}));
    EXPECT_EQ(Document::parse("[1] ", {.bytes = 3}).error().reason(), too_large);
}

TEST(JsonReader, RawIsCompactJson) {
    Document document = parsed(
        R"({ "settings" : { "a" : [ 1, -2, true, null, "x\n\"" ], "b" : {} , "c" : 0.10e5, "d":611111111111111111111111 } })");
    Object in = document.object();
    EXPECT_EQ(in.raw("settings", 100),
              R"({"a":[1,-2,true,null,"x\n\""],"b":{},"c":0.10e5,"d":611111111111111111111111})");
    EXPECT_EQ(in.raw("settings", 10), "");
    EXPECT_EQ(faults_of(document), (Faults{{"/settings", "json.out_of_range"}}));
}

TEST(JsonReader, FaultsAreBounded) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    Document document = parsed(text + "}");
    document.object();
    EXPECT_EQ(document.faults().size(), 20U);
}

}  // namespace
}  // namespace cartwright::json
