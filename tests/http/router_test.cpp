#include "http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cartwright::http {
namespace {

Task<Response> nothing(Request&) {
    co_return Response();
}

Route route(std::string name, std::vector<Method> methods, std::string pattern, Host host = Host::shop) {
    return {.name = std::move(name),
            .methods = std::move(methods),
            .pattern = std::move(pattern),
            .handler = nothing,
            .host = host};
}

std::string name_of_match(const Match& match) {
    return match.route ? match.route->name : "none";
}

TEST(Router, FindsLiteralsBeforeParametersInTheirOrder) {
    Router router;
    router.add(route("any", {Method::get}, "/p/{x:any}"));
    router.add(route("rest", {Method::get}, "/p/{x:rest}"));
    router.add(route("handle", {Method::get}, "/p/{handle}"));
    router.add(route("id", {Method::get}, "/p/{id:id}"));
    router.add(route("literal", {Method::get}, "/p/new"));
    const auto found = [&](std::string_view path) { return name_of_match(router.find(Method::get, path)); };
    EXPECT_EQ(found("/p/new"), "literal");
    EXPECT_EQ(found("/p/17"), "id");
    EXPECT_EQ(found("/p/0"), "handle");
    EXPECT_EQ(found("/p/red-shirt_2"), "handle");
    EXPECT_EQ(found("/p/Красная"), "any");
    EXPECT_EQ(found("/p/a/b"), "rest");
    EXPECT_EQ(found("/p/17/x"), "rest");
    EXPECT_EQ(found("/p"), "none");
    EXPECT_EQ(found("/p/"), "none");
    EXPECT_EQ(found(""), "none");
}

TEST(Router, ComesBackFromADeadEnd) {
    Router router;
    router.add(route("deep", {Method::get}, "/a/{x:id}/c"));
    router.add(route("other", {Method::get}, "/a/{x}/d"));
    router.add(route("rest", {Method::get}, "/{all:rest}"));
    Match match = router.find(Method::get, "/a/5/d");
    EXPECT_EQ(name_of_match(match), "other");
    ASSERT_EQ(match.parameters.size(), 1U);
    EXPECT_EQ(match.parameters[0].value, "5");
    match = router.find(Method::get, "/a/5/e");
    EXPECT_EQ(name_of_match(match), "rest");
    ASSERT_EQ(match.parameters.size(), 1U);
    EXPECT_EQ(match.parameters[0].name, "all");
    EXPECT_EQ(match.parameters[0].value, "a/5/e");
}

TEST(Router, HandsOutParametersByTheNamesOfTheirRoute) {
    Router router;
    router.add(route("read", {Method::get}, "/shops/{shop:id}/files/{path:rest}"));
    router.add(route("write", {Method::post}, "/shops/{number:id}/files/{file:rest}"));
    const Match read = router.find(Method::get, "/shops/12/files/a/b.css");
    ASSERT_EQ(read.parameters.size(), 2U);
    EXPECT_EQ(read.parameters[0].name, "shop");
    EXPECT_EQ(read.parameters[0].value, "12");
    EXPECT_EQ(read.parameters[1].name, "path");
    EXPECT_EQ(read.parameters[1].value, "a/b.css");
    const Match write = router.find(Method::post, "/shops/12/files/x");
    EXPECT_EQ(write.parameters[0].name, "number");
    EXPECT_EQ(write.parameters[1].name, "file");
}

TEST(Router, IdsAreDecimalPositiveAndFit) {
    Router router;
    router.add(route("id", {Method::get}, "/{id:id}"));
    const auto found = [&](std::string_view path) { return name_of_match(router.find(Method::get, path)); };
    EXPECT_EQ(found("/1"), "id");
    EXPECT_EQ(found("/9223372036854775807"), "id");
    for (const std::string_view path : {"/9223372036854775808",
                                        "/0",
                                        "/01",
                                        "/-1",
                                        "/+1",
                                        "/1e3",
                                        "/1.0",
                                        "/ 1",
                                        "/1 ",
                                        "/10000000000000000000",
                                        "/٣"}) {
        EXPECT_EQ(found(path), "none") << path;
    }
}

TEST(Router, AllowNamesTheMethodsOfTheMostSpecificPattern) {
    Router router;
    router.add(route("list", {Method::get, Method::post}, "/orders"));
    router.add(route("one", {Method::put, Method::del}, "/orders/{id:id}"));
    router.add(route("any", {Method::get}, "/orders/{x}"));
    Match match = router.find(Method::del, "/orders");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
    match = router.find(Method::get, "/orders/5");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allow, "PUT, DELETE, OPTIONS");
    EXPECT_EQ(match.parameters.size(), 0U);
    match = router.find(Method::get, "/nowhere");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allow, "");
}

TEST(Router, HeadFallsToGetUnlessItHasItsOwn) {
    Router router;
    router.add(route("get", {Method::get}, "/a"));
    router.add(route("get b", {Method::get}, "/b"));
    router.add(route("head b", {Method::head}, "/b"));
    EXPECT_EQ(name_of_match(router.find(Method::head, "/a")), "get");
    EXPECT_EQ(name_of_match(router.find(Method::head, "/b")), "head b");
    EXPECT_EQ(router.find(Method::options, "/a").route, nullptr);
    EXPECT_EQ(router.find(Method::options, "/a").allow, "GET, HEAD, OPTIONS");
}

TEST(Router, HostsHaveTheirOwnRoutes) {
    Router router;
    router.add(route("shop", {Method::get}, "/"));
    router.add(route("platform", {Method::get}, "/", Host::platform));
    router.add(route("health", {Method::get}, "/healthz", Host::any));
    EXPECT_EQ(name_of_match(router.find(Method::get, "/", Host::shop)), "shop");
    EXPECT_EQ(name_of_match(router.find(Method::get, "/", Host::platform)), "platform");
    EXPECT_EQ(name_of_match(router.find(Method::get, "/", Host::any)), "none");
    for (const Host host : {Host::shop, Host::platform, Host::any}) {
        EXPECT_EQ(name_of_match(router.find(Method::get, "/healthz", host)), "health");
    }
}

TEST(Router, ConflictsAreFoundWhenRoutesAreAdded) {
    Router router;
    router.add(route("a", {Method::get}, "/a/{id:id}"));
    EXPECT_THROW(router.add(route("b", {Method::get, Method::post}, "/a/{other:id}")), std::logic_error);
    EXPECT_THROW(router.add(route("a", {Method::get}, "/elsewhere")), std::logic_error);
    EXPECT_NO_THROW(router.add(route("c", {Method::get}, "/a/{handle}")));
    EXPECT_NO_THROW(router.add(route("d", {Method::get}, "/a/{id:id}", Host::platform)));
    EXPECT_THROW(router.add(route("e", {Method::get}, "/a/{id:id}", Host::any)), std::logic_error);
}

TEST(Router, MalformedPatternsAreRefused) {
    for (const std::string_view pattern : {"",
                                           "a",
                                           "/a/",
                                           "//",
                                           "/a//b",
                                           "/{",
                                           "/{}",
                                           "/{:id}",
                                           "/{x:number}",
                                           "/a{x}",
                                           "/{x}b",
                                           "/{x:rest}/b",
                                           "/}a"}) {
        Router router;
        EXPECT_THROW(router.add(route("x", {Method::get}, std::string(pattern))), std::logic_error)
            << pattern;
    }
    Router router;
    EXPECT_THROW(router.add(route("x", {}, "/")), std::logic_error);
    EXPECT_THROW(router.add(route("x", {Method::get}, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}")),
                 std::logic_error);
    Route without = route("y", {Method::get}, "/y");
    without.handler = nullptr;
    EXPECT_THROW(router.add(std::move(without)), std::logic_error);
}

}  // namespace
}  // namespace cartwright::http
