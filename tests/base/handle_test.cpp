#include "base/handle.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cartwright {
namespace {

std::string made(std::string_view title, std::size_t max_bytes = Handle::max_bytes) {
    const auto handle = make_handle(title, max_bytes);
    return handle ? handle->text() : "(none)";
}

TEST(HandleTest, IsCheckedAtBirth) {
    for (const std::string_view good : {"a", "red-shirt", "42", "a--b"}) {
        EXPECT_EQ(Handle::parse(good).value().text(), good);
    }
    EXPECT_TRUE(Handle::parse(std::string(255, 'a')).has_value());
    for (const std::string& bad : {std::string(),
                                   std::string("-a"),
                                   std::string("a-"),
                                   std::string("A"),
                                   std::string("a b"),
                                   std::string("я"),
                                   std::string("a_b"),
                                   std::string("a/b"),
                                   std::string(256, 'a')}) {
        const auto refused = Handle::parse(bad);
        ASSERT_FALSE(refused.has_value()) << bad;
        EXPECT_EQ(refused.error().reason(), bad_handle);
        EXPECT_EQ(refused.error().field(), "handle");
    }
}

TEST(HandleTest, RussianTitlesAreWrittenAsRussianShopsDo) {
    EXPECT_EQ(made("Красная футболка"), "krasnaya-futbolka");
    EXPECT_EQ(made("Объём щётки, чай и хлеб: 5 шт."), "obyom-shchyotki-chay-i-khleb-5-sht");
    EXPECT_EQ(made("Подъезд ЭЮЯ Цыплёнок Жёлудь"), "podezd-eyuya-tsyplyonok-zhyolud");
    EXPECT_EQ(made("и\u0306од"), "yod") << "a decomposed й";
}

TEST(HandleTest, OtherScriptsAreRomanizedByIcu) {
    EXPECT_EQ(made("Crème Brûlée & Straße"), "creme-brulee-strasse");
    EXPECT_EQ(made("東京 Tシャツ"), "dong-jing-tshatsu");
    EXPECT_EQ(made("Ελληνικά"), "ellenika");
    EXPECT_EQ(made("Київ"), "kiiv");
    EXPECT_EQ(made("Ｆｕｌｌ № 5"), "full-no-5");
}

TEST(HandleTest, PunctuationBecomesOneHyphen) {
    EXPECT_EQ(made("  T-Shirt -- (XL) / red!  "), "t-shirt-xl-red");
    EXPECT_EQ(made("Don't"), "dont");
    EXPECT_EQ(made("a\u00ADb\u200Bc"), "abc") << "invisible characters";
    EXPECT_EQ(made("!!!"), "(none)");
    EXPECT_EQ(made(""), "(none)");
    EXPECT_EQ(made("\xFF\xFE"), "(none)");
}

TEST(HandleTest, LongOnesAreCutAfterAWord) {
    EXPECT_EQ(made("alpha beta gamma", 12), "alpha-beta");
    EXPECT_EQ(made("alpha beta gamma", 10), "alpha-beta");
    EXPECT_EQ(made("alpha beta gamma", 9), "alpha");
    EXPECT_EQ(made("alphabetagamma", 5), "alpha");
    EXPECT_EQ(made(std::string(5000, 'x')), std::string(255, 'x'));
}

}  // namespace
}  // namespace cartwright
