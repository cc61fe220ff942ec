#include "liquid/drop.hpp"

#include <bit>

namespace cartwright::liquid {

DropType::DropType(std::string_view name,
                   std::string_view summary,
                   std::initializer_list<DropProperty> properties)
    : name_(name), summary_(summary), properties_(properties) {
    places_.resize(std::bit_ceil(properties_.size() * 2 + 1));
    mask_ = static_cast<std::uint32_t>(places_.size() - 1);
    for (std::size_t position = 0; position < properties_.size(); ++position) {
        const Name key(properties_[position].name);
        std::uint32_t place = key.hash & mask_;
        while (places_[place].position >= 0) {
            place = (place + 1) & mask_;
        }
        places_[place] = {key, static_cast<int>(position)};
    }
}

}  // namespace cartwright::liquid
