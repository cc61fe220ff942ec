#include "http/conditional.hpp"

#include "http/sent.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cartwright::http {
namespace {

using test::Sent;

constexpr std::int64_t moment = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(HttpDate, IsWrittenInItsFixedForm) {
    EXPECT_EQ(http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(HttpDate, IsReadInAllThreeForms) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", 0), moment);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", moment), moment);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", 1790000000), moment);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", 0), moment);
    EXPECT_EQ(parse_http_date("Thu Feb 29 00:00:00 2024", 0), 1709164800);
}

TEST(HttpDate, NothingElseIsADate) {
    for (const std::string_view text : {"",
                                        "0",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 UTC",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Sun, 31 Feb 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 24:00:00 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        "06 Nov 1994 08:49:37 GMT",
                                        "Xxx, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:60:37 GMT"}) {
        EXPECT_EQ(parse_http_date(text, 0), std::nullopt) << text;
    }
}

// The table of RFC 9110 8.8.3.2.
TEST(EntityTag, ComparesStronglyAndWeakly) {
    struct Case {
        std::string_view one, other;
        bool strong, weak;
    };

    constexpr std::array cases{Case{R"(W/"1")", R"(W/"1")", false, true},
                               Case{R"(W/"1")", R"(W/"2")", false, false},
                               Case{R"(W/"1")", R"("1")", false, true},
                               Case{R"("1")", R"("1")", true, true}};
    for (const auto& [one, other, strong, weak] : cases) {
        EXPECT_EQ(matches_strongly(one, other), strong) << one << other;
        EXPECT_EQ(matches_weakly(one, other), weak) << one << other;
    }
}

TEST(EntityTag, ListsAndMalformedMembers) {
    EXPECT_TRUE(matches_weakly(R"("a", "b,c" , W/"d")", R"("d")"));
    EXPECT_TRUE(matches_weakly(R"("a","b,c")", R"("b,c")"));
    EXPECT_TRUE(matches_weakly("*", R"("x")"));
    EXPECT_FALSE(matches_weakly("a", R"("a")"));
    EXPECT_FALSE(matches_weakly(R"("a)", R"("a")"));
    EXPECT_FALSE(matches_weakly(R"(w/"a")", R"("a")"));
    EXPECT_FALSE(matches_weakly("", R"("a")"));
    EXPECT_FALSE(matches_weakly(R"("a")", ""));
}

TEST(EntityTag, EachEncodingHasItsOwn) {
    EXPECT_EQ(etag_for(R"("abc")", Encoding::identity), R"("abc")");
    EXPECT_EQ(etag_for(R"("abc")", Encoding::gzip), R"("abc-gz")");
    EXPECT_EQ(etag_for(R"("abc")", Encoding::brotli), R"("abc-br")");
    EXPECT_NE(make_etag("a"), make_etag("b"));
    EXPECT_EQ(make_etag("a").size(), 24U);
}

struct ConditionCase {
    Method method;
    std::string_view name, value;
    Precondition expected;
};

TEST(Preconditions, FollowTheTable) {
    constexpr Validators current{R"("v2")", moment};
    constexpr std::string_view now = "Sun, 06 Nov 1994 08:49:37 GMT";
    constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
    constexpr std::array cases{
        ConditionCase{Method::get, "If-None-Match", R"("v2")", Precondition::not_modified},
        ConditionCase{Method::head, "If-None-Match", R"(W/"v2")", Precondition::not_modified},
        ConditionCase{Method::get, "If-None-Match", R"("v1")", Precondition::proceed},
        ConditionCase{Method::get, "If-None-Match", "*", Precondition::not_modified},
        ConditionCase{Method::put, "If-None-Match", "*", Precondition::failed},
        ConditionCase{Method::put, "If-None-Match", R"("v2")", Precondition::failed},
        ConditionCase{Method::put, "If-None-Match", R"("v1")", Precondition::proceed},
        ConditionCase{Method::put, "If-Match", R"("v2")", Precondition::proceed},
        ConditionCase{Method::put, "If-Match", R"("v1", "v2")", Precondition::proceed},
        ConditionCase{Method::put, "If-Match", R"(W/"v2")", Precondition::failed},
        ConditionCase{Method::put, "If-Match", R"("v1")", Precondition::failed},
        ConditionCase{Method::get, "If-Match", R"("v1")", Precondition::failed},
        ConditionCase{Method::put, "If-Match", "*", Precondition::proceed},
        ConditionCase{Method::get, "If-Modified-Since", now, Precondition::not_modified},
        ConditionCase{Method::get, "If-Modified-Since", before, Precondition::proceed},
        ConditionCase{Method::put, "If-Modified-Since", now, Precondition::proceed},
        ConditionCase{Method::get, "If-Modified-Since", "nonsense", Precondition::proceed},
        ConditionCase{Method::put, "If-Unmodified-Since", now, Precondition::proceed},
        ConditionCase{Method::put, "If-Unmodified-Since", before, Precondition::failed},
        ConditionCase{Method::put, "If-Unmodified-Since", "nonsense", Precondition::proceed},
    };
    for (const auto& [method, name, value, expected] : cases) {
        const Sent sent(method, "/", {{name, value}});
        EXPECT_EQ(evaluate(sent.request, current), expected)
            << name_of(method) << ' ' << name << ": " << value;
    }
}

TEST(Preconditions, TagsOutrankDatesAndMatchOutranksNoneMatch) {
    constexpr Validators current{R"("v2")", moment};
    constexpr std::string_view now = "Sun, 06 Nov 1994 08:49:37 GMT";
    const Sent by_tag(Method::get, "/", {{"If-None-Match", R"("v1")"}, {"If-Modified-Since", now}});
    EXPECT_EQ(evaluate(by_tag.request, current), Precondition::proceed);
    const Sent both(Method::get, "/", {{"If-Match", R"("v1")"}, {"If-None-Match", R"("v2")"}});
    EXPECT_EQ(evaluate(both.request, current), Precondition::failed);
    const Sent match(Method::put,
                     "/",
                     {{"If-Match", R"("v2")"}, {"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}});
    EXPECT_EQ(evaluate(match.request, current), Precondition::proceed);
}

TEST(Preconditions, WhatDoesNotExistMatchesNoStar) {
    const Sent match(Method::put, "/", {{"If-Match", "*"}});
    EXPECT_EQ(evaluate(match.request, {}, false), Precondition::failed);
    const Sent none(Method::put, "/", {{"If-None-Match", "*"}});
    EXPECT_EQ(evaluate(none.request, {}, false), Precondition::proceed);
}

using List = std::vector<ByteRange>;

TEST(Ranges, OfAHundredBytes) {
    struct Case {
        std::string_view field;
        bool satisfiable;
        List ranges;
    };

    const std::vector<Case> cases{
        {"bytes=0-0", true, {{0, 1}}},
        {"bytes=0-99", true, {{0, 100}}},
        {"bytes=0-", true, {{0, 100}}},
        {"bytes=99-", true, {{99, 1}}},
        {"bytes=-1", true, {{99, 1}}},
        {"bytes=-100", true, {{0, 100}}},
        {"bytes=-500", true, {{0, 100}}},
        {"bytes=50-500", true, {{50, 50}}},
        {"BYTES=1-2", true, {{1, 2}}},
        {"bytes= 1-2 , 5-6", true, {{1, 2}, {5, 2}}},
        {"bytes=5-6,1-2", true, {{1, 2}, {5, 2}}},
        {"bytes=1-2,3-4", true, {{1, 4}}},
        {"bytes=1-5,3-9", true, {{1, 9}}},
        {"bytes=0-9,200-300", true, {{0, 10}}},
        {"bytes=100-", false, {}},
        {"bytes=100-200,300-", false, {}},
        {"bytes=-0", false, {}},
        {"bytes=18446744073709551616-", false, {}},
        {"bytes=0-18446744073709551616", true, {{0, 100}}},
        // Malformed or abusive: the whole.
        {"", true, {}},
        {"bytes", true, {}},
        {"bytes=", true, {}},
        {"bytes=,", true, {}},
        {"bytes=-", true, {}},
        {"bytes=5-1", true, {}},
        {"bytes=a-b", true, {}},
        {"bytes=1", true, {}},
        {"bytes=+1-2", true, {}},
        {"bytes=1-2-3", true, {}},
        {"bytes=0-1,x", true, {}},
        {"items=0-1", true, {}},
        {"bytes 0-1", true, {}},
        {"bytes=0-80,0-80", true, {}},
        {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16", true, {}},
    };
    for (const auto& [field, satisfiable, ranges] : cases) {
        const Ranges parsed = parse_ranges(field, 100);
        EXPECT_EQ(parsed.satisfiable, satisfiable) << field;
        EXPECT_EQ(parsed.ranges, ranges) << field;
    }
}

TEST(Ranges, OfNothingAreNotSatisfiable) {
    EXPECT_FALSE(parse_ranges("bytes=0-", 0).satisfiable);
    EXPECT_FALSE(parse_ranges("bytes=-5", 0).satisfiable);
}

class RangeAnswer : public testing::Test {
protected:
    static Response answer(const Sent& sent) {
        Response response = text(200, "0123456789");
        response.set("ETag", "\"v1\"").set("Last-Modified", http_date(moment));
        apply_range(sent.request, response, "sep");
        return response;
    }
};

TEST_F(RangeAnswer, OneRange) {
    const Response response = answer(Sent(Method::get, "/", {{"Range", "bytes=2-4"}}));
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(std::get<std::string>(response.body), "234");
    EXPECT_EQ(response.field("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(response.field("Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(RangeAnswer, SeveralRanges) {
    const Response response = answer(Sent(Method::get, "/", {{"Range", "bytes=0-0,-2"}}));
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.field("Content-Type"), "multipart/byteranges; boundary=sep");
    EXPECT_FALSE(response.has("Content-Range"));
    EXPECT_EQ(std::get<std::string>(response.body),
              "--sep\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n"
              "--sep\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n"
              "--sep--\r\n");
}

TEST_F(RangeAnswer, OutsideIs416WithTheSize) {
    const Response response = answer(Sent(Method::get, "/", {{"Range", "bytes=10-"}}));
    EXPECT_EQ(response.status, 416);
    EXPECT_EQ(response.field("Content-Range"), "bytes */10");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(response.body));
}

TEST_F(RangeAnswer, IfRangeGuardsAgainstMixedVersions) {
    const auto status = [](std::string_view condition) {
        return answer(Sent(Method::get, "/", {{"Range", "bytes=0-1"}, {"If-Range", condition}})).status;
    };
    EXPECT_EQ(status("\"v1\""), 206);
    EXPECT_EQ(status("\"v0\""), 200);
    EXPECT_EQ(status("W/\"v1\""), 200);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:37 GMT"), 206);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:38 GMT"), 200);
    EXPECT_EQ(status("*"), 200);
    EXPECT_EQ(status("nonsense"), 200);
}

TEST_F(RangeAnswer, OnlyGetHasRanges) {
    const Response head = answer(Sent(Method::head, "/", {{"Range", "bytes=0-1"}}));
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Accept-Ranges"), "bytes");
}

TEST_F(RangeAnswer, OfAFileOneRangeIsSentAndSeveralMakeItWhole) {
    const auto file = std::make_shared<const int>(-1);
    Response response;
    response.body = FileBody{file, 100, 50};
    apply_range(Sent(Method::get, "/", {{"Range", "bytes=10-19"}}).request, response, "sep");
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(std::get<FileBody>(response.body).offset, 110U);
    EXPECT_EQ(std::get<FileBody>(response.body).length, 10U);
    EXPECT_EQ(response.field("Content-Range"), "bytes 10-19/50");
    Response whole;
    whole.body = FileBody{file, 0, 50};
    apply_range(Sent(Method::get, "/", {{"Range", "bytes=0-1,5-6"}}).request, whole, "sep");
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(std::get<FileBody>(whole.body).length, 50U);
}

TEST(Conditions, A304KeepsWhatARepeatedAnswerWouldSay) {
    Response response = html(200, "page");
    response.set("ETag", "\"v1\"").set("Cache-Control", "no-cache").set("Vary", "Accept-Encoding");
    EXPECT_TRUE(apply_conditions(Sent(Method::get, "/", {{"If-None-Match", "\"v1\""}}).request, response));
    EXPECT_EQ(response.status, 304);
    const std::vector<std::pair<std::string, std::string>> expected{
        {"ETag", "\"v1\""}, {"Cache-Control", "no-cache"}, {"Vary", "Accept-Encoding"}};
    EXPECT_EQ(response.fields, expected);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(response.body));
}

TEST(Conditions, AnswersWithoutValidatorsAndOtherStatusesPass) {
    const Sent sent(Method::get, "/", {{"If-None-Match", "*"}});
    Response plain = html(200, "page");
    EXPECT_FALSE(apply_conditions(sent.request, plain));
    Response missing = html(404, "page");
    missing.set("ETag", "\"v1\"");
    EXPECT_FALSE(apply_conditions(sent.request, missing));
    EXPECT_EQ(missing.status, 404);
}

}  // namespace
}  // namespace cartwright::http
