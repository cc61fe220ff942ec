// Applies one standard filter to values, without a template around it.
#pragma once

#include "liquid/environment.hpp"
#include "liquid/render.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class FilterProbe {
public:
    explicit FilterProbe(RenderLimits limits = {}) { options_.limits = limits; }

    // As the filter gives it. The name must be one of a standard filter.
    Value value(std::string_view filter, const Value& input, std::initializer_list<Value> arguments = {}) {
        const std::vector<Value> given(arguments);
        const std::span<const Value> kept(arena_.room<Value>(given.size()), given.size());
        std::ranges::copy(given, const_cast<Value*>(kept.data()));
        return environment_.filter(filter)->apply(render_, input, Arguments(kept, {}));
    }

    // The text of the result; "Error: MESSAGE" for a failure, "nil" for nil.
    std::string text(std::string_view filter,
                     const Value& input,
                     std::initializer_list<Value> arguments = {}) {
        return shown(value(filter, input, arguments));
    }

    // The same for texts alone.
    std::string of(std::string_view filter,
                   std::string_view input,
                   std::initializer_list<std::string_view> arguments = {}) {
        std::vector<Value> values;
        for (const std::string_view argument : arguments) {
            values.push_back(Value::string(argument));
        }
        return shown(
            environment_.filter(filter)->apply(render_, Value::string(input), Arguments(values, {})));
    }

    // The texts of an array that a filter gives.
    std::vector<std::string> texts(std::string_view filter,
                                   const Value& input,
                                   std::initializer_list<Value> arguments = {}) {
        std::vector<std::string> result;
        for (const Value& item : value(filter, input, arguments).as_array()) {
            result.push_back(shown(item));
        }
        return result;
    }

    Arena& arena() noexcept { return arena_; }

private:
    std::string shown(const Value& value) {
        if (value.is_failure()) {
            return "Error: " + std::string(value.as_failure().message);
        }
        return value.is_nil() ? "nil" : std::string(render_.text(value));
    }

    Environment environment_ = Environment::standard();
    RenderOptions options_;
    Arena arena_;
    Output output_;
    Render render_{options_, arena_, output_};
};

inline Value operator""_v(const char* text, std::size_t size) {
    return Value::string({text, size});
}

inline Value operator""_v(unsigned long long number) {
    return Value::integer(static_cast<std::int64_t>(number));
}

}  // namespace cartwright::liquid
