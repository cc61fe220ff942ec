#include "files/s3_listing.hpp"

#include "files/backend.hpp"

#include <gtest/gtest.h>

namespace cartwright::files {

TEST(S3ListingTest, KeysSizesAndDatesAreRead) {
    const std::vector<S3Object> objects = parse_listing(
        "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
        "<Contents><Key>7/ab/cd</Key><LastModified>2026-01-31T12:00:01.250Z</LastModified><Size>434234</Size></Contents>"
        "<Contents><Size>0</Size><LastModified>2026-02-01T00:00:00Z</LastModified><Key>7/ac/00</Key></Contents>"
        "</ListBucketResult>");
    const Instant noon = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12);
    EXPECT_EQ(objects,
              (std::vector<S3Object>{{"7/ab/cd", 434'234, noon + std::chrono::seconds(1)},
                                     {"7/ac/00", 0, noon + std::chrono::hours(12)}}));
}

TEST(S3ListingTest, AnEmptyListingIsOne) {
    EXPECT_TRUE(parse_listing("<ListBucketResult></ListBucketResult>").empty());
}

TEST(S3ListingTest, WhatIsNotAListingThrows) {
    for (
        const std::string_view wrong :
        {"",
         "<Error><Code>AccessDenied</Code></Error>",
         "<ListBucketResult><Contents><Key>a</Key>",
         "<ListBucketResult><Contents><Key>a</Key></Contents>",
         "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size><LastModified>2026-01-31T12:00:00Z</LastModified>"
         "</Contents>",
         "<ListBucketResult><Contents><Key>a</Key><Size>1</Size><LastModified>2026-02-30T12:00:00Z</LastModified>"
         "</Contents>",
         "<ListBucketResult><Contents><Key>a</Key><Size>1</Size><LastModified>yesterday</LastModified></Contents>"}) {
        EXPECT_THROW(parse_listing(wrong), StorageFailure) << wrong;
    }
}

}  // namespace cartwright::files
