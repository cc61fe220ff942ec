#include "base/money.hpp"

#include "base/check.hpp"
#include "base/decimal.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace cartwright {

namespace {

// clang-format off
constexpr auto table = std::to_array<CurrencyRow>({
    {{'A', 'E', 'D'}, 784, 2}, {{'A', 'F', 'N'}, 971, 2}, {{'A', 'L', 'L'}, 8, 2},
    {{'A', 'M', 'D'}, 51, 2}, {{'A', 'O', 'A'}, 973, 2}, {{'A', 'R', 'S'}, 32, 2},
    {{'A', 'U', 'D'}, 36, 2}, {{'A', 'W', 'G'}, 533, 2}, {{'A', 'Z', 'N'}, 944, 2},
    {{'B', 'A', 'M'}, 977, 2}, {{'B', 'B', 'D'}, 52, 2}, {{'B', 'D', 'T'}, 50, 2},
    {{'B', 'G', 'N'}, 975, 2}, {{'B', 'H', 'D'}, 48, 3}, {{'B', 'I', 'F'}, 108, 0},
    {{'B', 'M', 'D'}, 60, 2}, {{'B', 'N', 'D'}, 96, 2}, {{'B', 'O', 'B'}, 68, 2},
    {{'B', 'O', 'V'}, 984, 2}, {{'B', 'R', 'L'}, 986, 2}, {{'B', 'S', 'D'}, 44, 2},
    {{'B', 'T', 'N'}, 64, 2}, {{'B', 'W', 'P'}, 72, 2}, {{'B', 'Y', 'N'}, 933, 2},
    {{'B', 'Z', 'D'}, 84, 2}, {{'C', 'A', 'D'}, 124, 2}, {{'C', 'D', 'F'}, 976, 2},
    {{'C', 'H', 'E'}, 947, 2}, {{'C', 'H', 'F'}, 756, 2}, {{'C', 'H', 'W'}, 948, 2},
    {{'C', 'L', 'F'}, 990, 4}, {{'C', 'L', 'P'}, 152, 0}, {{'C', 'N', 'Y'}, 156, 2},
    {{'C', 'O', 'P'}, 170, 2}, {{'C', 'O', 'U'}, 970, 2}, {{'C', 'R', 'C'}, 188, 2},
    {{'C', 'U', 'P'}, 192, 2}, {{'C', 'V', 'E'}, 132, 2}, {{'C', 'Z', 'K'}, 203, 2},
    {{'D', 'J', 'F'}, 262, 0}, {{'D', 'K', 'K'}, 208, 2}, {{'D', 'O', 'P'}, 214, 2},
    {{'D', 'Z', 'D'}, 12, 2}, {{'E', 'G', 'P'}, 818, 2}, {{'E', 'R', 'N'}, 232, 2},
    {{'E', 'T', 'B'}, 230, 2}, {{'E', 'U', 'R'}, 978, 2}, {{'F', 'J', 'D'}, 242, 2},
    {{'F', 'K', 'P'}, 238, 2}, {{'G', 'B', 'P'}, 826, 2}, {{'G', 'E', 'L'}, 981, 2},
    {{'G', 'H', 'S'}, 936, 2}, {{'G', 'I', 'P'}, 292, 2}, {{'G', 'M', 'D'}, 270, 2},
    {{'G', 'N', 'F'}, 324, 0}, {{'G', 'T', 'Q'}, 320, 2}, {{'G', 'Y', 'D'}, 328, 2},
    {{'H', 'K', 'D'}, 344, 2}, {{'H', 'N', 'L'}, 340, 2}, {{'H', 'T', 'G'}, 332, 2},
    {{'H', 'U', 'F'}, 348, 2}, {{'I', 'D', 'R'}, 360, 2}, {{'I', 'L', 'S'}, 376, 2},
    {{'I', 'N', 'R'}, 356, 2}, {{'I', 'Q', 'D'}, 368, 3}, {{'I', 'R', 'R'}, 364, 2},
    {{'I', 'S', 'K'}, 352, 0}, {{'J', 'M', 'D'}, 388, 2}, {{'J', 'O', 'D'}, 400, 3},
    {{'J', 'P', 'Y'}, 392, 0}, {{'K', 'E', 'S'}, 404, 2}, {{'K', 'G', 'S'}, 417, 2},
    {{'K', 'H', 'R'}, 116, 2}, {{'K', 'M', 'F'}, 174, 0}, {{'K', 'P', 'W'}, 408, 2},
    {{'K', 'R', 'W'}, 410, 0}, {{'K', 'W', 'D'}, 414, 3}, {{'K', 'Y', 'D'}, 136, 2},
    {{'K', 'Z', 'T'}, 398, 2}, {{'L', 'A', 'K'}, 418, 2}, {{'L', 'B', 'P'}, 422, 2},
    {{'L', 'K', 'R'}, 144, 2}, {{'L', 'R', 'D'}, 430, 2}, {{'L', 'S', 'L'}, 426, 2},
    {{'L', 'Y', 'D'}, 434, 3}, {{'M', 'A', 'D'}, 504, 2}, {{'M', 'D', 'L'}, 498, 2},
    {{'M', 'G', 'A'}, 969, 2}, {{'M', 'K', 'D'}, 807, 2}, {{'M', 'M', 'K'}, 104, 2},
    {{'M', 'N', 'T'}, 496, 2}, {{'M', 'O', 'P'}, 446, 2}, {{'M', 'R', 'U'}, 929, 2},
    {{'M', 'U', 'R'}, 480, 2}, {{'M', 'V', 'R'}, 462, 2}, {{'M', 'W', 'K'}, 454, 2},
    {{'M', 'X', 'N'}, 484, 2}, {{'M', 'X', 'V'}, 979, 2}, {{'M', 'Y', 'R'}, 458, 2},
    {{'M', 'Z', 'N'}, 943, 2}, {{'N', 'A', 'D'}, 516, 2}, {{'N', 'G', 'N'}, 566, 2},
    {{'N', 'I', 'O'}, 558, 2}, {{'N', 'O', 'K'}, 578, 2}, {{'N', 'P', 'R'}, 524, 2},
    {{'N', 'Z', 'D'}, 554, 2}, {{'O', 'M', 'R'}, 512, 3}, {{'P', 'A', 'B'}, 590, 2},
    {{'P', 'E', 'N'}, 604, 2}, {{'P', 'G', 'K'}, 598, 2}, {{'P', 'H', 'P'}, 608, 2},
    {{'P', 'K', 'R'}, 586, 2}, {{'P', 'L', 'N'}, 985, 2}, {{'P', 'Y', 'G'}, 600, 0},
    {{'Q', 'A', 'R'}, 634, 2}, {{'R', 'O', 'N'}, 946, 2}, {{'R', 'S', 'D'}, 941, 2},
    {{'R', 'U', 'B'}, 643, 2}, {{'R', 'W', 'F'}, 646, 0}, {{'S', 'A', 'R'}, 682, 2},
    {{'S', 'B', 'D'}, 90, 2}, {{'S', 'C', 'R'}, 690, 2}, {{'S', 'D', 'G'}, 938, 2},
    {{'S', 'E', 'K'}, 752, 2}, {{'S', 'G', 'D'}, 702, 2}, {{'S', 'H', 'P'}, 654, 2},
    {{'S', 'L', 'E'}, 925, 2}, {{'S', 'O', 'S'}, 706, 2}, {{'S', 'R', 'D'}, 968, 2},
    {{'S', 'S', 'P'}, 728, 2}, {{'S', 'T', 'N'}, 930, 2}, {{'S', 'V', 'C'}, 222, 2},
    {{'S', 'Y', 'P'}, 760, 2}, {{'S', 'Z', 'L'}, 748, 2}, {{'T', 'H', 'B'}, 764, 2},
    {{'T', 'J', 'S'}, 972, 2}, {{'T', 'M', 'T'}, 934, 2}, {{'T', 'N', 'D'}, 788, 3},
    {{'T', 'O', 'P'}, 776, 2}, {{'T', 'R', 'Y'}, 949, 2}, {{'T', 'T', 'D'}, 780, 2},
    {{'T', 'W', 'D'}, 901, 2}, {{'T', 'Z', 'S'}, 834, 2}, {{'U', 'A', 'H'}, 980, 2},
    {{'U', 'G', 'X'}, 800, 0}, {{'U', 'S', 'D'}, 840, 2}, {{'U', 'S', 'N'}, 997, 2},
    {{'U', 'Y', 'I'}, 940, 0}, {{'U', 'Y', 'U'}, 858, 2}, {{'U', 'Y', 'W'}, 927, 4},
    {{'U', 'Z', 'S'}, 860, 2}, {{'V', 'E', 'D'}, 926, 2}, {{'V', 'E', 'S'}, 928, 2},
    {{'V', 'N', 'D'}, 704, 0}, {{'V', 'U', 'V'}, 548, 0}, {{'W', 'S', 'T'}, 882, 2},
    {{'X', 'A', 'D'}, 396, 2}, {{'X', 'A', 'F'}, 950, 0}, {{'X', 'C', 'D'}, 951, 2},
    {{'X', 'C', 'G'}, 532, 2}, {{'X', 'O', 'F'}, 952, 0}, {{'X', 'P', 'F'}, 953, 0},
    {{'Y', 'E', 'R'}, 886, 2}, {{'Z', 'A', 'R'}, 710, 2}, {{'Z', 'M', 'W'}, 967, 2},
    {{'Z', 'W', 'G'}, 924, 2}});
// clang-format on

static_assert(table.size() <= 256);
static_assert(std::ranges::is_sorted(table, std::ranges::less(), &CurrencyRow::code));

constexpr unsigned percent_digits = 4;
constexpr std::int64_t millionths_of_one = 1'000'000;

[[noreturn]] void too_large() {
    throw std::overflow_error("an amount of money does not fit into 64 bits");
}

}  // namespace

std::span<const CurrencyRow> currency_table() noexcept {
    return table;
}

Outcome<Currency> Currency::parse(std::string_view code) {
    if (code.size() == 3) {
        const std::array<char, 3> wanted{code[0], code[1], code[2]};
        const auto row = std::ranges::lower_bound(table, wanted, std::ranges::less(), &CurrencyRow::code);
        if (row != table.end() && row->code == wanted) {
            return Currency(static_cast<std::uint8_t>(row - table.begin()));
        }
    }
    return refuse(unknown_currency, "currency");
}

Currency Currency::of(std::string_view code) {
    auto currency = parse(code);
    if (!currency) {
        throw std::invalid_argument("no currency of ISO 4217: " + std::string(code));
    }
    return *currency;
}

std::string_view Currency::code() const noexcept {
    const auto& code = table[index_].code;
    return {code.data(), code.size()};
}

unsigned Currency::numeric() const noexcept {
    return table[index_].numeric;
}

unsigned Currency::exponent() const noexcept {
    return table[index_].exponent;
}

Outcome<Rate> Rate::parse_percent(std::string_view text) {
    const auto millionths = parse_decimal(text, percent_digits);
    if (!millionths) {
        return refuse(bad_amount, "rate");
    }
    return Rate(*millionths);
}

std::string Rate::to_percent() const {
    return print_decimal(millionths_, percent_digits, Zeros::dropped);
}

Outcome<Money> Money::parse(std::string_view decimal, Currency currency) {
    const auto units = parse_decimal(decimal, currency.exponent());
    if (!units) {
        return refuse(bad_amount, "amount");
    }
    return Money(*units, currency);
}

std::string Money::to_decimal() const {
    return print_decimal(units_, currency_.exponent());
}

Money& Money::operator+=(Money other) {
    CHECK(currency_ == other.currency_);
    if (__builtin_add_overflow(units_, other.units_, &units_)) {
        too_large();
    }
    return *this;
}

Money& Money::operator-=(Money other) {
    CHECK(currency_ == other.currency_);
    if (__builtin_sub_overflow(units_, other.units_, &units_)) {
        too_large();
    }
    return *this;
}

Money Money::operator-() const {
    return Money(0, currency_) - *this;
}

std::strong_ordering operator<=>(Money one, Money other) {
    CHECK(one.currency() == other.currency());
    return one.units() <=> other.units();
}

Money operator*(Money price, Quantity quantity) {
    return scaled(price, quantity.thousandths(), Quantity::scale);
}

Money operator*(Money base, Rate rate) {
    return scaled(base, rate.millionths(), millionths_of_one);
}

Money scaled(Money base, std::int64_t numerator, std::int64_t denominator) {
    return {divide_rounded(static_cast<__int128>(base.units()) * numerator, denominator), base.currency()};
}

std::vector<Money> allocate(Money whole, std::span<const std::int64_t> weights) {
    CHECK(!weights.empty() || whole.units() == 0);
    CHECK(std::ranges::all_of(weights, [](std::int64_t weight) { return weight >= 0; }));
    const bool is_negative = whole.units() < 0;
    const auto size =
        is_negative ? -static_cast<__int128>(whole.units()) : static_cast<__int128>(whole.units());
    const auto sum = std::accumulate(weights.begin(), weights.end(), static_cast<__int128>(0));
    const __int128 total = sum == 0 ? static_cast<__int128>(weights.size()) : sum;
    std::vector<__int128> shares;
    std::vector<__int128> remainders;
    __int128 left = size;
    for (const std::int64_t weight : weights) {
        const __int128 product = size * (sum == 0 ? 1 : weight);
        shares.push_back(product / total);
        remainders.push_back(product % total);
        left -= shares.back();
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::size_t one, std::size_t other) {
        return remainders[one] != remainders[other] ? remainders[one] > remainders[other] : one < other;
    });
    for (std::size_t i = 0; left > 0; ++i, --left) {
        ++shares[order[i]];
    }
    std::vector<Money> parts;
    parts.reserve(shares.size());
    for (const __int128 share : shares) {
        parts.emplace_back(static_cast<std::int64_t>(is_negative ? -share : share), whole.currency());
    }
    return parts;
}

}  // namespace cartwright
