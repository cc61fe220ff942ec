#include "values.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cartwright::liquid {

namespace {

class ArrayFilters : public ValuesTest {
protected:
    Value filtered(std::string_view name, const Value& input, std::initializer_list<Value> arguments = {}) {
        return apply(array_filters(), name, input, arguments);
    }

    // The result as inspected, or the message of the failure.
    std::string result(std::string_view name,
                       const Value& input,
                       std::initializer_list<Value> arguments = {}) {
        return shown(filtered(name, input, arguments));
    }

    Value titled(std::initializer_list<Value> titles) {
        std::vector<Value> items;
        for (const Value& title : titles) {
            items.push_back(map({{"t", title}}));
        }
        return array(items);
    }
};

TEST_F(ArrayFilters, InputIsFlattened) {
    const Value nested = array({number(1), array({number(2), array({number(3), array({})})})});
    EXPECT_EQ(result("reverse", nested), "[3, 2, 1]");
    EXPECT_EQ(result("reverse", Value()), "[]");
    EXPECT_EQ(result("reverse", map({{"a", array({number(1)})}})), R"([{"a"=>[1]}])");
    EXPECT_EQ(result("reverse", text("abc")), R"(["abc"])");
    EXPECT_EQ(result("reverse", flag(false)), "[false]");
    EXPECT_EQ(result("reverse", range(1, 3)), "[3, 2, 1]");
    EXPECT_EQ(result("reverse", range(3, 1)), "[]");
}

TEST_F(ArrayFilters, DropsThatAreListsAreWalkedOver) {
    const Value items = array({number(2), number(1), array({number(0)})});
    ListDrop list(items.as_array());
    EXPECT_EQ(result("reverse", Value::drop(list)), "[[0], 1, 2]");
    TitleDrop single("x");
    EXPECT_EQ(result("map", Value::drop(single), {text("title")}), R"(["x"])");
}

TEST_F(ArrayFilters, RecursionAndSizeAreBounded) {
    Value* item = arena_.make<Value>();
    *item = Value::array({item, 1});
    EXPECT_EQ(result("reverse", *item), "tried to flatten recursive array");

    EXPECT_EQ(result("join", range(1, 1'000'000'000)), "Memory limits exceeded");
    EXPECT_TRUE(render_.stopped());
}

TEST_F(ArrayFilters, FlatteningOfRepeatedPartsIsBounded) {
    Value wide = array({});
    for (int level = 0; level < 60; ++level) {
        wide = array({wide, wide});
    }
    EXPECT_EQ(result("compact", wide), "Memory limits exceeded");
}

TEST_F(ArrayFilters, Join) {
    const Value items =
        array({text("a"), number(1), Value(), real(2.5), flag(true), map({{"k", number(1)}})});
    EXPECT_EQ(result("join", items), R"("a 1  2.5 true {\"k\"=>1}")");
    EXPECT_EQ(result("join", items, {text("#")}), R"("a#1##2.5#true\#{\"k\"=>1}")");
    EXPECT_EQ(result("join", array({text("a"), text("b")}), {Value()}), R"("ab")");
    EXPECT_EQ(result("join", array({text("a"), text("b")}), {number(5)}), R"("a5b")");
    EXPECT_EQ(result("join", array({text("a"), text("b")}), {map({{"x", Value()}})}), R"("a{\"x\"=>nil}b")");
    EXPECT_EQ(result("join", number(123), {text("#")}), R"("123")");
    EXPECT_EQ(result("join", Value()), R"("")");
}

TEST_F(ArrayFilters, JoinIsBounded) {
    const std::string long_text(3 << 20, 'x');
    EXPECT_EQ(result("join", array({text(long_text), text(long_text)})), "Memory limits exceeded");
}

TEST_F(ArrayFilters, Sort) {
    EXPECT_EQ(result("sort", array({number(3), real(1.5), number(2)})), "[1.5, 2, 3]");
    EXPECT_EQ(result("sort", array({text("b"), text("a"), text("C"), text("10"), text("2")})),
              R"(["10", "2", "C", "a", "b"])");
    EXPECT_EQ(result("sort", array({Value(), number(4), Value(), number(1)})), "[1, 4, nil, nil]");
    EXPECT_EQ(result("sort", array({})), "[]");
    EXPECT_EQ(result("sort", number(5)), "[5]");
    EXPECT_EQ(result("sort", array({flag(true)})), "[true]");
    EXPECT_EQ(result("sort", array({flag(true), flag(true)})), "[true, true]");
}

TEST_F(ArrayFilters, SortRefusesWhatCannotBeOrdered) {
    const std::string_view incompatible = "cannot sort values of incompatible types";
    EXPECT_EQ(result("sort", array({number(1), text("a"), flag(true)})), incompatible);
    EXPECT_EQ(result("sort", array({number(1), Value(), text("a")})), incompatible);
    EXPECT_EQ(result("sort", array({flag(true), flag(false)})), incompatible);
    EXPECT_EQ(result("sort", array({map({{"a", number(1)}}), map({})})), incompatible);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(result("sort", array({number(1), real(nan)})), incompatible);
}

TEST_F(ArrayFilters, SortByProperty) {
    const Value items = array({map({{"p", number(4)}, {"h", text("a")}}),
                               map({{"h", text("b")}}),
                               map({{"p", number(1)}, {"h", text("c")}}),
                               map({{"h", text("d")}}),
                               map({{"p", number(4)}, {"h", text("e")}})});
    EXPECT_EQ(shown(filtered("map", filtered("sort", items, {text("p")}), {text("h")})),
              R"(["c", "a", "e", "b", "d"])");
    EXPECT_EQ(result("sort", array({text("b"), text("a")}), {Value()}), R"(["a", "b"])");
    EXPECT_EQ(result("sort", array({real(2.5), map({})}), {text("p")}), "nil");
    EXPECT_EQ(result("sort", array({number(2), number(1)}), {text("p")}), "cannot select the property 'p'");
    EXPECT_EQ(result("sort", number(2), {text("p")}), "[2]");
    EXPECT_EQ(result("sort", titled({array({number(2)}), array({number(1)})}), {text("t")}),
              R"([{"t"=>[1]}, {"t"=>[2]}])");
}

TEST_F(ArrayFilters, SortKeepsTheOrderOfEqualItems) {
    std::vector<Value> items;
    for (std::int64_t at = 0; at < 1000; ++at) {
        items.push_back(map({{"k", number(at * 7919 % 10)}, {"at", number(at)}}));
    }
    const Value sorted = filtered("sort", array(items), {text("k")});
    ASSERT_EQ(sorted.as_array().size(), 1000U);
    std::int64_t last_key = -1;
    std::int64_t last_at = -1;
    for (const Value& item : sorted.as_array()) {
        const std::int64_t key = item.as_map().find("k")->as_integer();
        const std::int64_t at = item.as_map().find("at")->as_integer();
        ASSERT_TRUE(key > last_key || (key == last_key && at > last_at)) << key << " " << at;
        last_key = key;
        last_at = at;
    }
}

TEST_F(ArrayFilters, SortNatural) {
    EXPECT_EQ(result("sort_natural", array({text("b"), text("a"), Value(), text("C"), text("B"), text("A")})),
              R"(["a", "A", "b", "B", "C", nil])");
    EXPECT_EQ(result("sort_natural", array({map({}), number(1), text("4")})), R"([1, "4", {}])");
    EXPECT_EQ(result("sort_natural", titled({number(9), number(1111), number(87)}), {text("t")}),
              R"([{"t"=>1111}, {"t"=>87}, {"t"=>9}])");
    EXPECT_EQ(result("sort_natural", array({text("_"), text("B"), text("a"), text("É"), text("é")})),
              R"(["_", "a", "B", "É", "é"])");
    EXPECT_EQ(result("sort_natural", array({text("ab"), text("a"), text("")})), R"(["", "a", "ab"])");
    EXPECT_EQ(result("sort_natural",
                     array({text("A twenty letters' word, b"),
                            text("a twenty letters' word, B!"),
                            text("a Twenty letters' word, a"),
                            text("a twenty letters' worD, B")})),
              R"(["a Twenty letters' word, a", "A twenty letters' word, b", )"
              R"("a twenty letters' worD, B", "a twenty letters' word, B!"])");
    EXPECT_EQ(result("sort_natural", array({flag(true), map({})}), {text("t")}), "nil");
    EXPECT_EQ(result("sort_natural", array({number(1), number(2)}), {text("t")}),
              "cannot select the property 't'");
    EXPECT_EQ(result("sort_natural", Value()), "[]");
}

TEST_F(ArrayFilters, Uniq) {
    EXPECT_EQ(result("uniq", array({number(1), text("1"), real(1.0), number(1), Value(), Value()})),
              R"([1, "1", 1.0, nil])");
    EXPECT_EQ(result("uniq",
                     array({map({{"a", number(1)}, {"b", Value()}}),
                            map({{"b", Value()}, {"a", number(1)}}),
                            map({{"a", real(1.0)}, {"b", Value()}})})),
              R"([{"a"=>1, "b"=>nil}, {"a"=>1.0, "b"=>nil}])");
    EXPECT_EQ(result("uniq", number(123)), "[123]");
    EXPECT_EQ(result("uniq", array({})), "[]");
    EXPECT_EQ(result("uniq", titled({text("a"), text("b"), text("a"), Value()}), {text("t")}),
              R"([{"t"=>"a"}, {"t"=>"b"}, {"t"=>nil}])");
    EXPECT_EQ(result("uniq", array({map({}), Value()}), {text("t")}), "nil");
    EXPECT_EQ(result("uniq", array({number(5), number(6)}), {text("t")}), "cannot select the property 't'");
    EXPECT_EQ(result("uniq", array({number(5)}), {text("t")}), "[5]");
}

TEST_F(ArrayFilters, UniqTakesDropsForWhatTheyStandFor) {
    TitleDrop one("x");
    TitleDrop other("x");
    EXPECT_EQ(result("uniq", array({Value::drop(one), Value::drop(other), text("x")})), "[titled]");
}

TEST_F(ArrayFilters, Concat) {
    EXPECT_EQ(result("concat", array({number(1), array({number(2)})}), {array({array({number(3)})})}),
              "[1, 2, [3]]");
    EXPECT_EQ(result("concat", range(1, 2), {array({Value()})}), "[1, 2, nil]");
    EXPECT_EQ(result("concat", text("ab"), {array({})}), R"(["ab"])");
    const Value items = array({number(7)});
    ListDrop list(items.as_array());
    EXPECT_EQ(result("concat", Value(), {Value::drop(list)}), "[7]");
    for (const Value& wrong : {number(5), Value(), text("a"), map({}), range(1, 2)}) {
        EXPECT_EQ(result("concat", array({}), {wrong}), "concat filter requires an array argument");
    }
}

TEST_F(ArrayFilters, Compact) {
    EXPECT_EQ(result("compact", array({Value(), flag(false), text(""), array({Value(), number(1)})})),
              R"([false, "", 1])");
    EXPECT_EQ(result("compact", titled({text("a"), Value(), flag(false)}), {text("t")}),
              R"([{"t"=>"a"}, {"t"=>false}])");
    EXPECT_EQ(result("compact", array({map({}), real(1.5)}), {text("t")}), "nil");
    EXPECT_EQ(result("compact", array({number(1)}), {text("t")}), "cannot select the property 't'");
}

TEST_F(ArrayFilters, Map) {
    EXPECT_EQ(result("map",
                     array({map({{"t", text("a")}}), array({map({{"t", Value()}})}), real(1.5), Value()}),
                     {text("t")}),
              R"(["a", nil, nil, nil])");
    EXPECT_EQ(result("map", map({{"t", text("a")}}), {text("t")}), R"(["a"])");
    EXPECT_EQ(result("map", number(123), {text("t")}), "cannot select the property 't'");
    EXPECT_EQ(result("map", array({number(123)}), {text("to_liquid")}), "[123]");
    EXPECT_EQ(result("map", titled({text("a")}), {Value()}), "[nil]");
    EXPECT_EQ(result("map", array({array({})}), {Value()}), "[]");
}

TEST_F(ArrayFilters, PropertiesOfTextsAndNumbers) {
    EXPECT_EQ(result("map", array({text("abc"), text("xyz")}), {text("b")}), R"(["b", nil])");
    EXPECT_EQ(result("map", text("aéc"), {number(1)}), R"(["é"])");
    EXPECT_EQ(result("map", text("aéc"), {number(-2)}), R"(["é"])");
    EXPECT_EQ(result("map", text("aéc"), {number(3)}), "[nil]");
    EXPECT_EQ(result("map", text("aéc"), {number(-4)}), "[nil]");
    EXPECT_EQ(result("map", text("abc"), {real(1.9)}), R"(["b"])");
    EXPECT_EQ(result("map", text("abc"), {text("")}), R"([""])");
    EXPECT_EQ(result("map", text("abc"), {Value()}), "cannot select the property ''");
    EXPECT_EQ(result("map", text("abc"), {flag(true)}), "cannot select the property 'true'");
    EXPECT_EQ(result("map", text("abc"), {real(1e30)}), "internal");
    EXPECT_EQ(result("map", array({number(5), number(-1)}), {number(1)}), "[0, 1]");
    EXPECT_EQ(result("map", array({number(5), number(-1)}), {number(100)}), "[0, 1]");
    EXPECT_EQ(result("map", array({number(5), number(-1)}), {number(-1)}), "[0, 0]");
    EXPECT_EQ(result("map", array({number(5), number(-1)}), {real(1e30)}), "[0, 1]");
}

TEST_F(ArrayFilters, ItemsOfListsMayBeArrays) {
    const Value items = array({array({number(1), number(2)})});
    ListDrop list(items.as_array());
    EXPECT_EQ(result("map", Value::drop(list), {number(-1)}), "[2]");
    EXPECT_EQ(result("map", Value::drop(list), {text("a")}), "cannot select the property 'a'");
    EXPECT_EQ(result("join", Value::drop(list)), R"("[1, 2]")");
}

}  // namespace

}  // namespace cartwright::liquid
