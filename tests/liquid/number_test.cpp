#include "liquid/number.hpp"

#include "filter_probe.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace cartwright::liquid {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

std::string printed(double number) {
    std::array<char, 32> buffer;
    return std::string(print_real(number, buffer.data()));
}

class NumberTest : public ::testing::Test {
protected:
    std::optional<std::int64_t> integer(std::string_view text) {
        return to_integer(render_, Value::string(text));
    }

    std::int64_t whole(std::string_view text) { return to_i(render_, Value::string(text)); }

    std::string text(const Value& value) {
        return value.is_failure() ? std::string(value.as_failure().message)
                                  : std::string(render_.text(value));
    }

    RenderOptions options_;
    Arena arena_;
    Output output_;
    Render render_{options_, arena_, output_};
};

TEST(PrintReal, PrintsAsRuby) {
    EXPECT_EQ(printed(0.0), "0.0");
    EXPECT_EQ(printed(-0.0), "-0.0");
    EXPECT_EQ(printed(1.0), "1.0");
    EXPECT_EQ(printed(0.1), "0.1");
    EXPECT_EQ(printed(-2.5), "-2.5");
    EXPECT_EQ(printed(0.0001), "0.0001");
    EXPECT_EQ(printed(0.00001), "1.0e-05");
    EXPECT_EQ(printed(1.5e-10), "1.5e-10");
    EXPECT_EQ(printed(1e14), "100000000000000.0");
    EXPECT_EQ(printed(1e15), "1.0e+15");
    EXPECT_EQ(printed(2130322118139465.5), "2130322118139465.5");
    EXPECT_EQ(printed(1e20), "1.0e+20");
    EXPECT_EQ(printed(123456789012345680.0), "1.2345678901234568e+17");
    EXPECT_EQ(printed(5e-324), "5.0e-324");
    EXPECT_EQ(printed(1.7976931348623157e308), "1.7976931348623157e+308");
    EXPECT_EQ(printed(infinity), "Infinity");
    EXPECT_EQ(printed(-infinity), "-Infinity");
    EXPECT_EQ(printed(not_a_number), "NaN");
}

TEST_F(NumberTest, IntegersAreWholeTexts) {
    EXPECT_EQ(integer("12"), 12);
    EXPECT_EQ(integer(" -3 "), -3);
    EXPECT_EQ(integer("+5"), 5);
    EXPECT_EQ(integer("1_000"), 1000);
    EXPECT_EQ(integer("0x1f"), 31);
    EXPECT_EQ(integer("-0x1F"), -31);
    EXPECT_EQ(integer("010"), 8);
    EXPECT_EQ(integer("0o17"), 15);
    EXPECT_EQ(integer("0b11"), 3);
    EXPECT_EQ(integer("0d10"), 10);
    EXPECT_EQ(integer("00"), 0);
    EXPECT_EQ(integer("99999999999999999999"), most);
    EXPECT_EQ(integer("-99999999999999999999"), least);
    for (const std::string_view wrong :
         {"", " ", "1.5", "abc", "1__0", "_1", "1_", "- 5", "08", "0x", "0x_1", "12a", "0b2", "--1"}) {
        EXPECT_EQ(integer(wrong), std::nullopt) << wrong;
    }
    EXPECT_EQ(to_integer(render_, Value::integer(7)), 7);
    EXPECT_EQ(to_integer(render_, Value::real(7.0)), std::nullopt);
    EXPECT_EQ(to_integer(render_, Value()), std::nullopt);
    EXPECT_EQ(to_integer(render_, Value::big_integer("99999999999999999999")), most);
}

TEST_F(NumberTest, WholePartOfAnything) {
    EXPECT_EQ(whole("3a"), 3);
    EXPECT_EQ(whole("  7 "), 7);
    EXPECT_EQ(whole("1_000"), 1000);
    EXPECT_EQ(whole("1__000"), 1);
    EXPECT_EQ(whole("-12.9"), -12);
    EXPECT_EQ(whole("0x1A"), 0);
    EXPECT_EQ(whole("0d12"), 12);
    EXPECT_EQ(whole("abc"), 0);
    EXPECT_EQ(whole(""), 0);
    EXPECT_EQ(whole("9223372036854775808"), most);
    EXPECT_EQ(whole("-9223372036854775808"), least);
    EXPECT_EQ(to_i(render_, Value::real(-3.9)), -3);
    EXPECT_EQ(to_i(render_, Value::real(1e300)), most);
    EXPECT_EQ(to_i(render_, Value::real(not_a_number)), 0);
    EXPECT_EQ(to_i(render_, Value::boolean(true)), 0);
}

TEST_F(NumberTest, DigitsOfAnySize) {
    EXPECT_EQ(whole_number(render_, "-007").as_integer(), -7);
    EXPECT_EQ(whole_number(render_, "-9223372036854775808").as_integer(), least);
    EXPECT_EQ(whole_number(render_, "0009223372036854775808").as_string(), "9223372036854775808");
    EXPECT_TRUE(whole_number(render_, "1.5").is_nil());
    EXPECT_TRUE(whole_number(render_, "-").is_nil());
    EXPECT_TRUE(whole_number(render_, std::string(1001, '9')).is_nil());
    EXPECT_EQ(whole_number(render_, std::string(1000, '9')).as_string().size(), 1000U);
}

TEST_F(NumberTest, NumericValueOfAnything) {
    EXPECT_EQ(text(to_number(render_, Value::string("1.10"))), "1.1");
    EXPECT_EQ(text(to_number(render_, Value::string("1.10x"))), "1");
    EXPECT_EQ(text(to_number(render_, Value::string("+5.5"))), "5");
    EXPECT_EQ(text(to_number(render_, Value::string(" -3.25\n"))), "-3.25");
    EXPECT_EQ(text(to_number(render_, Value::string("1e3"))), "1");
    EXPECT_EQ(text(to_number(render_, Value::string("-0.0"))), "-0.0");
    EXPECT_EQ(text(to_number(render_, Value::string("99999999999999999999z"))), "99999999999999999999");
    EXPECT_EQ(text(to_number(render_, Value::boolean(true))), "0");
    EXPECT_EQ(text(to_number(render_, Value::string(std::string_view("1.5\0", 4)))),
              "string contains null byte");
}

TEST_F(NumberTest, ComparesByExactValue) {
    EXPECT_EQ(compare_numbers(Value::integer(1), Value::real(1.0)), 0);
    EXPECT_EQ(compare_numbers(Value::integer(most), Value::real(0x1p63)), -1);
    EXPECT_EQ(compare_numbers(Value::integer(-1), Value::real(-1.5)), 1);
    EXPECT_EQ(compare_numbers(Value::real(-0.5), Value::integer(0)), -1);
    EXPECT_EQ(compare_numbers(Value::big_integer("100000000000000000000"), Value::real(1e20)), 0);
    EXPECT_EQ(compare_numbers(Value::big_integer("100000000000000000000000"), Value::real(1e23)), 1);
    EXPECT_EQ(compare_numbers(Value::big_integer("-100000000000000000000"), Value::integer(5)), -1);
    EXPECT_EQ(compare_numbers(Value::big_integer(std::string(400, '9')), Value::real(infinity)), -1);
    EXPECT_EQ(compare_numbers(Value::integer(1), Value::real(-infinity)), 1);
    EXPECT_EQ(compare_numbers(Value::integer(1), Value::real(not_a_number)), std::nullopt);
    EXPECT_EQ(compare_numbers(Value::real(not_a_number), Value::real(not_a_number)), std::nullopt);
}

TEST_F(NumberTest, SumsAreExactUntilTheEnd) {
    const std::array tenths{Value::real(0.1), Value::real(0.2), Value::string("0.3"), Value::integer(1)};
    EXPECT_EQ(text(sum_numbers(render_, tenths)), "1.6");
    const std::array whole{Value::integer(most), Value::integer(1), Value(), Value::string("x")};
    EXPECT_EQ(text(sum_numbers(render_, whole)), "9223372036854775808");
    const std::array apart{Value::real(1e17), Value::string("0.04"), Value::real(-1e17)};
    EXPECT_EQ(text(sum_numbers(render_, apart)), "0.04");
    EXPECT_EQ(text(sum_numbers(render_, {})), "0");
}

}  // namespace
}  // namespace cartwright::liquid
