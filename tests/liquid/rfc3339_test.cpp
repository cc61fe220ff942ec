#include "liquid/rfc3339.hpp"

#include <gtest/gtest.h>

namespace cartwright::liquid {
namespace {

TEST(Rfc3339, moments_are_read) {
    EXPECT_EQ(from_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(from_rfc3339("2024-01-01T00:01:58Z"), 1704067318);
    EXPECT_EQ(from_rfc3339("2024-01-01T03:01:58+03:00"), 1704067318);
    EXPECT_EQ(from_rfc3339("2023-12-31T20:31:58-03:30"), 1704067318);
    EXPECT_EQ(from_rfc3339("1969-12-31T23:59:59Z"), -1);
    EXPECT_EQ(from_rfc3339("2024-02-29T00:00:00Z"), 1709164800);
}

TEST(Rfc3339, other_texts_are_refused) {
    for (const char* text : {"",
                             "2024-01-01",
                             "2024-01-01T00:01:58",
                             "2024-01-01 00:01:58Z",
                             "2024-01-01T00:01:58z",
                             "2024-01-01T00:01:58.5Z",
                             "2024-01-01T00:01:58+0300",
                             "2023-02-29T00:00:00Z",
                             "2024-13-01T00:00:00Z",
                             "2024-01-01T24:00:00Z",
                             "2024-01-01T00:60:00Z",
                             "2024-01-01T00:00:60Z",
                             "2024-01-0aT00:00:00Z"}) {
        EXPECT_FALSE(from_rfc3339(text)) << text;
    }
}

}  // namespace
}  // namespace cartwright::liquid
