// The language of a host: its tags and filters, registered by value before the first template is parsed and
// never changed afterwards. Environment::standard() has those of Liquid itself.
#pragma once

#include "liquid/limits.hpp"
#include "liquid/name.hpp"
#include "liquid/name_table.hpp"
#include "liquid/program.hpp"
#include "liquid/value.hpp"

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class TagParser;

struct NamedArgument {
    Name name;
    Value value;
};

// What stands behind a filter's colon, evaluated.
class Arguments {
public:
    Arguments() = default;

    Arguments(std::span<const Value> positional, std::span<const NamedArgument> named) noexcept
        : positional_(positional), named_(named) {}

    std::size_t size() const noexcept { return positional_.size(); }

    // nil when it wasn't given.
    Value operator[](std::size_t at) const noexcept {
        return at < positional_.size() ? positional_[at] : Value();
    }

    // nullptr when it wasn't given.
    const Value* named(std::string_view name) const noexcept {
        for (const NamedArgument& argument : named_) {
            if (argument.name.text() == name) {
                return &argument.value;
            }
        }
        return nullptr;
    }

    std::span<const NamedArgument> named() const noexcept { return named_; }

private:
    std::span<const Value> positional_;
    std::span<const NamedArgument> named_;
};

using ApplyFilter = Value (*)(Render&, const Value& input, const Arguments&);

struct Filter {
    std::string_view name;
    ApplyFilter apply = nullptr;
    // How many positional arguments; others are answered with "wrong number of arguments".
    std::uint8_t least = 0;
    std::uint8_t most = 0;
    // Takes name: value arguments; otherwise they count as one positional argument, a map, as in Ruby.
    bool takes_named = false;
    // The result depends on nothing but input and arguments: computed at parsing where those are constants.
    bool pure = false;
    std::string_view summary = {};
};

struct Tag {
    std::string_view name;
    // Reads the tag's markup, and its body if it has one, and makes its node; nullptr: a node isn't needed.
    // Syntax errors are told to the parser (TagParser::refuse), which ends the parse.
    const Node* (*parse)(TagParser&) = nullptr;
    // Name of the tag that ends its body, such as "endif"; empty: it has no body. For the lint and editors.
    std::string_view end = {};
    std::string_view summary = {};
};

class Environment {
public:
    // Tags and filters of Liquid 5.13.
    static Environment standard();

    static Environment bare() { return {}; }

    // Replaces one of the same name.
    void add(const Filter& filter);
    void add(const Tag& tag);

    // nullptr: there is none.
    const Filter* filter(const Name& name) const noexcept;
    const Tag* tag(const Name& name) const noexcept;

    const Filter* filter(std::string_view name) const noexcept { return filter(Name(name)); }

    const Tag* tag(std::string_view name) const noexcept { return tag(Name(name)); }

    // In the order of their registration.
    const std::deque<Filter>& filters() const noexcept { return filters_; }

    const std::deque<Tag>& tags() const noexcept { return tags_; }

private:
    Environment() = default;

    std::deque<Filter> filters_;
    std::deque<Tag> tags_;
    NameTable<const Filter*> filter_of_;
    NameTable<const Tag*> tag_of_;
};

// The families of standard filters and tags; each is defined in the file of its name.
std::span<const Filter> text_filters();  // filters_text.cpp
std::span<const Filter>
slice_filters();  // filters_slice.cpp: slice, truncate, truncatewords, split, size, first, last …
std::span<const Filter> html_filters();  // filters_html.cpp: escape, escape_once, strip_html, newline_to_br …
std::span<const Filter> url_filters();   // filters_url.cpp: url_encode, url_decode, base64_…
std::span<const Filter> math_filters();  // filters_math.cpp
std::span<const Filter> date_filters();  // filters_date.cpp
std::span<const Filter>
array_filters();  // filters_array.cpp: join, reverse, sort, sort_natural, uniq, concat, compact, map
std::span<const Filter> where_filters();  // filters_where.cpp: where, reject, find, find_index, has, sum
std::span<const Tag> condition_tags();    // tags_condition.cpp: if, unless, case, ifchanged
std::span<const Tag> for_tags();          // tags_for.cpp: for, break, continue
std::span<const Tag> tablerow_tags();     // tags_tablerow.cpp
std::span<const Tag> cycle_tags();        // tags_cycle.cpp
std::span<const Tag> variable_tags();     // tags_variable.cpp: assign, capture, increment, decrement, echo
std::span<const Tag> text_tags();         // tags_text.cpp: raw, comment, doc, #
std::span<const Tag> partial_tags();      // tags_partial.cpp: include, render

}  // namespace cartwright::liquid
