#include "http/negotiate.hpp"

#include <gtest/gtest.h>

#include <array>

namespace cartwright::http {
namespace {

TEST(ListReader, SplitsAtCommasOutsideQuotes) {
    ListReader list(R"( a , ,b;q="x,y" , "c\",d",)");
    EXPECT_EQ(list.next(), "a");
    EXPECT_EQ(list.next(), R"(b;q="x,y")");
    EXPECT_EQ(list.next(), R"("c\",d")");
    EXPECT_EQ(list.next(), std::nullopt);
}

TEST(ListReader, StopsAfterItsLimit) {
    std::string long_list;
    for (int i = 0; i < 100; ++i) long_list += "a,";
    ListReader list(long_list);
    std::size_t count = 0;
    while (list.next()) ++count;
    EXPECT_EQ(count, ListReader::most);
}

TEST(MediaQuality, TheMostSpecificRangeDecides) {
    constexpr std::string_view accept = "text/*;q=0.3, text/html;q=0.7, */*;q=0.1";
    EXPECT_EQ(media_quality(accept, "text", "html"), 700);
    EXPECT_EQ(media_quality(accept, "text", "css"), 300);
    EXPECT_EQ(media_quality(accept, "image", "png"), 100);
    EXPECT_EQ(media_quality("TEXT/HTML", "text", "html"), 1000);
    EXPECT_EQ(media_quality("text/html;q=0", "text", "html"), 0);
    EXPECT_EQ(media_quality("text/html;q=0.123", "text", "html"), 123);
    EXPECT_EQ(media_quality("", "text", "html"), 0);
}

TEST(MediaQuality, MalformedMembersArePassedOver) {
    EXPECT_EQ(media_quality(
                  "text/html;q=2, text/html;q=0.1234, text/html;q=x, text/html;q=1.5, text", "text", "html"),
              0);
    EXPECT_EQ(media_quality("text/html;q=, */*;q=1.000", "text", "html"), 1000);
}

struct EncodingCase {
    std::string_view accept;
    Encoding best;
};

TEST(BestEncoding, FollowsTheClientsWeights) {
    constexpr std::array cases{
        EncodingCase{"", Encoding::identity},
        EncodingCase{"gzip", Encoding::gzip},
        EncodingCase{"gzip, deflate, br", Encoding::brotli},
        EncodingCase{"br;q=0.5, gzip;q=0.8", Encoding::gzip},
        EncodingCase{"gzip;q=0", Encoding::identity},
        EncodingCase{"*", Encoding::brotli},
        EncodingCase{"*;q=0", Encoding::identity},
        EncodingCase{"br;q=0, *", Encoding::gzip},
        EncodingCase{"identity, gzip;q=0.5", Encoding::identity},
        EncodingCase{"identity;q=0.5, gzip;q=0.5", Encoding::gzip},
        EncodingCase{"identity;q=0", Encoding::identity},
        EncodingCase{"x-gzip", Encoding::gzip},
        EncodingCase{"zstd, deflate", Encoding::identity},
        EncodingCase{"GZIP", Encoding::gzip},
        EncodingCase{"gzip;q=1.001", Encoding::identity},
    };
    for (const auto& [accept, best] : cases) EXPECT_EQ(best_encoding(accept, true, true), best) << accept;
    EXPECT_EQ(best_encoding("br, gzip;q=0.1", true, false), Encoding::gzip);
    EXPECT_EQ(best_encoding("br, gzip", false, false), Encoding::identity);
}

TEST(BestLanguage, TakesWhatIsOfferedElseTheFirst) {
    constexpr std::array<std::string_view, 2> offered{"en", "ru"};
    EXPECT_EQ(best_language("ru-RU,ru;q=0.9,en-US;q=0.8", offered), 1U);
    EXPECT_EQ(best_language("de, en;q=0.5, ru;q=0.4", offered), 0U);
    EXPECT_EQ(best_language("de, RU;q=0.1", offered), 1U);
    EXPECT_EQ(best_language("ru;q=0", offered), 0U);
    EXPECT_EQ(best_language("", offered), 0U);
    EXPECT_EQ(best_language("*", offered), 0U);
}

}  // namespace
}  // namespace cartwright::http
