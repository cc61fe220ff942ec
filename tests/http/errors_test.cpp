#include "http/errors.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "http/router.hpp"
#include "http/sent.hpp"
#include "http/texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cartwright::http {
namespace {

using test::Sent;
using testing::HasSubstr;
using testing::Not;

constexpr Reason handle_taken{"shop.handle_taken", Kind::conflict};

class ErrorsTest : public testing::Test {
protected:
    static const std::string& body_of(const Response& response) {
        return std::get<std::string>(response.body);
    }

    test::Texts texts_;
    ErrorAnswers errors_{texts_};
};

TEST_F(ErrorsTest, APageHasStatusWordsAndTheRequestsId) {
    const Response response = errors_.answer(Sent().request, 404);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(response.field("Content-Language"), "en");
    EXPECT_THAT(body_of(response), HasSubstr("<h1>Page not found</h1>"));
    EXPECT_THAT(body_of(response), HasSubstr("<p>Check the address &amp; try &lt;again&gt;.</p>"));
    EXPECT_THAT(body_of(response), HasSubstr("<code>r-17</code>"));
}

TEST_F(ErrorsTest, ThePagesStyleIsTheOneThatItsPolicyAllows) {
    const Response response = errors_.answer(Sent().request, 500);
    const std::string& body = body_of(response);
    const std::size_t begin = body.find("<style>") + 7;
    const std::string style = body.substr(begin, body.find("</style>") - begin);
    EXPECT_EQ(response.field("Content-Security-Policy"),
              "default-src 'none'; style-src 'sha256-" + to_base64(sha256(style)) +
                  "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    EXPECT_THAT(body, Not(HasSubstr("style=")));
    EXPECT_THAT(body, Not(HasSubstr("<script")));
    EXPECT_THAT(body, HasSubstr("<h1>Internal Server Error</h1>"));
}

TEST_F(ErrorsTest, SpeaksTheVisitorsLanguage) {
    const Response response =
        errors_.answer(Sent(Method::get, "/", {{"Accept-Language", "ru-RU,ru;q=0.9,en;q=0.8"}}).request, 404);
    EXPECT_EQ(response.field("Content-Language"), "ru");
    EXPECT_THAT(body_of(response), HasSubstr("<html lang=\"ru\">"));
    EXPECT_THAT(body_of(response), HasSubstr("Страница не найдена"));
}

TEST_F(ErrorsTest, WhereJsonIsWantedItIsAProblemDocument) {
    const Response response =
        errors_.answer(Sent(Method::get, "/", {{"Accept", "application/json"}}).request, 404);
    EXPECT_EQ(response.field("Content-Type"), "application/problem+json");
    EXPECT_EQ(body_of(response),
              "{\"type\":\"http.404\",\"title\":\"Page not found\",\"status\":404,"
              "\"detail\":\"Check the address & try <again>.\",\"request_id\":\"r-17\"}\n");
}

TEST_F(ErrorsTest, AJsonRouteAlwaysAnswersWithAProblemDocument) {
    Sent sent(Method::get, "/", {{"Accept", "text/html"}});
    Route route;
    route.answers = Answers::json;
    sent.request.route = &route;
    EXPECT_EQ(errors_.answer(sent.request, 500).field("Content-Type"), "application/problem+json");
}

TEST_F(ErrorsTest, ARefusalHasItsCodeFieldAndText) {
    const Sent sent(Method::post, "/", {{"Accept", "application/json"}});
    const Response response =
        errors_.refused(sent.request, Refusal(handle_taken, "handle").with("handle", "x\"y"));
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(
        body_of(response),
        "{\"type\":\"shop.handle_taken\",\"title\":\"Conflict\",\"status\":409,\"detail\":\"Taken: x\\\"y\","
        "\"request_id\":\"r-17\",\"errors\":[{\"field\":\"handle\",\"type\":\"shop.handle_taken\","
        "\"detail\":\"Taken: x\\\"y\"}]}\n");
}

TEST_F(ErrorsTest, SeveralFaultsAreToldTogether) {
    const Sent sent(Method::post, "/", {{"Accept", "application/json"}});
    const std::vector<Refusal> faults{Refusal({"json.missing_member", Kind::invalid}, "/email"),
                                      Refusal({"json.wrong_type", Kind::invalid}, "/age")};
    const Response response = errors_.refused(sent.request, faults);
    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(body_of(response),
                HasSubstr("\"errors\":[{\"field\":\"/email\",\"type\":\"json.missing_member\"},"
                          "{\"field\":\"/age\",\"type\":\"json.wrong_type\"}]"));
}

TEST_F(ErrorsTest, EachKindHasItsStatus) {
    const std::vector<std::pair<Kind, int>> statuses{{Kind::invalid, 422},
                                                     {Kind::unauthenticated, 401},
                                                     {Kind::forbidden, 403},
                                                     {Kind::not_found, 404},
                                                     {Kind::conflict, 409},
                                                     {Kind::limited, 429},
                                                     {Kind::busy, 503}};
    for (const auto& [kind, status] : statuses) {
        const Response response = errors_.refused(Sent().request, Refusal({"x.y", kind}));
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(response.field("Retry-After"), status == 429 || status == 503 ? "1" : "") << status;
    }
}

TEST_F(ErrorsTest, RetryAfterIsInWholeSeconds) {
    const Sent sent;
    EXPECT_EQ(errors_.answer(sent.request, 429, std::chrono::microseconds(1)).field("Retry-After"), "1");
    EXPECT_EQ(errors_.answer(sent.request, 429, std::chrono::milliseconds(11'001)).field("Retry-After"),
              "12");
    const Refusal limited = Refusal({"login.limited", Kind::limited}).with("retry_after", "60");
    EXPECT_EQ(errors_.refused(sent.request, limited).field("Retry-After"), "60");
    const Refusal odd = Refusal({"login.limited", Kind::limited}).with("retry_after", "x\r\n");
    EXPECT_EQ(errors_.refused(sent.request, odd).field("Retry-After"), "1");
}

TEST_F(ErrorsTest, TheIdIsEscapedWhoeverMadeIt) {
    Sent sent;
    sent.request.id = "<script>";
    EXPECT_THAT(body_of(errors_.answer(sent.request, 400)), HasSubstr("<code>&lt;script&gt;</code>"));
}

TEST_F(ErrorsTest, AnEmptyRequestGetsAPlainPage) {
    const Response response = errors_.answer(Request(), 400);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(body_of(response), Not(HasSubstr("<a ")));
    EXPECT_THAT(body_of(response), Not(HasSubstr("<footer>")));
}

}  // namespace
}  // namespace cartwright::http
