// Numbers from outside: amounts, quantities, rates and what people type. What is read prints as the same.
#include "base/decimal.hpp"
#include "base/locale.hpp"
#include "base/money.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace cartwright;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Formats formats;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::string_view code : {"RUB", "JPY", "KWD", "CLF"}) {
        const Currency currency = Currency::of(code);
        if (const auto money = Money::parse(text, currency)) {
            require(Money::parse(money->to_decimal(), currency) == money);
            require(!formats.money("ru", *money).empty());
        }
    }
    if (const auto quantity = Quantity::parse(text))
        require(Quantity::parse(quantity->to_decimal()) == quantity);
    if (const auto rate = Rate::parse_percent(text)) require(Rate::parse_percent(rate->to_percent()) == rate);
    for (const std::string_view locale : {"ru", "en", "de", "ar"}) {
        const auto plain = formats.plain_decimal(locale, text);
        if (!plain || plain->size() > 18) continue;
        const std::size_t dot = std::min(plain->find('.'), plain->size() - 1);
        require(parse_decimal(*plain, static_cast<unsigned>(plain->size() - 1 - dot)).has_value());
    }
    static_cast<void>(Currency::parse(text));
    static_cast<void>(is_locale(text));
    static_cast<void>(is_time_zone(text));
    static_cast<void>(formats.number(text, 1234567));
    return 0;
}
