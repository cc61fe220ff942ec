// Money: whole minor units and their currency, always together. It is added, multiplied once with one
// rounding, and split by allocate, whose parts sum to the whole; there is no division. Tax and discounts
// are computed elsewhere.
//
// Sums that don't fit throw std::overflow_error. Two currencies in one sum are a mistake in the program
// and throw BrokenInvariant.
#pragma once

#include "base/outcome.hpp"
#include "base/quantity.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright {

inline constexpr Reason unknown_currency{"money.unknown_currency", Kind::invalid};
inline constexpr Reason bad_amount{"money.bad_amount", Kind::invalid};

// One line of ISO 4217, list one: the alphabetic and the numeric code and the digits of the minor unit.
struct CurrencyRow {
    std::array<char, 3> code;
    std::uint16_t numeric;
    std::uint8_t exponent;
};

// ISO 4217 list one as of July 2025, sorted by code; without funds of metals and test codes, which have no
// minor unit.
std::span<const CurrencyRow> currency_table() noexcept;

// A currency of the table.
class Currency {
public:
    // Three upper-case letters; refuses with unknown_currency.
    static Outcome<Currency> parse(std::string_view code);

    // For the codes that our own sources and rows name; throws std::invalid_argument for others.
    static Currency of(std::string_view code);

    std::string_view code() const noexcept;

    // ISO's number, as payment protocols send it: 643 for RUB.
    unsigned numeric() const noexcept;

    // Digits behind the point: 2 for RUB, 0 for JPY, 3 for KWD, 4 for CLF (decisions/0012).
    unsigned exponent() const noexcept;

    // Compares by code.
    friend constexpr auto operator<=>(Currency, Currency) = default;

private:
    constexpr explicit Currency(std::uint8_t index) noexcept : index_(index) {}

    std::uint8_t index_;
};

// A part of a whole in millionths: 20% is 200,000.
class Rate {
public:
    constexpr Rate() noexcept = default;

    constexpr explicit Rate(std::int64_t millionths) noexcept : millionths_(millionths) {}

    // "7.25" is 72,500 millionths: at most four digits behind the dot. Refuses with bad_amount.
    static Outcome<Rate> parse_percent(std::string_view text);

    constexpr std::int64_t millionths() const noexcept { return millionths_; }

    // "7.25", without zeros at the end.
    std::string to_percent() const;

    friend constexpr auto operator<=>(Rate, Rate) = default;

private:
    std::int64_t millionths_ = 0;
};

class Money {
public:
    // 1,050 units of RUB are 10.50 roubles.
    constexpr Money(std::int64_t units, Currency currency) noexcept : units_(units), currency_(currency) {}

    // A plain decimal, "1234.5", with at most as many digits behind the dot as the currency has. Refuses
    // with bad_amount.
    static Outcome<Money> parse(std::string_view decimal, Currency currency);

    constexpr std::int64_t units() const noexcept { return units_; }

    constexpr Currency currency() const noexcept { return currency_; }

    // "1234.50": a plain decimal with all digits of the currency, for machines.
    std::string to_decimal() const;

    Money& operator+=(Money other);
    Money& operator-=(Money other);
    Money operator-() const;

    friend Money operator+(Money one, Money other) { return one += other; }

    friend Money operator-(Money one, Money other) { return one -= other; }

    friend constexpr bool operator==(Money, Money) = default;
    friend std::strong_ordering operator<=>(Money one, Money other);

private:
    std::int64_t units_;
    Currency currency_;
};

// Rounded once, half away from zero.
Money operator*(Money price, Quantity quantity);
Money operator*(Money base, Rate rate);

// base · numerator / denominator, rounded once, half away from zero; the denominator is above zero.
Money scaled(Money base, std::int64_t numerator, std::int64_t denominator);

// Splits `whole` by weights that are not negative, so that the parts sum to it: each gets the whole units
// of its share, and what is left goes by one unit to the largest remainders, the earlier one of equals.
// A negative whole is split like its opposite. Where all weights are zero, all count the same. No weights
// are good for a whole of zero only.
std::vector<Money> allocate(Money whole, std::span<const std::int64_t> weights);

}  // namespace cartwright

template <>
struct std::hash<cartwright::Currency> {
    std::size_t operator()(cartwright::Currency currency) const noexcept { return currency.numeric(); }
};
