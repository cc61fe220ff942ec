#include "liquid/frame.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/utf8.hpp"

#include <algorithm>

// Variables by name, and the steps of look-ups.

namespace cartwright::liquid {

namespace {

std::size_t position_in(const Map& map, const Value* value) {
    const auto* first = reinterpret_cast<const char*>(map.entries().data());
    return static_cast<std::size_t>(reinterpret_cast<const char*>(value) - first) / sizeof(Map::Entry);
}

void mark(std::vector<std::uint64_t>& bits, std::size_t position) {
    if (position / 64 >= bits.size()) {
        bits.resize(position / 64 + 1);
    }
    bits.data()[position / 64] |= std::uint64_t{1} << (position % 64);
}

}  // namespace

Value Render::find_variable(const Name& name, bool expected) {
    for (std::size_t at = bindings_.size(); at > visible_; --at) {
        if (bindings_[at - 1].name == name) {
            return bindings_[at - 1].value;
        }
    }
    if (const Value* found = frame_->assigns.find(name)) {
        return *found;
    }
    return find_global(name, expected);
}

Value Render::find_global(const Name& name, bool expected) {
    if (const Value* found = frame_->counters.find(name)) {
        return *found;
    }
    if (options_.data != nullptr && !frame_->isolated) {
        if (const Value* found = options_.data->find(name); found != nullptr && !found->is_nil()) {
            if (options_.track) {
                mark(touched_data_, position_in(*options_.data, found));
            }
            return *found;
        }
    }
    if (options_.globals != nullptr) {
        if (const Value* found = options_.globals->find(name)) {
            if (options_.track) {
                mark(touched_globals_, position_in(*options_.globals, found));
            }
            return *found;
        }
    }
    constexpr Name self("self");
    if (name == self) {
        return self_of(*frame_);
    }
    if (options_.track) {
        note_missing(name);
    }
    if (options_.strict_variables && expected) {
        return fail(ErrorKind::undefined_variable, "undefined variable " + std::string(name.text()));
    }
    return {};
}

void Render::note_missing(const Name& name) {
    constexpr std::size_t most = 64;
    if (missing_.size() < most && std::ranges::find(missing_, name) == missing_.end()) {
        missing_.push_back(name);
    }
}

Touched Render::touched() const {
    Touched touched;
    const auto collect = [&touched](const Map* map, const std::vector<std::uint64_t>& bits) {
        for (std::size_t at = 0; map != nullptr && at < map->size(); ++at) {
            if (at / 64 < bits.size() && ((bits[at / 64] >> (at % 64)) & 1) != 0) {
                touched.names.push_back(map->entries()[at].key.text());
            }
        }
    };
    collect(options_.data, touched_data_);
    collect(options_.globals, touched_globals_);
    for (const Name& name : missing_) {
        touched.missing.push_back(name.text());
    }
    touched.drops.assign(touched_drops_.begin(), touched_drops_.end());
    return touched;
}

Value Render::evaluate_dynamic(const Expression& expression) {
    return expression.is(Kind::lookup) ? evaluate_lookup(expression.as_lookup())
                                       : evaluate_range(expression.as_range_expression());
}

Value Render::evaluate_lookup(const Lookup& lookup) {
    Value object;
    if (lookup.first.is_key()) [[likely]] {
        object = find_variable(lookup.first.name());
    } else {
        const Value name = evaluate(lookup.first.expression());
        if (name.is_failure()) {
            return name;
        }
        object = name.is_string() ? find_variable(Name(name.as_string())) : Value();
    }
    const auto steps = lookup.steps();
    constexpr std::size_t usual_steps = 16;
    if (steps.size() > usual_steps && !spend(steps.size() * 16)) {
        return exhausted();
    }
    for (const Step step : steps) {
        if (object.is_failure()) {
            return object;
        }
        if (step.is_key()) [[likely]] {
            object = step.is_command() ? get_or_command(object, step.name()) : get(object, step.name());
        } else {
            const Value key = primitive(evaluate(step.expression()));
            if (key.is_failure()) {
                return key;
            }
            object = get(object, key);
        }
    }
    return object;
}

// The bounds of a range are whole numbers, taken as the reference does: texts by to_i, anything else as a number.
Value Render::evaluate_range(const RangeExpression& range) {
    const Value first = evaluate(range.first);
    if (first.is_failure()) {
        return first;
    }
    const Value last = evaluate(range.last);
    if (last.is_failure()) {
        return last;
    }
    const auto bound = [this](const Value& value) -> std::optional<std::int64_t> {
        if (value.is(Kind::integer) || value.is(Kind::string) || value.is_nil() ||
            value.is(Kind::big_integer)) {
            return to_i(*this, value);
        }
        return to_integer(*this, value);
    };
    const auto from = bound(first);
    const auto to = bound(last);
    if (!from || !to) {
        return argument_error("invalid integer");
    }
    return Value::range(*arena_.make<Range>(Range{*from, *to}));
}

Value Render::drop_property(Drop& drop, const Name& key) {
    const int position = drop.type().find(key);
    if (position < 0) {
        return drop.get(*this, Value::string(key.text()));
    }
    if (options_.track) {
        if (drop.touched_ == 0) {
            touched_drops_.push_back(&drop);
        }
        drop.touched_ |= std::uint64_t{1} << (position & 63);
    }
    return drop.type().properties()[static_cast<std::size_t>(position)].get(*this, drop);
}

Value Render::get(const Value& value, const Name& key) {
    switch (value.kind()) {
        case Kind::map: {
            const Value* found = value.as_map().find(key);
            return found != nullptr ? *found : Value();
        }
        case Kind::drop:
            return drop_property(value.as_drop(), key);
        default:
            return {};
    }
}

Value Render::get(const Value& value, const Value& key) {
    switch (value.kind()) {
        case Kind::array: {
            if (!key.is(Kind::integer)) {
                return {};
            }
            const auto items = value.as_array();
            const auto size = static_cast<std::int64_t>(items.size());
            const std::int64_t at = key.as_integer() < 0 ? key.as_integer() + size : key.as_integer();
            return at >= 0 && at < size ? items[static_cast<std::size_t>(at)] : Value();
        }
        case Kind::map:
            return key.is_string() ? get(value, Name(key.as_string())) : Value();
        case Kind::drop: {
            Drop& drop = value.as_drop();
            if (key.is_string()) {
                return drop_property(drop, Name(key.as_string()));
            }
            if (key.is(Kind::integer) && key.as_integer() >= 0) {
                const auto at = static_cast<std::size_t>(key.as_integer());
                if (const auto items = drop.slice(*this, at, at + 1)) {
                    return items->empty() ? Value() : items->front();
                }
            }
            return drop.get(*this, key);
        }
        default:
            return {};
    }
}

Value Render::get_or_command(const Value& value, const Name& key) {
    const char command = key.data[0];  // size, first, last
    switch (value.kind()) {
        case Kind::map: {
            const Map& map = value.as_map();
            if (const Value* found = map.find(key)) {
                return *found;
            }
            if (command == 's') {
                return Value::integer(static_cast<std::int64_t>(map.size()));
            }
            if (command == 'f' && map.size() > 0) {
                return slice(value, 0, 1).front();
            }
            return {};
        }
        case Kind::array: {
            const auto items = value.as_array();
            if (command == 's') {
                return Value::integer(static_cast<std::int64_t>(items.size()));
            }
            return items.empty() ? Value() : command == 'f' ? items.front() : items.back();
        }
        case Kind::string: {
            const std::string_view text = value.as_string();
            if (command == 's') {
                return spend(text.size()) ? Value::integer(static_cast<std::int64_t>(Characters(text).size()))
                                          : exhausted();
            }
            return Value::string(command == 'f' ? first_character(text) : last_character(text));
        }
        case Kind::range: {
            const Range& range = value.as_range();
            if (command == 's') {
                return Value::integer(static_cast<std::int64_t>(range.size()));
            }
            return Value::integer(command == 'f' ? range.first : range.last);
        }
        case Kind::integer:
            return command == 's' ? Value::integer(8) : Value();
        case Kind::drop: {
            Drop& drop = value.as_drop();
            if (drop.type().find(key) >= 0) {
                return drop_property(drop, key);
            }
            if (command == 's') {
                if (const auto count = drop.count(*this)) {
                    return Value::integer(static_cast<std::int64_t>(*count));
                }
            } else if (const auto count = drop.count(*this); count && *count > 0) {
                const std::size_t at = command == 'f' ? 0 : *count - 1;
                if (const auto items = drop.slice(*this, at, at + 1); items && !items->empty()) {
                    return items->front();
                }
            }
            return drop_property(drop, key);
        }
        default:
            return {};
    }
}

std::span<const Value> Render::slice(const Value& value, std::size_t from, std::optional<std::size_t> to) {
    switch (value.kind()) {
        case Kind::array: {
            const auto items = value.as_array();
            const std::size_t end = std::min(to.value_or(items.size()), items.size());
            return from >= end ? std::span<const Value>() : items.subspan(from, end - from);
        }
        case Kind::map: {
            const auto entries = value.as_map().entries();
            const std::size_t end = std::min(to.value_or(entries.size()), entries.size());
            if (from >= end) {
                return {};
            }
            Value* pairs = arena_.room<Value>((end - from) * 3);
            Value* parts = pairs + (end - from);
            for (std::size_t at = from; at < end; ++at) {
                Value* pair = parts + (at - from) * 2;
                std::construct_at(pair, Value::string(entries[at].key.text()));
                std::construct_at(pair + 1, entries[at].value);
                std::construct_at(pairs + (at - from), Value::array({pair, 2}));
            }
            return {pairs, end - from};
        }
        case Kind::range: {
            const Range& range = value.as_range();
            const std::uint64_t end = std::min<std::uint64_t>(to.value_or(range.size()), range.size());
            if (from >= end) {
                return {};
            }
            const std::size_t count = end - from;
            if (count > options_.limits.array_items) {
                exhausted();
                return {};
            }
            Value* items = arena_.room<Value>(count);
            for (std::size_t at = 0; at < count; ++at) {
                std::construct_at(items + at,
                                  Value::integer(range.first + static_cast<std::int64_t>(from + at)));
            }
            return {items, count};
        }
        case Kind::string:
            return value.as_string().empty() ? std::span<const Value>()
                                             : std::span<const Value>(arena_.make<Value>(value), 1);
        case Kind::drop:
            return value.as_drop().slice(*this, from, to).value_or(std::span<const Value>());
        default:
            return {};
    }
}

}  // namespace cartwright::liquid
