#include "liquid/compare.hpp"

#include "liquid/drop.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>

namespace cartwright::liquid {

namespace {

constexpr int deepest = 100;

// Arrays and maps that one comparison or one hash looks into: far more than a page's data has.
constexpr int most_containers = 1 << 16;

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::big_integer || kind == Kind::real;
}

class Comparison {
public:
    Comparison(Render& render, bool strict) : render_(render), strict_(strict) {}

    bool operator()(const Value& a, const Value& b, int depth) {
        const Kind kind = a.kind();
        if (kind == Kind::string && b.is(Kind::string)) [[likely]] {
            return texts(a.as_string(), b.as_string());
        }
        if (kind == Kind::integer && b.is(Kind::integer)) {
            return a.as_integer() == b.as_integer();
        }
        if (kind == Kind::drop) {
            return drops(a.as_drop(), b);
        }
        if (b.is(Kind::drop)) {
            return drops(b.as_drop(), a);
        }
        if (is_number(kind)) {
            return is_number(b.kind()) && (!strict_ || b.kind() == kind) && compare_numbers(a, b) == 0;
        }
        if (b.kind() != kind) {
            return false;
        }
        switch (kind) {
            case Kind::nil:
                return true;
            case Kind::boolean:
                return a.as_boolean() == b.as_boolean();
            case Kind::range:
                return a.as_range() == b.as_range();
            case Kind::array:
                return arrays(a.as_array(), b.as_array(), depth);
            case Kind::map:
                return maps(a.as_map(), b.as_map(), depth);
            default:
                return false;
        }
    }

private:
    bool enters(int depth, std::size_t size) {
        return depth < deepest && ++containers_ <= most_containers && render_.spend(size * 16);
    }

    bool texts(std::string_view a, std::string_view b) {
        constexpr std::size_t long_text = 256;
        return a.size() == b.size() && (a.size() < long_text || render_.spend(a.size())) && a == b;
    }

    bool drops(Drop& drop, const Value& other) {
        return strict_ ? other.is(Kind::drop) && &other.as_drop() == &drop : drop.equal(render_, other);
    }

    bool arrays(std::span<const Value> a, std::span<const Value> b, int depth) {
        if (a.size() != b.size()) {
            return false;
        }
        if (a.data() == b.data()) {
            return true;
        }
        if (!enters(depth, a.size())) {
            return false;
        }
        for (std::size_t at = 0; at < a.size(); ++at) {
            if (!(*this)(a[at], b[at], depth + 1)) {
                return false;
            }
        }
        return true;
    }

    bool maps(const Map& a, const Map& b, int depth) {
        if (a.size() != b.size()) {
            return false;
        }
        if (&a == &b) {
            return true;
        }
        if (!enters(depth, a.size())) {
            return false;
        }
        return std::ranges::all_of(a.entries(), [&](const Map::Entry& entry) {
            const Value* other = b.find(entry.key);
            return other != nullptr && (*this)(entry.value, *other, depth + 1);
        });
    }

    Render& render_;
    bool strict_;
    int containers_ = 0;
};

class Ordering {
public:
    explicit Ordering(Render& render) : render_(render) {}

    std::optional<int> operator()(const Value& a, const Value& b, int depth) {
        if (const std::optional<int> ordered = order(a, b)) {
            return ordered;
        }
        if (a.is(Kind::array) && b.is(Kind::array)) {
            return arrays(a.as_array(), b.as_array(), depth);
        }
        return equal(render_, a, b, depth) ? std::optional(0) : std::nullopt;
    }

private:
    std::optional<int> arrays(std::span<const Value> a, std::span<const Value> b, int depth) {
        if (depth >= deepest || ++containers_ > most_containers) {
            return std::nullopt;
        }
        for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at) {
            if (!render_.spend(16)) {
                return std::nullopt;
            }
            const std::optional<int> ordered = (*this)(a[at], b[at], depth + 1);
            if (ordered != 0) {
                return ordered;
            }
        }
        return a.size() < b.size() ? -1 : static_cast<int>(a.size() > b.size());
    }

    Render& render_;
    int containers_ = 0;
};

class Hashing {
public:
    explicit Hashing(Render& render) : render_(render) {}

    // What is too big to be hashed is told by where it stands.
    std::uint64_t operator()(const Value& value) {
        const std::uint64_t hash = of(value, 0);
        if (!gave_up_) {
            return hash;
        }
        return value.is(Kind::map) ? reinterpret_cast<std::uintptr_t>(&value.as_map())
                                   : reinterpret_cast<std::uintptr_t>(value.as_array().data());
    }

private:
    std::uint64_t of(const Value& value, int depth) {
        const auto kind = static_cast<std::uint64_t>(value.kind());
        switch (value.kind()) {
            case Kind::boolean:
                return mix(kind, value.as_boolean() ? 1 : 0);
            case Kind::integer:
                return mix(kind, static_cast<std::uint64_t>(value.as_integer()));
            case Kind::real:
                // -0.0 is the same as 0.0.
                return mix(kind, std::bit_cast<std::uint64_t>(value.as_real() + 0.0));
            case Kind::big_integer:
                return mix(kind, hash_of(value.as_string()));
            case Kind::string:
                render_.spend(value.as_string().size());
                return mix(kind, hash_of(value.as_string()));
            case Kind::range:
                return mix(mix(kind, static_cast<std::uint64_t>(value.as_range().first)),
                           static_cast<std::uint64_t>(value.as_range().last));
            case Kind::drop:
                return mix(kind, reinterpret_cast<std::uintptr_t>(&value.as_drop()));
            case Kind::array:
                return array(value.as_array(), mix(kind, value.as_array().size()), depth + 1);
            case Kind::map:
                return map(value.as_map(), mix(kind, value.as_map().size()), depth + 1);
            default:
                return kind;
        }
    }

    static std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
        hash = (hash ^ more) * 0x9E3779B97F4A7C15ULL;
        return hash ^ (hash >> 29);
    }

    bool enters(int depth, std::size_t size) {
        gave_up_ =
            gave_up_ || depth > deepest || ++containers_ > most_containers || !render_.spend(size * 16);
        return !gave_up_;
    }

    std::uint64_t array(std::span<const Value> items, std::uint64_t hash, int depth) {
        if (enters(depth, items.size())) {
            for (const Value& item : items) {
                hash = mix(hash, of(item, depth));
            }
        }
        return hash;
    }

    // Summed up, for the order of the entries is of no account.
    std::uint64_t map(const Map& map, std::uint64_t hash, int depth) {
        std::uint64_t sum = 0;
        if (enters(depth, map.size())) {
            for (const Map::Entry& entry : map.entries()) {
                sum += mix(entry.key.hash, of(entry.value, depth));
            }
        }
        return mix(hash, sum);
    }

    Render& render_;
    int containers_ = 0;
    bool gave_up_ = false;
};

bool has_no_items(Render& render, const Value& value) {
    switch (value.kind()) {
        case Kind::string:
            return value.as_string().empty();
        case Kind::array:
            return value.as_array().empty();
        case Kind::map:
            return value.as_map().size() == 0;
        case Kind::drop: {
            const auto first = value.as_drop().slice(render, 0, 1);
            return first && first->empty();
        }
        default:
            return false;
    }
}

}  // namespace

bool equal(Render& render, const Value& a, const Value& b, int depth) {
    return Comparison(render, false)(a, b, depth);
}

bool same(Render& render, const Value& a, const Value& b) {
    return Comparison(render, true)(a, b, 0);
}

std::uint64_t content_hash(Render& render, const Value& value) {
    return Hashing(render)(value);
}

bool is_empty(Render& render, const Value& value) {
    return has_no_items(render, render.primitive(value));
}

bool is_blank(Render& render, const Value& value) {
    const Value primitive = render.primitive(value);
    if (primitive.is_string()) {
        return primitive.as_string().find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
    }
    return !primitive.truthy() || has_no_items(render, primitive);
}

std::optional<int> order(const Value& a, const Value& b) {
    if (a.is(Kind::integer) && b.is(Kind::integer)) {
        return a.as_integer() < b.as_integer() ? -1 : static_cast<int>(a.as_integer() > b.as_integer());
    }
    if (is_number(a.kind()) && is_number(b.kind())) {
        return compare_numbers(a, b);
    }
    if (a.is_string() && b.is_string()) {
        return a.as_string().compare(b.as_string());
    }
    return std::nullopt;
}

std::optional<int> sort_order(Render& render, const Value& a, const Value& b) {
    return Ordering(render)(a, b, 0);
}

std::string_view class_name(const Value& value) {
    switch (value.kind()) {
        case Kind::nil:
            return "NilClass";
        case Kind::boolean:
            return value.as_boolean() ? "TrueClass" : "FalseClass";
        case Kind::integer:
        case Kind::big_integer:
            return "Integer";
        case Kind::real:
            return "Float";
        case Kind::array:
            return "Array";
        case Kind::map:
            return "Hash";
        case Kind::range:
            return "Range";
        case Kind::drop:
            return value.as_drop().type().name();
        default:
            return "String";
    }
}

}  // namespace cartwright::liquid
