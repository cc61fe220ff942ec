#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <array>

namespace cartwright::liquid {

namespace {

template <Operation Calculation>
Value operate(Render& render, const Value& input, const Arguments& arguments) {
    return calculate(render, Calculation, input, arguments[0]);
}

Value abs(Render& render, const Value& input, const Arguments&) {
    return absolute(render, input);
}

Value ceil(Render& render, const Value& input, const Arguments&) {
    return ceil_number(render, input);
}

Value floor(Render& render, const Value& input, const Arguments&) {
    return floor_number(render, input);
}

Value round(Render& render, const Value& input, const Arguments& arguments) {
    return round_number(render, input, arguments[0]);
}

Value at_least(Render& render, const Value& input, const Arguments& arguments) {
    return larger_number(render, input, arguments[0]);
}

Value at_most(Render& render, const Value& input, const Arguments& arguments) {
    return smaller_number(render, input, arguments[0]);
}

constexpr Filter unary(std::string_view name, ApplyFilter apply, std::string_view summary) {
    return {.name = name, .apply = apply, .pure = true, .summary = summary};
}

constexpr Filter binary(std::string_view name, ApplyFilter apply, std::string_view summary) {
    return {.name = name, .apply = apply, .least = 1, .most = 1, .pure = true, .summary = summary};
}

constexpr std::array filters{
    unary("abs", abs, "The number without its sign."),
    binary("plus", operate<Operation::plus>, "The sum of two numbers."),
    binary("minus", operate<Operation::minus>, "The first number less the second."),
    binary("times", operate<Operation::times>, "The product of two numbers."),
    binary("divided_by",
           operate<Operation::divided_by>,
           "The quotient of two numbers, rounded down when both are whole."),
    binary(
        "modulo", operate<Operation::modulo>, "The remainder of a division, with the sign of the divisor."),
    Filter{.name = "round",
           .apply = round,
           .most = 1,
           .pure = true,
           .summary = "The nearest whole number, or the nearest with so many digits after the point."},
    unary("ceil", ceil, "The next whole number above."),
    unary("floor", floor, "The next whole number below."),
    binary("at_least", at_least, "The larger of two numbers."),
    binary("at_most", at_most, "The smaller of two numbers."),
};

}  // namespace

std::span<const Filter> math_filters() {
    return filters;
}

}  // namespace cartwright::liquid
