#include "http/cookie.hpp"

#include "http/sent.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cartwright::http {
namespace {

using test::Sent;

std::string_view found(std::string_view header, std::string_view name) {
    const std::vector<Field> fields{{"Cookie", header}};
    return find_cookie(fields, name);
}

TEST(FindCookie, ReadsPairs) {
    EXPECT_EQ(found("a=1; b=2", "b"), "2");
    EXPECT_EQ(found("a=1;b=2", "b"), "2");
    EXPECT_EQ(found("a=x=y", "a"), "x=y");
    EXPECT_EQ(found("a=\"quoted\"", "a"), "quoted");
    EXPECT_EQ(found("a=", "a"), "");
    EXPECT_EQ(found("A=1", "a"), "");
}

TEST(FindCookie, RepairsNothing) {
    EXPECT_EQ(found("a=1; a=2", "a"), "");
    EXPECT_EQ(found("a=1; a=1", "a"), "");
    EXPECT_EQ(found("a b=1", "a"), "");
    EXPECT_EQ(found("a", "a"), "");
    EXPECT_EQ(found("a=x y", "a"), "");
    EXPECT_EQ(found("a=x,y", "a"), "");
    EXPECT_EQ(found("a=x\\y", "a"), "");
    EXPECT_EQ(found("a=\xd1\x84", "a"), "");
    EXPECT_EQ(found(" =1; =2", ""), "");
}

TEST(FindCookie, LooksInEveryFieldAndIsBounded) {
    const std::vector<Field> fields{{"cookie", "a=1"}, {"COOKIE", "b=2"}};
    EXPECT_EQ(find_cookie(fields, "b"), "2");
    std::string many;
    for (int i = 0; i < 100; ++i) many += "x=1; ";
    EXPECT_EQ(found(many + "late=1", "late"), "");
}

TEST(SetCookie, IsBoundToHostAndHttpsByDefault) {
    const Sent sent;
    Response response;
    set_cookie(sent.request, response, {.name = "session", .value = "abc"});
    EXPECT_EQ(response.field("Set-Cookie"), "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, OnAPlainPublicHostItStaysSecure) {
    Sent sent;
    sent.request.secure = false;
    Response response;
    set_cookie(sent.request, response, {.name = "session", .value = "abc"});
    EXPECT_EQ(response.field("Set-Cookie"), "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, ADevelopersMachineGetsThePlainName) {
    Sent sent;
    sent.request.secure = false;
    for (const std::string_view host : {"demo.localhost", "localhost"}) {
        sent.request.host = host;
        Response response;
        set_cookie(sent.request,
                   response,
                   {.name = "session",
                    .value = "abc",
                    .max_age = std::chrono::hours(1),
                    .same_site = SameSite::strict});
        EXPECT_EQ(response.field("Set-Cookie"),
                  "session=abc; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict");
    }
    sent.request.host = "evillocalhost";
    EXPECT_EQ(cookie_name(sent.request, "session"), "__Host-session");
    sent.request.host = "demo.localhost";
    sent.request.secure = true;
    EXPECT_EQ(cookie_name(sent.request, "session"), "__Host-session");
}

TEST(SetCookie, OwnCookiesAreReadUnderTheirFullName) {
    const Sent sent(Method::get, "/", {{"Cookie", "session=planted; __Host-session=real"}});
    EXPECT_EQ(own_cookie(sent.request, "session"), "real");
}

TEST(SetCookie, ClearingEndsItAtOnce) {
    const Sent sent;
    Response response;
    clear_cookie(sent.request, response, "session");
    EXPECT_EQ(response.field("Set-Cookie"),
              "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, RefusesWhatBreaksTheGrammar) {
    const Sent sent;
    Response response;
    for (const std::string_view value : {"a b", "a;b", "a,b", "a\"", "a\\", "a\r\n", "\xd1\x84"}) {
        EXPECT_THROW(set_cookie(sent.request, response, {.name = "x", .value = value}), std::invalid_argument)
            << value;
    }
    for (const std::string_view name : {"", "a=b", "a;b", "a b"}) {
        EXPECT_THROW(set_cookie(sent.request, response, {.name = name, .value = "v"}), std::invalid_argument)
            << name;
    }
    const std::string long_value(4096, 'x');
    EXPECT_THROW(set_cookie(sent.request, response, {.name = "x", .value = long_value}),
                 std::invalid_argument);
    EXPECT_TRUE(response.fields.empty());
}

TEST(Signer, AcceptsOnlyItsOwnForThatPurposeAndHost) {
    const Signer signer({std::string(32, 'k')});
    const std::string text = signer.sign("cart", "a.example", "17.3");
    EXPECT_EQ(signer.verify("cart", "a.example", text), "17.3");
    EXPECT_EQ(signer.verify("cart", "b.example", text), std::nullopt);
    EXPECT_EQ(signer.verify("other", "a.example", text), std::nullopt);
    EXPECT_EQ(signer.verify("car", "ta.example", text), std::nullopt);
    EXPECT_EQ(signer.verify("cart", "a.example", "18.3" + text.substr(4)), std::nullopt);
    EXPECT_EQ(signer.verify("cart", "a.example", "17.3"), std::nullopt);
    EXPECT_EQ(signer.verify("cart", "a.example", "17.3."), std::nullopt);
    EXPECT_EQ(signer.verify("cart", "a.example", ""), std::nullopt);
    EXPECT_EQ(signer.verify("cart", "a.example", text + "A"), std::nullopt);
}

TEST(Signer, OldKeysVerifyAndTheFirstSigns) {
    const Signer old({std::string(32, 'o')});
    const Signer both({std::string(32, 'n'), std::string(32, 'o')});
    EXPECT_EQ(both.verify("p", "h", old.sign("p", "h", "x")), "x");
    EXPECT_EQ(old.verify("p", "h", both.sign("p", "h", "x")), std::nullopt);
    EXPECT_THROW(Signer({}), std::invalid_argument);
    EXPECT_THROW(Signer({std::string(31, 'k')}), std::invalid_argument);
}

}  // namespace
}  // namespace cartwright::http
