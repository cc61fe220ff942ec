#include "base/locale.hpp"

#include <gtest/gtest.h>

namespace cartwright {
namespace {

using namespace std::chrono_literals;

const Currency rub = Currency::of("RUB");
const Currency eur = Currency::of("EUR");

// 2026-02-28 21:05:07 UTC: already the 1st of March in Moscow.
const Instant moment = std::chrono::sys_days(std::chrono::year{2026} / 2 / 28) + 21h + 5min + 7s;

TEST(FormatsTest, MoneyIsWrittenAsTheLocaleDoes) {
    Formats formats;
    EXPECT_EQ(formats.money("ru", Money(123450, rub)), "1\u00A0234,50\u00A0₽");
    EXPECT_EQ(formats.money("ru", Money(1234567890, rub)), "12\u00A0345\u00A0678,90\u00A0₽");
    EXPECT_EQ(formats.money("en", Money(123450, eur)), "€1,234.50");
    EXPECT_EQ(formats.money("en", Money(-5, eur)), "-€0.05");
    EXPECT_EQ(formats.money("de", Money(123450, eur)), "1.234,50\u00A0€");
    EXPECT_EQ(formats.money("en", Money(1234, Currency::of("JPY"))), "¥1,234");
    EXPECT_EQ(formats.money("en", Money(1234, Currency::of("IQD"))), "IQD\u00A01.234")
        << "ISO's three digits, not CLDR's";
    EXPECT_EQ(formats.money("en", Money(INT64_MAX, eur)), "€92,233,720,368,547,758.07")
        << "no double between";
}

TEST(FormatsTest, NumbersQuantitiesAndPercents) {
    Formats formats;
    EXPECT_EQ(formats.number("ru", 1234567), "1\u00A0234\u00A0567");
    EXPECT_EQ(formats.number("en", -1234567), "-1,234,567");
    EXPECT_EQ(formats.quantity("ru", Quantity::thousandths(1154)), "1,154");
    EXPECT_EQ(formats.quantity("en", Quantity::thousandths(2000)), "2");
    EXPECT_EQ(formats.percent("ru", Rate(72'500)), "7,25\u00A0%");
    EXPECT_EQ(formats.percent("en", Rate(200'000)), "20%");
    EXPECT_EQ(formats.percent("en", Rate(1)), "0.0001%");
}

TEST(FormatsTest, DatesAreThoseOfTheZone) {
    Formats formats;
    EXPECT_EQ(formats.date("ru", "UTC", moment), "28.02.2026");
    EXPECT_EQ(formats.date("ru", "Europe/Moscow", moment), "01.03.2026");
    EXPECT_EQ(formats.date("ru", "Europe/Moscow", moment, DateStyle::medium), "1 мар. 2026\u202Fг.");
    EXPECT_EQ(formats.date("ru", "Europe/Moscow", moment, DateStyle::full), "1 марта 2026\u202Fг.");
    EXPECT_EQ(formats.date("en", "UTC", moment), "02/28/2026");
    EXPECT_EQ(formats.date("en", "UTC", moment, DateStyle::full), "February 28, 2026");
    EXPECT_EQ(formats.time("ru", "Europe/Moscow", moment), "00:05");
    EXPECT_EQ(formats.time("en-GB", "UTC", moment), "21:05");
    EXPECT_EQ(formats.date_time("ru", "Asia/Vladivostok", moment), "01.03.2026, 07:05");
    EXPECT_EQ(formats.date("ru", "Nowhere/Land", moment), "28.02.2026");
}

TEST(FormatsTest, UnknownAndHostileLocalesAreTheRoot) {
    Formats formats;
    for (const std::string& locale : {std::string("zz"),
                                      std::string(""),
                                      std::string("%s"),
                                      std::string(100'000, 'a'),
                                      std::string("\xff")}) {
        EXPECT_EQ(formats.number(locale, 1234), "1,234") << locale.substr(0, 10);
    }
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(formats.number("en-x-" + std::to_string(i), 1), "1");
    }
}

TEST(FormatsTest, ReadsWhatPeopleType) {
    Formats formats;
    const auto plain = [&](std::string_view locale, std::string_view typed) {
        return formats.plain_decimal(locale, typed).value_or("(none)");
    };
    EXPECT_EQ(plain("ru", "1 234,5"), "1234.5");
    EXPECT_EQ(plain("ru", "1\u00A0234\u00A0567"), "1234567");
    EXPECT_EQ(plain("ru", "1\u202F234,50"), "1234.50");
    EXPECT_EQ(plain("ru", " 1.154 "), "1.154");
    EXPECT_EQ(plain("en", "1,234.5"), "1234.5");
    EXPECT_EQ(plain("de", "1.234,5"), "1234.5");
    EXPECT_EQ(plain("en", "-7"), "-7");
    EXPECT_EQ(plain("en", "\u22127"), "-7");
    for (const std::string_view wrong :
         {"", "-", "1,5", "1,2345", "1234,567", "1.", ".5", "1..2", "1 234", "1e5", "x", "1,234,", "+1"}) {
        EXPECT_EQ(plain("en", wrong), "(none)") << wrong;
    }
    EXPECT_EQ(plain("de", "1.5"), "(none)") << "the dot groups there";
    EXPECT_EQ(plain("ru", "1,5,5"), "(none)");
    EXPECT_EQ(plain("ru", std::string(65, '1')), "(none)");
}

TEST(LocaleTest, KnowsTagsAndZones) {
    for (const std::string_view good : {"ru", "en", "en-GB", "pt-BR", "zh-Hant-TW", "sr-Latn"}) {
        EXPECT_TRUE(is_locale(good)) << good;
    }
    for (const std::string_view bad : {"", "zz", "ru_RU", "english", "e", "-", "ru-", "r\xff"}) {
        EXPECT_FALSE(is_locale(bad)) << bad;
    }
    for (const std::string_view good :
         {"Europe/Moscow", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+3"}) {
        EXPECT_TRUE(is_time_zone(good)) << good;
    }
    for (const std::string_view bad : {"", "Europe/Atlantis", "GMT+3", "MSK-3", "../etc/passwd"}) {
        EXPECT_FALSE(is_time_zone(bad)) << bad;
    }
}

}  // namespace
}  // namespace cartwright
