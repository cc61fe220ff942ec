#include "http/csrf.hpp"

#include "base/rng.hpp"
#include "http/sent.hpp"

#include <gtest/gtest.h>

namespace cartwright::http {
namespace {

using test::Sent;

class CsrfTest : public testing::Test {
protected:
    std::string token_of(std::string_view cookie, std::string_view host = "demo.example") {
        Sent sent(Method::get, "/", {{"Cookie", cookie}});
        sent.request.host = host;
        Response response;
        return check_.token(sent.request, response);
    }

    bool passes(Sent& sent) { return check_.check(sent.request).has_value(); }

    SeededRng rng_{1};
    Signer signer_{{std::string(32, 'k')}};
    CsrfCheck check_{signer_, rng_};
    static constexpr std::string_view session = "__Host-session=alice";
};

TEST_F(CsrfTest, AFormOfOurOwnPasses) {
    Sent sent(Method::post,
              "/",
              {{"Cookie", session},
               {"Host", "demo.example"},
               {"Origin", "https://demo.example"},
               {"Sec-Fetch-Site", "same-origin"},
               {"Content-Type", "application/x-www-form-urlencoded"}});
    sent.body("name=x&_csrf=" + token_of(session));
    EXPECT_TRUE(passes(sent));
}

TEST_F(CsrfTest, AScriptPassesWithTheHeader) {
    Sent sent(Method::del, "/", {{"Cookie", session}, {"X-CSRF-Token", token_of(session)}});
    EXPECT_TRUE(passes(sent));
}

TEST_F(CsrfTest, AMultipartFormPasses) {
    Sent sent(Method::post, "/", {{"Cookie", session}, {"Content-Type", "multipart/form-data; boundary=b"}});
    sent.body("--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n" + token_of(session) +
              "\r\n--b--\r\n");
    EXPECT_TRUE(passes(sent));
}

TEST_F(CsrfTest, SafeMethodsNeedNothing) {
    for (const Method method : {Method::get, Method::head, Method::options}) {
        Sent sent(method, "/", {{"Origin", "https://evil.example"}});
        EXPECT_TRUE(passes(sent));
    }
}

TEST_F(CsrfTest, WithoutATokenItIsRefused) {
    for (const Method method : {Method::post, Method::put, Method::patch, Method::del}) {
        Sent sent(method, "/", {{"Cookie", session}, {"Origin", "https://demo.example"}});
        const auto outcome = check_.check(sent.request);
        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().reason(), not_meant);
    }
}

TEST_F(CsrfTest, AnotherSessionsTokenIsWorthNothing) {
    Sent sent(Method::post, "/", {{"Cookie", session}, {"X-CSRF-Token", token_of("__Host-session=bob")}});
    EXPECT_FALSE(passes(sent));
}

TEST_F(CsrfTest, AnotherHostsTokenIsWorthNothing) {
    Sent sent(Method::post, "/", {{"Cookie", session}, {"X-CSRF-Token", token_of(session, "other.example")}});
    EXPECT_FALSE(passes(sent));
}

TEST_F(CsrfTest, AVisitorsTokenEndsWithTheLogin) {
    constexpr std::string_view visitor = "__Host-visitor=v1";
    const std::string token = token_of(visitor);
    Sent before(Method::post, "/", {{"Cookie", visitor}, {"X-CSRF-Token", token}});
    EXPECT_TRUE(passes(before));
    Sent after(
        Method::post, "/", {{"Cookie", "__Host-visitor=v1; __Host-session=alice"}, {"X-CSRF-Token", token}});
    EXPECT_FALSE(passes(after));
    Sent swapped(Method::post, "/", {{"Cookie", "__Host-session=v1"}, {"X-CSRF-Token", token}});
    EXPECT_FALSE(passes(swapped));
}

TEST_F(CsrfTest, WithoutAnyCookieNoTokenFits) {
    Sent sent(Method::post, "/", {{"X-CSRF-Token", token_of(session)}});
    EXPECT_FALSE(passes(sent));
    Sent twice(Method::post,
               "/",
               {{"Cookie", "__Host-session=alice; __Host-session=bob"}, {"X-CSRF-Token", token_of(session)}});
    EXPECT_FALSE(passes(twice));
}

TEST_F(CsrfTest, ForeignPagesAreRefusedEvenWithAToken) {
    for (const std::string_view origin : {"https://evil.example",
                                          "http://demo.example",
                                          "https://demo.example.evil.example",
                                          "https://demo.example:444",
                                          "null",
                                          "https://sub.demo.example",
                                          "https://demo.example@evil.example",
                                          "file://",
                                          "https://"}) {
        Sent sent(Method::post,
                  "/",
                  {{"Cookie", session},
                   {"Host", "demo.example:443"},
                   {"X-CSRF-Token", token_of(session)},
                   {"Origin", origin}});
        EXPECT_FALSE(passes(sent)) << origin;
    }
    for (const std::string_view site : {"cross-site", "same-site", "nonsense"}) {
        Sent sent(Method::post,
                  "/",
                  {{"Cookie", session}, {"X-CSRF-Token", token_of(session)}, {"Sec-Fetch-Site", site}});
        EXPECT_FALSE(passes(sent)) << site;
    }
}

TEST_F(CsrfTest, PortsAreComparedWhereHostHasOne) {
    Sent sent(Method::post,
              "/",
              {{"Cookie", "session=alice"},
               {"Host", "demo.localhost:8080"},
               {"Origin", "http://demo.localhost:8080"}});
    sent.request.host = "demo.localhost";
    sent.request.secure = false;
    EXPECT_TRUE(CsrfCheck::same_origin(sent.request));
    Sent other(
        Method::post, "/", {{"Host", "demo.localhost:8080"}, {"Origin", "http://demo.localhost:9090"}});
    other.request.host = "demo.localhost";
    other.request.secure = false;
    EXPECT_FALSE(CsrfCheck::same_origin(other.request));
}

TEST_F(CsrfTest, ATextBodyCarriesNoToken) {
    const std::string token = token_of(session);
    Sent sent(Method::post, "/", {{"Cookie", session}, {"Content-Type", "text/plain"}});
    sent.body("{\"_csrf\":\"" + token + "\"}");
    EXPECT_FALSE(passes(sent));
    Sent form(Method::post, "/", {{"Cookie", session}, {"Content-Type", "text/plain"}});
    form.body("_csrf=" + token);
    EXPECT_FALSE(passes(form));
}

TEST_F(CsrfTest, JsonProvesItselfWhereTheRouteSaysSo) {
    struct Case {
        Method method;
        std::string_view type, body, origin;
        bool passes;
    };

    constexpr std::string_view own = "https://demo.example";
    constexpr std::string_view foreign = "https://evil.example";
    const std::vector<Case> cases{
        {Method::post, "application/json", "{}", own, true},
        {Method::post, "application/json; charset=utf-8", "{}", "", true},
        {Method::post, "application/json", "{}", foreign, false},
        {Method::post, "application/json", "{}", "null", false},
        {Method::post, "text/plain", "{}", own, false},
        {Method::post, "text/plain", "{}", "", false},
        {Method::post, "application/x-www-form-urlencoded", "a=1", "", false},
        {Method::post, "multipart/form-data; boundary=b", "", "", false},
        {Method::post, "application/jsonp", "{}", "", false},
        {Method::post, "", "{}", "", false},
        {Method::post, "", "", "", true},
        {Method::post, "", "", foreign, false},
        {Method::put, "text/plain", "x", own, true},
        {Method::del, "", "", foreign, false},
        {Method::get, "", "", foreign, true},
    };
    for (const auto& [method, type, body, origin, passes] : cases) {
        Sent sent(method, "/", {{"Cookie", session}, {"Content-Type", type}, {"Origin", origin}});
        sent.body(body);
        EXPECT_EQ(check_.check_json(sent.request).has_value(), passes)
            << name_of(method) << ' ' << type << ' ' << origin;
    }
    Sent form(Method::post,
              "/",
              {{"Cookie", session}, {"Content-Type", "text/plain"}, {"X-CSRF-Token", token_of(session)}});
    EXPECT_TRUE(check_.check_json(form.request).has_value());
}

TEST_F(CsrfTest, OverridesOfTheMethodAreIgnored) {
    Sent sent(Method::post,
              "/?_method=GET",
              {{"Cookie", session}, {"X-HTTP-Method-Override", "GET"}, {"X-Method-Override", "GET"}});
    sent.body("_method=GET");
    EXPECT_FALSE(passes(sent));
}

TEST_F(CsrfTest, DamagedTokensAreRefused) {
    const std::string token = token_of(session);
    for (const std::string& bad : {std::string(),
                                   token.substr(1),
                                   token + "A",
                                   std::string(86, 'A'),
                                   (token[0] == 'A' ? "B" : "A") + token.substr(1)}) {
        Sent sent(Method::post, "/", {{"Cookie", session}, {"X-CSRF-Token", bad}});
        EXPECT_FALSE(passes(sent)) << bad;
    }
}

TEST_F(CsrfTest, EachAnswerShowsAnotherTokenAndAllAreGood) {
    const std::string one = token_of(session);
    const std::string two = token_of(session);
    EXPECT_NE(one, two);
    EXPECT_EQ(one.size(), 86U);
    for (const std::string& token : {one, two}) {
        Sent sent(Method::post, "/", {{"Cookie", session}, {"X-CSRF-Token", token}});
        EXPECT_TRUE(passes(sent));
    }
}

TEST_F(CsrfTest, AVisitorWithoutCookiesGetsOne) {
    const Sent first;
    Response response;
    const std::string token = check_.token(first.request, response);
    const std::string_view line = response.field("Set-Cookie");
    ASSERT_TRUE(line.starts_with("__Host-visitor="));
    EXPECT_TRUE(line.ends_with("; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax"));
    Sent then(Method::post, "/", {{"Cookie", line.substr(0, line.find(';'))}, {"X-CSRF-Token", token}});
    EXPECT_TRUE(passes(then));
}

}  // namespace
}  // namespace cartwright::http
