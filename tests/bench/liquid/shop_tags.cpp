#include "bench/liquid/workload.hpp"

namespace cartwright::bench {

std::span<const liquid::Tag> shop_tags() {
    return {};
}

}  // namespace cartwright::bench
