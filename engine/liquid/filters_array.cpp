#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> array_filters() {
    return {};
}

}  // namespace cartwright::liquid
