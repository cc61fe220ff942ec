// The fields by which a client states wishes: whatever they hold, answers stay in their ranges.
#include "fuzz/demand.hpp"
#include "http/conditional.hpp"
#include "http/negotiate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cartwright::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const int quality = media_quality(text, "text", "html");
    demand(quality >= 0 && quality <= 1000);
    demand(best_encoding(text, false, true) != Encoding::gzip);
    demand(best_encoding(text, false, false) == Encoding::identity);
    constexpr std::array<std::string_view, 2> offered{"en", "ru"};
    demand(best_language(text, offered) < offered.size());
    matches_weakly(text, "\"a\"");
    if (matches_strongly(text, "\"a\"")) demand(matches_weakly(text, "\"a\""));
    if (const auto date = parse_http_date(text, 0)) demand(parse_http_date(http_date(*date), 0) == date);

    constexpr std::uint64_t length = 1000;
    const Ranges ranges = parse_ranges(text, length);
    demand(ranges.satisfiable || ranges.ranges.empty());
    demand(ranges.ranges.size() <= Ranges::most);
    std::uint64_t end = 0;
    for (const ByteRange& range : ranges.ranges) {
        demand(range.length > 0 && range.first >= end && range.first < length &&
               range.length <= length - range.first);
        end = range.first + range.length;
    }
    return 0;
}
