// Objects of the host in templates. A drop's properties are described once, in a DropType: name, type, one
// sentence, and the function that answers. Rendering, documentation, the lint and an editor's completion all
// read that table.
//
//     struct ProductDrop final : Drop { … };
//     const DropType product_type{"product", "A product of the shop.", {
//         {"title", "string", "Its name.",
//          [](Render&, Drop& self) { return static_cast<ProductDrop&>(self).title(); }},
//     }};
//
// A drop belongs to one render at a time (it remembers what was asked of it) and outlives that render: the
// host owns it, or it is made in the render's arena.
#pragma once

#include "liquid/value.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class Drop;
class Render;

struct DropProperty {
    std::string_view name;
    std::string_view type;  // as the Liquid documentation says it: "string", "array<image>", "product"
    std::string_view summary;
    Value (*get)(Render&, Drop&);
};

class DropType {
public:
    // `name` as templates' authors know it. At most 64 properties are remembered by number in Drop::touched.
    DropType(std::string_view name, std::string_view summary, std::initializer_list<DropProperty> properties);

    std::string_view name() const noexcept { return name_; }

    std::string_view summary() const noexcept { return summary_; }

    const std::vector<DropProperty>& properties() const noexcept { return properties_; }

    // The position in properties(), or -1.
    int find(const Name& name) const noexcept {
        for (std::uint32_t place = name.hash & mask_; places_[place].position >= 0;
             place = (place + 1) & mask_) {
            if (places_[place].name == name) {
                return places_[place].position;
            }
        }
        return -1;
    }

private:
    struct Place {
        Name name;
        int position = -1;
    };

    std::string_view name_;
    std::string_view summary_;
    std::vector<DropProperty> properties_;
    std::vector<Place> places_;
    std::uint32_t mask_ = 0;
};

class Drop {
public:
    explicit Drop(const DropType& type) noexcept : type_(&type) {}

    Drop(const Drop&) = delete;
    Drop& operator=(const Drop&) = delete;
    virtual ~Drop() = default;

    const DropType& type() const noexcept { return *type_; }

    // Asked for a key that the type doesn't list: `all_products['blue-cup']`, `settings.colour`. nil: there is
    // no such thing. A drop that depends on the key for caching remembers it here.
    virtual Value get(Render&, const Value& /*key*/) { return {}; }

    // The number, text or truth that it stands for in comparisons and conditions (the reference's
    // to_liquid_value); itself by default.
    virtual Value primitive(Render&) { return Value::drop(*this); }

    // What {{ drop }} prints: the name of the type by default.
    virtual std::string_view text(Render&) { return type_->name(); }

    // A drop that is a list: items from..to (exclusive; nothing: to the end), read no further than that.
    // nullopt: not a list.
    virtual std::optional<std::span<const Value>> slice(Render&,
                                                        std::size_t /*from*/,
                                                        std::optional<std::size_t> /*to*/) {
        return std::nullopt;
    }

    // The number of items of a list, without reading them.
    virtual std::optional<std::size_t> count(Render&) { return std::nullopt; }

    // Equal by identity, unless the drop knows better.
    virtual bool equal(Render&, const Value& other) {
        return other.is(Kind::drop) && &other.as_drop() == this;
    }

    // The properties that were asked for in this render, one bit each by position in the table.
    std::uint64_t touched() const noexcept { return touched_; }

protected:
    // A drop of the render itself, of no meaning to a cache.
    void never_recorded() noexcept { touched_ = std::uint64_t{1} << 63; }

private:
    friend class Render;

    const DropType* type_;
    std::uint64_t touched_ = 0;
};

}  // namespace cartwright::liquid
