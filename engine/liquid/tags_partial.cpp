#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Tag> partial_tags() {
    return {};
}

}  // namespace cartwright::liquid
