// What a template computes with: 16 bytes, copied freely, owning nothing. Texts, lists and maps belong to the
// program, to the host's data or to the arena of the render, all of which outlive the render.
//
// Numbers are whole numbers of any size and doubles; decimals live only inside the math filters (number.hpp).
#pragma once

#include "liquid/arena.hpp"
#include "liquid/name.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace cartwright::liquid {

class Drop;
class Map;
struct Failure;
struct Lookup;
struct RangeExpression;

enum class Kind : std::uint8_t {
    nil,
    boolean,
    integer,
    big_integer,  // decimal digits with an optional '-', outside of the range of int64
    real,
    string,
    array,
    map,
    range,
    drop,
    empty,    // the literal
    blank,    // the literal
    failure,  // evaluation went wrong: pass it on
    // In programs only, never seen by filters, tags or drops:
    lookup,
    range_expression,
};

// first..last, both included; nothing when last < first. Never expanded unless somebody needs the items.
struct Range {
    std::int64_t first = 0;
    std::int64_t last = -1;

    // At most what an int64 holds: a longer one is as good as endless.
    std::uint64_t size() const noexcept {
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
        return last < first ? 0
                            : std::min(static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first),
                                       most - 1) +
                                  1;
    }

    bool operator==(const Range&) const = default;
};

class Value {
public:
    constexpr Value() noexcept : content_{.integer = 0} {}

    static constexpr Value boolean(bool flag) noexcept {
        Value value(Kind::boolean);
        value.content_.integer = flag ? 1 : 0;
        return value;
    }

    static constexpr Value integer(std::int64_t number) noexcept {
        Value value(Kind::integer);
        value.content_.integer = number;
        return value;
    }

    // `digits`: canonical, see Kind::big_integer.
    static constexpr Value big_integer(std::string_view digits) noexcept {
        return of_text(Kind::big_integer, digits);
    }

    static constexpr Value real(double number) noexcept {
        Value value(Kind::real);
        value.content_.real = number;
        return value;
    }

    // UTF-8; bytes that aren't are carried along. The text must outlive the value. At most 4 GiB.
    static constexpr Value string(std::string_view text) noexcept { return of_text(Kind::string, text); }

    static constexpr Value array(std::span<const Value> items) noexcept {
        Value value(Kind::array);
        value.content_.items = items.data();
        value.size_ = static_cast<std::uint32_t>(items.size());
        return value;
    }

    static constexpr Value map(const Map& map) noexcept {
        Value value(Kind::map);
        value.content_.map = &map;
        return value;
    }

    static constexpr Value range(const Range& range) noexcept {
        Value value(Kind::range);
        value.content_.range = &range;
        return value;
    }

    static constexpr Value drop(Drop& drop) noexcept {
        Value value(Kind::drop);
        value.content_.drop = &drop;
        return value;
    }

    static constexpr Value empty() noexcept { return Value(Kind::empty); }

    static constexpr Value blank() noexcept { return Value(Kind::blank); }

    static constexpr Value failure(const Failure& failure) noexcept {
        Value value(Kind::failure);
        value.content_.failure = &failure;
        return value;
    }

    static constexpr Value lookup(const Lookup& lookup) noexcept {
        Value value(Kind::lookup);
        value.content_.lookup = &lookup;
        return value;
    }

    static constexpr Value range_expression(const RangeExpression& range) noexcept {
        Value value(Kind::range_expression);
        value.content_.range_expression = &range;
        return value;
    }

    constexpr Kind kind() const noexcept { return kind_; }

    constexpr bool is(Kind kind) const noexcept { return kind_ == kind; }

    constexpr bool is_nil() const noexcept { return kind_ == Kind::nil; }

    constexpr bool is_string() const noexcept { return kind_ == Kind::string; }

    constexpr bool is_failure() const noexcept { return kind_ == Kind::failure; }

    // Only nil and false are false. A drop may stand for a value: ask Render::primitive() first.
    constexpr bool truthy() const noexcept {
        return kind_ > Kind::boolean || (kind_ == Kind::boolean && content_.integer != 0);
    }

    // The content; each only for its kind.
    constexpr bool as_boolean() const noexcept { return content_.integer != 0; }

    constexpr std::int64_t as_integer() const noexcept { return content_.integer; }

    constexpr double as_real() const noexcept { return content_.real; }

    // Of a string, or the digits of a big integer.
    constexpr std::string_view as_string() const noexcept { return {content_.text, size_}; }

    constexpr std::span<const Value> as_array() const noexcept { return {content_.items, size_}; }

    constexpr const Map& as_map() const noexcept { return *content_.map; }

    constexpr const Range& as_range() const noexcept { return *content_.range; }

    constexpr Drop& as_drop() const noexcept { return *content_.drop; }

    constexpr const Failure& as_failure() const noexcept { return *content_.failure; }

    constexpr const Lookup& as_lookup() const noexcept { return *content_.lookup; }

    constexpr const RangeExpression& as_range_expression() const noexcept {
        return *content_.range_expression;
    }

private:
    constexpr explicit Value(Kind kind) noexcept : content_{.integer = 0}, kind_(kind) {}

    static constexpr Value of_text(Kind kind, std::string_view text) noexcept {
        Value value(kind);
        value.content_.text = text.data();
        value.size_ = static_cast<std::uint32_t>(text.size());
        return value;
    }

    union Content {
        std::int64_t integer;
        double real;
        const char* text;
        const Value* items;
        const Map* map;
        const Range* range;
        Drop* drop;
        const Failure* failure;
        const Lookup* lookup;
        const RangeExpression* range_expression;
    };

    Content content_;

    std::uint32_t size_ = 0;
    Kind kind_ = Kind::nil;
};

static_assert(sizeof(Value) == 16);

// A map from names to values that keeps the order in which they came. Small ones are searched in line, larger
// ones by a hash table. It grows in its arena; what it outgrew stays there until the arena's end.
class Map {
public:
    struct Entry {
        Name key;
        Value value;
    };

    explicit Map(Arena& arena) noexcept : arena_(&arena) {}

    // nullptr when there is no such key.
    const Value* find(const Name& key) const noexcept {
        if (index_ == nullptr) {
            for (std::uint32_t at = 0; at < size_; ++at) {
                if (entries_[at].key.hash == key.hash && entries_[at].key == key) {
                    return &entries_[at].value;
                }
            }
            return nullptr;
        }
        return find_by_index(key);
    }

    const Value* find(std::string_view key) const noexcept { return find(Name(key)); }

    // Sets or replaces. The key's text and the value's content must outlive the map.
    void set(const Name& key, const Value& value);

    void set(std::string_view key, const Value& value) { set(Name(key), value); }

    // Room for that many entries without growing.
    void reserve(std::uint32_t entries);

    std::span<const Entry> entries() const noexcept { return {entries_, size_}; }

    std::size_t size() const noexcept { return size_; }

    Arena& arena() const noexcept { return *arena_; }

private:
    const Value* find_by_index(const Name& key) const noexcept;
    void build_index();

    Entry* entries_ = nullptr;
    std::uint32_t* index_ = nullptr;  // positions + 1 at hashed places; 0 is free
    std::uint32_t index_mask_ = 0;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
    Arena* arena_;
};

}  // namespace cartwright::liquid
