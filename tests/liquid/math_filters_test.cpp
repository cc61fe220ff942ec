#include "filter_probe.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace cartwright::liquid {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

Value real(double number) {
    return Value::real(number);
}

Value integer(std::int64_t number) {
    return Value::integer(number);
}

class MathFiltersTest : public ::testing::Test {
protected:
    std::string text(std::string_view filter, const Value& input) { return probe_.text(filter, input); }

    std::string text(std::string_view filter, const Value& input, const Value& argument) {
        return probe_.text(filter, input, {argument});
    }

    FilterProbe probe_;
};

TEST_F(MathFiltersTest, WholeNumbersStayWhole) {
    EXPECT_EQ(text("plus", integer(4), integer(2)), "6");
    EXPECT_EQ(text("minus", integer(4), integer(6)), "-2");
    EXPECT_EQ(text("times", "4"_v, "5"_v), "20");
    EXPECT_EQ(text("divided_by", integer(5), integer(2)), "2");
    EXPECT_EQ(text("divided_by", integer(-7), integer(2)), "-4");
    EXPECT_EQ(text("divided_by", integer(7), integer(-2)), "-4");
    EXPECT_EQ(text("modulo", integer(-7), integer(3)), "2");
    EXPECT_EQ(text("modulo", integer(7), integer(-3)), "-2");
    EXPECT_EQ(text("abs", integer(-5)), "5");
}

TEST_F(MathFiltersTest, WholeNumbersHaveAnySize) {
    EXPECT_EQ(text("plus", integer(most), integer(1)), "9223372036854775808");
    EXPECT_EQ(text("minus", integer(least), integer(1)), "-9223372036854775809");
    EXPECT_EQ(text("minus", Value::big_integer("9223372036854775808"), integer(1)), "9223372036854775807");
    EXPECT_EQ(text("times", integer(most), integer(most)), "85070591730234615847396907784232501249");
    EXPECT_EQ(text("divided_by", integer(least), integer(-1)), "9223372036854775808");
    EXPECT_EQ(text("modulo", integer(least), integer(-1)), "0");
    EXPECT_EQ(text("abs", integer(least)), "9223372036854775808");
    EXPECT_EQ(text("divided_by", Value::big_integer("-100000000000000000001"), integer(10)),
              "-10000000000000000001");
    EXPECT_EQ(text("modulo", Value::big_integer("-100000000000000000001"), integer(10)), "9");
    EXPECT_EQ(text("floor", real(1e20)), "100000000000000000000");
}

TEST_F(MathFiltersTest, DecimalsAreExact) {
    EXPECT_EQ(text("plus", real(0.1), real(0.2)), "0.3");
    EXPECT_EQ(text("minus", "10.1"_v, "2.2"_v), "7.9");
    EXPECT_EQ(text("times", real(0.0725), integer(100)), "7.25");
    EXPECT_EQ(text("times", "-0.0725"_v, integer(-100)), "7.25");
    EXPECT_EQ(text("times", "0.12345678901234567890123"_v, real(1e11)), "12345678901.234568");
    EXPECT_EQ(text("divided_by", integer(20), real(7.0)), "2.857142857142857");
    EXPECT_EQ(text("divided_by", real(0.1), real(0.7)), "0.14285714285714285");
    EXPECT_EQ(text("divided_by", Value::big_integer("100000000000000000000"), real(7.0)),
              "1.4285714285714287e+19");
    EXPECT_EQ(text("divided_by", integer(0), real(1.1)), "0.0");
    EXPECT_EQ(text("divided_by", integer(least), real(2.5)), "-3.6893488147419105e+18");
    EXPECT_EQ(text("modulo", real(10.1), real(7.0)), "3.1");
    EXPECT_EQ(text("modulo", real(1.5), real(-0.7)), "-0.6");
    EXPECT_EQ(text("modulo", integer(1), real(-1e300)), "-1.0e+300");
    EXPECT_EQ(text("plus", real(1e300), real(1e-300)), "1.0e+300");
    EXPECT_EQ(text("times", real(1e300), real(1e300)), "Infinity");
    EXPECT_EQ(text("times", real(1e-300), real(1e-300)), "0.0");
}

TEST_F(MathFiltersTest, AnythingIsANumber) {
    EXPECT_EQ(text("plus", "3a"_v, integer(1)), "4");
    EXPECT_EQ(text("plus", " 7 "_v, integer(1)), "8");
    EXPECT_EQ(text("plus", "1_000"_v, integer(1)), "1001");
    EXPECT_EQ(text("plus", "1.5e3"_v, integer(1)), "2");
    EXPECT_EQ(text("plus", " 1.5 "_v, integer(1)), "2.5");
    EXPECT_EQ(text("plus", Value(), Value::boolean(true)), "0");
    EXPECT_EQ(text("minus", Value::empty(), "foo"_v), "0");
    EXPECT_EQ(text("ceil", Value::array({})), "0");
}

TEST_F(MathFiltersTest, DivisionByZero) {
    EXPECT_EQ(text("divided_by", integer(5), integer(0)), "Error: divided by 0");
    EXPECT_EQ(text("divided_by", integer(5), "foo"_v), "Error: divided by 0");
    EXPECT_EQ(text("divided_by", integer(5), real(0.0)), "Infinity");
    EXPECT_EQ(text("divided_by", real(-5.0), integer(0)), "-Infinity");
    EXPECT_EQ(text("divided_by", integer(1), real(-0.0)), "-Infinity");
    EXPECT_EQ(text("divided_by", real(0.0), integer(0)), "NaN");
    EXPECT_EQ(text("modulo", integer(5), integer(0)), "Error: divided by 0");
    EXPECT_EQ(text("modulo", real(5.5), real(0.0)), "Error: divided by 0");
}

TEST_F(MathFiltersTest, InfinityAndZerosWithASign) {
    EXPECT_EQ(text("plus", real(infinity), integer(1)), "Infinity");
    EXPECT_EQ(text("minus", real(infinity), real(infinity)), "NaN");
    EXPECT_EQ(text("times", real(infinity), integer(0)), "NaN");
    EXPECT_EQ(text("divided_by", integer(1), real(infinity)), "0.0");
    EXPECT_EQ(text("modulo", real(infinity), integer(3)), "NaN");
    EXPECT_EQ(text("modulo", integer(1), real(infinity)), "1.0");
    EXPECT_EQ(text("abs", real(-infinity)), "Infinity");
    EXPECT_EQ(text("round", real(infinity)), "Error: Computation results in 'Infinity'");
    EXPECT_EQ(text("ceil", real(-infinity)), "Error: Computation results in '-Infinity'");
    EXPECT_EQ(text("floor", real(infinity - infinity)), "Error: Computation results in 'NaN' (Not a Number)");
    EXPECT_EQ(text("round", real(infinity), integer(1)), "Infinity");
    EXPECT_EQ(text("times", real(0.0), integer(-1)), "-0.0");
    EXPECT_EQ(text("plus", real(-0.0), integer(0)), "0.0");
    EXPECT_EQ(text("minus", real(1.5), real(1.5)), "0.0");
}

TEST_F(MathFiltersTest, RoundsHalfAwayFromZero) {
    EXPECT_EQ(text("round", real(4.5)), "5");
    EXPECT_EQ(text("round", real(-2.5)), "-3");
    EXPECT_EQ(text("round", real(-0.4)), "0");
    EXPECT_EQ(text("round", real(1.005), integer(2)), "1.01");
    EXPECT_EQ(text("round", real(183.357), integer(2)), "183.36");
    EXPECT_EQ(text("round", real(5.666), "1"_v), "5.7");
    EXPECT_EQ(text("round", real(5.666), real(1.9)), "5.7");
    EXPECT_EQ(text("round", real(5.666), "foo"_v), "6");
    EXPECT_EQ(text("round", real(-0.04), integer(1)), "-0.0");
    EXPECT_EQ(text("round", real(12355.5), integer(20)), "12355.5");
    EXPECT_EQ(text("round", integer(12355), integer(-1)), "12360");
    EXPECT_EQ(text("round", integer(-12355), integer(-1)), "-12360");
    EXPECT_EQ(text("round", integer(12355), integer(3)), "12355");
    EXPECT_EQ(text("round", real(12345.678), integer(-2)), "12300");
    EXPECT_EQ(text("round", real(12345.678), integer(-2'000'000)), "0");
    EXPECT_EQ(text("round", integer(1), integer(99'999'999'999)), "Error: internal");
    EXPECT_EQ(text("round", Value::big_integer("500000000000000000000000000000"), integer(-30)),
              "1000000000000000000000000000000");
}

TEST_F(MathFiltersTest, CeilAndFloor) {
    EXPECT_EQ(text("ceil", real(4.3)), "5");
    EXPECT_EQ(text("ceil", real(-5.4)), "-5");
    EXPECT_EQ(text("ceil", "-5.1"_v), "-5");
    EXPECT_EQ(text("ceil", real(-0.4)), "0");
    EXPECT_EQ(text("floor", real(4.9)), "4");
    EXPECT_EQ(text("floor", "-5.1"_v), "-6");
    EXPECT_EQ(text("floor", real(-0.0)), "0");
}

TEST_F(MathFiltersTest, LargerAndSmaller) {
    EXPECT_EQ(text("at_least", integer(4), integer(5)), "5");
    EXPECT_EQ(text("at_least", real(8.4), real(5.9)), "8.4");
    EXPECT_EQ(text("at_least", integer(-1), "abc"_v), "0");
    EXPECT_EQ(text("at_most", integer(4), integer(3)), "3");
    EXPECT_EQ(text("at_most", "9"_v, integer(8)), "8");
    EXPECT_EQ(text("at_most", integer(5), Value()), "0");
    EXPECT_EQ(text("at_least", real(1e300), real(infinity)), "Infinity");
    EXPECT_EQ(text("at_least", integer(1), real(infinity - infinity)), "1");
    EXPECT_EQ(text("at_least", real(1e23), Value::big_integer("99999999999999999999999")), "1.0e+23");
}

TEST(MathLimits, TooManyDigitsEndTheRender) {
    FilterProbe probe(RenderLimits{.digits = 100});
    const std::string digits(101, '9');
    EXPECT_EQ(probe.text("plus", Value::string(digits), {integer(1)}), "Error: Memory limits exceeded");
    FilterProbe growing(RenderLimits{.digits = 100});
    const std::string most_digits(100, '9');
    EXPECT_EQ(growing.text("plus", Value::string(most_digits), {integer(1)}),
              "Error: Memory limits exceeded");
    FilterProbe decimal(RenderLimits{.digits = 100});
    const std::string places = "0." + digits;
    EXPECT_EQ(decimal.text("plus", Value::string(places), {integer(1)}), "Error: Memory limits exceeded");
    FilterProbe product(RenderLimits{.digits = 100});
    EXPECT_EQ(product.text("times", Value::string(most_digits), {Value::string(most_digits)}),
              "Error: Memory limits exceeded");
}

}  // namespace
}  // namespace cartwright::liquid
