#include "base/host.hpp"

#include <gtest/gtest.h>

namespace cartwright {
namespace {

TEST(HostTest, HasOneSpelling) {
    EXPECT_EQ(canonical_host("Demo.LocalHost"), "demo.localhost");
    EXPECT_EQ(canonical_host("shop.example."), "shop.example");
    EXPECT_EQ(canonical_host("127.0.0.1"), "127.0.0.1");
    EXPECT_EQ(canonical_host("localhost"), "localhost");
    EXPECT_EQ(canonical_host("Пример.РФ"), "xn--e1afmkfd.xn--p1ai");
    EXPECT_EQ(canonical_host("пример.рф."), "xn--e1afmkfd.xn--p1ai");
    EXPECT_EQ(canonical_host("XN--E1AFMKFD.xn--p1ai"), "xn--e1afmkfd.xn--p1ai");
    EXPECT_EQ(canonical_host("faß.de"), "xn--fa-hia.de") << "non-transitional";
    EXPECT_EQ(canonical_host("bücher。example"), "xn--bcher-kva.example") << "the ideographic full stop";
    EXPECT_EQ(canonical_host(std::string(63, 'a') + ".b"), std::string(63, 'a') + ".b");
}

TEST(HostTest, RefusesWhatIsNoName) {
    const std::string wrong[] = {"",
                                 ".",
                                 "..",
                                 "a..b",
                                 ".a",
                                 "a.b..",
                                 "a b",
                                 "a_b.c",
                                 "-a.b",
                                 "a-.b",
                                 "a:80",
                                 "[::1]",
                                 "a/b",
                                 "user@host",
                                 "a\nb",
                                 "xn--",
                                 "xn--\xd1\x8f",
                                 "xn--zzzzzzzzzz99999.com",
                                 "\xff.com",
                                 "ex\u200Bample..com",
                                 "пример..рф",
                                 ".пример",
                                 std::string(64, 'a') + ".b",
                                 std::string(300, 'a'),
                                 "a%b",
                                 "a\u3000b.c"};
    for (const std::string& name : wrong) {
        EXPECT_EQ(canonical_host(name), std::nullopt) << name;
    }
    std::string longest;
    for (int i = 0; i < 127; ++i) {
        longest += "a.";
    }
    EXPECT_EQ(canonical_host(longest + "a"), std::nullopt);
    EXPECT_EQ(canonical_host(longest)->size(), 253U);
}

TEST(HostTest, IsReadableAgain) {
    EXPECT_EQ(readable_host("xn--e1afmkfd.xn--p1ai"), "пример.рф");
    EXPECT_EQ(readable_host("shop.example"), "shop.example");
    EXPECT_EQ(readable_host("xn--zzzzzzzzzz99999.com"), "xn--zzzzzzzzzz99999.com");
}

}  // namespace
}  // namespace cartwright
