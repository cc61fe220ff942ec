#include "liquid/from_json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace cartwright::liquid {
namespace {

class FromJson : public testing::Test {
protected:
    Value read(std::string_view text) {
        const auto value = from_json(arena_, text);
        EXPECT_TRUE(value) << value.error();
        return value.value_or(Value());
    }

    std::string refusal(std::string_view text) {
        const auto value = from_json(arena_, text);
        return value ? "read" : value.error();
    }

private:
    Arena arena_;
};

TEST_F(FromJson, scalars_have_their_kinds) {
    EXPECT_TRUE(read("null").is_nil());
    EXPECT_TRUE(read("true").truthy());
    EXPECT_EQ(read("false").kind(), Kind::boolean);
    EXPECT_EQ(read("-12").as_integer(), -12);
    EXPECT_EQ(read("\"a\\u00e9\\n\"").as_string(), "a\u00e9\n");
    EXPECT_EQ(read("\"\"").kind(), Kind::string);
}

TEST_F(FromJson, whole_numbers_stay_whole_whatever_their_size) {
    EXPECT_EQ(read("9223372036854775807").as_integer(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(read("-9223372036854775808").as_integer(), std::numeric_limits<std::int64_t>::min());
    for (const std::string digits : {"9223372036854775808",
                                     "18446744073709551615",
                                     "18446744073709551616",
                                     "-9223372036854775809",
                                     "123456789012345678901234567890123456789012345678901234567890"}) {
        const Value value = read(digits);
        EXPECT_EQ(value.kind(), Kind::big_integer);
        EXPECT_EQ(value.as_string(), digits);
    }
}

TEST_F(FromJson, digits_are_bounded) {
    EXPECT_EQ(read(std::string(1000, '7')).as_string().size(), 1000);
    EXPECT_EQ(refusal(std::string(1001, '7')), "a number has more than 1000 digits");
}

TEST_F(FromJson, reals_stay_reals_and_are_exact) {
    EXPECT_EQ(read("1.0").kind(), Kind::real);
    EXPECT_EQ(read("1e2").as_real(), 100.0);
    EXPECT_EQ(read("0.1").as_real(), 0.1);
    EXPECT_EQ(read("123456789.12345678").as_real(), 123456789.12345678);
    EXPECT_EQ(read("1e400").as_real(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(read("-1e400").as_real(), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(read("1e-400").as_real(), 0.0);
}

TEST_F(FromJson, arrays_and_objects_nest_and_keep_their_order) {
    const Value value = read(R"({"z":[1,[],{"y":2,"x":{}}],"a":"b"})");
    ASSERT_EQ(value.kind(), Kind::map);
    const auto entries = value.as_map().entries();
    ASSERT_EQ(entries.size(), 2);
    EXPECT_EQ(entries[0].key.text(), "z");
    EXPECT_EQ(entries[1].key.text(), "a");
    EXPECT_EQ(entries[1].value.as_string(), "b");
    const auto items = entries[0].value.as_array();
    ASSERT_EQ(items.size(), 3);
    EXPECT_EQ(items[0].as_integer(), 1);
    EXPECT_EQ(items[1].as_array().size(), 0);
    const auto inner = items[2].as_map().entries();
    ASSERT_EQ(inner.size(), 2);
    EXPECT_EQ(inner[0].key.text(), "y");
    EXPECT_EQ(inner[0].value.as_integer(), 2);
    EXPECT_EQ(inner[1].value.as_map().size(), 0);
}

TEST_F(FromJson, the_last_of_equal_names_counts) {
    const Value value = read(R"({"a":1,"b":2,"a":3})");
    ASSERT_EQ(value.as_map().size(), 2);
    EXPECT_EQ(value.as_map().find("a")->as_integer(), 3);
}

TEST_F(FromJson, what_is_not_json_is_refused_with_its_line) {
    EXPECT_EQ(refusal("{\n\"a\": }"), "line 2 isn't JSON: syntax error");
    EXPECT_EQ(refusal("1 2"), "line 1 isn't JSON: extra data");
    EXPECT_EQ(refusal(""), "line 1 isn't JSON: incomplete JSON");
    EXPECT_EQ(refusal("\"\xff\""), "line 1 isn't JSON: syntax error");
}

TEST_F(FromJson, depth_is_bounded) {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    EXPECT_EQ(read(nested(200)).as_array().size(), 1);
    EXPECT_EQ(refusal(nested(201)), "line 1 isn't JSON: too deep");
}

}  // namespace
}  // namespace cartwright::liquid
