#include "base/email.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cartwright {
namespace {

TEST(EmailTest, KeepsTheLocalPartAndCanonicalizesTheDomain) {
    const auto email = Email::parse("  Anna.Petrova+shop@Example.COM ").value();
    EXPECT_EQ(email.text(), "Anna.Petrova+shop@example.com");
    EXPECT_EQ(email.key(), "anna.petrova+shop@example.com");
    EXPECT_EQ(email, Email::parse("anna.PETROVA+shop@example.com.").value());
    EXPECT_EQ(Email::parse("анна@Пример.рф").value().text(), "анна@xn--e1afmkfd.xn--p1ai");
    EXPECT_EQ(Email::parse("АННА@пример.рф").value().key(), "анна@xn--e1afmkfd.xn--p1ai");
}

TEST(EmailTest, RefusesSlips) {
    const std::string wrong[] = {"",
                                 "anna",
                                 "@b.c",
                                 "a@",
                                 "a@b",
                                 "a b@c.d",
                                 "a@b@c.d",
                                 "<a@b.c>",
                                 "a,b@c.d",
                                 ".a@b.c",
                                 "a.@b.c",
                                 "a..b@c.d",
                                 "a@127.0.0.1",
                                 "a@[127.0.0.1]",
                                 "a@b..c",
                                 "a@-b.c",
                                 "a@b.c\nBcc: d@e.f",
                                 "a\r\nb@c.d",
                                 "a\u200Bb@c.d",
                                 "a\u00A0b@c.d",
                                 "\"a\"@b.c",
                                 "a\xff@b.c",
                                 std::string(65, 'a') + "@b.c",
                                 "a@" + std::string(260, 'b') + ".c"};
    for (const std::string& text : wrong) {
        const auto refused = Email::parse(text);
        ASSERT_FALSE(refused.has_value()) << text;
        EXPECT_EQ(refused.error().reason(), bad_email);
    }
}

}  // namespace
}  // namespace cartwright
