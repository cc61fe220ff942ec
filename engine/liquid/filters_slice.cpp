#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> slice_filters() {
    return {};
}

}  // namespace cartwright::liquid
