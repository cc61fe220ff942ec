#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Tag> variable_tags() {
    return {};
}

}  // namespace cartwright::liquid
