#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Filter> text_filters() {
    return {};
}

}  // namespace cartwright::liquid
