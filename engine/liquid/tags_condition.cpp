#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Tag> condition_tags() {
    return {};
}

}  // namespace cartwright::liquid
