#include "json/writer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cartwright::json {
namespace {

TEST(JsonWriter, WritesCompactlyInTheOrderOfTheCalls) {
    Writer out;
    out.begin_object()
        .member("name", "Рубашка \"A\"\n")
        .member("id", ShopId(9007199254740993))
        .member("count", 5)
        .member("on", true)
        .member("none", std::optional<int>())
        .member("some", std::optional<std::string>("x"));
    out.key("list")
        .begin_array()
        .value(1)
        .value("two")
        .begin_object()
        .end_object()
        .begin_array()
        .end_array()
        .end_array();
    out.key("raw").raw("{\"a\":1}").key("null").null().end_object();
    EXPECT_EQ(out.take(),
              "{\"name\":\"Рубашка \\\"A\\\"\\n\",\"id\":\"9007199254740993\",\"count\":5,\"on\":true,"
              "\"none\":null,\"some\":\"x\",\"list\":[1,\"two\",{},[]],\"raw\":{\"a\":1},\"null\":null}");
}

TEST(JsonWriter, MomentsAreRfc3339) {
    Writer out;
    out.value(Instant(std::chrono::seconds(784111777) + std::chrono::microseconds(1)));
    EXPECT_EQ(out.take(), "\"1994-11-06T08:49:37.000001Z\"");
}

TEST(JsonWriter, ControlsAreEscapedAndBrokenUtf8IsReplaced) {
    Writer out;
    out.begin_array().value(std::string_view("\x01\x1f\x7f\0", 4)).value("a\xff\xd1\x84\xd1").end_array();
    EXPECT_EQ(out.take(), "[\"\\u0001\\u001f\x7f\\u0000\",\"a\xef\xbf\xbdф\xef\xbf\xbd\"]");
}

TEST(JsonWriter, NumbersThatJavaScriptWouldRoundAreRefused) {
    Writer out;
    out.begin_array().value(std::int64_t{1} << 53).value(-(std::int64_t{1} << 53));
    EXPECT_THROW(out.value((std::int64_t{1} << 53) + 1), std::out_of_range);
    EXPECT_EQ(out.end_array().take(), "[9007199254740992,-9007199254740992]");
}

TEST(JsonWriter, NestingIsChecked) {
    EXPECT_THROW(Writer().end_object(), std::logic_error);
    EXPECT_THROW(Writer().key("a"), std::logic_error);
    EXPECT_THROW(Writer().begin_object().value(1), std::logic_error);
    EXPECT_THROW(Writer().begin_object().key("a").key("b"), std::logic_error);
    EXPECT_THROW(Writer().begin_object().key("a").end_object(), std::logic_error);
    EXPECT_THROW(Writer().begin_array().key("a"), std::logic_error);
    EXPECT_THROW(Writer().begin_array().end_object(), std::logic_error);
    EXPECT_THROW(Writer().begin_array().take(), std::logic_error);
    EXPECT_THROW(Writer().take(), std::logic_error);
    EXPECT_THROW(Writer().value(1).value(2), std::logic_error);
}

}  // namespace
}  // namespace cartwright::json
