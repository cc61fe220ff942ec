// left operator right, chained by and/or, which associate to the right. Internal to the engine.
#pragma once

#include "liquid/program.hpp"

#include <cstdint>
#include <string_view>

namespace cartwright::liquid {

class MarkupParser;
class Render;
class TagParser;

enum class Operator : std::uint8_t { none, equal, unequal, less, more, at_most, at_least, contains, unknown };

enum class Relation : std::uint8_t { none, both, either };

struct Condition {
    Expression left;
    Expression right;
    Operator operation = Operator::none;
    Relation relation = Relation::none;  // to `next`
    std::string_view operator_text{};    // of an unknown one
    const Condition* next = nullptr;
};

// The markup of if, elsif and unless in the mode of the parse.
const Condition* parse_condition(TagParser& tag);

// True or false as a boolean, or the failure.
Value evaluate(Render& render, const Condition& condition);

// left == right, where either may be the literals blank and empty.
Value compare_equal(Render& render, const Value& left, const Value& right);

}  // namespace cartwright::liquid
