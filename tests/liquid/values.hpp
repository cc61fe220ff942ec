// Values and filters without a template: for tests of filters and of what they stand on.
#pragma once

#include "liquid/arena.hpp"
#include "liquid/compare.hpp"
#include "liquid/drop.hpp"
#include "liquid/environment.hpp"
#include "liquid/output.hpp"
#include "liquid/render.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::liquid {

// A drop that is a list, and stands for its first item.
class ListDrop final : public Drop {
public:
    explicit ListDrop(std::span<const Value> items) : Drop(list_type()), items_(items) {}

    std::optional<std::span<const Value>> slice(Render&,
                                                std::size_t from,
                                                std::optional<std::size_t> to) override {
        const std::size_t end = std::min(to.value_or(items_.size()), items_.size());
        return from >= end ? std::span<const Value>() : items_.subspan(from, end - from);
    }

    std::optional<std::size_t> count(Render&) override { return items_.size(); }

private:
    static const DropType& list_type() {
        static const DropType type{"list", "A list of the host.", {}};
        return type;
    }

    std::span<const Value> items_;
};

// A drop with one property, `title`, that stands for that text in comparisons.
class TitleDrop final : public Drop {
public:
    explicit TitleDrop(std::string_view title) : Drop(title_type()), title_(title) {}

    Value primitive(Render&) override { return Value::string(title_); }

private:
    static const DropType& title_type() {
        static const DropType type{"titled",
                                   "Something with a title.",
                                   {{"title", "string", "Its title.", [](Render&, Drop& self) {
                                         return Value::string(static_cast<TitleDrop&>(self).title_);
                                     }}}};
        return type;
    }

    std::string_view title_;
};

class ValuesTest : public ::testing::Test {
protected:
    static Value text(std::string_view text) { return Value::string(text); }

    static Value number(std::int64_t number) { return Value::integer(number); }

    static Value real(double number) { return Value::real(number); }

    static Value flag(bool flag) { return Value::boolean(flag); }

    Value array(std::initializer_list<Value> items) { return array(std::vector<Value>(items)); }

    Value array(const std::vector<Value>& items) {
        Value* copied = arena_.room<Value>(items.size());
        std::ranges::copy(items, copied);
        return Value::array({copied, items.size()});
    }

    Value map(std::initializer_list<std::pair<std::string_view, Value>> entries) {
        Map* map = arena_.make<Map>(arena_);
        for (const auto& [key, value] : entries) {
            map->set(key, value);
        }
        return Value::map(*map);
    }

    Value range(std::int64_t first, std::int64_t last) {
        return Value::range(*arena_.make<Range>(Range{first, last}));
    }

    // Arrays within arrays, `depth` of them around nothing.
    Value nested(int depth) {
        Value value = array({});
        for (int at = 1; at < depth; ++at) {
            value = array({value});
        }
        return value;
    }

    Value apply(std::span<const Filter> filters,
                std::string_view name,
                const Value& input,
                std::initializer_list<Value> arguments) {
        const auto filter = std::ranges::find(filters, name, &Filter::name);
        EXPECT_NE(filter, filters.end()) << name;
        const Arguments given(std::span<const Value>(arguments.begin(), arguments.size()), {});
        return filter->apply(render_, input, given);
    }

    // As inspected; of a failure, its message.
    std::string shown(const Value& value) {
        return std::string(value.is_failure() ? value.as_failure().message : inspect(render_, value));
    }

    RenderOptions options_;
    Arena arena_;
    Output output_;
    Render render_{options_, arena_, output_};
};

}  // namespace cartwright::liquid
