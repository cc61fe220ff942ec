// Reads any bytes as data for templates: what is taken is bounded by the text, what isn't is refused with words.
#include "demand.hpp"
#include "liquid/from_json.hpp"

#include <cstdint>

using namespace cartwright::liquid;

namespace {

std::size_t count(const Value& value) {
    std::size_t values = 1;
    if (value.is(Kind::array)) {
        for (const Value& item : value.as_array()) {
            values += count(item);
        }
    } else if (value.is(Kind::map)) {
        for (const auto& [key, item] : value.as_map().entries()) {
            demand(value.as_map().find(key) == &item);
            values += count(item);
        }
    } else {
        demand(value.kind() <= Kind::string);
    }
    return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Arena arena;
    const auto value = from_json(arena, {reinterpret_cast<const char*>(data), size});
    if (value) {
        demand(count(*value) <= size);
    } else {
        demand(!value.error().empty());
    }
    return 0;
}
