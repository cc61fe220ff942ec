#include "liquid/compare.hpp"

#include "values.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cartwright::liquid {

namespace {

class Compare : public ValuesTest {
protected:
    static Value big(std::string_view digits) { return Value::big_integer(digits); }

    static constexpr double nan_ = std::numeric_limits<double>::quiet_NaN();
};

TEST_F(Compare, NumbersAreEqualByValue) {
    EXPECT_TRUE(equal(render_, number(1), number(1)));
    EXPECT_TRUE(equal(render_, number(1), real(1.0)));
    EXPECT_FALSE(equal(render_, number(1), real(1.5)));
    EXPECT_FALSE(equal(render_, number(9007199254740993), real(9007199254740992.0)));
    EXPECT_TRUE(equal(render_, big("1180591620717411303424"), real(1180591620717411303424.0)));
    EXPECT_FALSE(equal(render_, real(nan_), real(nan_)));
    EXPECT_FALSE(equal(render_, number(1), flag(true)));
    EXPECT_FALSE(equal(render_, number(1), text("1")));
}

TEST_F(Compare, TextsAreEqualByBytes) {
    EXPECT_TRUE(equal(render_, text("é"), text("é")));
    EXPECT_FALSE(equal(render_, text("a"), text("A")));
    const std::string long_text(1000, 'x');
    const std::string same_text(1000, 'x');
    EXPECT_TRUE(equal(render_, text(long_text), text(same_text)));
}

TEST_F(Compare, NilIsOnlyNil) {
    EXPECT_TRUE(equal(render_, Value(), Value()));
    EXPECT_FALSE(equal(render_, Value(), flag(false)));
    EXPECT_FALSE(equal(render_, flag(false), flag(true)));
}

TEST_F(Compare, ArraysItemByItem) {
    EXPECT_TRUE(equal(render_, array({number(1), text("a")}), array({real(1.0), text("a")})));
    EXPECT_FALSE(equal(render_, array({number(1), text("a")}), array({text("a"), number(1)})));
    EXPECT_FALSE(equal(render_, array({number(1)}), array({number(1), Value()})));
}

TEST_F(Compare, MapsInAnyOrder) {
    const Value one = map({{"a", number(1)}, {"b", array({number(2)})}});
    const Value other = map({{"b", array({number(2)})}, {"a", real(1.0)}});
    EXPECT_TRUE(equal(render_, one, other));
    EXPECT_FALSE(equal(render_, one, map({{"a", number(1)}})));
    EXPECT_FALSE(equal(render_, map({{"a", Value()}}), map({{"b", Value()}})));
}

TEST_F(Compare, RangesByTheirBounds) {
    EXPECT_TRUE(equal(render_, range(1, 3), range(1, 3)));
    EXPECT_FALSE(equal(render_, range(1, 3), range(1, 4)));
    EXPECT_FALSE(equal(render_, range(1, 2), array({number(1), number(2)})));
}

TEST_F(Compare, DropsByIdentity) {
    TitleDrop one("x");
    TitleDrop other("x");
    EXPECT_TRUE(equal(render_, Value::drop(one), Value::drop(one)));
    EXPECT_FALSE(equal(render_, Value::drop(one), Value::drop(other)));
    EXPECT_FALSE(equal(render_, Value::drop(one), text("x")));
    EXPECT_FALSE(equal(render_, text("x"), Value::drop(one)));
}

TEST_F(Compare, DeepNestingIsUnequal) {
    EXPECT_TRUE(equal(render_, nested(100), nested(100)));
    EXPECT_FALSE(equal(render_, nested(102), nested(102)));
}

TEST_F(Compare, WalkingWithoutEndIsUnequal) {
    Value one = number(1);
    Value other = number(1);
    for (int level = 0; level < 60; ++level) {
        one = array({one, one});
        other = array({other, other});
    }
    EXPECT_FALSE(equal(render_, one, other));
    EXPECT_FALSE(same(render_, one, other));
    EXPECT_EQ(sort_order(render_, one, other), std::nullopt);
    EXPECT_EQ(content_hash(render_, one), content_hash(render_, one));
}

TEST_F(Compare, SameTellsWholeNumbersFromFloats) {
    EXPECT_TRUE(same(render_, number(1), number(1)));
    EXPECT_FALSE(same(render_, number(1), real(1.0)));
    EXPECT_FALSE(same(render_, array({number(1)}), array({real(1.0)})));
    EXPECT_FALSE(same(render_, map({{"a", number(1)}}), map({{"a", real(1.0)}})));
    EXPECT_TRUE(same(render_, real(0.0), real(-0.0)));
    EXPECT_FALSE(same(render_, real(nan_), real(nan_)));
}

TEST_F(Compare, WhatIsTheSameHasTheSameHash) {
    EXPECT_EQ(content_hash(render_, real(0.0)), content_hash(render_, real(-0.0)));
    EXPECT_EQ(content_hash(render_, map({{"a", number(1)}, {"b", number(2)}})),
              content_hash(render_, map({{"b", number(2)}, {"a", number(1)}})));
    EXPECT_EQ(content_hash(render_, array({text("x"), range(1, 2)})),
              content_hash(render_, array({text("x"), range(1, 2)})));
    EXPECT_NE(content_hash(render_, number(1)), content_hash(render_, real(1.0)));
    EXPECT_NE(content_hash(render_, map({{"a", map({{"x", number(1)}})}})),
              content_hash(render_, map({{"a", map({{"x", number(2)}})}})));
}

TEST_F(Compare, Empty) {
    for (const Value& value : {text(""), array({}), map({})}) {
        EXPECT_TRUE(is_empty(render_, value)) << shown(value);
    }
    for (const Value& value :
         {text(" "), array({Value()}), map({{"a", Value()}}), Value(), flag(false), number(0), range(1, 0)}) {
        EXPECT_FALSE(is_empty(render_, value)) << shown(value);
    }
    EXPECT_FALSE(is_empty(render_, Value::empty()));
    EXPECT_FALSE(is_empty(render_, Value::blank()));
    EXPECT_FALSE(is_blank(render_, Value::empty()));
    EXPECT_FALSE(is_blank(render_, Value::blank()));
    ListDrop nothing({});
    EXPECT_TRUE(is_empty(render_, Value::drop(nothing)));
    TitleDrop untitled("");
    EXPECT_TRUE(is_empty(render_, Value::drop(untitled)));
}

TEST_F(Compare, Blank) {
    for (const Value& value : {text(""), text(" \t\n\v\f\r"), array({}), map({}), Value(), flag(false)}) {
        EXPECT_TRUE(is_blank(render_, value)) << shown(value);
    }
    for (const Value& value :
         {text(" x "), text("\u00A0"), array({Value()}), flag(true), number(0), real(0)}) {
        EXPECT_FALSE(is_blank(render_, value)) << shown(value);
    }
}

TEST_F(Compare, OrderOfNumbersAndTexts) {
    EXPECT_EQ(order(number(1), number(2)), -1);
    EXPECT_EQ(order(number(2), number(2)), 0);
    EXPECT_EQ(order(number(3), real(2.5)), 1);
    EXPECT_EQ(order(big("99999999999999999999"), number(5)), 1);
    EXPECT_LT(*order(text("a"), text("b")), 0);
    EXPECT_GT(*order(text("a"), text("B")), 0);
    EXPECT_LT(*order(text("a"), text("é")), 0);
    EXPECT_EQ(order(number(1), text("1")), std::nullopt);
    EXPECT_EQ(order(Value(), Value()), std::nullopt);
    EXPECT_EQ(order(real(nan_), number(1)), std::nullopt);
}

TEST_F(Compare, SortOrderOfEverything) {
    EXPECT_EQ(sort_order(render_, Value(), Value()), 0);
    EXPECT_EQ(sort_order(render_, flag(true), flag(true)), 0);
    EXPECT_EQ(sort_order(render_, flag(true), flag(false)), std::nullopt);
    EXPECT_EQ(sort_order(render_, map({{"a", number(1)}}), map({{"a", number(1)}})), 0);
    EXPECT_EQ(sort_order(render_, map({{"a", number(1)}}), map({})), std::nullopt);
    EXPECT_EQ(sort_order(render_, array({number(1), number(2)}), array({number(1), number(3)})), -1);
    EXPECT_EQ(sort_order(render_, array({number(1)}), array({number(1), number(3)})), -1);
    EXPECT_EQ(sort_order(render_, array({number(1), text("a")}), array({number(1), number(3)})),
              std::nullopt);
}

TEST_F(Compare, ClassNames) {
    EXPECT_EQ(class_name(Value()), "NilClass");
    EXPECT_EQ(class_name(flag(true)), "TrueClass");
    EXPECT_EQ(class_name(flag(false)), "FalseClass");
    EXPECT_EQ(class_name(number(1)), "Integer");
    EXPECT_EQ(class_name(big("99999999999999999999")), "Integer");
    EXPECT_EQ(class_name(real(1)), "Float");
    EXPECT_EQ(class_name(text("")), "String");
    EXPECT_EQ(class_name(array({})), "Array");
    EXPECT_EQ(class_name(map({})), "Hash");
    EXPECT_EQ(class_name(range(1, 2)), "Range");
    TitleDrop drop("x");
    EXPECT_EQ(class_name(Value::drop(drop)), "titled");
}

TEST_F(Compare, InspectedValues) {
    const Value list = array({number(1), text("x"), Value(), flag(true), real(1.5)});
    EXPECT_EQ(inspect(render_, map({{"a", number(1)}, {"b", list}})),
              R"({"a"=>1, "b"=>[1, "x", nil, true, 1.5]})");
    EXPECT_EQ(inspect(render_, array({})), "[]");
    EXPECT_EQ(inspect(render_, map({})), "{}");
    EXPECT_EQ(inspect(render_, array({range(1, 3), array({}), map({})})), "[1..3, [], {}]");
    EXPECT_EQ(inspect(render_, big("-99999999999999999999")), "-99999999999999999999");
    TitleDrop drop("x");
    EXPECT_EQ(inspect(render_, array({Value::drop(drop)})), "[titled]");
}

TEST_F(Compare, InspectedTextsAreEscaped) {
    EXPECT_EQ(inspect(render_, text("a\"b\\c")), R"("a\"b\\c")");
    EXPECT_EQ(inspect(render_, text("\a\b\t\n\v\f\r\x1B")), R"("\a\b\t\n\v\f\r\e")");
    EXPECT_EQ(inspect(render_, text(std::string_view("\0\x01\x7F", 3))), R"("\u0000\u0001\u007F")");
    EXPECT_EQ(inspect(render_, text("#{a} #$b #@c # #")), R"("\#{a} \#$b \#@c # #")");
    EXPECT_EQ(inspect(render_, text("é€\u200B\u00AD\U0001F600")), "\"é€\u200B\u00AD\U0001F600\"");
    EXPECT_EQ(inspect(render_, text("\u0080\u0378\u2028\uFFFE")), R"("\u0080\u0378\u2028\uFFFE")");
    EXPECT_EQ(inspect(render_, text("\U0010FFFF\U0001FFFE")), R"("\u{10FFFF}\u{1FFFE}")");
    EXPECT_EQ(inspect(render_, text("\xFFz\xE2\x82")), R"("\xFFz\xE2\x82")");
    EXPECT_EQ(inspect(render_, map({{"a\"b", Value()}})), R"({"a\"b"=>nil})");
}

TEST_F(Compare, InspectedCycles) {
    Map* one = arena_.make<Map>(arena_);
    Map* other = arena_.make<Map>(arena_);
    one->set("items", array({Value::map(*other)}));
    other->set("up", Value::map(*one));
    EXPECT_EQ(inspect(render_, Value::map(*one)), R"({"items"=>[{"up"=>{...}}]})");

    Value* item = arena_.make<Value>();
    *item = Value::array({item, 1});
    EXPECT_EQ(inspect(render_, *item), "[[...]]");

    const Value twice = array({number(1)});
    EXPECT_EQ(inspect(render_, array({twice, twice})), "[[1], [1]]");
}

TEST_F(Compare, InspectionEnds) {
    EXPECT_EQ(inspect(render_, nested(100)), std::string(100, '[') + std::string(100, ']'));
    const Value deep = array({nested(100)});
    EXPECT_EQ(inspect(render_, deep), std::string(100, '[') + "[]" + std::string(100, ']'));
    EXPECT_EQ(inspect(render_, array({array({deep})})),
              std::string(100, '[') + "[...]" + std::string(100, ']'));

    Value wide = number(1);
    for (int level = 0; level < 60; ++level) {
        wide = array({wide, wide});
    }
    EXPECT_LE(inspect(render_, wide).size(), options_.limits.string_bytes);
    EXPECT_TRUE(render_.stopped());
}

}  // namespace

}  // namespace cartwright::liquid
