#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> math_filters() {
    return {};
}

}  // namespace cartwright::liquid
