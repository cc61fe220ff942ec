#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> date_filters() {
    return {};
}

}  // namespace cartwright::liquid
