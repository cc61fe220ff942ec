#include "base/money.hpp"

#include "base/check.hpp"
#include "base/decimal.hpp"
#include "base/rng.hpp"

#include <gtest/gtest.h>
#include <unicode/ucurr.h>
#include <unicode/unistr.h>

#include <limits>
#include <numeric>

namespace cartwright {
namespace {

constexpr std::int64_t top = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t bottom = std::numeric_limits<std::int64_t>::min();

const Currency rub = Currency::of("RUB");
const Currency jpy = Currency::of("JPY");

std::vector<std::int64_t> split(std::int64_t units, const std::vector<std::int64_t>& weights) {
    std::vector<std::int64_t> parts;
    for (const Money part : allocate(Money(units, rub), weights)) {
        parts.push_back(part.units());
    }
    return parts;
}

TEST(DecimalTest, ReadsAndPrints) {
    EXPECT_EQ(parse_decimal("12.5", 2), 1250);
    EXPECT_EQ(parse_decimal("-0.01", 2), -1);
    EXPECT_EQ(parse_decimal("007", 0), 7);
    EXPECT_EQ(parse_decimal("92233720368547758.07", 2), top);
    EXPECT_EQ(parse_decimal("-92233720368547758.08", 2), bottom);
    for (const std::string_view wrong : {"",
                                         "-",
                                         ".",
                                         ".5",
                                         "5.",
                                         "1.234",
                                         "+1",
                                         " 1",
                                         "1 ",
                                         "1,5",
                                         "1e3",
                                         "1.-2",
                                         "--1",
                                         "92233720368547758.08",
                                         "-92233720368547758.09",
                                         "١"}) {
        EXPECT_EQ(parse_decimal(wrong, 2), std::nullopt) << wrong;
    }
    EXPECT_EQ(parse_decimal("1.0", 0), std::nullopt);
    EXPECT_EQ(print_decimal(1250, 2), "12.50");
    EXPECT_EQ(print_decimal(-5, 2), "-0.05");
    EXPECT_EQ(print_decimal(0, 0), "0");
    EXPECT_EQ(print_decimal(bottom, 2), "-92233720368547758.08");
    EXPECT_EQ(print_decimal(1250, 3, Zeros::dropped), "1.25");
    EXPECT_EQ(print_decimal(-2000, 3, Zeros::dropped), "-2");
    EXPECT_EQ(print_decimal(100, 0, Zeros::dropped), "100");
}

TEST(DecimalTest, RoundsHalfAwayFromZero) {
    EXPECT_EQ(divide_rounded(5, 10), 1);
    EXPECT_EQ(divide_rounded(-5, 10), -1);
    EXPECT_EQ(divide_rounded(4, 10), 0);
    EXPECT_EQ(divide_rounded(-15, 10), -2);
    EXPECT_EQ(divide_rounded(1, 3), 0);
    EXPECT_EQ(divide_rounded(2, 3), 1);
    EXPECT_EQ(divide_rounded(4, 3), 1);
    EXPECT_EQ(divide_rounded(-5, 3), -2);
    EXPECT_EQ(divide_rounded(7, 1), 7);
    EXPECT_EQ(divide_rounded(0, 3), 0);
    EXPECT_THROW(divide_rounded(static_cast<__int128>(top) + 1, 1), std::overflow_error);
    EXPECT_THROW(divide_rounded(1, 0), BrokenInvariant);
}

TEST(CurrencyTest, HasTheExponentsOfIso4217) {
    EXPECT_EQ(rub.code(), "RUB");
    EXPECT_EQ(rub.numeric(), 643U);
    EXPECT_EQ(rub.exponent(), 2U);
    EXPECT_EQ(jpy.exponent(), 0U);
    EXPECT_EQ(Currency::of("KWD").exponent(), 3U);
    EXPECT_EQ(Currency::of("CLF").exponent(), 4U);
    EXPECT_EQ(Currency::of("IQD").exponent(), 3U) << "CLDR says 0, ISO doesn't";
    for (const std::string_view wrong : {"", "rub", "RU", "RUBL", "XXX", "AAA", "ZZZ", "R\0B"}) {
        EXPECT_FALSE(Currency::parse(wrong).has_value()) << wrong;
    }
    EXPECT_EQ(Currency::parse("rub").error().reason(), unknown_currency);
    EXPECT_THROW(Currency::of("XXX"), std::invalid_argument);
}

TEST(CurrencyTest, AgreesWithIcuOnNumericCodes) {
    int compared = 0;
    for (const CurrencyRow& row : currency_table()) {
        icu::UnicodeString code(row.code.data(), 3, US_INV);
        const int known = ucurr_getNumericCode(code.getTerminatedBuffer());
        if (known != 0) {  // some are younger than this ICU
            EXPECT_EQ(known, row.numeric) << std::string(row.code.data(), 3);
            ++compared;
        }
    }
    EXPECT_GT(compared, 150);
}

TEST(MoneyTest, AddsWithinOneCurrency) {
    Money sum = Money(1050, rub) + Money(-50, rub);
    EXPECT_EQ(sum, Money(1000, rub));
    sum -= Money(1, rub);
    EXPECT_EQ(sum.units(), 999);
    EXPECT_EQ(-sum, Money(-999, rub));
    EXPECT_LT(Money(1, rub), Money(2, rub));
    EXPECT_NE(Money(1, rub), Money(1, jpy));
}

TEST(MoneyTest, RefusesWhatCantBeAddedAndChangesNothing) {
    Money sum(top, rub);
    EXPECT_THROW(sum += Money(1, jpy), std::logic_error);
    EXPECT_THROW(sum -= Money(1, jpy), BrokenInvariant);
    EXPECT_EQ(sum, Money(top, rub));
    EXPECT_THROW(static_cast<void>(sum + Money(1, rub)), std::overflow_error);
    EXPECT_THROW(static_cast<void>(-Money(bottom, rub)), std::overflow_error);
    EXPECT_THROW(static_cast<void>(Money(1, rub) < Money(1, jpy)), BrokenInvariant);
}

TEST(MoneyTest, IsMultipliedWithOneRounding) {
    EXPECT_EQ(Money(9990, rub) * Quantity::parse("1.154").value(), Money(11528, rub));  // 11528.46
    EXPECT_EQ(Money(1, rub) * Quantity::parse("0.5").value(), Money(1, rub));
    EXPECT_EQ(Money(-1, rub) * Quantity::parse("0.5").value(), Money(-1, rub));
    EXPECT_EQ(Money(1, rub) * Quantity::parse("0.499").value(), Money(0, rub));
    EXPECT_EQ(Money(12345, rub) * Rate(200'000), Money(2469, rub));
    EXPECT_EQ(Money(25, rub) * Rate(100'000), Money(3, rub));  // 2.5
    EXPECT_EQ(Money(-25, rub) * Rate(100'000), Money(-3, rub));
    EXPECT_EQ(Money(top, rub) * Rate(1'000'000), Money(top, rub)) << "128 bits between";
    EXPECT_THROW(static_cast<void>(Money(top, rub) * Rate(1'000'001)), std::overflow_error);
    EXPECT_EQ(scaled(Money(100, rub), 1, 3), Money(33, rub));
    EXPECT_EQ(scaled(Money(200, rub), 1, 3), Money(67, rub));
}

TEST(MoneyTest, IsReadAndPrintedByTheDigitsOfItsCurrency) {
    EXPECT_EQ(Money::parse("1234.5", rub).value(), Money(123450, rub));
    EXPECT_EQ(Money::parse("-7", jpy).value(), Money(-7, jpy));
    EXPECT_EQ(Money(123450, rub).to_decimal(), "1234.50");
    EXPECT_EQ(Money(-7, jpy).to_decimal(), "-7");
    EXPECT_EQ(Money(5, Currency::of("KWD")).to_decimal(), "0.005");
    EXPECT_EQ(Money::parse("0.5", jpy).error().reason(), bad_amount);
    EXPECT_EQ(Money::parse("1.005", rub).error().reason(), bad_amount);
    EXPECT_EQ(Money::parse("1 000", rub).error().reason(), bad_amount);
}

TEST(AllocateTest, GivesWhatIsLeftToTheLargestRemainders) {
    EXPECT_EQ(split(100, {1, 1, 1}), (std::vector<std::int64_t>{34, 33, 33}));
    EXPECT_EQ(split(101, {1, 1, 1}), (std::vector<std::int64_t>{34, 34, 33}));
    EXPECT_EQ(split(10, {1, 2, 4}), (std::vector<std::int64_t>{1, 3, 6}));  // 1.43 2.86 5.71
    EXPECT_EQ(split(1, {1, 3}), (std::vector<std::int64_t>{0, 1}));
    EXPECT_EQ(split(-100, {1, 1, 1}), (std::vector<std::int64_t>{-34, -33, -33}));
    EXPECT_EQ(split(7, {0, 5, 0}), (std::vector<std::int64_t>{0, 7, 0}));
    EXPECT_EQ(split(5, {0, 0}), (std::vector<std::int64_t>{3, 2}));
    EXPECT_EQ(split(0, {3, 4}), (std::vector<std::int64_t>{0, 0}));
    EXPECT_EQ(split(0, {}), (std::vector<std::int64_t>{}));
    EXPECT_EQ(split(bottom, {1}), (std::vector<std::int64_t>{bottom}));
    EXPECT_EQ(split(top, {top, top}), (std::vector<std::int64_t>{top / 2 + 1, top / 2}));
    EXPECT_THROW(split(1, {}), BrokenInvariant);
    EXPECT_THROW(split(1, {1, -1}), BrokenInvariant);
}

TEST(AllocateTest, PartsAlwaysSumToTheWholeAndStayWithinOneUnitOfTheirShare) {
    SeededRng rng(42);
    for (int round = 0; round < 2000; ++round) {
        const auto units = static_cast<std::int64_t>(rng.below(2'000'001)) - 1'000'000;
        std::vector<std::int64_t> weights(1 + rng.below(12));
        for (auto& weight : weights) {
            weight = static_cast<std::int64_t>(rng.below(4) == 0 ? 0 : rng.below(100'000));
        }
        const auto parts = split(units, weights);
        const std::int64_t total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
        ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), units);
        for (std::size_t i = 0; total > 0 && i < parts.size(); ++i) {
            const std::int64_t error = parts[i] * total - units * weights[i];
            ASSERT_LT(std::abs(error), total) << "round " << round;
        }
    }
}

TEST(QuantityTest, IsExactToTheThousandth) {
    EXPECT_EQ(Quantity::parse("1.154").value().thousandths(), 1154);
    EXPECT_EQ(Quantity::parse("2").value(), Quantity::pieces(2));
    EXPECT_EQ(Quantity::parse("-0.5").value().to_decimal(), "-0.5");
    EXPECT_TRUE(Quantity::pieces(3).is_whole());
    EXPECT_FALSE(Quantity::thousandths(1).is_whole());
    EXPECT_EQ((Quantity::pieces(1) + Quantity::thousandths(500) - Quantity::thousandths(1)).to_decimal(),
              "1.499");
    EXPECT_EQ(Quantity::parse("1,5").error().reason(), bad_quantity);
    EXPECT_EQ(Quantity::parse("1.0001").error().reason(), bad_quantity);
    EXPECT_THROW(Quantity::pieces(top), std::overflow_error);
    EXPECT_THROW(static_cast<void>(Quantity::thousandths(top) + Quantity::thousandths(1)),
                 std::overflow_error);
}

TEST(RateTest, IsReadAsPercent) {
    EXPECT_EQ(Rate::parse_percent("20").value().millionths(), 200'000);
    EXPECT_EQ(Rate::parse_percent("7.25").value().to_percent(), "7.25");
    EXPECT_EQ(Rate(200'000).to_percent(), "20");
    EXPECT_EQ(Rate::parse_percent("0.00001").error().reason(), bad_amount);
}

TEST(CheckTest, NamesTheConditionAndTheLine) {
    const int one = 1;
    EXPECT_NO_THROW(CHECK(one == 1));
    try {
        CHECK(one == 2);
        ADD_FAILURE() << "held";
    } catch (const BrokenInvariant& error) {
        EXPECT_EQ(std::string(error.what()),
                  "money_test.cpp:" + std::to_string(__LINE__ - 4) + ": one == 2 does not hold");
    }
}

}  // namespace
}  // namespace cartwright
