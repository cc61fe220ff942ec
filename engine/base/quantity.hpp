// How much of something: thousandths of a piece, a kilogram or a metre, so that 1.154 kg of cheese is
// exact. Sums that don't fit throw std::overflow_error.
#pragma once

#include "base/outcome.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace cartwright {

inline constexpr Reason bad_quantity{"quantity.bad", Kind::invalid};

class Quantity {
public:
    static constexpr std::int64_t scale = 1000;

    constexpr Quantity() noexcept = default;

    static constexpr Quantity thousandths(std::int64_t count) noexcept { return Quantity(count); }

    static Quantity pieces(std::int64_t count);

    // "2", "1.154", "-0.5": at most three digits behind the dot; refuses with bad_quantity.
    static Outcome<Quantity> parse(std::string_view text);

    constexpr std::int64_t thousandths() const noexcept { return count_; }

    constexpr bool is_whole() const noexcept { return count_ % scale == 0; }

    // "1.154", "2": without zeros at the end.
    std::string to_decimal() const;

    Quantity& operator+=(Quantity other);
    Quantity& operator-=(Quantity other);

    friend Quantity operator+(Quantity one, Quantity other) { return one += other; }

    friend Quantity operator-(Quantity one, Quantity other) { return one -= other; }

    friend constexpr auto operator<=>(Quantity, Quantity) = default;

private:
    constexpr explicit Quantity(std::int64_t count) noexcept : count_(count) {}

    std::int64_t count_ = 0;
};

}  // namespace cartwright
