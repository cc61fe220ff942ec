#include "values.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cartwright::liquid {

namespace {

class WhereFilters : public ValuesTest {
protected:
    // The result as inspected, or the message of the failure.
    std::string result(std::string_view name,
                       const Value& input,
                       std::initializer_list<Value> arguments = {}) {
        return shown(apply(where_filters(), name, input, arguments));
    }

    const Value items_ = array({map({{"id", number(1)}, {"ok", flag(true)}}),
                                map({{"id", number(2)}, {"ok", flag(false)}}),
                                map({{"id", number(3)}}),
                                map({{"id", real(1.0)}, {"ok", text("yes")}})});
};

TEST_F(WhereFilters, WhereWithoutAValueKeepsWhatIsTrue) {
    EXPECT_EQ(result("where", items_, {text("ok")}), R"([{"id"=>1, "ok"=>true}, {"id"=>1.0, "ok"=>"yes"}])");
    EXPECT_EQ(result("where", items_, {text("ok"), Value()}),
              R"([{"id"=>1, "ok"=>true}, {"id"=>1.0, "ok"=>"yes"}])");
    EXPECT_EQ(result("where", items_, {Value()}), "[]");
}

TEST_F(WhereFilters, WhereWithAValueComparesByEquality) {
    EXPECT_EQ(result("where", items_, {text("id"), number(1)}),
              R"([{"id"=>1, "ok"=>true}, {"id"=>1.0, "ok"=>"yes"}])");
    EXPECT_EQ(result("where", items_, {text("ok"), flag(false)}), R"([{"id"=>2, "ok"=>false}])");
    EXPECT_EQ(result("where", items_, {text("id"), text("1")}), "[]");
    EXPECT_EQ(result("where", map({{"a", text("ok")}}), {text("a"), text("ok")}), R"([{"a"=>"ok"}])");
}

TEST_F(WhereFilters, WhereOfWhatHasNoProperties) {
    EXPECT_EQ(result("where", array({map({}), Value()}), {text("a")}), "nil");
    EXPECT_EQ(result("where", array({real(1.5)}), {text("a")}), "nil");
    EXPECT_EQ(result("where", number(123), {text("a")}), "cannot select the property 'a'");
    EXPECT_EQ(result("where", Value(), {text("a")}), "[]");
    EXPECT_EQ(result("where", array({text("alpha"), text("beta")}), {text("")}), R"(["alpha", "beta"])");
    EXPECT_EQ(result("where", array({text("alpha"), text("beta")}), {text("l")}), R"(["alpha"])");
}

TEST_F(WhereFilters, Reject) {
    EXPECT_EQ(result("reject", items_, {text("ok")}), R"([{"id"=>2, "ok"=>false}, {"id"=>3}])");
    EXPECT_EQ(result("reject", items_, {text("id"), number(1)}), R"([{"id"=>2, "ok"=>false}, {"id"=>3}])");
    EXPECT_EQ(result("reject", array({text("x"), Value()}), {text("c")}), "nil");
    EXPECT_EQ(result("reject", array({text("x"), number(1)}), {text("c")}), "cannot select the property 'c'");
    EXPECT_EQ(result("reject", Value(), {text("c")}), "[]");
}

TEST_F(WhereFilters, Find) {
    EXPECT_EQ(result("find", items_, {text("id"), number(2)}), R"({"id"=>2, "ok"=>false})");
    EXPECT_EQ(result("find", items_, {text("ok")}), R"({"id"=>1, "ok"=>true})");
    EXPECT_EQ(result("find", items_, {text("id"), number(7)}), "nil");
    EXPECT_EQ(result("find", array({map({{"x", number(1)}}), Value(), map({{"z", number(2)}})}), {text("z")}),
              "nil");
    EXPECT_EQ(result("find", array({map({{"z", number(1)}}), Value()}), {text("z")}), R"({"z"=>1})");
    EXPECT_EQ(result("find", text("zoo"), {text("z")}), R"("zoo")");
    EXPECT_EQ(result("find", Value(), {text("z")}), "nil");
}

TEST_F(WhereFilters, FindIndex) {
    EXPECT_EQ(result("find_index", items_, {text("id"), number(2)}), "1");
    EXPECT_EQ(result("find_index", items_, {text("ok")}), "0");
    EXPECT_EQ(result("find_index", items_, {text("id"), number(7)}), "nil");
    EXPECT_EQ(result("find_index", array({}), {text("id")}), "nil");
}

TEST_F(WhereFilters, Has) {
    EXPECT_EQ(result("has", items_, {text("ok"), flag(false)}), "true");
    EXPECT_EQ(result("has", items_, {text("ok")}), "true");
    EXPECT_EQ(result("has", items_, {text("no")}), "false");
    EXPECT_EQ(result("has", array({}), {text("no")}), "false");
    EXPECT_EQ(result("has", array({Value()}), {text("no")}), "nil");
    EXPECT_EQ(result("has", array({number(1), number(2), number(3)}), {number(2)}), "true");
    EXPECT_EQ(result("has", array({number(1)}), {text("2")}), "cannot select the property '2'");
}

TEST_F(WhereFilters, PropertiesOfDrops) {
    TitleDrop one("a");
    TitleDrop other("b");
    const Value drops = array({Value::drop(one), Value::drop(other)});
    EXPECT_EQ(result("find_index", drops, {text("title"), text("b")}), "1");
    EXPECT_EQ(result("has", drops, {text("name")}), "false");
}

TEST_F(WhereFilters, SumOfWholeNumbers) {
    EXPECT_EQ(result("sum", array({number(1), array({number(2), array({number(3)})})})), "6");
    EXPECT_EQ(result("sum", array({number(1), flag(true), Value(), map({{"a", number(2)}})})), "1");
    EXPECT_EQ(result("sum", array({text("-1"), text("3a")})), "2");
    EXPECT_EQ(result("sum", Value()), "0");
    EXPECT_EQ(result("sum", range(1, 100)), "5050");
    const Value most = number(std::numeric_limits<std::int64_t>::max());
    const Value least = number(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(result("sum", array({most, most})), "18446744073709551614");
    EXPECT_EQ(result("sum", array({least, least, number(-1)})), "-18446744073709551617");
    EXPECT_EQ(result("sum", array({most, most, least, least})), "-2");
    EXPECT_EQ(result("sum",
                     array({Value::big_integer("100000000000000000000"),
                            Value::big_integer("-100000000000000000001")})),
              "-1");
}

TEST_F(WhereFilters, SumOfDecimalsIsExact) {
    EXPECT_EQ(result("sum", array({real(0.1), real(0.2), real(0.3)})), "0.6");
    EXPECT_EQ(result("sum", array({real(0.1), real(0.2), real(-0.3)})), "0.0");
    EXPECT_EQ(result("sum", array({real(0.1), real(-0.2), real(-0.3)})), "-0.4");
    EXPECT_EQ(result("sum", array({number(1), real(1.0)})), "2.0");
    EXPECT_EQ(result("sum", array({real(1e300), real(1.5), real(-1e300)})), "1.5");
    EXPECT_EQ(
        result("sum", array({real(5e-324), real(1.7976931348623157e308), real(-1.7976931348623157e308)})),
        "5.0e-324");
    EXPECT_EQ(result("sum", array({real(1.7976931348623157e308), real(1.7976931348623157e308)})), "Infinity");
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(result("sum", array({real(-infinity), number(1)})), "-Infinity");
    EXPECT_EQ(result("sum", array({real(-infinity), real(infinity)})), "NaN");
    EXPECT_EQ(result("sum", real(-0.0)), "0.0");
}

TEST_F(WhereFilters, SumOfAProperty) {
    const Value lines = array({map({{"quantity", number(1)}}),
                               map({{"quantity", real(0.2)}, {"weight", real(-0.3)}}),
                               map({{"weight", real(0.4)}})});
    EXPECT_EQ(result("sum", lines, {text("quantity")}), "1.2");
    EXPECT_EQ(result("sum", lines, {text("weight")}), "0.1");
    EXPECT_EQ(result("sum", lines, {text("subtotal")}), "0");
    EXPECT_EQ(result("sum", lines), "0");
    EXPECT_EQ(result("sum", map({{"a", array({number(1), number(2)})}}), {text("a")}), "3");
    EXPECT_EQ(result("sum", array({real(1.5), Value()}), {text("a")}), "0");
    EXPECT_EQ(result("sum", array({number(1)}), {text("k")}), "cannot select the property 'k'");
}

TEST_F(WhereFilters, SumIsBounded) {
    const std::string digits(5000, '9');
    EXPECT_EQ(result("sum", Value::big_integer(digits)), "Memory limits exceeded");
}

}  // namespace

}  // namespace cartwright::liquid
