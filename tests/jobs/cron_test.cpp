#include "jobs/cron.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cartwright::jobs {

namespace {

Instant at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
    const auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

std::optional<Instant> next(std::string_view cron, Instant from, const std::string& zone = "UTC") {
    return Cron::parse(cron)->next(from, zone);
}

}  // namespace

TEST(CronTest, WhatIsNotAnExpressionIsRefused) {
    for (const std::string_view wrong : {"",
                                         "*",
                                         "* * * *",
                                         "* * * * * *",
                                         "*  * * * *",
                                         " * * * * *",
                                         "* * * * * ",
                                         "60 * * * *",
                                         "* 24 * * *",
                                         "* * 0 * *",
                                         "* * 32 * *",
                                         "* * * 0 *",
                                         "* * * 13 *",
                                         "* * * * 8",
                                         "-1 * * * *",
                                         "1- * * * *",
                                         "5-1 * * * *",
                                         "*/0 * * * *",
                                         "*/60 * * * *",
                                         "5/10 * * * *",
                                         "1,,2 * * * *",
                                         ",1 * * * *",
                                         "a * * * *",
                                         "* * * jan *",
                                         "@daily",
                                         "001 * * * *",
                                         "1.5 * * * *",
                                         "* * * * *\n"}) {
        EXPECT_FALSE(Cron::parse(wrong).has_value()) << wrong;
    }
    for (const std::string_view right :
         {"* * * * *", "0 0 1 1 0", "59 23 31 12 7", "*/15 8-18/2 1,15 1-6,12 1-5"}) {
        EXPECT_TRUE(Cron::parse(right).has_value()) << right;
    }
}

TEST(CronTest, TheNextMomentIsLaterThanTheGivenOne) {
    EXPECT_EQ(next("* * * * *", at(2026, 11, 23, 10, 0)), at(2026, 11, 23, 10, 1));
    EXPECT_EQ(next("* * * * *", at(2026, 11, 23, 10, 0, 59)), at(2026, 11, 23, 10, 1));
    EXPECT_EQ(next("* * * * *", at(2026, 11, 23, 10, 1) - std::chrono::microseconds(1)),
              at(2026, 11, 23, 10, 1));
    EXPECT_EQ(next("*/15 * * * *", at(2026, 11, 23, 10, 50)), at(2026, 11, 23, 11, 0));
    EXPECT_EQ(next("30 4 * * *", at(2026, 12, 31, 4, 30)), at(2027, 1, 1, 4, 30));
    EXPECT_EQ(next("0 8-18/2 * * *", at(2026, 11, 23, 16, 1)), at(2026, 11, 23, 18, 0));
    EXPECT_EQ(next("0 8-18/2 * * *", at(2026, 11, 23, 18, 0)), at(2026, 11, 24, 8, 0));
    EXPECT_EQ(next("0 0 31 * *", at(2026, 1, 31)), at(2026, 3, 31));
}

TEST(CronTest, ADayThatComesRarelyOrNever) {
    EXPECT_EQ(next("0 0 29 2 *", at(2026, 1, 1)), at(2028, 2, 29));
    EXPECT_EQ(next("0 0 29 2 *", at(2096, 3, 1)), at(2104, 2, 29));
    EXPECT_EQ(next("0 0 30 2 *", at(2026, 1, 1)), std::nullopt);
}

TEST(CronTest, EitherDayMatchesWhereBothAreRestricted) {
    // 2026-11-13 and 2026-11-20 are Fridays.
    EXPECT_EQ(next("0 0 15 * 5", at(2026, 11, 13)), at(2026, 11, 15));
    EXPECT_EQ(next("0 0 15 * 5", at(2026, 11, 15)), at(2026, 11, 20));
    EXPECT_EQ(next("0 0 * * 5", at(2026, 11, 13)), at(2026, 11, 20));
    EXPECT_EQ(next("0 0 15 * *", at(2026, 11, 13)), at(2026, 11, 15));
    EXPECT_EQ(next("0 0 */2 * 0", at(2026, 11, 13)), at(2026, 11, 15));
    EXPECT_EQ(next("0 0 * * 7", at(2026, 11, 13)), at(2026, 11, 15));
}

TEST(CronTest, HoursAreThoseOfTheZone) {
    EXPECT_EQ(next("0 9 * * 1-5", at(2026, 11, 20, 6, 0), "Europe/Moscow"), at(2026, 11, 23, 6, 0));
    EXPECT_EQ(next("0 0 1 * *", at(2026, 11, 15), "Pacific/Kiritimati"), at(2026, 11, 30, 10, 0));
    EXPECT_EQ(next("0 0 1 * *", at(2026, 11, 15), "Pacific/Pago_Pago"), at(2026, 12, 1, 11, 0));
    EXPECT_EQ(next("15 12 * * *", at(2026, 11, 15), "Asia/Kathmandu"), at(2026, 11, 15, 6, 30));
}

TEST(CronTest, ATimeThatIsSkippedIsDueWhenTheClocksAreSetForward) {
    // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC.
    EXPECT_EQ(next("30 2 * * *", at(2026, 3, 28, 12, 0), "Europe/Berlin"), at(2026, 3, 29, 1, 0));
    EXPECT_EQ(next("30 2 * * *", at(2026, 3, 29, 1, 0), "Europe/Berlin"), at(2026, 3, 30, 0, 30));
    EXPECT_EQ(next("*/30 * * * *", at(2026, 3, 29, 0, 30), "Europe/Berlin"), at(2026, 3, 29, 1, 0));
    EXPECT_EQ(next("*/30 * * * *", at(2026, 3, 29, 1, 0), "Europe/Berlin"), at(2026, 3, 29, 1, 30));
    // São Paulo, 2018-11-04: midnight itself was skipped, at 03:00 UTC.
    EXPECT_EQ(next("0 0 * * *", at(2018, 11, 3, 12, 0), "America/Sao_Paulo"), at(2018, 11, 4, 3, 0));
    // Lord Howe Island, 2026-10-04: half an hour, 02:00 to 02:30, at 15:30 UTC of the day before.
    EXPECT_EQ(next("15 2 * * *", at(2026, 10, 3, 12, 0), "Australia/Lord_Howe"), at(2026, 10, 3, 15, 30));
}

TEST(CronTest, ATimeThatExistsTwiceIsDueOnceUnlessEveryHourIs) {
    // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC.
    EXPECT_EQ(next("30 2 * * *", at(2026, 10, 24, 12, 0), "Europe/Berlin"), at(2026, 10, 25, 0, 30));
    EXPECT_EQ(next("30 2 * * *", at(2026, 10, 25, 0, 30), "Europe/Berlin"), at(2026, 10, 26, 1, 30));
    EXPECT_EQ(next("*/30 * * * *", at(2026, 10, 25, 0, 30), "Europe/Berlin"), at(2026, 10, 25, 1, 0));
    EXPECT_EQ(next("*/30 * * * *", at(2026, 10, 25, 1, 0), "Europe/Berlin"), at(2026, 10, 25, 1, 30));
    EXPECT_EQ(next("*/30 * * * *", at(2026, 10, 25, 1, 30), "Europe/Berlin"), at(2026, 10, 25, 2, 0));
}

TEST(CronTest, AZoneThatDoesNotExistIsNone) {
    EXPECT_FALSE(is_time_zone("Europe/Atlantis"));
    EXPECT_FALSE(is_time_zone(""));
    EXPECT_TRUE(is_time_zone("Europe/Moscow"));
    EXPECT_THROW(next("* * * * *", at(2026, 1, 1), "Europe/Atlantis"), std::invalid_argument);
}

}  // namespace cartwright::jobs
