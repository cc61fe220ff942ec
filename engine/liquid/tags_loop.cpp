#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Tag> loop_tags() {
    return {};
}

}  // namespace cartwright::liquid
