#include "liquid/date.hpp"

#include "filter_probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace cartwright::liquid {
namespace {

// 2024-01-01 00:01:58 UTC.
constexpr std::int64_t now_seconds = 1'704'067'318;

// Berlin: an hour ahead, two from 31 March 2024 01:00 UTC to 27 October 2024 01:00 UTC.
ZoneOffset berlin(const void*, std::int64_t at) {
    const bool summer = at >= 1'711'846'800 && at < 1'729'990'800;
    return summer ? ZoneOffset{7200, "CEST"} : ZoneOffset{3600, "CET"};
}

class DateTest : public ::testing::Test {
protected:
    DateTest() {
        options_.clock.unix_seconds = now_seconds;
        options_.clock.nanoseconds = 123'456'789;
    }

    std::string date(const Value& input, std::string_view format) {
        const std::array arguments{Value::string(format)};
        const Value result = date_filters().front().apply(render_, input, Arguments(arguments, {}));
        return result.is_failure() ? "Error: " + std::string(result.as_failure().message)
                                   : std::string(render_.text(result));
    }

    std::string date(std::string_view input, std::string_view format) {
        return date(Value::string(input), format);
    }

    std::string iso(std::string_view input) { return date(input, "%Y-%m-%d %H:%M:%S %z"); }

    RenderOptions options_;
    Arena arena_;
    Output output_;
    Render render_{options_, arena_, output_};
};

class BerlinDateTest : public DateTest {
protected:
    BerlinDateTest() { options_.clock.offset_at = berlin; }
};

TEST_F(DateTest, MomentsWithoutAText) {
    EXPECT_EQ(date("now", "%Y-%m-%d %H:%M:%S.%N"), "2024-01-01 00:01:58.123456789");
    EXPECT_EQ(date("Today", "%Y-%m-%d"), "2024-01-01");
    EXPECT_EQ(date(Value::integer(1'152'098'955), "%m/%d/%Y"), "07/05/2006");
    EXPECT_EQ(date("1152098955", "%m/%d/%Y"), "07/05/2006");
    EXPECT_EQ(date(Value::integer(-86'400), "%Y-%m-%d"), "1969-12-31");
}

TEST_F(DateTest, WhatIsNoDateStays) {
    for (const std::string_view text : {"abc",
                                        "-1152098955",
                                        "",
                                        "2024-13-01",
                                        "2024-01-32",
                                        "25:00",
                                        "2024-400",
                                        "2024-w05-1",
                                        "99999999999999999999999",
                                        "2024-01-01 10:00 +99:00",
                                        "12345678901-01-01",
                                        "June 5 \xff 2020"}) {
        EXPECT_EQ(iso(text), text);
    }
    EXPECT_EQ(date(Value(), "%Y"), "");
    EXPECT_EQ(date(Value::real(1.5), "%Y"), "1.5");
    EXPECT_EQ(date(Value::boolean(true), "%Y"), "true");
    EXPECT_EQ(date("2024-01-01", ""), "2024-01-01");
    EXPECT_EQ(iso("2024-01-01" + std::string(200, ' ')), "2024-01-01" + std::string(200, ' '));
}

TEST_F(DateTest, Iso8601) {
    EXPECT_EQ(iso("2006-07-05"), "2006-07-05 00:00:00 +0000");
    EXPECT_EQ(iso("2006-07-05 10:00:00"), "2006-07-05 10:00:00 +0000");
    EXPECT_EQ(iso("2006-07-05T10:00:00Z"), "2006-07-05 10:00:00 +0000");
    EXPECT_EQ(iso("2006-07-05T10:00:00-04:00"), "2006-07-05 10:00:00 -0400");
    EXPECT_EQ(iso("2006-07-05 23:30 +05:30"), "2006-07-05 23:30:00 +0530");
    EXPECT_EQ(date("2006-07-05 10:00:00.25", "%N"), "250000000");
    EXPECT_EQ(iso("20060705T"), "2006-07-05 00:00:00 +0000");
    EXPECT_EQ(iso("20060705T101530Z"), "2006-07-05 10:15:30 +0000");
    EXPECT_EQ(iso("2024-060"), "2024-02-29 00:00:00 +0000");
    EXPECT_EQ(iso("2023-365"), "2023-12-31 00:00:00 +0000");
    EXPECT_EQ(iso("-0044-03-15"), "-0044-03-15 00:00:00 +0000");
    EXPECT_EQ(iso("--03-14"), "2024-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("12345-01-02"), "12345-01-02 00:00:00 +0000");
}

TEST_F(DateTest, DatesOfPeople) {
    EXPECT_EQ(iso("March 14, 2016"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("14 Mar 2016"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("Monday, 14th March '16"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("14-mar-2016"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("mar-14-2016"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("2016/03/14"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("14.03.2016"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("3/14"), "2024-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("03/14/2016"), "03/14/2016");
    EXPECT_EQ(iso("14/03/2016"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("70/1/2"), "1970-01-02 00:00:00 +0000");
    EXPECT_EQ(iso("H28.03.14"), "2016-03-14 00:00:00 +0000");
    EXPECT_EQ(iso("March"), "2024-03-01 00:00:00 +0000");
    EXPECT_EQ(iso("the 14th"), "2024-01-14 00:00:00 +0000");
    EXPECT_EQ(iso("15 March 44 BC"), "-0043-03-15 00:00:00 +0000");
    EXPECT_EQ(iso("Mon, 14 Mar 2016 10:15:30 GMT"), "2016-03-14 10:15:30 +0000");
    EXPECT_EQ(iso("Mon Mar 14 10:15:30 EST 2016"), "2016-03-14 10:15:30 -0500");
    EXPECT_EQ(iso("14\xE2\x80\x93March\xE2\x80\x93"
                  "2016"),
              "2016-03-14 00:00:00 +0000");
}

TEST_F(DateTest, TimesOfPeople) {
    EXPECT_EQ(iso("10:30 PM"), "2024-01-01 22:30:00 +0000");
    EXPECT_EQ(iso("12:15 am"), "2024-01-01 00:15:00 +0000");
    EXPECT_EQ(iso("March 14 2016 8 p.m."), "2016-03-14 20:00:00 +0000");
    // A word behind a time is its zone, even when it is a month.
    EXPECT_EQ(iso("8 p.m. March 14 2016"), "2024-01-14 20:16:00 +0000");
    EXPECT_EQ(iso("10h30m15s"), "2024-01-01 10:30:15 +0000");
    EXPECT_EQ(iso("2016-03-14 24:00"), "2016-03-15 00:00:00 +0000");
    EXPECT_EQ(iso("2016-03-14 10:00:60"), "2016-03-14 10:01:00 +0000");
}

TEST_F(DateTest, DaysThatAreNone) {
    EXPECT_EQ(iso("2024-02-30"), "2024-03-01 00:00:00 +0000");
    EXPECT_EQ(iso("2023-02-31"), "2023-03-03 00:00:00 +0000");
    EXPECT_EQ(iso("2024-04-31"), "2024-05-01 00:00:00 +0000");
    EXPECT_EQ(iso("2024-02-30 23:00 -05:00"), "2024-02-29 23:00:00 -0500");
}

TEST_F(DateTest, MissingPartsAreOfNowInTheZone) {
    EXPECT_EQ(iso("10:00 EST"), "2023-12-31 10:00:00 -0500");
    EXPECT_EQ(iso("10:00 +0900"), "2024-01-01 10:00:00 +0900");
}

TEST_F(DateTest, TwoDigitYears) {
    EXPECT_EQ(date("1 Jan 69", "%Y"), "1969");
    EXPECT_EQ(date("1 Jan 68", "%Y"), "2068");
    EXPECT_EQ(date("0068-01-01", "%Y"), "0068");
}

TEST_F(DateTest, Zones) {
    EXPECT_EQ(date("2016-03-14 10:00 UTC", "%Z %z"), "UTC +0000");
    EXPECT_EQ(date("2016-03-14 10:00 GMT", "%Z"), "UTC");
    EXPECT_EQ(date("2016-03-14 10:00 EST", "[%Z%10Z] %z"), "[] -0500");
    EXPECT_EQ(date("2016-03-14 10:00 JST", "%z"), "+0000");
    EXPECT_EQ(date("2016-03-14 10:00 +05:30:15", "%z %:z %::z %:::z"), "+0530 +05:30 +05:30:15 +05:30:15");
    EXPECT_EQ(date("2016-03-14 10:00 -03:30", "%_10z %_z %10z"), "      -330  -330 -000000330");
    EXPECT_EQ(date("2016-03-14 10:00 UTC", "%-z %:::z"), "-0000 +00");
    EXPECT_EQ(date("2016-03-14 10:00 +00:00", "%-z"), "+0000");
}

TEST_F(BerlinDateTest, LocalTime) {
    EXPECT_EQ(date("2024-03-01", "%s %Z %z"), "1709247600 CET +0100");
    EXPECT_EQ(date("2024-07-01 10:00", "%s %Z"), "1719820800 CEST");
    EXPECT_EQ(date("2024-03-31 02:30", "%H:%M %Z"), "03:30 CEST");
    EXPECT_EQ(date("2024-10-27 02:30", "%s %Z"), "1729989000 CEST");
    EXPECT_EQ(date("1719820800", "%H:%M"), "10:00");
    EXPECT_EQ(date("now", "%H:%M %Z"), "01:01 CET");
    EXPECT_EQ(date("2024-07-01 10:00 CEST", "%H:%M %Z"), "10:00 CEST");
    EXPECT_EQ(date("2024-07-01 10:00 +02:00", "%Z"), "CEST");
    EXPECT_EQ(date("2024-07-01 10:00 +03:00", "%H:%M [%Z]"), "10:00 []");
}

TEST_F(DateTest, Directives) {
    const std::string_view at = "2005-06-05 04:03:02.123456789 UTC";
    EXPECT_EQ(date(at, "%Y %C %y %m %B %b %h %d %e %j"), "2005 20 05 06 June Jun Jun 05  5 156");
    EXPECT_EQ(date(at, "%H %k %I %l %M %S %L %N %p %P"), "04  4 04  4 03 02 123 123456789 AM am");
    EXPECT_EQ(date(at, "%A %a %u %w %G %g %V %U %W %s"), "Sunday Sun 7 0 2005 05 22 23 22 1117944182");
    EXPECT_EQ(
        date(at, "%c|%D|%F|%R|%r|%T|%v|%X|%x"),
        "Sun Jun  5 04:03:02 2005|06/05/05|2005-06-05|04:03|04:03:02 AM|04:03:02| 5-JUN-2005|04:03:02|06/05/05");
    EXPECT_EQ(date(at, "%n%t%%%5%"), "\n\t%    %");
    EXPECT_EQ(date("2020-01-01", "%G-%V %g"), "2020-01 20");
    EXPECT_EQ(date("2021-01-03", "%G-%V"), "2020-53");
    EXPECT_EQ(date("2024-12-30", "%G-%V"), "2025-01");
    EXPECT_EQ(date("2016-03-14 12:00", "%I %p"), "12 PM");
}

TEST_F(DateTest, FlagsAndWidths) {
    const std::string_view at = "2005-06-05 04:03:02.123456789 UTC";
    EXPECT_EQ(date(at, "%-d %_d %0e %05e %_5S %-y %10Y %_10Y"),
              "5  5 05 00005     2 5 0000002005       2005");
    EXPECT_EQ(date(at, "%^a %#B %#p %^P %#Z %10A %010A %-10A %^5B"),
              "SUN JUNE am AM utc     Sunday 0000Sunday Sunday  JUNE");
    EXPECT_EQ(date(at, "%3N %6N %12N %-3N %10L"), "123 123456 123456789000 123 1234567890");
    EXPECT_EQ(date(at, "%30c|%012F|%^c"),
              "      Sun Jun  5 04:03:02 2005|002005-06-05|SUN JUN  5 04:03:02 2005");
    EXPECT_EQ(date(at, "%Ey %Od %EY %OY"), "05 05 2005 %OY");
    EXPECT_EQ(date("-0005-06-05", "%Y %C %y %-Y %v"), "-0005 -1 95 -5  5-JUN--005");
}

TEST_F(DateTest, WhatIsNoDirectiveStays) {
    EXPECT_EQ(date("2005-06-05", "%Q %-Q %10Q %E %5^B %:y %::::z %+ %J \xC3\xA9"),
              "%Q %-Q %10Q %E %5^B %:y %::::z %+ %J \xC3\xA9");
    EXPECT_EQ(date("2005-06-05", "%99999999999d"), "%99999999999d");
    EXPECT_EQ(date("2005-06-05", "%d%"), "Error: invalid format: %d%");
    EXPECT_EQ(date("2005-06-05", "%-"), "Error: invalid format: %-");
    EXPECT_EQ(date("2005-06-05", "%5"), "Error: invalid format: %5");
}

TEST_F(DateTest, WidthsAreBounded) {
    EXPECT_EQ(date("2005-06-05", "%1000d").size(), 1000U);
    EXPECT_EQ(date("2005-06-05", "%2147483647d"), "Error: Memory limits exceeded");
}

TEST(Calendar, DaysOfYearsBeforeAndAfter) {
    EXPECT_EQ(days_of(1970, 1, 1), 0);
    EXPECT_EQ(days_of(2000, 3, 1), 11'017);
    EXPECT_EQ(days_of(0, 1, 1), -719'528);
    EXPECT_EQ(days_of(2023, 2, 30), days_of(2023, 3, 2));
    for (const std::int64_t days : {-1'000'000'000LL, -719'529LL, -1LL, 0LL, 19'782LL, 365'000'000'000LL}) {
        const CalendarDay day = calendar_day(days);
        EXPECT_EQ(days_of(day.year, day.month, day.day), days);
    }
    EXPECT_EQ(calendar_day(0).weekday, 4);
    EXPECT_EQ(calendar_day(-1).yearday, 364);
}

}  // namespace
}  // namespace cartwright::liquid
