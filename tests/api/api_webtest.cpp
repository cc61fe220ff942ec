// The JSON face behind the real dispatcher: what a client sends and gets, statuses and fields included.
#include "api/api.hpp"

#include "http/dispatch.hpp"
#include "json/reader.hpp"
#include "shop/settings.hpp"
#include "shop/shop_fixture.hpp"
#include "shop/sites.hpp"
#include "shop/throttle.hpp"

#include <gmock/gmock.h>

#include <map>

namespace cartwright::api {

namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Says the key itself, so that tests see which text was asked for.
class KeyTexts final : public http::ErrorTexts {
public:
    std::span<const std::string_view> locales() const override { return known_; }

    std::string text(std::string_view,
                     std::string_view key,
                     std::span<const std::pair<std::string, std::string>>) const override {
        return std::string(key);
    }

private:
    static constexpr std::array<std::string_view, 1> known_{"en"};
};

struct Answer {
    int status = 0;
    std::string body;
    std::string cookie;  // the session's, as a Cookie field sends it back
    std::string set_cookie;
    std::string type;
    std::string retry_after;
    std::string cache_control;
};

class ApiTest : public shop::ShopTest {
protected:
    struct Call {
        Method method = Method::get;
        std::string target = "/";
        std::string body = {};
        std::string cookie = {};
        std::map<std::string, std::string> fields = {};
    };

    void SetUp() override {
        add_shop_routes(router_, parts());
        add_account_routes(router_, parts());
        http::DispatchLimits limits;
        limits.rates.login = limits.rates.write = {std::chrono::microseconds(1), 10'000};
        const http::DispatchParts all{.router = router_,
                                      .sites = sites(),
                                      .errors = errors_,
                                      .csrf = csrf_,
                                      .rates = rates_,
                                      .pages = pages_,
                                      .rng = secrets()};
        dispatcher_.emplace(all, limits);
    }

    Parts parts() { return {services(), errors_, csrf_}; }

    shop::ShopSites& sites() {
        if (!sites_) {
            sites_.emplace(database(), clock(), "localhost");
        }
        return *sites_;
    }

    Task<Answer> send(const shop::Shop& to, Call call) {
        const std::string host = to.slug + ".localhost";
        if (!call.body.empty() && !call.fields.contains("Content-Type")) {
            call.fields["Content-Type"] = "application/json";
        }
        call.fields["Host"] = host;
        if (!call.cookie.empty()) {
            call.fields["Cookie"] = call.cookie;
        }
        std::vector<http::Field> fields;
        for (const auto& [name, value] : call.fields) {
            fields.push_back({name, value});
        }
        http::Request request;
        request.method = call.method;
        request.target = call.target;
        request.host = host;
        request.fields = fields;
        request.body = call.body;
        request.peer = "192.0.2.1";
        request.id = "r-42";
        http::Plan plan = co_await dispatcher_->plan(request);
        http::Response response;
        if (plan.refusal) {
            response = std::move(*plan.refusal);
        } else {
            response = co_await dispatcher_->respond(request, plan);
        }
        Answer answer;
        answer.status = response.status;
        if (const auto* text = std::get_if<std::string>(&response.body)) {
            answer.body = *text;
        }
        if (const auto* page = std::get_if<std::shared_ptr<const http::Page>>(&response.body)) {
            answer.body = (*page)->identity.body;
        }
        answer.set_cookie = response.field("Set-Cookie");
        answer.cookie = answer.set_cookie.substr(0, answer.set_cookie.find(';'));
        answer.type = response.field("Content-Type");
        answer.retry_after = response.field("Retry-After");
        answer.cache_control = response.field("Cache-Control");
        co_return answer;
    }

    Task<Answer> get(const shop::Shop& to, std::string target, std::string cookie = {}) {
        Call call{.target = std::move(target), .cookie = std::move(cookie)};
        co_return co_await send(to, std::move(call));
    }

    Task<Answer> post(const shop::Shop& to, std::string target, std::string body, std::string cookie = {}) {
        Call call{.method = Method::post,
                  .target = std::move(target),
                  .body = std::move(body),
                  .cookie = std::move(cookie)};
        co_return co_await send(to, std::move(call));
    }

    static std::string credentials(std::string_view email, std::string_view given) {
        return R"({"email":")" + std::string(email) + R"(","password":")" + std::string(given) + R"("})";
    }

    Task<std::string> session_cookie(const Opened& open) {
        const Answer answer = co_await post(open.shop, "/api/login", credentials(open.email, password));
        EXPECT_EQ(answer.status, 200) << answer.body;
        co_return answer.cookie;
    }

    static std::string text_of(const Answer& answer, std::string_view member) {
        auto document = json::Document::parse(answer.body);
        return document.value().object().text(member, 4096);
    }

private:
    KeyTexts texts_;
    http::ErrorAnswers errors_{texts_};
    http::Signer signer_{{std::string(32, 'k')}};
    http::CsrfCheck csrf_{signer_, secrets()};
    http::RateTable rates_{secrets(), 1024};
    http::PageCache pages_{secrets()};
    http::Router router_;
    std::optional<shop::ShopSites> sites_;
    std::optional<http::Dispatcher> dispatcher_;
};

}  // namespace

PG_TEST(ApiTest, TheShopIsDescribedToEverybody) {
    const Opened open = co_await an_open_shop();
    const Answer answer = co_await get(open.shop, "/shop.json");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "application/json");
    EXPECT_EQ(answer.body,
              R"({"name":"Shop","handle":")" + open.shop.slug + R"(","host":")" + open.shop.slug +
                  R"(.localhost","locale":"en","currency":"EUR","country":"IE",)"
                  R"("time_zone":"Europe/Dublin","open":true})");
    shop::Shop nobody = open.shop;
    nobody.slug = "nobody-here";
    EXPECT_EQ((co_await get(nobody, "/shop.json")).status, 421);
}

PG_TEST(ApiTest, ALoginSetsTheCookieThatOpensWhatIsPrivate) {
    const Opened open = co_await an_open_shop();
    const Answer before = co_await get(open.shop, "/api/me");
    EXPECT_EQ(before.status, 401);
    EXPECT_THAT(before.type, StartsWith("application/problem+json"));
    EXPECT_THAT(before.body, HasSubstr("shop.not_logged_in"));

    const Answer login = co_await post(open.shop, "/api/login", credentials(open.email, password));
    EXPECT_EQ(login.status, 200);
    EXPECT_EQ(text_of(login, "account"), std::to_string(open.owner.value()));
    EXPECT_THAT(login.set_cookie, HasSubstr("HttpOnly"));
    EXPECT_THAT(login.set_cookie, HasSubstr("SameSite=Lax"));
    EXPECT_THAT(login.set_cookie, HasSubstr("Path=/"));
    EXPECT_THAT(login.set_cookie, HasSubstr("Max-Age=2592000"));
    EXPECT_THAT(login.set_cookie, Not(HasSubstr("Domain")));
    EXPECT_THAT(login.body, Not(HasSubstr(login.cookie.substr(login.cookie.find('=') + 1))));
    EXPECT_THAT(login.cache_control, HasSubstr("no-store"));

    const Answer me = co_await get(open.shop, "/api/me", login.cookie);
    EXPECT_EQ(me.status, 200);
    EXPECT_THAT(me.body, HasSubstr(R"("email":")" + open.email + "\""));
    EXPECT_THAT(me.body, HasSubstr(R"("permissions":["settings.read","settings.write",)"));
    EXPECT_THAT(me.cache_control, HasSubstr("no-store"));
}

PG_TEST(ApiTest, AllFailedLoginsLookTheSame) {
    const Opened open = co_await an_open_shop();
    const Opened other = co_await an_open_shop();
    const Answer wrong = co_await post(open.shop, "/api/login", credentials(open.email, "wrong password"));
    const Answer unknown = co_await post(open.shop, "/api/login", credentials(an_email(), "wrong password"));
    const Answer foreign = co_await post(open.shop, "/api/login", credentials(other.email, password));
    const Answer nonsense = co_await post(open.shop, "/api/login", credentials("nonsense", "x"));
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, HasSubstr("shop.login_failed"));
    for (const Answer& answer : {unknown, foreign, nonsense}) {
        EXPECT_EQ(answer.status, wrong.status);
        EXPECT_EQ(answer.body, wrong.body);
        EXPECT_EQ(answer.set_cookie, "");
    }
}

PG_TEST(ApiTest, ThrottledLoginsSayWhenToComeBack) {
    const Opened open = co_await an_open_shop();
    for (int i = 0; i < shop::login_by_account.limit; ++i) {
        EXPECT_EQ((co_await post(open.shop, "/api/login", credentials(open.email, "wrong password"))).status,
                  401);
    }
    const Answer answer = co_await post(open.shop, "/api/login", credentials(open.email, password));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.retry_after, "900");
    EXPECT_EQ(answer.set_cookie, "");
}

PG_TEST(ApiTest, ABodyThatIsNotWhatIsAskedForIsRefusedWithItsFaults) {
    const Opened open = co_await an_open_shop();
    const Answer broken = co_await post(open.shop, "/api/login", "{");
    EXPECT_EQ(broken.status, 422);
    EXPECT_THAT(broken.body, HasSubstr("json.malformed"));
    const Answer faulty = co_await post(open.shop, "/api/login", R"({"email":5,"role":"owner"})");
    EXPECT_EQ(faulty.status, 422);
    EXPECT_THAT(faulty.body, HasSubstr("json.wrong_type"));
    EXPECT_THAT(faulty.body, HasSubstr("json.missing_member"));
    EXPECT_THAT(faulty.body, HasSubstr("json.unknown_member"));
    EXPECT_EQ((co_await get(open.shop, "/api/login")).status, 405);
    EXPECT_EQ((co_await get(open.shop, "/api/nothing")).status, 404);
}

PG_TEST(ApiTest, WhatAForeignPageCanSendIsRefused) {
    const Opened open = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    const std::string body = credentials(open.email, password);
    const std::string here = "http://" + open.shop.slug + ".localhost";

    struct Attempt {
        Method method;
        std::string target, body;
        std::map<std::string, std::string> fields;
    };

    const std::vector<Attempt> attempts{
        {Method::post, "/api/login", body, {{"Content-Type", "text/plain"}}},
        {Method::post, "/api/login", body, {{"Content-Type", "application/x-www-form-urlencoded"}}},
        {Method::post, "/api/login", body, {{"Origin", "http://evil.example"}}},
        {Method::post, "/api/login", body, {{"Origin", "null"}}},
        {Method::post, "/api/logout", "", {{"Sec-Fetch-Site", "cross-site"}}},
        {Method::post, "/api/logout", "", {{"Content-Type", "application/x-www-form-urlencoded"}}},
        {Method::post, "/api/logout", "", {{"Origin", "http://other.localhost"}}},
        {Method::del, "/api/sessions", "", {{"Origin", "http://evil.example"}}},
    };
    for (const Attempt& attempt : attempts) {
        Call call{.method = attempt.method,
                  .target = attempt.target,
                  .body = attempt.body,
                  .cookie = cookie,
                  .fields = attempt.fields};
        const Answer answer = co_await send(open.shop, std::move(call));
        EXPECT_EQ(answer.status, 403) << attempt.target << ' ' << attempt.fields.begin()->second;
        EXPECT_EQ(answer.set_cookie, "");
    }
    EXPECT_EQ((co_await get(open.shop, "/api/me", cookie)).status, 200);
    Call own{.method = Method::post, .target = "/api/logout", .cookie = cookie, .fields = {{"Origin", here}}};
    EXPECT_EQ((co_await send(open.shop, std::move(own))).status, 204);
    EXPECT_EQ((co_await get(open.shop, "/api/me", cookie)).status, 401);
}

PG_TEST(ApiTest, ACookieIsWorthNothingInAnotherShop) {
    const Opened open = co_await an_open_shop();
    const Opened other = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    EXPECT_EQ((co_await get(other.shop, "/api/me", cookie)).status, 401);
    EXPECT_EQ((co_await get(open.shop, "/api/me", cookie)).status, 200);
}

PG_TEST(ApiTest, SessionsAreListedAndRevoked) {
    const Opened open = co_await an_open_shop();
    const std::string first = co_await session_cookie(open);
    const std::string second = co_await session_cookie(open);
    const Answer page = co_await get(open.shop, "/api/sessions?limit=1", second);
    EXPECT_EQ(page.status, 200);
    auto document = json::Document::parse(page.body);
    REQUIRE_CO(document);
    json::Object newest = document->object().array("sessions", 10).object(0);
    EXPECT_TRUE(newest.flag("current"));
    const std::string next = document->object().text("next", 30);
    const Answer older = co_await get(open.shop, "/api/sessions?limit=1&before=" + next, second);
    auto rest = json::Document::parse(older.body);
    REQUIRE_CO(rest);
    json::Object oldest = rest->object().array("sessions", 10).object(0);
    EXPECT_FALSE(oldest.flag("current"));
    Call revoke{.method = Method::del, .target = "/api/sessions/" + oldest.text("id", 30), .cookie = second};
    EXPECT_EQ((co_await send(open.shop, revoke)).status, 204);
    EXPECT_EQ((co_await send(open.shop, revoke)).status, 404);
    EXPECT_EQ((co_await get(open.shop, "/api/me", first)).status, 401);
    EXPECT_EQ((co_await get(open.shop, "/api/me", second)).status, 200);
    for (const char* bad : {"limit=0", "limit=201", "limit=x", "before=0", "before=-1", "before=x"}) {
        EXPECT_EQ((co_await get(open.shop, std::string("/api/sessions?") + bad, second)).status, 422) << bad;
    }
}

PG_TEST(ApiTest, APasswordLinkIsPromisedAlikeAndSetsThePassword) {
    const Opened open = co_await an_open_shop();
    const Answer known =
        co_await post(open.shop, "/api/password/reset", R"({"email":")" + open.email + "\"}");
    const Answer unknown =
        co_await post(open.shop, "/api/password/reset", R"({"email":"nobody@people.test"})");
    const Answer nonsense = co_await post(open.shop, "/api/password/reset", R"({"email":"nonsense"})");
    EXPECT_EQ(known.status, 202);
    EXPECT_EQ(known.body, R"({"sent_if_known":true})");
    for (const Answer& answer : {unknown, nonsense}) {
        EXPECT_EQ(answer.status, known.status);
        EXPECT_EQ(answer.body, known.body);
    }
    EXPECT_EQ(as_owner("select string_agg(payload->>'email_key', ',' order by id) from jobs where kind ="
                       " 'shop.reset_letter' and for_shop = " +
                       std::to_string(open.shop.id.value())),
              open.email + ",nobody@people.test,");

    const std::string cookie = co_await session_cookie(open);
    const auto letter = co_await shop::send_reset(services(), open.shop.id, open.email);
    REQUIRE_CO(letter);
    const std::string token = letter->link.substr(letter->link.find('#') + 1);
    const std::string body = R"({"token":")" + token + R"(","password":"a new good password"})";
    EXPECT_EQ((co_await post(open.shop, "/api/password/confirm", body)).status, 204);
    EXPECT_EQ((co_await post(open.shop, "/api/password/confirm", body)).status, 404);
    EXPECT_EQ((co_await get(open.shop, "/api/me", cookie)).status, 401);
    EXPECT_EQ((co_await post(open.shop, "/api/login", credentials(open.email, password))).status, 401);
    EXPECT_EQ((co_await post(open.shop, "/api/login", credentials(open.email, "a new good password"))).status,
              200);
}

PG_TEST(ApiTest, ThePasswordIsChangedWithTheCurrentOne) {
    const Opened open = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    const std::string wrong = R"({"current":"wrong","password":"a new good password"})";
    const Answer refused = co_await post(open.shop, "/api/password/change", wrong, cookie);
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("shop.wrong_password"));
    const std::string right =
        R"({"current":")" + std::string(password) + R"(","password":"a new good password"})";
    EXPECT_EQ((co_await post(open.shop, "/api/password/change", right)).status, 401);
    EXPECT_EQ((co_await post(open.shop, "/api/password/change", right, cookie)).status, 204);
    EXPECT_EQ((co_await get(open.shop, "/api/me", cookie)).status, 200);
}

PG_TEST(ApiTest, SettingsAreReadAndWrittenByVersion) {
    const Opened open = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    auto put = [&](std::string key, std::string body) -> Task<Answer> {
        Call call{.method = Method::put,
                  .target = "/api/settings/" + key,
                  .body = std::move(body),
                  .cookie = cookie};
        co_return co_await send(open.shop, std::move(call));
    };
    EXPECT_EQ((co_await get(open.shop, "/api/settings/catalog.page_size", cookie)).body,
              R"({"key":"catalog.page_size","value":24,"version":0})");
    EXPECT_EQ((co_await put("catalog.page_size", R"({"value":48,"version":0})")).body,
              R"({"key":"catalog.page_size","value":48,"version":1})");
    const Answer stale = co_await put("catalog.page_size", R"({"value":12,"version":0})");
    EXPECT_EQ(stale.status, 409);
    EXPECT_THAT(stale.body, HasSubstr("shop.setting_changed"));
    EXPECT_EQ((co_await put("general.phone", R"({"value":"+7 \"9\"","version":0})")).body,
              R"({"key":"general.phone","value":"+7 \"9\"","version":1})");
    EXPECT_EQ((co_await put("checkout.guests_allowed", R"({"value":false,"version":0})")).status, 200);
    EXPECT_EQ((co_await put("general.phone", R"({"value":5,"version":1})")).status, 422);
    EXPECT_EQ((co_await put("general.phone", R"({"value":[1],"version":1})")).status, 422);
    EXPECT_EQ((co_await put("general.phone", R"({"value":"1","version":1,"shop_id":"1"})")).status, 422);
    EXPECT_EQ((co_await put("general.moon", R"({"value":"1","version":0})")).status, 404);
    EXPECT_EQ((co_await get(open.shop, "/api/settings/general.phone")).status, 401);
    const Answer all = co_await get(open.shop, "/api/settings", cookie);
    EXPECT_THAT(all.body, HasSubstr(R"({"key":"checkout.guests_allowed","value":false,"version":1})"));
    EXPECT_EQ(topics(open.shop.id),
              "shop.created shop.logged_in shop.setting_changed shop.setting_changed shop.setting_changed");
}

PG_TEST(ApiTest, ASettingWrittenTwiceWithOneKeyIsWrittenOnce) {
    const Opened open = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    auto put = [&](std::string key, std::string body) -> Task<Answer> {
        Call call{.method = Method::put,
                  .target = "/api/settings/general.phone",
                  .body = std::move(body),
                  .cookie = cookie,
                  .fields = {{"Idempotency-Key", std::move(key)}}};
        co_return co_await send(open.shop, std::move(call));
    };
    const std::string body = R"({"value":"1","version":0})";
    const Answer first = co_await put("k1", body);
    EXPECT_EQ(first.body, R"({"key":"general.phone","value":"1","version":1})");
    const Answer again = co_await put("k1", body);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, first.body);
    const Answer other = co_await put("k1", R"({"value":"2","version":1})");
    EXPECT_EQ(other.status, 422);
    EXPECT_THAT(other.body, HasSubstr("idempotency.key_of_another_request"));
    EXPECT_EQ((co_await put("k2", body)).status, 409);
    EXPECT_EQ((co_await put(std::string(256, 'k'), body)).status, 422);
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.logged_in shop.setting_changed");
}

PG_TEST(ApiTest, ATokenIsShownOnceAndOpensWhatItWasGiven) {
    const Opened open = co_await an_open_shop();
    const Opened other = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    const std::string body = R"({"name":"sync","permissions":["settings.read"],"days":30})";
    const Answer created = co_await post(open.shop, "/api/tokens", body, cookie);
    EXPECT_EQ(created.status, 201) << created.body;
    const std::string token = text_of(created, "text");
    const std::string id = text_of(created, "id");
    EXPECT_THAT((co_await get(open.shop, "/api/tokens", cookie)).body, Not(HasSubstr(token)));

    auto as_program =
        [&](const shop::Shop& to, Method method, std::string target, std::string sent) -> Task<int> {
        Call call{.method = method,
                  .target = std::move(target),
                  .body = std::move(sent),
                  .cookie = cookie,
                  .fields = {{"Authorization", "Bearer " + token}}};
        const Answer answer = co_await send(to, std::move(call));
        co_return answer.status;
    };
    EXPECT_EQ(co_await as_program(open.shop, Method::get, "/api/settings", ""), 200);
    EXPECT_EQ(co_await as_program(
                  open.shop, Method::put, "/api/settings/general.phone", R"({"value":"1","version":0})"),
              403);
    EXPECT_EQ(co_await as_program(open.shop, Method::get, "/api/me", ""), 403);
    EXPECT_EQ(co_await as_program(open.shop, Method::get, "/api/tokens", ""), 403);
    EXPECT_EQ(co_await as_program(other.shop, Method::get, "/api/settings", ""), 401);
    Call revoke{.method = Method::del, .target = "/api/tokens/" + id, .cookie = cookie};
    EXPECT_EQ((co_await send(open.shop, revoke)).status, 204);
    EXPECT_EQ((co_await send(open.shop, revoke)).status, 404);
    EXPECT_EQ(co_await as_program(open.shop, Method::get, "/api/settings", ""), 401);
}

PG_TEST(ApiTest, TheAuditTrailIsPagedAndNeedsItsPermission) {
    const Opened open = co_await an_open_shop();
    const std::string cookie = co_await session_cookie(open);
    const Answer first = co_await get(open.shop, "/api/events?limit=1", cookie);
    EXPECT_EQ(first.status, 200);
    EXPECT_THAT(first.body, HasSubstr(R"("topic":"shop.logged_in")"));
    EXPECT_THAT(first.body, HasSubstr(R"("request_id":"r-42")"));
    EXPECT_THAT(first.body,
                HasSubstr(R"("actor":{"kind":"person","id":")" + std::to_string(open.owner.value())));
    const Answer second =
        co_await get(open.shop, "/api/events?limit=5&before=" + text_of(first, "next"), cookie);
    EXPECT_THAT(second.body, HasSubstr(R"("topic":"shop.created")"));
    EXPECT_THAT(second.body, HasSubstr(R"("next":null)"));
    const std::string email = an_email();
    co_await a_colleague(open.shop.id, "Reader", email);
    const Answer login = co_await post(open.shop, "/api/login", credentials(email, password));
    EXPECT_EQ((co_await get(open.shop, "/api/events", login.cookie)).status, 403);
    EXPECT_EQ((co_await get(open.shop, "/api/events")).status, 401);
}

PG_TEST(ApiTest, ThePermissionsHaveAList) {
    const Opened open = co_await an_open_shop();
    const Answer answer = co_await get(open.shop, "/api/permissions");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, StartsWith(R"({"permissions":["settings.read",)"));
}

}  // namespace cartwright::api
