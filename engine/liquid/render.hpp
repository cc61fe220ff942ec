// One rendering: variables, limits, errors, memory and the output buffer. Filters, tags and drops get it as
// their first argument and need nothing else.
#pragma once

#include "liquid/arena.hpp"
#include "liquid/drop.hpp"
#include "liquid/environment.hpp"
#include "liquid/error.hpp"
#include "liquid/limits.hpp"
#include "liquid/output.hpp"
#include "liquid/program.hpp"
#include "liquid/value.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cartwright::liquid {

struct ForLoop;
class Profile;

inline constexpr Name forloop_name{"forloop"};
inline constexpr Name tablerowloop_name{"tablerowloop"};

// Finds partials for include and render. It hands out the same program for the same name within a render.
class Partials {
public:
    virtual ~Partials() = default;

    // The program, or why there is none: a file_system error ("Could not find asset NAME"), or the partial's
    // syntax error. Called for each use: it is expected to answer from memory.
    virtual std::expected<std::shared_ptr<const Program>, Error> find(std::string_view name) = 0;
};

struct ZoneOffset {
    std::int32_t seconds = 0;  // east of UTC
    std::string_view abbreviation = "UTC";
};

// A moment for `now`, and the shop's time zone.
struct Clock {
    std::int64_t unix_seconds = 0;
    std::int32_t nanoseconds = 0;
    // The offset in force at a Unix time; nullptr: UTC. `zone` is handed back to it.
    ZoneOffset (*offset_at)(const void* zone, std::int64_t unix_seconds) = nullptr;
    const void* zone = nullptr;

    ZoneOffset offset(std::int64_t at) const {
        return offset_at == nullptr ? ZoneOffset{} : offset_at(zone, at);
    }
};

struct RenderOptions {
    // What the template sees by name; invisible inside of `render`.
    const Map* data = nullptr;
    // What is visible inside of `render`, too.
    const Map* globals = nullptr;
    Partials* partials = nullptr;
    Clock clock;
    RenderLimits limits;
    // A monotonic clock in nanoseconds, for limits.time_ns; nullptr: no limit of time.
    std::int64_t (*ticks)() = nullptr;
    // The host's own object for its filters, tags and drops: Render::host<T>().
    void* host = nullptr;
    bool strict_variables = false;
    bool strict_filters = false;
    // Remembers which names and properties were asked for, for touched().
    bool track = true;
    // Tells where time and memory went (profile.hpp); nullptr: nothing is measured.
    Profile* profile = nullptr;
    // Name of the template, for error texts of partials; usually empty for the outermost.
    std::string_view template_name = {};
};

// Top-level names that a template asked for, for caches that throw away exactly what depends on them. What it
// asked of drops stands in Drop::touched().
struct Touched {
    std::vector<std::string_view> names;    // present in data or globals
    std::vector<std::string_view> missing;  // asked for and not there
    std::vector<const Drop*> drops;
};

struct RenderResult {
    std::vector<Error> errors;
    // A limit ended the render; the output is its error text alone.
    bool exceeded = false;
    std::uint64_t render_score = 0;
    std::uint64_t assign_score = 0;
};

class TextBuilder;

class Render {
public:
    // Everything that belongs to one isolated scope: variables, counters, what cycle and ifchanged remember.
    struct Frame;

    Render(const RenderOptions& options, Arena& arena, Output& output);
    Render(const Render&) = delete;
    Render& operator=(const Render&) = delete;
    ~Render();

    // Renders the program and its errors into the output.
    RenderResult run(const Program& program);

    // --- For filters, tags and drops ---

    // Memory for values. What a {{ … }} takes is taken back when it is printed.
    Arena& arena() noexcept { return arena_; }

    // Memory that stays until the end of the render: for drops, and for what they remember.
    Arena& kept() noexcept { return kept_; }

    Output& output() noexcept { return output_; }

    const RenderOptions& options() const noexcept { return options_; }

    const RenderLimits& limits() const noexcept { return options_.limits; }

    template <class T>
    T& host() const noexcept {
        return *static_cast<T*>(options_.host);
    }

    // A failure to return from a filter or an evaluation. `message` is copied unless it is a literal.
    Value fail(ErrorKind kind, std::string_view message);

    Value argument_error(std::string_view message) { return fail(ErrorKind::argument, message); }

    // Ends the render with "Memory limits exceeded".
    Value exhausted();

    // Counts work of `amount` (bytes looked at, items) against the time budget. False: time is up, return
    // exhausted().
    bool spend(std::size_t amount) {
        fuel_ -= static_cast<std::int64_t>(amount >> 4) + 1;
        return fuel_ > 0 || refuel();
    }

    bool stopped() const noexcept { return stopped_; }

    // The text of a value (Ruby's to_s): arrays and maps as inspected. A view of the value, or new in the arena.
    std::string_view text(const Value& value) {
        return value.is_string() ? value.as_string() : text_of_other(value);
    }

    // What {{ value }} prints: text, but arrays are joined. False: a limit.
    void print(const Value& value);

    // What a drop stands for; anything else is itself.
    Value primitive(const Value& value) {
        return value.is(Kind::drop) ? value.as_drop().primitive(*this) : value;
    }

    bool truthy(const Value& value) { return primitive(value).truthy(); }

    // value[key]: an item, an entry, a property of a drop; nil if there is none.
    Value get(const Value& value, const Value& key);
    Value get(const Value& value, const Name& key);

    // As get, and size, first and last of what has no such key (a step after a dot).
    Value get_or_command(const Value& value, const Name& key);

    // The items from..to (exclusive) of what `for` can walk over: an array, a map as [key, value] pairs, a
    // range, a list drop; a text is one item; anything else none. More than limits().array_items of a range:
    // exhausted() and nothing.
    std::span<const Value> slice(const Value& value, std::size_t from, std::optional<std::size_t> to);

    Value evaluate(const Expression& expression) {
        if (expression.kind() < Kind::lookup) {
            return expression;
        }
        return evaluate_dynamic(expression);
    }

    Value evaluate(const FilteredExpression& expression) {
        if (expression.filters_count == 0) {
            return evaluate(expression.expression);
        }
        return apply_filters(expression);
    }

    // nil if there is none, or in strict_variables, when it was `expected`, a failure.
    Value find_variable(const Name& name, bool expected = true);

    // Renders a block's nodes in order.
    Flow render(const Block& block);

    // Shows and collects the failure of a node: returns Flow::next, or Flow::stop when a limit was reached.
    Flow report(const Node& node, const Failure& failure);

    Flow report(const Node& node, const Value& failure) { return report(node, failure.as_failure()); }

    Flow report(const Node& node, const Error& error);

    // Sets a variable of the outermost scope.
    void assign(const Name& name, const Value& value);

    // False when a limit was reached.
    bool add_assign_score(std::uint64_t amount);
    // The size of a value as assign counts it: bytes of a text, 1 for a scalar, 1 + the contents for arrays and maps.
    std::uint64_t assign_score_of(const Value& value);

    // Between them what is written counts for the assign score, not for the length of the page. begin_capture
    // answers what end_capture is given.
    std::size_t begin_capture() noexcept;
    void end_capture(std::size_t outer) noexcept;

    // An inner scope, for the variables of loops and partials: pushed with push_scope (false: nesting too deep;
    // nothing was pushed), filled with bind, left with pop_scope.
    bool push_scope();
    void pop_scope();
    // Binds a name in the innermost scope, and answers its slot, good until that scope is left.
    std::size_t bind(const Name& name, const Value& value);

    void set_bound(std::size_t slot, const Value& value) noexcept { bindings_[slot].value = value; }

    // The program of a partial; the reason why there is none is reported at the node.
    std::expected<const Program*, Flow> partial(const Node& node, std::string_view name);

    // Error texts name this template from now on; answers the one before.
    std::string_view enter_template(std::string_view name) noexcept {
        return std::exchange(template_name_, name);
    }

    // A scope of its own while it lives, as `render` gives to a partial: nothing of the caller is in sight.
    class Isolated {
    public:
        Isolated(Render& render, std::string_view template_name);
        Isolated(const Isolated&) = delete;
        Isolated& operator=(const Isolated&) = delete;
        ~Isolated();

        // False: nesting too deep; nothing was changed.
        bool entered() const noexcept { return frame_ != nullptr; }

    private:
        Render& render_;
        Frame* frame_ = nullptr;
    };

    // Objects of for loops are used again, unless a template kept one.
    ForLoop& take_loop();
    void give_back(ForLoop& loop);

    Frame& frame() noexcept { return *frame_; }

    Touched touched() const;

private:
    friend class TagParser;

    struct PartialHash {
        using is_transparent = void;

        std::size_t operator()(std::string_view name) const noexcept { return hash_of(name); }
    };

    struct Binding {
        Name name;
        Value value;
    };

    Flow render_nodes(const Block& block);
    Flow render_measured(const Block& block);
    Value evaluate_dynamic(const Expression& expression);
    Value evaluate_lookup(const Lookup& lookup);
    Value evaluate_range(const RangeExpression& range);
    Value apply_filters(const FilteredExpression& expression);
    Value apply_filter(const FilterCall& call, const Value& input);
    Value wrong_arity(const Filter& filter, std::size_t given);
    Value find_global(const Name& name, bool expected);
    Value self_of(Frame& frame);
    friend struct SelfDrop;
    Value drop_property(Drop& drop, const Name& key);
    std::string_view text_of_other(const Value& value);
    void note_missing(const Name& name);
    bool refuel();
    Flow limit_flow();

    const RenderOptions& options_;
    Arena& arena_;
    Output& output_;
    std::vector<Binding> bindings_;
    std::vector<std::uint32_t> scopes_;  // where each inner scope begins in bindings_
    std::size_t visible_ = 0;            // bindings below this belong to the caller of a `render`
    Frame* frame_ = nullptr;
    std::int64_t fuel_ = 0;
    std::int64_t deadline_ = 0;
    std::uint64_t render_score_ = 0;
    std::uint64_t assign_score_ = 0;
    std::size_t capture_from_ = 0;  // output size at the last count inside of a capture
    std::uint32_t captures_ = 0;
    std::uint32_t depth_ = 1;  // scopes of this frame and of the frames below, as the reference counts
    std::uint32_t partials_ = 0;
    std::string_view template_name_;
    std::string_view stop_message_;
    bool stopped_ = false;
    std::vector<Error> errors_;
    std::vector<std::uint64_t> touched_data_;
    std::vector<std::uint64_t> touched_globals_;
    std::vector<Name> missing_;
    std::vector<Drop*> touched_drops_;
    std::vector<ForLoop*> free_loops_;
    std::unordered_map<std::string, std::shared_ptr<const Program>, PartialHash, std::equal_to<>> programs_;
    Arena kept_{2048};
    std::uint32_t nesting_ = 0;  // blocks within each other, on the stack of the thread
};

// A text that grows in the render's arena, bounded by limits().string_bytes.
//
//     TextBuilder out(render, input.size());
//     out.append(input);
//     return out.finish();       // a string, or the failure when it grew too long
class TextBuilder {
public:
    explicit TextBuilder(Render& render, std::size_t expected = 64);

    void append(std::string_view text) {
        if (static_cast<std::size_t>(end_ - next_) < text.size()) [[unlikely]] {
            if (!grow(text.size())) {
                return;
            }
        }
        std::copy_n(text.data(), text.size(), next_);
        next_ += text.size();
    }

    void append(char byte) {
        if (next_ == end_) [[unlikely]] {
            if (!grow(1)) {
                return;
            }
        }
        *next_++ = byte;
    }

    void append_integer(std::int64_t number);

    std::string_view text() const noexcept { return {begin_, static_cast<std::size_t>(next_ - begin_)}; }

    std::size_t size() const noexcept { return static_cast<std::size_t>(next_ - begin_); }

    // Room for `bytes` more to be written directly, then told with wrote(); nullptr: too long.
    char* room(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - next_) < bytes && !grow(bytes)) {
            return nullptr;
        }
        return next_;
    }

    void wrote(std::size_t bytes) noexcept { next_ += bytes; }

    void truncate(std::size_t size) noexcept { next_ = begin_ + size; }

    bool overflowed() const noexcept { return overflowed_; }

    Value finish();

private:
    bool grow(std::size_t more);

    Render& render_;
    char* begin_;
    char* next_;
    char* end_;
    bool overflowed_ = false;
};

// An array that grows in the render's arena, bounded by limits().array_items.
class ArrayBuilder {
public:
    explicit ArrayBuilder(Render& render, std::size_t expected = 8);

    void append(const Value& value) {
        if (size_ == capacity_ && !grow()) {
            return;
        }
        items_[size_++] = value;
    }

    std::size_t size() const noexcept { return size_; }

    std::span<Value> items() noexcept { return {items_, size_}; }

    bool overflowed() const noexcept { return overflowed_; }

    // The array, or the failure when it grew too long.
    Value finish();

private:
    bool grow();

    Render& render_;
    Value* items_;
    std::size_t size_ = 0;
    std::size_t capacity_;
    bool overflowed_ = false;
};

}  // namespace cartwright::liquid
