#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> html_filters() {
    return {};
}

}  // namespace cartwright::liquid
