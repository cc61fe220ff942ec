#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> where_filters() {
    return {};
}

}  // namespace cartwright::liquid
