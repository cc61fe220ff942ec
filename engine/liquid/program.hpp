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

// A step of a look-up: `.name`, or `[expression]`.
struct Step {
    Name name{};                             // of `.name` and ["name"]
    const Expression* expression = nullptr;  // of [expression]
    bool command = false;                    // size, first or last after a dot: asked of what has no such key
};

// name.step[step]…; the first name may be an expression in brackets.
struct Lookup {
    Name name;
    const Expression* name_expression = nullptr;
    std::span<const Step> steps;
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
    const Filter* filter = nullptr;  // nullptr: unknown
    std::string_view name;
    std::span<const Expression> positional{};
    std::span<const NamedExpression> named{};
    bool constant = false;  // all arguments are positional and known
};

// {{ expression | filter: … }}, and the right side of assign and echo.
struct FilteredExpression {
    Expression expression;
    std::span<const FilterCall> filters;
};

struct Block {
    std::span<const Node* const> nodes;
    std::uint32_t score = 0;  // nodes as the reference counts them, those that print nothing included
    bool blank = true;        // nothing but white space and tags that print nothing
};

class Program {
public:
    explicit Program(const Environment& environment, std::size_t expected_bytes)
        : environment_(&environment), arena_(expected_bytes) {}

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

    const Environment* environment_;
    Arena arena_;
    std::string_view source_;
    Block body_;
    std::vector<Error> warnings_;
};

}  // namespace cartwright::liquid
