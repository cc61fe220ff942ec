#include "http/path.hpp"

#include <gtest/gtest.h>

namespace cartwright::http {
namespace {

std::string normal(std::string_view raw) {
    std::string buffer;
    const auto path = normal_path(raw, buffer);
    return path ? std::string(*path) : "refused";
}

TEST(NormalPath, PlainPathsAreNotCopied) {
    std::string buffer;
    const std::string_view raw = "/products/red-shirt.html";
    const auto path = normal_path(raw, buffer);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->data(), raw.data());
    EXPECT_EQ(*path, raw);
}

TEST(NormalPath, OneFormForAllSpellings) {
    EXPECT_EQ(normal("/"), "/");
    EXPECT_EQ(normal("//"), "/");
    EXPECT_EQ(normal("/a//b"), "/a/b");
    EXPECT_EQ(normal("/a/./b"), "/a/b");
    EXPECT_EQ(normal("/a/../b"), "/b");
    EXPECT_EQ(normal("/a/b/.."), "/a/");
    EXPECT_EQ(normal("/a/b/."), "/a/b/");
    EXPECT_EQ(normal("/a/b/"), "/a/b/");
    EXPECT_EQ(normal("/../../etc/passwd"), "/etc/passwd");
    EXPECT_EQ(normal("/a/%2e%2E/b"), "/b");
    EXPECT_EQ(normal("/.well-known/x"), "/.well-known/x");
    EXPECT_EQ(normal("/..."), "/...");
    EXPECT_EQ(normal("/a..b/..c"), "/a..b/..c");
    EXPECT_EQ(normal("/%61bc"), "/abc");
    EXPECT_EQ(normal("/%D1%84"), "/ф");
    EXPECT_EQ(normal("/a%20b"), "/a b");
    EXPECT_EQ(normal("/a+b"), "/a+b");
}

TEST(NormalPath, DecodesOnce) {
    EXPECT_EQ(normal("/%252e%252e/x"), "/%2e%2e/x");
    EXPECT_EQ(normal("/a%252Fb"), "/a%2Fb");
}

TEST(NormalPath, RefusesWhatOthersCouldReadDifferently) {
    for (const std::string_view raw :
         {"",           "a",          "/a%2Fb",        "/a%2fb",  "/a%5Cb",
          "/a\\b",      "/a%00",      "/a%0d%0a",      "/a%1f",   "/a%7F",
          "/a%",        "/a%2",       "/a%zz",         "/%c0%af", "/%c0%ae%c0%ae/",
          "/%e0%80%af", "/%ed%a0%80", "/%f4%90%80%80", "/%ff",    "/%d1",
          "*"}) {
        EXPECT_EQ(normal(raw), "refused") << raw;
    }
    EXPECT_EQ(normal(std::string_view("/a\0b", 4)), "refused");
}

TEST(NormalPath, IsItsOwnNormalForm) {
    for (const std::string_view raw : {"/a/./../b//c/", "/%61/%2e/b", "/x/y/../../..", "/ф/%2e."}) {
        const std::string once = normal(raw);
        EXPECT_EQ(normal(once), once) << raw;
    }
}

}  // namespace
}  // namespace cartwright::http
