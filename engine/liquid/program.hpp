// A parsed template: nodes in an arena, never changed again, shared by all threads. A node knows the function
// that renders it, so a block is a walk over function pointers; tags of the host are nodes like the built-in ones.
#pragma once

#include "liquid/arena.hpp"
#include "liquid/error.hpp"
#include "liquid/value.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class Environment;
class Render;
struct Filter;
struct Node;

// How a node ended: go on, leave the loop, go to its next turn, or end the render (a limit was reached).
enum class Flow : std::uint8_t { next, leave_loop, next_turn, stop };

using RenderNode = Flow (*)(const Node&, Render&);

struct Node {
    RenderNode render = nullptr;
    std::uint32_t line = 0;
    bool blank = false;  // prints nothing, or only white space: its errors aren't shown in place
};

// An expression is a value that is there already, or one of the kinds `lookup` and `range_expression`, or the
// literals `empty` and `blank`.
using Expression = Value;

// A step of a look-up: `.name` and ["name"], or [expression]. One word: programs are full of them.
class Step {
public:
    // A command is size, first or last behind a dot: asked of what has no such key.
    static Step key(const Name& name, bool command = false) noexcept {
        return Step(reinterpret_cast<const char*>(&name) + (command ? command_bit : 0));
    }

    static Step index(const Expression& expression) noexcept {
        return Step(reinterpret_cast<const char*>(&expression) + expression_bit);
    }

    bool is_key() const noexcept { return (bits() & expression_bit) == 0; }

    bool is_command() const noexcept { return (bits() & command_bit) != 0; }

    const Name& name() const noexcept {
        return *reinterpret_cast<const Name*>(place_ - (bits() & command_bit));
    }

    const Expression& expression() const noexcept {
        return *reinterpret_cast<const Expression*>(place_ - expression_bit);
    }

private:
    static constexpr std::uintptr_t expression_bit = 1;
    static constexpr std::uintptr_t command_bit = 2;
    static_assert(alignof(Name) >= 4 && alignof(Expression) >= 4);

    explicit Step(const char* place) noexcept : place_(place) {}

    std::uintptr_t bits() const noexcept { return reinterpret_cast<std::uintptr_t>(place_); }

    const char* place_;  // of a Name or an Expression, whose address leaves the last two bits free
};

// first.step[step]…; the first may be an expression in brackets. The steps stand behind it in memory
// (TagParser::lookup makes it).
struct Lookup {
    Step first;
    std::uint32_t count = 0;

    std::span<const Step> steps() const noexcept { return {reinterpret_cast<const Step*>(this + 1), count}; }
};

struct RangeExpression {
    Expression first;
    Expression last;
};

struct NamedExpression {
    Name name;
    Expression expression;
};

struct FilterCall {
    // Never null: an unknown one has a name and no function.
    const Filter* filter = nullptr;
    const Expression* positional_begin = nullptr;
    const NamedExpression* named_begin = nullptr;
    std::uint16_t positional_count = 0;
    std::uint16_t named_count = 0;
    bool constant = false;  // all arguments are positional and known

    std::span<const Expression> positional() const noexcept { return {positional_begin, positional_count}; }

    std::span<const NamedExpression> named() const noexcept { return {named_begin, named_count}; }
};

// {{ expression | filter: … }}, and the right side of assign and echo.
struct FilteredExpression {
    Expression expression;
    const FilterCall* filters_begin = nullptr;
    std::uint32_t filters_count = 0;

    std::span<const FilterCall> filters() const noexcept { return {filters_begin, filters_count}; }
};

struct Block {
    std::span<const Node* const> nodes;
    std::uint32_t score = 0;  // nodes as the reference counts them, those that print nothing included
    bool blank = true;        // nothing but white space and tags that print nothing
};

class Program {
public:
    Program(const Environment& environment, std::size_t source_bytes)
        : environment_(&environment),
          arena_(source_bytes * 2 + smallest_step, source_bytes / 4 + smallest_step) {}

    const Block& body() const noexcept { return body_; }

    // Owned by the program; texts of nodes are views into it.
    std::string_view source() const noexcept { return source_; }

    const Environment& environment() const noexcept { return *environment_; }

    // In warn mode: what strict2 would have refused.
    const std::vector<Error>& warnings() const noexcept { return warnings_; }

    // Bytes that it holds, source included.
    std::size_t memory() const noexcept { return sizeof(Program) + arena_.footprint(); }

private:
    friend class TagParser;
    friend std::expected<std::shared_ptr<const Program>, Error> parse(const Environment&,
                                                                      std::string_view,
                                                                      const struct ParseOptions&);

    static constexpr std::size_t smallest_step = 256;

    const Environment* environment_;
    Arena arena_;
    std::string_view source_;
    Block body_;
    std::vector<Error> warnings_;
};

}  // namespace cartwright::liquid
