#include "liquid/value.hpp"

#include <algorithm>
#include <bit>

namespace cartwright::liquid {

namespace {

constexpr std::uint32_t searched_in_line = 8;

}  // namespace

const Value* Map::find_by_index(const Name& key) const noexcept {
    for (std::uint32_t place = key.hash & index_mask_; index_[place] != 0;
         place = (place + 1) & index_mask_) {
        const Entry& entry = entries_[index_[place] - 1];
        if (entry.key == key) {
            return &entry.value;
        }
    }
    return nullptr;
}

void Map::set(const Name& key, const Value& value) {
    if (const Value* found = find(key)) {
        *const_cast<Value*>(found) = value;
        return;
    }
    if (size_ == capacity_) {
        reserve(std::max(capacity_ * 2, std::uint32_t{4}));
    }
    entries_[size_] = {key, value};
    ++size_;
    if (index_ != nullptr) {
        std::uint32_t place = key.hash & index_mask_;
        while (index_[place] != 0) {
            place = (place + 1) & index_mask_;
        }
        index_[place] = size_;
    } else if (size_ > searched_in_line) {
        build_index();
    }
}

void Map::reserve(std::uint32_t entries) {
    if (entries <= capacity_) {
        return;
    }
    Entry* grown = arena_->room<Entry>(entries);
    std::uninitialized_copy_n(entries_, size_, grown);
    entries_ = grown;
    capacity_ = entries;
    if (capacity_ > searched_in_line && size_ > 0) {
        build_index();
    }
}

void Map::build_index() {
    const std::uint32_t places = std::bit_ceil(std::max(capacity_, size_) * 2);
    index_ = arena_->room<std::uint32_t>(places);
    std::fill_n(index_, places, 0U);
    index_mask_ = places - 1;
    for (std::uint32_t at = 0; at < size_; ++at) {
        std::uint32_t place = entries_[at].key.hash & index_mask_;
        while (index_[place] != 0) {
            place = (place + 1) & index_mask_;
        }
        index_[place] = at + 1;
    }
}

}  // namespace cartwright::liquid
