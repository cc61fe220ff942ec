#include "http/dispatch.hpp"

#include "base/rng.hpp"
#include "base/unavailable.hpp"
#include "http/health.hpp"
#include "http/security.hpp"
#include "http/sent.hpp"
#include "http/texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace cartwright::http {
namespace {

using test::Sent;
using testing::HasSubstr;
using testing::Not;

class FewSites final : public Sites {
public:
    std::map<std::string, std::shared_ptr<const Site>, std::less<>> known;
    bool asleep = false;  // nothing is in memory yet
    bool gone = false;
    bool broken = false;

    void add(std::string host, std::int64_t tenant, std::string redirect_to = {}) {
        auto site = std::make_shared<Site>();
        site->tenant = tenant;
        site->host = host;
        site->redirect_to = std::move(redirect_to);
        known[std::move(host)] = std::move(site);
    }

    std::shared_ptr<const Site> find(std::string_view host) const {
        const auto found = known.find(host);
        return found == known.end() ? nullptr : found->second;
    }

    std::pair<bool, std::shared_ptr<const Site>> cached(std::string_view host) override {
        if (asleep) return {false, nullptr};
        return {true, find(host)};
    }

    Task<std::shared_ptr<const Site>> load(std::string host) override {
        if (gone) throw Unavailable("the database is gone", std::chrono::seconds(3));
        if (broken) throw std::runtime_error("a broken row");
        co_return find(host);
    }
};

class DispatchTest : public testing::Test {
protected:
    DispatchTest() {
        sites_.add("demo.example", 7);
        sites_.add("second.example", 8);
        sites_.add("www.demo.example", 7, "demo.example");
        sites_.add("platform.example", 0);
        add_health_pages(router_, {});
        add("front", {Method::get}, "/", [this](Request& request) -> Task<Response> {
            ++calls_;
            co_return html(200, "shop " + std::to_string(request.site->tenant));
        });
        add("echo", {Method::post}, "/echo", [this](Request& request) -> Task<Response> {
            ++calls_;
            co_return text(200, std::string(request.body));
        });
        router_.add({.name = "api",
                     .methods = {Method::post},
                     .pattern = "/api/{id:id}",
                     .handler = [this](Request& request) -> Task<Response> {
                         ++calls_;
                         co_return json(
                             200, "{\"cookie\":\"" + std::string(request.cookie("__Host-session")) + "\"}");
                     },
                     .body = Body::whole,
                     .body_limit = 10,
                     .csrf = Csrf::token_is_credential,
                     .answers = Answers::json});
        add("fails", {Method::get}, "/fails", [](Request&) -> Task<Response> {
            throw std::runtime_error("secret cause");
            co_return Response();
        });
        add("gone", {Method::get}, "/gone", [](Request&) -> Task<Response> {
            throw Unavailable("the database is gone", std::chrono::seconds(2));
            co_return Response();
        });
        add("missing", {Method::get}, "/missing", [](Request&) -> Task<Response> {
            co_return Response(404);
        });
        add("loose", {Method::get}, "/loose", [](Request&) -> Task<Response> {
            Response response = html(200, "x");
            response.set("Content-Security-Policy", "default-src *").set("X-Frame-Options", "SAMEORIGIN");
            co_return response;
        });
        router_.add({.name = "framed",
                     .methods = {Method::get},
                     .pattern = "/framed",
                     .handler = [](Request&) -> Task<Response> {
                         Response response = html(200, "x");
                         response.set("X-Frame-Options", "SAMEORIGIN");
                         co_return response;
                     },
                     .loosens = "the preview of the theme editor frames it"});
        router_.add({.name = "catalog",
                     .methods = {Method::get},
                     .pattern = "/catalog/{handle}",
                     .handler = [this](Request& request) -> Task<Response> {
                         ++calls_;
                         std::string seen = std::to_string(request.site->tenant) + " " +
                                            std::string(request.parameter("handle")) +
                                            " page=" + request.query_value("page").value_or("-") +
                                            " evil=" + request.query_value("evil").value_or("-") +
                                            " cookie=" + std::string(request.cookie("__Host-session"));
                         Response response = html(200, seen + std::string(2000, '.'));
                         response.tags.push_back(tag_of("product", 1));
                         if (request.parameter("handle") == "cookie") response.set("Set-Cookie", "a=1");
                         if (request.parameter("handle") == "private")
                             response.set("Cache-Control", "private");
                         current_ = request.method;
                         if (during_) during_();
                         co_return response;
                     },
                     .page_key =
                         [](const Request& request, PageKey& key) {
                             key.locale = "ru";
                             return request.field("X-Personal").empty();
                         },
                     .page_query = {"page", "sort"}});
        router_.add({.name = "login",
                     .methods = {Method::get},
                     .pattern = "/login",
                     .handler = [](Request&) -> Task<Response> { co_return text(200, "x"); },
                     .rate = Rate::login});
        router_.add({.name = "home",
                     .methods = {Method::get},
                     .pattern = "/",
                     .handler = [](Request&) -> Task<Response> { co_return html(200, "platform"); },
                     .host = Host::platform});
        router_.add({.name = "document",
                     .methods = {Method::get},
                     .pattern = "/document",
                     .handler = [](Request&) -> Task<Response> {
                         Response response = text(200, "0123456789");
                         response.set("ETag", "\"v1\"").set("Accept-Ranges", "bytes");
                         co_return response;
                     }});
    }

    void add(std::string name, std::vector<Method> methods, std::string pattern, Handler handler) {
        router_.add({.name = std::move(name),
                     .methods = std::move(methods),
                     .pattern = std::move(pattern),
                     .handler = std::move(handler)});
    }

    Response ask(Sent& sent) {
        Plan plan = test::run(dispatcher_.plan(sent.request));
        if (plan.refusal) return std::move(*plan.refusal);
        return test::run(dispatcher_.respond(sent.request, plan));
    }

    Response get(std::string_view target, Sent::Fields fields = {}) {
        Sent sent(Method::get, target, fields);
        return ask(sent);
    }

    // What the client gets, from memory or not.
    std::string page(std::string_view target,
                     std::string_view host = "demo.example",
                     Sent::Fields fields = {}) {
        Sent sent(Method::get, target, fields);
        sent.request.host = host;
        if (const Sending sending = dispatcher_.cached(sent.request); sending.page) {
            return "cached " + sending.variant->body.substr(0, sending.variant->body.find("..."));
        }
        const Response response = ask(sent);
        const auto* kept = std::get_if<std::shared_ptr<const Page>>(&response.body);
        const std::string& body = kept ? (*kept)->identity.body : std::get<std::string>(response.body);
        return "made " + body.substr(0, body.find("..."));
    }

    int calls_ = 0;
    Method current_ = Method::get;
    std::function<void()> during_;
    std::vector<std::string> failures_;
    SeededRng rng_{1};
    Router router_;
    FewSites sites_;
    test::Texts texts_;
    ErrorAnswers errors_{texts_};
    Signer signer_{{std::string(32, 'k')}};
    CsrfCheck csrf_{signer_, rng_};
    RateTable rates_{rng_, 1024};
    PageCache pages_{rng_};
    Metrics metrics_{{"front"}};
    Dispatcher dispatcher_{{.router = router_,
                            .sites = sites_,
                            .errors = errors_,
                            .csrf = csrf_,
                            .rates = rates_,
                            .pages = pages_,
                            .rng = rng_,
                            .metrics = &metrics_.add_recorder(),
                            .failed = [this](const Request& request, std::string_view what) {
                                failures_.push_back(std::string(request.id) + " " + std::string(what));
                            }}};
};

TEST_F(DispatchTest, AHostLeadsToItsShop) {
    const Response response = get("/");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(std::get<std::string>(response.body), "shop 7");
    Sent second;
    second.request.host = "second.example";
    EXPECT_EQ(std::get<std::string>(ask(second).body), "shop 8");
    Sent platform;
    platform.request.host = "platform.example";
    EXPECT_EQ(std::get<std::string>(ask(platform).body), "platform");
}

TEST_F(DispatchTest, AnUnknownHostIsMisdirected) {
    Sent sent;
    sent.request.host = "nobody.example";
    const Response response = ask(sent);
    EXPECT_EQ(response.status, 421);
    EXPECT_THAT(std::get<std::string>(response.body), HasSubstr("r-17"));
    EXPECT_EQ(calls_, 0);
    Sent health(Method::get, "/healthz");
    health.request.host = "10.0.0.1";
    EXPECT_EQ(ask(health).status, 200);
}

TEST_F(DispatchTest, ASiteIsLoadedWhereItIsNotInMemory) {
    sites_.asleep = true;
    EXPECT_EQ(get("/").status, 200);
    sites_.gone = true;
    const Response response = get("/");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.field("Retry-After"), "3");
    sites_.gone = false;
    sites_.broken = true;
    EXPECT_EQ(get("/").status, 500);
    EXPECT_EQ(failures_, std::vector<std::string>{"r-17 a broken row"});
}

TEST_F(DispatchTest, RoutesOfEveryNameNeedNoSite) {
    bool has_site = true;
    const auto add_for = [&](std::string name, std::string pattern, Host host) {
        router_.add({.name = name,
                     .methods = {Method::get},
                     .pattern = std::move(pattern),
                     .handler = [&has_site, name](Request& request) -> Task<Response> {
                         has_site = request.site != nullptr;
                         co_return text(200, name);
                     },
                     .host = host});
    };
    add_for("asset", "/assets/{path:rest}", Host::any);
    add_for("shop.style", "/assets/style.css", Host::shop);
    const auto body_of = [](const Response& response) { return std::get<std::string>(response.body); };
    sites_.asleep = true;
    sites_.gone = true;
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(body_of(get("/assets/logo.svg")), "asset");
    EXPECT_FALSE(has_site);
    EXPECT_EQ(get("/assets/style.css").status, 503) << "on some names it is another route";
    EXPECT_EQ(get("/").status, 503);
    EXPECT_EQ(get("/nowhere").status, 503);

    // The platform has no style of its own.
    sites_.asleep = false;
    EXPECT_EQ(body_of(get("/assets/style.css")), "shop.style");
    EXPECT_TRUE(has_site);
    EXPECT_EQ(body_of(get("/assets/logo.svg")), "asset");
    EXPECT_TRUE(has_site) << "one in memory is shown";
    Sent platform(Method::get, "/assets/style.css");
    platform.request.host = "platform.example";
    EXPECT_EQ(body_of(ask(platform)), "asset");
}

TEST_F(DispatchTest, AFileInMemoryIsSentWithoutASite) {
    const auto file = std::make_shared<Page>();
    file->identity.body = "logo";
    const auto add_for = [&](std::string name, std::string pattern, Host host) {
        router_.add({.name = std::move(name),
                     .methods = {Method::get},
                     .pattern = std::move(pattern),
                     .handler = [](Request&) -> Task<Response> { co_return Response(404); },
                     .host = host,
                     .ready = [file](const Request&) { return file; }});
    };
    add_for("file", "/file", Host::any);
    add_for("shop.file", "/shop-file", Host::shop);
    sites_.asleep = true;
    EXPECT_EQ(page("/file"), "cached logo");
    Sent shops(Method::get, "/shop-file");
    EXPECT_FALSE(dispatcher_.cached(shops.request).page);
    sites_.asleep = false;
    EXPECT_EQ(page("/shop-file"), "cached logo");
}

TEST_F(DispatchTest, OtherNamesLeadToTheCanonicalOne) {
    Sent sent(Method::get, "/catalog/x?page=2&q=%20", {{"Host", "www.demo.example"}});
    sent.request.host = "www.demo.example";
    Response response = ask(sent);
    EXPECT_EQ(response.status, 308);
    EXPECT_EQ(response.field("Location"), "https://demo.example/catalog/x?page=2&q=%20");
    Sent plain(Method::post, "/a?x=\\y", {{"Host", "www.demo.example:8080"}});
    plain.request.host = "www.demo.example";
    plain.request.secure = false;
    response = ask(plain);
    EXPECT_EQ(response.field("Location"), "http://demo.example:8080/a?x=%5Cy");
    EXPECT_EQ(calls_, 0);
}

TEST_F(DispatchTest, PathsAreNormalBeforeTheyAreRouted) {
    EXPECT_EQ(get("/catalog//./%78").status, 200);
    for (const std::string_view target : {"/a%2Fb", "/%00", "/%", "/a\\b", "/%ff"}) {
        EXPECT_EQ(get(target).status, 400) << target;
    }
    EXPECT_EQ(get("/nowhere").status, 404);
}

TEST_F(DispatchTest, WrongMethodsAreToldTheRightOnes) {
    Sent sent(Method::del, "/echo");
    const Response response = ask(sent);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.field("Allow"), "POST, OPTIONS");
    Sent options(Method::options, "/");
    const Response allowed = ask(options);
    EXPECT_EQ(allowed.status, 204);
    EXPECT_EQ(allowed.field("Allow"), "GET, HEAD, OPTIONS");
    Sent star(Method::options, "*");
    EXPECT_EQ(ask(star).status, 204);
    Sent nowhere(Method::options, "/nowhere");
    EXPECT_EQ(ask(nowhere).status, 404);
}

TEST_F(DispatchTest, AFinalSlashIsTakenOff) {
    const Response response = get("/missing/?a=1");
    EXPECT_EQ(response.status, 308);
    EXPECT_EQ(response.field("Location"), "/missing?a=1");
    EXPECT_EQ(get("//missing/").status, 404);
    EXPECT_EQ(get("/nowhere/").status, 404);
}

TEST_F(DispatchTest, ThePlanTellsTheBodyThatTheRouteAllows) {
    Sent api(Method::post, "/api/5");
    const Plan plan = test::run(dispatcher_.plan(api.request));
    EXPECT_FALSE(plan.refusal);
    EXPECT_EQ(plan.body, Body::whole);
    EXPECT_EQ(plan.body_limit, 10U);
    Sent front;
    EXPECT_EQ(test::run(dispatcher_.plan(front.request)).body_limit, 0U);
}

TEST_F(DispatchTest, UnsafeMethodsNeedAToken) {
    Sent bare(Method::post, "/echo", {{"Cookie", "__Host-session=alice"}});
    const Response refused = ask(bare);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(calls_, 0);
    Sent asking(Method::get, "/", {{"Cookie", "__Host-session=alice"}});
    Response form;
    const std::string token = csrf_.token(asking.request, form);
    Sent good(Method::post, "/echo", {{"Cookie", "__Host-session=alice"}, {"X-CSRF-Token", token}});
    good.body("hello");
    EXPECT_EQ(std::get<std::string>(ask(good).body), "hello");
    EXPECT_EQ(calls_, 1);
}

TEST_F(DispatchTest, RoutesOfApiKeysSeeNoCookie) {
    Sent sent(
        Method::post, "/api/5", {{"Cookie", "__Host-session=alice"}, {"Origin", "https://evil.example"}});
    const Response response = ask(sent);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(std::get<std::string>(response.body), "{\"cookie\":\"\"}");
}

TEST_F(DispatchTest, FailuresAreToldToTheLogAndNotToTheVisitor) {
    const Response response = get("/fails");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(std::get<std::string>(response.body), Not(HasSubstr("secret")));
    EXPECT_EQ(failures_, std::vector<std::string>{"r-17 secret cause"});
    const Response gone = get("/gone");
    EXPECT_EQ(gone.status, 503);
    EXPECT_EQ(gone.field("Retry-After"), "2");
    EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(DispatchTest, ABareErrorStatusGetsItsPage) {
    const Response response = get("/missing", {{"Accept-Language", "ru"}});
    EXPECT_EQ(response.status, 404);
    EXPECT_THAT(std::get<std::string>(response.body), HasSubstr("Страница не найдена"));
    EXPECT_THAT(std::string(response.field("Content-Security-Policy")),
                HasSubstr("default-src 'none'; style-src 'sha256-"));
}

TEST_F(DispatchTest, EveryAnswerHasTheSecurityFields) {
    for (const std::string_view target : {"/", "/nowhere", "/fails", "/missing/", "/a%2Fb", "/loose"}) {
        const Response response = get(target);
        for (const Field& field : security_defaults()) {
            if (field.name == "Content-Security-Policy" && response.status >= 400) continue;
            EXPECT_EQ(response.field(field.name), field.value) << target << ' ' << field.name;
        }
        EXPECT_EQ(response.field("Cache-Control"), "no-store") << target;
        EXPECT_EQ(response.field("Strict-Transport-Security"), "max-age=31536000") << target;
    }
    Sent plain;
    plain.request.secure = false;
    EXPECT_FALSE(ask(plain).has("Strict-Transport-Security"));
}

TEST_F(DispatchTest, OnlyARouteThatSaysWhyLoosensOne) {
    EXPECT_EQ(get("/framed").field("X-Frame-Options"), "SAMEORIGIN");
    EXPECT_THAT(std::string(get("/framed").field("Content-Security-Policy")),
                HasSubstr("default-src 'self'"));
    EXPECT_EQ(get("/loose").field("X-Frame-Options"), "DENY");
}

TEST_F(DispatchTest, AClientIsLimitedAndToldHowLong) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/login").status, 200);
    const Response response = get("/login");
    EXPECT_EQ(response.status, 429);
    const std::string wait(response.field("Retry-After"));
    EXPECT_TRUE(wait == "12" || wait == "11") << wait;  // the bucket fills by the real clock
    EXPECT_EQ(get("/").status, 200);
    Sent other(Method::get, "/login");
    other.request.peer = "192.0.2.8";
    EXPECT_EQ(ask(other).status, 200);
}

TEST_F(DispatchTest, AShopsRequestsInFlightAreBounded) {
    DispatchLimits limits;
    limits.in_flight_of_shop = 1;
    Router router;
    int running = 0;
    router.add({.name = "slow",
                .methods = {Method::get},
                .pattern = "/slow",
                .handler = [&](Request&) -> Task<Response> {
                    ++running;
                    Timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours(1));
                    co_await timer.async_wait(use_task);
                    co_return Response();
                }});
    Dispatcher dispatcher({.router = router,
                           .sites = sites_,
                           .errors = errors_,
                           .csrf = csrf_,
                           .rates = rates_,
                           .pages = pages_,
                           .rng = rng_},
                          limits);
    std::vector<int> statuses;
    boost::asio::io_context io(1);  // ends first, and with it the requests that still wait
    const auto visit = [&](std::string_view host) -> Task<Response> {
        Sent sent(Method::get, "/slow");
        sent.request.host = host;
        Plan plan = co_await dispatcher.plan(sent.request);
        Response response = co_await dispatcher.respond(sent.request, plan);
        statuses.push_back(response.status);
        co_return response;
    };
    for (const std::string_view host : {"demo.example", "demo.example", "second.example"}) {
        boost::asio::co_spawn(io.get_executor(), visit(host), [](std::exception_ptr, const Response&) {});
    }
    io.poll();
    EXPECT_EQ(running, 2);
    EXPECT_EQ(statuses, std::vector<int>{503});
}

TEST_F(DispatchTest, APageIsMadeOnceForAll) {
    EXPECT_EQ(page("/catalog/shirt"), "made 7 shirt page=- evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt"), "cached 7 shirt page=- evil=- cookie=");
    EXPECT_EQ(page("/catalog/./shirt"), "cached 7 shirt page=- evil=- cookie=");
    EXPECT_EQ(calls_, 1);
    EXPECT_EQ(page("/catalog/shirt", "second.example"), "made 8 shirt page=- evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt", "second.example"), "cached 8 shirt page=- evil=- cookie=");
}

TEST_F(DispatchTest, AVisitThatAsksForTheHeadAloneKeepsTheWholePage) {
    Method seen = Method::post;
    during_ = [&] { seen = current_; };
    Sent head(Method::head, "/catalog/shirt");
    ask(head);
    EXPECT_EQ(seen, Method::get);
    EXPECT_EQ(head.request.method, Method::head);
    EXPECT_EQ(page("/catalog/shirt"), "cached 7 shirt page=- evil=- cookie=");
}

TEST_F(DispatchTest, OnlyTheRoutesOwnParametersReachAKeptPage) {
    EXPECT_EQ(page("/catalog/shirt?utm_source=x&page=2&evil=canary"), "made 7 shirt page=2 evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt?page=2"), "cached 7 shirt page=2 evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt?page=2&page=3"), "cached 7 shirt page=2 evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt?page=3"), "made 7 shirt page=3 evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt?p%61ge=9"), "made 7 shirt page=9 evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt?p%61ge=9"), "made 7 shirt page=9 evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt"), "made 7 shirt page=- evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt?page=" + std::string(2000, '1') + "&evil=1").substr(0, 5), "made ");
}

TEST_F(DispatchTest, NothingPersonalReachesAKeptPage) {
    EXPECT_EQ(page("/catalog/shirt", "demo.example", {{"Cookie", "__Host-session=alice"}}),
              "made 7 shirt page=- evil=- cookie=");
    EXPECT_EQ(page("/catalog/shirt", "demo.example", {{"Cookie", "__Host-session=bob"}}),
              "cached 7 shirt page=- evil=- cookie=");
    EXPECT_EQ(
        page("/catalog/shirt", "demo.example", {{"X-Personal", "1"}, {"Cookie", "__Host-session=alice"}}),
        "made 7 shirt page=- evil=- cookie=alice");
    EXPECT_EQ(page("/catalog/shirt"), "cached 7 shirt page=- evil=- cookie=");
}

TEST_F(DispatchTest, AnswersThatSetCookiesOrArePrivateAreNotKept) {
    for (const std::string_view target : {"/catalog/cookie", "/catalog/private"}) {
        EXPECT_THAT(page(target), HasSubstr("made"));
        EXPECT_THAT(page(target), HasSubstr("made"));
    }
    EXPECT_EQ(get("/catalog/cookie").field("Cache-Control"), "no-store");
    EXPECT_EQ(pages_.stats().kept, 0U);
}

TEST_F(DispatchTest, ForgettingMakesItAnewAndAChangeMeanwhileIsSeen) {
    EXPECT_THAT(page("/catalog/shirt"), HasSubstr("made"));
    pages_.forget(7, tag_of("product", 1));
    during_ = [&] { pages_.forget(7, tag_of("product", 2)); };
    EXPECT_THAT(page("/catalog/shirt"), HasSubstr("made"));
    during_ = nullptr;
    EXPECT_THAT(page("/catalog/shirt"), HasSubstr("made"));
    EXPECT_THAT(page("/catalog/shirt"), HasSubstr("cached"));
}

TEST_F(DispatchTest, AKeptPageHasItsOwnFieldsAndAnswersConditions) {
    page("/catalog/shirt");
    Sent sent(Method::get, "/catalog/shirt", {{"Accept-Encoding", "br"}});
    const Sending sending = dispatcher_.cached(sent.request);
    ASSERT_TRUE(sending.page);
    EXPECT_EQ(sending.status, 200);
    EXPECT_EQ(sending.route, "catalog");
    EXPECT_EQ(sending.variant, &*sending.page->brotli);
    for (const std::string_view line : {"Cache-Control: no-cache\r\n",
                                        "X-Content-Type-Options: nosniff\r\n",
                                        "Strict-Transport-Security: max-age=31536000\r\n",
                                        "Vary: Accept-Encoding\r\n",
                                        "Content-Encoding: br\r\n"}) {
        EXPECT_THAT(sending.variant->head, HasSubstr(std::string(line)));
    }
    EXPECT_THAT(sending.variant->head, Not(HasSubstr("Set-Cookie")));
    Sent again(
        Method::get, "/catalog/shirt", {{"Accept-Encoding", "br"}, {"If-None-Match", sending.variant->etag}});
    EXPECT_EQ(dispatcher_.cached(again.request).status, 304);
    Sent other(Method::get, "/catalog/shirt", {{"If-None-Match", sending.variant->etag}});
    EXPECT_EQ(dispatcher_.cached(other.request).status, 200);
    Sent plain(Method::get, "/catalog/shirt");
    plain.request.secure = false;
    EXPECT_FALSE(dispatcher_.cached(plain.request).page);
}

TEST_F(DispatchTest, RequestsWithOtherConditionsTakeTheLongWay) {
    page("/catalog/shirt");
    Sent range(Method::get, "/catalog/shirt", {{"Range", "bytes=0-1"}});
    EXPECT_FALSE(dispatcher_.cached(range.request).page);
    EXPECT_EQ(get("/catalog/shirt", {{"If-Match", "\"other\""}}).status, 412);
}

TEST_F(DispatchTest, ConditionsAndRangesOfAnAnswer) {
    EXPECT_EQ(get("/document", {{"If-None-Match", "\"v1\""}}).status, 304);
    EXPECT_EQ(get("/document", {{"If-Match", "\"v2\""}}).status, 412);
    const Response part = get("/document", {{"Range", "bytes=2-3"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(std::get<std::string>(part.body), "23");
    const Response outside = get("/document", {{"Range", "bytes=20-"}});
    EXPECT_EQ(outside.status, 416);
    EXPECT_EQ(outside.field("Content-Range"), "bytes */10");
    EXPECT_THAT(std::get<std::string>(outside.body), HasSubstr("r-17"));
    EXPECT_FALSE(get("/", {{"Range", "bytes=0-1"}}).has("Accept-Ranges"));
}

TEST_F(DispatchTest, FinishedRequestsAreCounted) {
    const Sent sent;
    dispatcher_.finished(sent.request, "front", 200, std::chrono::microseconds(5), 100);
    EXPECT_THAT(metrics_.text(),
                HasSubstr("cartwright_http_requests_total{route=\"front\",status=\"2xx\"} 1\n"));
}

}  // namespace
}  // namespace cartwright::http
