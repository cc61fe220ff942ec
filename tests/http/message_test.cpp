#include "http/message.hpp"

#include "http/sent.hpp"

#include <gtest/gtest.h>

namespace cartwright::http {
namespace {

using test::Sent;

TEST(Request, FieldsAreFoundWhateverTheirCaseAndTheFirstCounts) {
    const Sent sent(Method::get, "/", {{"X-One", "a"}, {"x-one", "b"}, {"Accept", "text/html"}});
    EXPECT_EQ(sent.request.field("x-ONE"), "a");
    EXPECT_EQ(sent.request.field("accept"), "text/html");
    EXPECT_EQ(sent.request.field("X-Two"), "");
}

TEST(Request, ListFieldsAreJoinedInOrder) {
    const Sent sent(
        Method::get, "/", {{"Accept", "text/html"}, {"Accept", ""}, {"accept", "application/json"}});
    std::string buffer;
    EXPECT_EQ(sent.request.list_field("Accept", buffer), "text/html, application/json");
    EXPECT_EQ(sent.request.list_field("X", buffer), "");
}

TEST(Request, HiddenCookiesAreGoneInEveryWay) {
    Sent sent(Method::get, "/", {{"Cookie", "a=1"}});
    EXPECT_EQ(sent.request.cookie("a"), "1");
    sent.request.cookies_hidden = true;
    EXPECT_EQ(sent.request.cookie("a"), "");
    EXPECT_EQ(sent.request.field("Cookie"), "");
}

TEST(Request, QueryValuesAreDecodedAndTheFirstCounts) {
    Sent sent;
    sent.request.query = "a=1&q=red%20shirt+xl&q=2&broken=%zz&empty=&bare&%71%32=two";
    EXPECT_EQ(sent.request.query_value("q"), "red shirt xl");
    EXPECT_EQ(sent.request.query_value("q2"), "two");
    EXPECT_EQ(sent.request.query_value("empty"), "");
    EXPECT_EQ(sent.request.query_value("bare"), "");
    EXPECT_EQ(sent.request.query_value("broken"), std::nullopt);
    EXPECT_EQ(sent.request.query_value("none"), std::nullopt);
}

TEST(Request, JsonIsWantedOnlyWhereItOutweighsPages) {
    const auto wants = [](std::string_view accept) {
        const Sent sent(Method::get, "/", {{"Accept", accept}});
        return sent.request.accepts_json();
    };
    EXPECT_TRUE(wants("application/json"));
    EXPECT_TRUE(wants("application/problem+json"));
    EXPECT_TRUE(wants("text/html;q=0.5, application/json"));
    EXPECT_FALSE(wants("*/*"));
    EXPECT_FALSE(wants("text/html, application/json"));
    EXPECT_FALSE(wants("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    EXPECT_FALSE(Sent().request.accepts_json());
}

TEST(Request, IdParametersAreNumbers) {
    Sent sent;
    sent.request.parameters.push({"id", "9223372036854775807"});
    sent.request.parameters.push({"name", "x1"});
    EXPECT_EQ(sent.request.id_parameter("id"), 9223372036854775807);
    EXPECT_EQ(sent.request.id_parameter("name"), 0);
    EXPECT_EQ(sent.request.id_parameter("other"), 0);
    EXPECT_EQ(sent.request.parameter("name"), "x1");
}

TEST(Request, MediaTypeLeavesParametersOut) {
    const Sent sent(Method::post, "/", {{"Content-Type", " application/json ; charset=utf-8"}});
    EXPECT_EQ(sent.request.media_type(), "application/json");
}

TEST(Response, SettingReplacesAndSetCookieAdds) {
    Response response;
    response.set("X-A", "1").set("x-a", "2").set("Set-Cookie", "a=1").set("Set-Cookie", "b=2");
    const std::vector<std::pair<std::string, std::string>> expected{
        {"x-a", "2"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}};
    EXPECT_EQ(response.fields, expected);
}

TEST(Response, ForbiddenBytesNeverBecomeAField) {
    Response response;
    for (const std::string_view value : {"a\r\nSet-Cookie: x=1", "a\nb", "a\rb", "\x7f", " a", "a\t"}) {
        EXPECT_THROW(response.set("X", value), std::invalid_argument) << value;
    }
    EXPECT_THROW(response.set("X", std::string_view("a\0b", 3)), std::invalid_argument);
    for (const std::string_view name : {"", "X Y", "X:", "X\r\n", "Имя"}) {
        EXPECT_THROW(response.set(name, "v"), std::invalid_argument) << name;
    }
    EXPECT_TRUE(response.fields.empty());
    response.set("X", "a\tb \xd0\xb9");
    EXPECT_EQ(response.field("X"), "a\tb \xd0\xb9");
}

TEST(Redirect, LeadsOnlyWhereItShould) {
    EXPECT_EQ(redirect(303, "/orders?x=1#top").field("Location"), "/orders?x=1#top");
    EXPECT_EQ(redirect(308, "https://shop.example/").status, 308);
    for (const std::string_view to : {"//evil.example",
                                      "/\\evil.example",
                                      "\\/evil.example",
                                      "javascript:alert(1)",
                                      "evil.example",
                                      "",
                                      "ftp://x",
                                      "/a\r\nX: y",
                                      "/a b",
                                      "data:text/html,x",
                                      "https:/\\evil.example",
                                      "/\t/evil.example",
                                      "mailto:x@y",
                                      "?next",
                                      "/é"}) {
        EXPECT_THROW(redirect(303, to), std::invalid_argument) << to;
        EXPECT_EQ(local_path(to, "/home"), "/home") << to;
    }
    EXPECT_EQ(local_path("/cart?step=2", "/home"), "/cart?step=2");
    EXPECT_EQ(local_path("https://shop.example/", "/home"), "/home");
}

}  // namespace
}  // namespace cartwright::http
