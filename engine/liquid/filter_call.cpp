#include "liquid/render.hpp"

#include <string>

namespace cartwright::liquid {

Value Render::apply_filters(const FilteredExpression& expression) {
    Value value = evaluate(expression.expression);
    for (const FilterCall& call : expression.filters()) {
        if (value.is_failure()) {
            return value;
        }
        value = apply_filter(call, value);
        // A chain is one node, however long it is.
        if (arena_.exceeded()) {
            return exhausted();
        }
    }
    return value;
}

Value Render::apply_filter(const FilterCall& call, const Value& input) {
    const Filter& filter = *call.filter;
    if (filter.apply == nullptr) [[unlikely]] {
        return options_.strict_filters
                   ? fail(ErrorKind::undefined_filter, "undefined filter " + std::string(filter.name))
                   : input;
    }
    if (call.constant) [[likely]] {
        if (call.positional_count < filter.least || call.positional_count > filter.most) [[unlikely]] {
            return wrong_arity(filter, call.positional_count);
        }
        return filter.apply(*this, input, Arguments(call.positional(), {}));
    }
    constexpr std::size_t usual = 6;
    Value few[usual];
    const std::size_t named_as_map = call.named_count != 0 && !filter.takes_named ? 1 : 0;
    const std::size_t count = call.positional_count + named_as_map;
    if (count < filter.least || count > filter.most) {
        return wrong_arity(filter, count);
    }
    Value* values = count <= usual ? few : arena_.room<Value>(count);
    for (std::size_t at = 0; at < call.positional_count; ++at) {
        values[at] = evaluate(call.positional_begin[at]);
        if (values[at].is_failure()) {
            return values[at];
        }
    }
    if (call.named_count > usual && !spend(call.named_count * std::size_t{16})) {
        return exhausted();
    }
    NamedArgument* named = (call.named_count == 0) ? nullptr : arena_.room<NamedArgument>(call.named_count);
    for (std::size_t at = 0; at < call.named_count; ++at) {
        const Value value = evaluate(call.named_begin[at].expression);
        if (value.is_failure()) {
            return value;
        }
        std::construct_at(named + at, call.named_begin[at].name, value);
    }
    if (named_as_map != 0) {
        Map* map = arena_.make<Map>(arena_);
        for (std::size_t at = 0; at < call.named_count; ++at) {
            map->set(named[at].name, named[at].value);
        }
        values[count - 1] = Value::map(*map);
        return filter.apply(*this, input, Arguments({values, count}, {}));
    }
    return filter.apply(*this, input, Arguments({values, count}, {named, call.named_count}));
}

Value Render::wrong_arity(const Filter& filter, std::size_t given) {
    std::string expected = std::to_string(filter.least + 1);
    if (filter.most != filter.least) {
        expected += ".." + std::to_string(filter.most + 1);
    }
    return argument_error("wrong number of arguments (given " + std::to_string(given + 1) + ", expected " +
                          expected + ")");
}

}  // namespace cartwright::liquid
