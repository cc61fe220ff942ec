// A small hash table by name that only grows: what a parse has seen already. Internal to the engine.
#pragma once

#include "liquid/name.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cartwright::liquid {

template <class T>
class NameTable {
public:
    // nullptr: there is none.
    const T* find(const Name& name) const noexcept {
        if (places_.empty()) {
            return nullptr;
        }
        for (std::size_t place = name.hash & mask_; places_[place].used; place = (place + 1) & mask_) {
            if (places_[place].name == name) {
                return &places_[place].value;
            }
        }
        return nullptr;
    }

    // Of a name that isn't there. Its text must outlive the table.
    void insert(const Name& name, const T& value) {
        if ((count_ + 1) * 2 > places_.size()) {
            grow();
        }
        put({name, value, true});
        ++count_;
    }

    // Replaces the value of a name that is there.
    void set(const Name& name, const T& value) {
        if (const T* found = find(name)) {
            *const_cast<T*>(found) = value;
        } else {
            insert(name, value);
        }
    }

private:
    struct Place {
        Name name;
        T value{};
        bool used = false;
    };

    void put(const Place& entry) noexcept {
        std::size_t place = entry.name.hash & mask_;
        while (places_[place].used) {
            place = (place + 1) & mask_;
        }
        places_[place] = entry;
    }

    void grow() {
        constexpr std::size_t first = 32;
        std::vector<Place> old(places_.empty() ? first : places_.size() * 2);
        old.swap(places_);
        mask_ = places_.size() - 1;
        for (const Place& entry : old) {
            if (entry.used) {
                put(entry);
            }
        }
    }

    std::vector<Place> places_;
    std::size_t mask_ = 0;
    std::size_t count_ = 0;
};

}  // namespace cartwright::liquid
