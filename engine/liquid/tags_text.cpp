#include "liquid/environment.hpp"

namespace cartwright::liquid {

std::span<const Tag> text_tags() {
    return {};
}

}  // namespace cartwright::liquid
