#include "liquid/compare.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <charconv>

// Values as text, and what filters build theirs with.

namespace cartwright::liquid {

std::string_view Render::text_of_other(const Value& value) {
    switch (value.kind()) {
        case Kind::boolean:
            return value.as_boolean() ? "true" : "false";
        case Kind::integer: {
            char digits[24];
            const auto end = std::to_chars(digits, digits + sizeof digits, value.as_integer()).ptr;
            return arena_.copy({digits, static_cast<std::size_t>(end - digits)});
        }
        case Kind::big_integer:
            return value.as_string();
        case Kind::real: {
            char digits[40];
            return arena_.copy(print_real(value.as_real(), digits));
        }
        case Kind::array:
        case Kind::map:
            return inspect(*this, value);
        case Kind::range: {
            TextBuilder out(*this, 48);
            out.append_integer(value.as_range().first);
            out.append("..");
            out.append_integer(value.as_range().last);
            return out.text();
        }
        case Kind::drop:
            return value.as_drop().text(*this);
        default:
            return {};
    }
}

namespace {

constexpr int deepest_array = 100;

void print_into(Render& render, const Value& value, int depth) {
    Output& out = render.output();
    switch (value.kind()) {
        case Kind::string:
            out.append(value.as_string());
            return;
        case Kind::integer:
            out.append_integer(value.as_integer());
            return;
        case Kind::array:
            if (depth >= deepest_array) {
                return;
            }
            for (const Value& item : value.as_array()) {
                if (render.stopped() || out.size() > render.limits().output_bytes || !render.spend(0)) {
                    return;
                }
                print_into(render, item, depth + 1);
            }
            return;
        default:
            out.append(render.text(value));
    }
}

}  // namespace

void Render::print(const Value& value) {
    print_into(*this, value, 0);
}

TextBuilder::TextBuilder(Render& render, std::size_t expected) : render_(render) {
    const std::size_t room = std::min(expected + 16, render.limits().string_bytes);
    begin_ = static_cast<char*>(render.arena().allocate(room, 1));
    next_ = begin_;
    end_ = begin_ + room;
}

bool TextBuilder::grow(std::size_t more) {
    const std::size_t used = size();
    if (overflowed_ || used + more > render_.limits().string_bytes || render_.arena().exceeded()) {
        overflowed_ = true;
        end_ = next_;
        return false;
    }
    const std::size_t room = std::min(std::max(used * 2, used + more), render_.limits().string_bytes);
    char* grown = static_cast<char*>(render_.arena().allocate(room, 1));
    std::memcpy(grown, begin_, used);
    begin_ = grown;
    next_ = grown + used;
    end_ = grown + room;
    return true;
}

void TextBuilder::append_integer(std::int64_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    append({digits, static_cast<std::size_t>(end - digits)});
}

Value TextBuilder::finish() {
    if (overflowed_) {
        return render_.exhausted();
    }
    if (render_.arena().mark().next == end_) {
        render_.arena().shrink(next_);
        end_ = next_;
    }
    return Value::string(text());
}

ArrayBuilder::ArrayBuilder(Render& render, std::size_t expected)
    : render_(render), capacity_(std::max(std::min(expected, render.limits().array_items), std::size_t{4})) {
    items_ = render.arena().room<Value>(capacity_);
}

bool ArrayBuilder::grow() {
    if (overflowed_ || size_ >= render_.limits().array_items || render_.arena().exceeded()) {
        overflowed_ = true;
        return false;
    }
    Value* grown = render_.arena().room<Value>(capacity_ * 2);
    std::uninitialized_copy_n(items_, size_, grown);
    items_ = grown;
    capacity_ *= 2;
    return true;
}

Value ArrayBuilder::finish() {
    return overflowed_ ? render_.exhausted() : Value::array({items_, size_});
}

}  // namespace cartwright::liquid
