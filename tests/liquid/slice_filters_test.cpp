#include "filter_probe.hpp"
#include "liquid/drop.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace cartwright::liquid {
namespace {

using namespace std::string_view_literals;
using Texts = std::vector<std::string>;

Value integer(std::int64_t number) {
    return Value::integer(number);
}

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

TEST(LiquidSliceFilters, SliceOfTexts) {
    FilterProbe probe;
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(0)}), "h");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(1), integer(3)}), "ell");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(-3), integer(2)}), "ll");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(3), integer(10)}), "lo");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(5), integer(1)}), "");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(6), integer(1)}), "");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(-6), integer(6)}), "");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(0), integer(-1)}), "");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(0), integer(most)}), "hello");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(least), integer(most)}), "");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(1), Value()}), "e");
    EXPECT_EQ(probe.text("slice", "aé€😀z"_v, {integer(1), integer(3)}), "é€😀");
    EXPECT_EQ(probe.text("slice", "aé€😀z"_v, {integer(-2), integer(1)}), "😀");
    EXPECT_EQ(probe.text("slice", "é\xff"_v, {integer(1), integer(1)}), "\xa9");
    EXPECT_EQ(probe.text("slice", integer(12345), {integer(1), integer(2)}), "23");
    EXPECT_EQ(probe.text("slice", Value(), {integer(0)}), "");
}

TEST(LiquidSliceFilters, SliceOfArrays) {
    FilterProbe probe;
    const std::array<Value, 3> items{"a"_v, "b"_v, "c"_v};
    EXPECT_EQ(probe.texts("slice", Value::array(items), {integer(1), integer(5)}), (Texts{"b", "c"}));
    EXPECT_EQ(probe.texts("slice", Value::array(items), {integer(-1)}), (Texts{"c"}));
    EXPECT_EQ(probe.texts("slice", Value::array(items), {integer(3)}), (Texts{}));
    EXPECT_EQ(probe.texts("slice", Value::array(items), {integer(4)}), (Texts{}));
    EXPECT_EQ(probe.texts("slice", Value::array(items), {integer(-4), integer(9)}), (Texts{}));
}

TEST(LiquidSliceFilters, NumbersThatAreNone) {
    FilterProbe probe;
    EXPECT_EQ(probe.text("slice", "hello"_v, {"foo"_v}), "Error: invalid integer");
    EXPECT_EQ(probe.text("slice", "hello"_v, {Value()}), "Error: invalid integer");
    EXPECT_EQ(probe.text("slice", "hello"_v, {integer(1), Value::real(2.2)}), "Error: invalid integer");
    EXPECT_EQ(probe.text("truncate", "hello"_v, {Value()}), "Error: invalid integer");
    EXPECT_EQ(probe.text("truncatewords", "hello"_v, {"a"_v}), "Error: invalid integer");
    EXPECT_EQ(probe.text("slice", "hello"_v, {" 1 "_v, "3"_v}), "ell");
}

TEST(LiquidSliceFilters, NumbersBeforeANulAreThoseThatAreBigOrGrouped) {
    FilterProbe probe;
    for (const std::string_view number : {"18446744073709551616\0"sv,
                                          "64478911022792251971478252\0abc\ndef"sv,
                                          "67894357064478911022792\t\0"sv,
                                          "1_0\0"sv,
                                          "1_2 \0x"sv,
                                          "0xffffffffffffffffffff\0a"sv}) {
        EXPECT_EQ(probe.text("truncate", "asdf"_v, {Value::string(number)}), "asdf") << number;
    }
    EXPECT_EQ(probe.text("truncate", "asdf"_v, {Value::string("-46789435706447891102279\0"sv)}), "...");
    for (const std::string_view number : {"18446744073709551615\0"sv,
                                          "12\0"sv,
                                          "12 \0"sv,
                                          "\0"sv,
                                          "0_8\0"sv,
                                          "61102279225197147\n88\0"sv,
                                          "0000000000000000000000000000007\0"sv}) {
        EXPECT_EQ(probe.text("truncate", "asdf"_v, {Value::string(number)}), "Error: invalid integer")
            << number;
    }
}

TEST(LiquidSliceFilters, TruncateCountsTheEllipsis) {
    FilterProbe probe;
    EXPECT_EQ(probe.text("truncate", "Ground control to Major Tom."_v, {integer(20)}),
              "Ground control to...");
    EXPECT_EQ(probe.text("truncate", "1234567890"_v, {integer(5), integer(1)}), "12341");
    EXPECT_EQ(probe.text("truncate", "1234567890"_v, {integer(8), ""_v}), "12345678");
    EXPECT_EQ(probe.text("truncate", "1234567890"_v, {integer(8), Value()}), "12345678");
    EXPECT_EQ(probe.text("truncate", "1234567890"_v, {integer(10)}), "1234567890");
    EXPECT_EQ(probe.text("truncate", "hello"_v, {integer(2)}), "...");
    EXPECT_EQ(probe.text("truncate", "hello"_v, {integer(0)}), "...");
    EXPECT_EQ(probe.text("truncate", "hello"_v, {integer(least)}), "...");
    EXPECT_EQ(probe.text("truncate", ""_v, {integer(-1)}), "...");
    EXPECT_EQ(probe.text("truncate", ""_v, {integer(0)}), "");
    EXPECT_EQ(probe.text("truncate", "hello"_v, {integer(most)}), "hello");
    EXPECT_EQ(probe.text("truncate", "测试测试测试测试"_v, {integer(5)}), "测试...");
    EXPECT_EQ(probe.text("truncate", "测试测试"_v, {integer(4)}), "测试测试");
    EXPECT_EQ(probe.text("truncate", "测试测试测试"_v, {integer(3), "……"_v}), "测……");
    EXPECT_EQ(probe.text("truncate",
                         Value::string(std::string_view("0123456789012345678901234567890123456789"
                                                        "01234567890"))),
              "01234567890123456789012345678901234567890123456...");
    EXPECT_EQ(probe.text("truncate", Value(), {integer(1)}), "nil");
}

TEST(LiquidSliceFilters, TruncateWords) {
    FilterProbe probe;
    EXPECT_EQ(probe.text("truncatewords", "one  two\tthree\nfour"_v, {integer(3)}), "one two three...");
    EXPECT_EQ(probe.text("truncatewords", " one two three"_v, {integer(3)}), " one two three");
    EXPECT_EQ(probe.text("truncatewords", "one two  "_v, {integer(2)}), "one two...");
    EXPECT_EQ(probe.text("truncatewords", "one two  "_v, {integer(3)}), "one two  ");
    EXPECT_EQ(probe.text("truncatewords", "one two three"_v, {integer(0)}), "one...");
    EXPECT_EQ(probe.text("truncatewords", "one two three"_v, {integer(least), "--"_v}), "one--");
    EXPECT_EQ(probe.text("truncatewords", "one two three"_v, {integer(1), Value()}), "one");
    EXPECT_EQ(probe.text("truncatewords", "one two three"_v, {integer(most)}), "one two three");
    EXPECT_EQ(probe.text("truncatewords", "a b c d e f g h i j k l m n o p"_v),
              "a b c d e f g h i j k l m n o...");
    EXPECT_EQ(probe.text("truncatewords", "no\u202fbreak here now"_v, {integer(2)}), "no\u202fbreak here...");
    EXPECT_EQ(probe.text("truncatewords", ""_v), "");
    EXPECT_EQ(probe.text("truncatewords", "  "_v, {integer(1)}), "  ");
    EXPECT_EQ(probe.text("truncatewords", Value()), "nil");
}

TEST(LiquidSliceFilters, Split) {
    FilterProbe probe;
    EXPECT_EQ(probe.texts("split", "a,b,,"_v, {","_v}), (Texts{"a", "b"}));
    EXPECT_EQ(probe.texts("split", ",a,,b"_v, {","_v}), (Texts{"", "a", "", "b"}));
    EXPECT_EQ(probe.texts("split", ",,"_v, {","_v}), (Texts{}));
    EXPECT_EQ(probe.texts("split", ""_v, {","_v}), (Texts{}));
    EXPECT_EQ(probe.texts("split", "A? ~ ~ ~ ,Z"_v, {"~ ~ ~"_v}), (Texts{"A? ", " ,Z"}));
    EXPECT_EQ(probe.texts("split", "ab"_v, {"ab"_v}), (Texts{}));
    EXPECT_EQ(probe.texts("split", "th1ere"_v, {1_v}), (Texts{"th", "ere"}));
    EXPECT_EQ(probe.texts("split", 56_v, {" "_v}), (Texts{"56"}));
}

TEST(LiquidSliceFilters, SplitByABlankIsByWhiteSpace) {
    FilterProbe probe;
    EXPECT_EQ(probe.texts("split", "\v a  b\n\tc "_v, {" "_v}), (Texts{"a", "b", "c"}));
    EXPECT_EQ(probe.texts("split", "a b\nc"_v, {"\n"_v}), (Texts{"a b", "c"}));
    EXPECT_EQ(probe.texts("split", "a  b"_v, {"  "_v}), (Texts{"a", "b"}));
    EXPECT_EQ(probe.texts("split", Value(), {" "_v}), (Texts{}));
}

TEST(LiquidSliceFilters, SplitByNothingIsIntoCharacters) {
    FilterProbe probe;
    EXPECT_EQ(probe.texts("split", "aé€😀"_v, {""_v}), (Texts{"a", "é", "€", "😀"}));
    EXPECT_EQ(probe.texts("split", "abc"_v, {Value()}), (Texts{"a", "b", "c"}));
    EXPECT_EQ(probe.texts("split", "\xff\xc3\xa9"_v, {""_v}), (Texts{"\xff", "\xc3", "\xa9"}));
    EXPECT_EQ(probe.texts("split", ""_v, {""_v}), (Texts{}));
}

TEST(LiquidSliceFilters, SplitMakesNoMoreItemsThanAllowed) {
    const std::string text(1000, ',');
    FilterProbe probe(RenderLimits{.array_items = 100});
    EXPECT_EQ(probe.text("split", Value::string(text), {""_v}), "Error: Memory limits exceeded");
    EXPECT_EQ(probe.text("split", Value::string(text + "a"), {","_v}), "Error: Memory limits exceeded");
    FilterProbe enough(RenderLimits{.array_items = 1000});
    EXPECT_EQ(enough.value("split", Value::string(text), {""_v}).as_array().size(), 1000);
}

TEST(LiquidSliceFilters, Size) {
    FilterProbe probe;
    const std::array<Value, 3> items{"a"_v, "b"_v, "c"_v};
    Map map(probe.arena());
    map.set("a", integer(1));
    const Range range{1, 5};
    const Range endless{least, most};
    const Range none{3, 1};
    EXPECT_EQ(probe.text("size", "aé€😀"_v), "4");
    EXPECT_EQ(probe.text("size", "é\xff"_v), "3");
    EXPECT_EQ(probe.text("size", Value::array(items)), "3");
    EXPECT_EQ(probe.text("size", Value::map(map)), "1");
    EXPECT_EQ(probe.text("size", Value::range(range)), "5");
    EXPECT_EQ(probe.text("size", Value::range(none)), "0");
    EXPECT_EQ(probe.value("size", Value::range(endless)).kind(), Kind::integer);
    EXPECT_EQ(probe.text("size", integer(-99999)), "8");
    EXPECT_EQ(probe.text("size", Value::real(1.5)), "0");
    EXPECT_EQ(probe.text("size", Value::boolean(true)), "0");
    EXPECT_EQ(probe.text("size", Value()), "0");
    EXPECT_EQ(probe.text("size", Value::empty()), "0");
}

TEST(LiquidSliceFilters, SizeOfBigNumbersIsInBytes) {
    FilterProbe probe;
    EXPECT_EQ(probe.text("size", Value::big_integer("9223372036854775808")), "8");
    EXPECT_EQ(probe.text("size", Value::big_integer("18446744073709551615")), "8");
    EXPECT_EQ(probe.text("size", Value::big_integer("18446744073709551616")), "9");
    EXPECT_EQ(probe.text("size", Value::big_integer("-18446744073709551616")), "9");
    EXPECT_EQ(probe.text("size", Value::big_integer("1208925819614629174706175")), "10");
    EXPECT_EQ(probe.text("size", Value::big_integer("1208925819614629174706176")), "11");
    EXPECT_EQ(probe.text("size", Value::big_integer("340282366920938463463374607431768211456")), "17");
}

TEST(LiquidSliceFilters, FirstAndLast) {
    FilterProbe probe;
    const std::array<Value, 3> items{"a"_v, "b"_v, "c"_v};
    Map map(probe.arena());
    map.set("k", "v"_v);
    const Map nothing(probe.arena());
    const Range range{3, 1};
    EXPECT_EQ(probe.text("first", Value::array(items)), "a");
    EXPECT_EQ(probe.text("last", Value::array(items)), "c");
    EXPECT_EQ(probe.text("first", Value::array({})), "nil");
    EXPECT_EQ(probe.text("last", Value::array({})), "nil");
    EXPECT_EQ(probe.text("first", "고스트"_v), "고");
    EXPECT_EQ(probe.text("last", "고스트"_v), "트");
    EXPECT_EQ(probe.text("first", ""_v), "");
    EXPECT_EQ(probe.text("last", ""_v), "");
    EXPECT_EQ(probe.texts("first", Value::map(map)), (Texts{"k", "v"}));
    EXPECT_EQ(probe.text("first", Value::map(nothing)), "nil");
    EXPECT_EQ(probe.text("last", Value::map(map)), "nil");
    EXPECT_EQ(probe.text("first", Value::range(range)), "3");
    EXPECT_EQ(probe.text("last", Value::range(range)), "1");
    EXPECT_EQ(probe.text("first", integer(42)), "nil");
    EXPECT_EQ(probe.text("last", Value()), "nil");
}

const DropType list_type{"list", "Three letters.", {}};

struct List final : Drop {
    List() : Drop(list_type) {}

    std::optional<std::span<const Value>> slice(Render&,
                                                std::size_t from,
                                                std::optional<std::size_t> to) override {
        read.emplace_back(from, to.value_or(items.size()));
        return std::span<const Value>(items).subspan(from, to.value_or(items.size()) - from);
    }

    std::optional<std::size_t> count(Render&) override { return items.size(); }

    std::array<Value, 3> items{"a"_v, "b"_v, "c"_v};
    std::vector<std::pair<std::size_t, std::size_t>> read;
};

const DropType thing_type{"thing", "No list.", {}};

struct Thing final : Drop {
    Thing() : Drop(thing_type) {}
};

TEST(LiquidSliceFilters, DropsThatAreListsReadNoMoreThanAsked) {
    FilterProbe probe;
    List list;
    EXPECT_EQ(probe.text("size", Value::drop(list)), "3");
    EXPECT_EQ(list.read.size(), 0);
    EXPECT_EQ(probe.text("first", Value::drop(list)), "a");
    EXPECT_EQ(probe.text("last", Value::drop(list)), "c");
    EXPECT_EQ(list.read, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {2, 3}}));
    Thing thing;
    EXPECT_EQ(probe.text("size", Value::drop(thing)), "0");
    EXPECT_EQ(probe.text("first", Value::drop(thing)), "nil");
    EXPECT_EQ(probe.text("last", Value::drop(thing)), "nil");
    EXPECT_EQ(probe.text("slice", Value::drop(thing), {integer(0), integer(3)}), "thi");
}

const DropType place_type{"place",
                          "Where a loop stands.",
                          {{"size", "number", "", [](Render&, Drop&) { return Value::integer(7); }},
                           {"first", "boolean", "", [](Render&, Drop&) { return Value::boolean(true); }},
                           {"last", "boolean", "", [](Render&, Drop&) { return Value::boolean(false); }}}};

struct Place final : Drop {
    Place() : Drop(place_type) {}
};

TEST(LiquidSliceFilters, PropertiesOfDropsGoFirst) {
    FilterProbe probe;
    Place place;
    EXPECT_EQ(probe.text("size", Value::drop(place)), "7");
    EXPECT_EQ(probe.text("first", Value::drop(place)), "true");
    EXPECT_EQ(probe.text("last", Value::drop(place)), "false");
}

}  // namespace
}  // namespace cartwright::liquid
