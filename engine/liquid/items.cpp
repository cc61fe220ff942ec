#include "liquid/items.hpp"

#include "liquid/drop.hpp"
#include "liquid/render.hpp"
#include "liquid/search.hpp"
#include "liquid/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace cartwright::liquid {

namespace {

constexpr int deepest = 100;

bool is_array(const Value& value) {
    return value.is(Kind::array);
}

class Flattening {
public:
    explicit Flattening(Render& render, std::size_t expected) : render_(render), items_(render, expected) {}

    // False: nested too deeply, or a limit was reached.
    bool add(std::span<const Value> items, int depth) {
        if (depth > deepest) {
            too_deep_ = true;
            return false;
        }
        for (const Value& item : items) {
            if (!render_.spend(16) || items_.overflowed() || ++steps_ > 2 * render_.limits().array_items) {
                return false;
            }
            if (!is_array(item)) {
                items_.append(item);
            } else if (!add(item.as_array(), depth + 1)) {
                return false;
            }
        }
        return true;
    }

    Value failure() {
        return too_deep_ ? render_.argument_error("tried to flatten recursive array") : render_.exhausted();
    }

    Value finish() { return items_.finish(); }

private:
    Render& render_;
    ArrayBuilder items_;
    std::size_t steps_ = 0;
    bool too_deep_ = false;
};

std::expected<std::span<const Value>, Value> flattened(Render& render, std::span<const Value> items) {
    Flattening flattening(render, items.size());
    if (!flattening.add(items, 0)) {
        return std::unexpected(flattening.failure());
    }
    const Value result = flattening.finish();
    if (result.is_failure()) {
        return std::unexpected(result);
    }
    return result.as_array();
}

}  // namespace

std::expected<std::span<const Value>, Value> items_of(Render& render, const Value& input) {
    std::span<const Value> items;
    switch (input.kind()) {
        case Kind::nil:
            return items;
        case Kind::array:
            items = input.as_array();
            if (std::ranges::any_of(items, is_array)) {
                return flattened(render, items);
            }
            break;
        case Kind::range:
            items = render.slice(input, 0, std::nullopt);
            break;
        case Kind::drop: {
            const auto list = input.as_drop().slice(render, 0, std::nullopt);
            items = list ? *list : std::span<const Value>(render.arena().make<Value>(input), 1);
            break;
        }
        default:
            items = {render.arena().make<Value>(input), 1};
    }
    if (render.stopped() || !render.spend(items.size() * 16)) {
        return std::unexpected(render.exhausted());
    }
    return items;
}

Property::Property(Render& render, const Value& key) : render_(render), key_(key) {
    if (key.is_string()) {
        name_ = Name(key.as_string());
    }
}

bool Property::in(const Value& item) noexcept {
    switch (item.kind()) {
        case Kind::integer:
        case Kind::big_integer:
        case Kind::string:
        case Kind::array:
        case Kind::map:
        case Kind::drop:
            return true;
        default:
            return false;
    }
}

Value Property::of(const Value& item) const {
    switch (item.kind()) {
        case Kind::map:
        case Kind::drop:
            return key_.is_string() ? render_.get(item, name_) : render_.get(item, key_);
        case Kind::array:
            return of_array(item);
        case Kind::integer:
            return of_integer(item.as_integer());
        case Kind::big_integer:
            // Not worth the arithmetic: all bits are taken to be those far above the number.
            return of_integer(item.as_string().starts_with('-') ? -1 : 0);
        case Kind::string:
            return of_string(item);
        default:
            return {};
    }
}

Value Property::of_string(const Value& item) const {
    const std::string_view text = item.as_string();
    render_.spend(text.size());
    if (key_.is_string()) {
        return find_text(text, key_.as_string()) == std::string_view::npos ? Value() : key_;
    }
    const auto index = position();
    if (!index) {
        return index.error();
    }
    const Characters characters(text);
    const auto size = static_cast<std::int64_t>(characters.size());
    const std::int64_t at = *index < 0 ? *index + size : *index;
    return at < 0 || at >= size ? Value() : Value::string(characters.slice(static_cast<std::size_t>(at), 1));
}

Value Property::of_array(const Value& item) const {
    const auto index = position();
    return index ? render_.get(item, Value::integer(*index)) : index.error();
}

Value Property::of_integer(std::int64_t number) const {
    std::int64_t bit = 0;
    if (key_.is(Kind::big_integer) || (key_.is(Kind::real) && std::abs(key_.as_real()) >= 64)) {
        const bool negative = key_.is(Kind::real) ? key_.as_real() < 0 : key_.as_string().starts_with('-');
        bit = negative ? -1 : 64;
    } else if (const auto index = position()) {
        bit = *index;
    } else {
        return index.error();
    }
    return Value::integer(bit < 0 ? 0 : (number >> std::min<std::int64_t>(bit, 63)) & 1);
}

std::expected<std::int64_t, Value> Property::position() const {
    constexpr double limit = 9223372036854775808.0;
    if (key_.is(Kind::integer)) {
        return key_.as_integer();
    }
    if (key_.is(Kind::real) && key_.as_real() >= -limit && key_.as_real() < limit) {
        return static_cast<std::int64_t>(key_.as_real());
    }
    if (key_.is(Kind::real) || key_.is(Kind::big_integer)) {
        return std::unexpected(render_.fail(ErrorKind::internal, "internal"));
    }
    return std::unexpected(unselectable());
}

Value Property::unselectable() const {
    return render_.argument_error("cannot select the property '" + std::string(render_.text(key_)) + "'");
}

}  // namespace cartwright::liquid
