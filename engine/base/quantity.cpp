#include "base/quantity.hpp"

#include "base/decimal.hpp"

#include <stdexcept>

namespace cartwright {

namespace {

constexpr unsigned digits = 3;

[[noreturn]] void too_large() {
    throw std::overflow_error("a quantity does not fit into 64 bits");
}

}  // namespace

Quantity Quantity::pieces(std::int64_t count) {
    std::int64_t thousandths = 0;
    if (__builtin_mul_overflow(count, scale, &thousandths)) {
        too_large();
    }
    return Quantity(thousandths);
}

Outcome<Quantity> Quantity::parse(std::string_view text) {
    const auto thousandths = parse_decimal(text, digits);
    if (!thousandths) {
        return refuse(bad_quantity, "quantity");
    }
    return Quantity(*thousandths);
}

std::string Quantity::to_decimal() const {
    return print_decimal(count_, digits, Zeros::dropped);
}

Quantity& Quantity::operator+=(Quantity other) {
    if (__builtin_add_overflow(count_, other.count_, &count_)) {
        too_large();
    }
    return *this;
}

Quantity& Quantity::operator-=(Quantity other) {
    if (__builtin_sub_overflow(count_, other.count_, &count_)) {
        too_large();
    }
    return *this;
}

}  // namespace cartwright
