#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> url_filters() {
    return {};
}

}  // namespace cartwright::liquid
