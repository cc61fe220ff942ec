#include "liquid/render.hpp"

#include "liquid/compare.hpp"
#include "liquid/frame.hpp"
#include "liquid/loops.hpp"
#include "liquid/number.hpp"
#include "liquid/profile.hpp"
#include "liquid/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::int64_t fuel_between_looks = 256;
constexpr int deepest_array = 100;
constexpr std::uint32_t deepest_nesting = 2'000;  // blocks, far within a thread's stack of 8 MiB
constexpr std::string_view memory_exceeded = "Memory limits exceeded";
constexpr std::string_view time_exceeded = "Time limit exceeded";

std::size_t position_in(const Map& map, const Value* value) {
    const auto* first = reinterpret_cast<const char*>(map.entries().data());
    return static_cast<std::size_t>(reinterpret_cast<const char*>(value) - first) / sizeof(Map::Entry);
}

void mark(std::vector<std::uint64_t>& bits, std::size_t position) {
    if (position / 64 >= bits.size()) {
        bits.resize(position / 64 + 1);
    }
    bits[position / 64] |= std::uint64_t{1} << (position % 64);
}

}  // namespace

Render::Render(const RenderOptions& options, Arena& arena, Output& output)
    : options_(options), arena_(arena), output_(output), template_name_(options.template_name) {
    arena_.limit(options.limits.memory);
    kept_.limit(options.limits.memory);
    bindings_.reserve(16);
    fuel_ = fuel_between_looks;
    if (options.ticks != nullptr && options.limits.time_ns > 0) {
        deadline_ = options.ticks() + options.limits.time_ns;
    }
}

Render::~Render() = default;

RenderResult Render::run(const Program& program) {
    Frame frame(arena_);
    frame_ = &frame;
    const std::size_t from = output_.size();
    const Flow flow = render(program.body());
    frame_ = nullptr;
    RenderResult result;
    if (flow == Flow::stop || stopped_) {
        const Error error{.kind = ErrorKind::memory,
                          .message = std::string(stop_message_.empty() ? memory_exceeded : stop_message_)};
        output_.truncate(from);
        output_.append(error.text());
        errors_.push_back(error);
        result.exceeded = true;
    }
    result.errors = std::move(errors_);
    result.render_score = render_score_;
    result.assign_score = assign_score_;
    return result;
}

Value Render::fail(ErrorKind kind, std::string_view message) {
    return Value::failure(*arena_.make<Failure>(Failure{kind, arena_.copy(message)}));
}

Value Render::exhausted() {
    stopped_ = true;
    return fail(ErrorKind::memory, stop_message_.empty() ? memory_exceeded : stop_message_);
}

bool Render::refuel() {
    if (stopped_) {
        return false;
    }
    fuel_ = fuel_between_looks;
    if (deadline_ != 0 && options_.ticks() > deadline_) {
        stop_message_ = time_exceeded;
        stopped_ = true;
        return false;
    }
    return true;
}

Flow Render::limit_flow() {
    stopped_ = true;
    return Flow::stop;
}

Flow Render::render(const Block& block) {
    render_score_ += block.score;
    // The output is looked at here, too: tablerow prints around a block that has no nodes.
    if (render_score_ > options_.limits.render_score || output_.size() > options_.limits.output_bytes ||
        !spend(0)) {
        return limit_flow();
    }
    if (++nesting_ > deepest_nesting) {
        --nesting_;
        stop_message_ = "Nesting too deep";
        return limit_flow();
    }
    const Flow flow = options_.profile == nullptr ? render_nodes(block) : render_measured(block);
    --nesting_;
    return flow;
}

Flow Render::render_measured(const Block& block) {
    Block one;
    for (const Node* const& node : block.nodes) {
        one.nodes = {&node, 1};
        options_.profile->enter(*node, template_name_, arena_.used() + kept_.used());
        const Flow flow = render_nodes(one);
        options_.profile->leave(arena_.used() + kept_.used());
        if (flow != Flow::next) {
            return flow;
        }
    }
    return Flow::next;
}

Flow Render::render_nodes(const Block& block) {
    for (const Node* node : block.nodes) {
        if (const Flow flow = node->render(*node, *this); flow != Flow::next) {
            return flow;
        }
        if (captures_ != 0) {
            const std::size_t size = output_.size();
            if (!add_assign_score(size - std::min(capture_from_, size))) {
                return limit_flow();
            }
            capture_from_ = size;
        }
        if (output_.size() > options_.limits.output_bytes || arena_.exceeded() || kept_.exceeded() ||
            stopped_) {
            return limit_flow();
        }
    }
    return Flow::next;
}

Flow Render::report(const Node& node, const Failure& failure) {
    if (failure.kind == ErrorKind::memory || stopped_) {
        return limit_flow();
    }
    return report(node,
                  Error{.kind = failure.kind,
                        .message = std::string(failure.message),
                        .line = node.line,
                        .template_name = std::string(template_name_)});
}

Flow Render::report(const Node& node, const Error& error) {
    const bool shown = !node.blank && error.kind != ErrorKind::undefined_variable &&
                       error.kind != ErrorKind::undefined_drop_method &&
                       error.kind != ErrorKind::undefined_filter;
    if (shown) {
        output_.append(error.text());
    }
    if (errors_.size() < options_.limits.errors) {
        errors_.push_back(error);
    }
    return spend(0) ? Flow::next : limit_flow();
}

void Render::assign(const Name& name, const Value& value) {
    if (value.is(Kind::drop) && &value.as_drop().type() == &forloop_type) {
        static_cast<ForLoop&>(value.as_drop()).escaped = true;
    }
    frame_->assigns.set(name, value);
}

bool Render::add_assign_score(std::uint64_t amount) {
    assign_score_ += amount;
    if (assign_score_ > options_.limits.assign_score) {
        stopped_ = true;
        return false;
    }
    return true;
}

std::size_t Render::begin_capture() noexcept {
    ++captures_;
    return std::exchange(capture_from_, output_.size());
}

// The outer capture goes on counting where it was: what was captured is cut off again.
void Render::end_capture(std::size_t outer) noexcept {
    --captures_;
    capture_from_ = outer;
}

std::uint64_t Render::assign_score_of(const Value& value) {
    switch (value.kind()) {
        case Kind::string:
            return value.as_string().size();
        case Kind::array: {
            std::uint64_t sum = 1;
            for (const Value& item : value.as_array()) {
                if (!spend(0)) {
                    break;
                }
                sum += item.is(Kind::array) || item.is(Kind::map) ? 1 : assign_score_of(item);
            }
            return sum;
        }
        case Kind::map:
            return 1 + value.as_map().size() * 2;
        default:
            return 1;
    }
}

bool Render::push_scope() {
    if (depth_ + 1 > options_.limits.depth) {
        return false;
    }
    ++depth_;
    scopes_.push_back(static_cast<std::uint32_t>(bindings_.size()));
    return true;
}

void Render::pop_scope() {
    bindings_.resize(scopes_.back());
    scopes_.pop_back();
    --depth_;
}

std::size_t Render::bind(const Name& name, const Value& value) {
    for (std::size_t at = scopes_.back(); at < bindings_.size(); ++at) {
        if (bindings_[at].name == name) {
            bindings_[at].value = value;
            return at;
        }
    }
    bindings_.push_back({name, value});
    return bindings_.size() - 1;
}

// --- Partials ---

std::expected<const Program*, Flow> Render::partial(const Node& node, std::string_view name) {
    if (++partials_ > options_.limits.partials) {
        return std::unexpected(limit_flow());
    }
    if (const auto known = programs_.find(name); known != programs_.end()) {
        return known->second.get();
    }
    std::expected<std::shared_ptr<const Program>, Error> found = std::unexpected(
        Error{.kind = ErrorKind::file_system, .message = "This liquid context does not allow includes."});
    if (options_.partials != nullptr) {
        found = options_.partials->find(name);
    }
    if (found) {
        return programs_.emplace(name, std::move(*found)).first->second.get();
    }
    Error error = std::move(found.error());
    if (error.line == 0) {
        error.line = node.line;
        error.template_name = template_name_;
    } else if (error.template_name.empty()) {
        error.template_name = name;
    }
    return std::unexpected(report(node, error));
}

Render::Isolated::Isolated(Render& render, std::string_view template_name) : render_(render) {
    if (render.depth_ > render.limits().depth) {
        return;
    }
    frame_ = render.kept_.make<Frame>(render.arena_);
    frame_->outer = render.frame_;
    frame_->outer_depth = render.depth_;
    frame_->outer_template = render.template_name_;
    frame_->isolated = true;
    frame_->first_binding = render.bindings_.size();
    frame_->base_depth = render.frame_->base_depth + 1;
    render.depth_ = frame_->base_depth + 1;
    render.frame_ = frame_;
    render.visible_ = frame_->first_binding;
    render.template_name_ = template_name;
}

Render::Isolated::~Isolated() {
    if (frame_ != nullptr) {
        render_.frame_ = frame_->outer;
        render_.depth_ = frame_->outer_depth;
        render_.visible_ = frame_->outer->first_binding;
        render_.template_name_ = frame_->outer_template;
    }
}

ForLoop& Render::take_loop() {
    if (free_loops_.empty()) {
        return *kept_.make<ForLoop>();
    }
    ForLoop& loop = *free_loops_.back();
    free_loops_.pop_back();
    return loop;
}

void Render::give_back(ForLoop& loop) {
    if (!loop.escaped) {
        free_loops_.push_back(&loop);
    }
}

// --- self ---

// The variables of a scope as a drop: self['name'].
struct SelfDrop final : Drop {
    static const DropType own_type;

    explicit SelfDrop(Render::Frame& frame) noexcept : Drop(own_type), frame_(&frame) { never_recorded(); }

    std::string_view text(Render&) override { return "Liquid::SelfDrop"; }

    Value get(Render& render, const Value& key) override {
        if (!key.is_string()) {
            return {};
        }
        // Where the frame isn't the innermost, its bindings end where the next frame's begin.
        std::size_t end = render.bindings_.size();
        for (Render::Frame* frame = render.frame_; frame != frame_ && frame != nullptr;
             frame = frame->outer) {
            end = frame->first_binding;
        }
        Render::Frame* current = std::exchange(render.frame_, frame_);
        const std::size_t visible = std::exchange(render.visible_, frame_->first_binding);
        const Name name(key.as_string());
        Value found;
        bool bound = false;
        for (std::size_t at = end; at > frame_->first_binding && !bound; --at) {
            bound = render.bindings_[at - 1].name == name;
            found = bound ? render.bindings_[at - 1].value : found;
        }
        if (!bound) {
            const Value* assigned = frame_->assigns.find(name);
            found = assigned != nullptr ? *assigned : render.find_global(name, false);
        }
        render.frame_ = current;
        render.visible_ = visible;
        return found;
    }

    bool equal(Render&, const Value& other) override {
        return other.is(Kind::drop) && &other.as_drop().type() == &own_type &&
               static_cast<const SelfDrop&>(other.as_drop()).frame_ == frame_;
    }

private:
    Render::Frame* frame_;
};

const DropType SelfDrop::own_type{"self", "The variables in sight, by name.", {}};

Value Render::self_of(Frame& frame) {
    if (frame.self.is_nil()) {
        frame.self = Value::drop(*kept_.make<SelfDrop>(frame));
    }
    return frame.self;
}

// --- Variables ---

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
            mark(touched_data_, position_in(*options_.data, found));
            return *found;
        }
    }
    if (options_.globals != nullptr) {
        if (const Value* found = options_.globals->find(name)) {
            mark(touched_globals_, position_in(*options_.globals, found));
            return *found;
        }
    }
    constexpr Name self("self");
    if (name == self) {
        return self_of(*frame_);
    }
    note_missing(name);
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
    if (drop.touched_ == 0) {
        touched_drops_.push_back(&drop);
    }
    drop.touched_ |= std::uint64_t{1} << (position & 63);
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

// --- Filters ---

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

// --- Text ---

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
