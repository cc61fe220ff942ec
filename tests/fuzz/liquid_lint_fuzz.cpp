// Lints a theme of a page and a partial of any bytes: findings stand at places that are there.
#include "demand.hpp"
#include "liquid/environment.hpp"
#include "liquid/lint.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

using namespace cartwright::liquid;

namespace {

// The length of a line, counted from 1; nothing for one that isn't there.
std::size_t length_of_line(std::string_view text, std::uint32_t line) {
    for (std::uint32_t at = 1; at < line; ++at) {
        const std::size_t end = text.find('\n');
        demand(end != std::string_view::npos);
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n')).size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Environment environment = Environment::standard();
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(all.find('\0'), size);
    const std::array files = {
        ThemeFile{"page.liquid", std::string(all.substr(0, cut))},
        ThemeFile{"snippets/a.liquid", std::string(all.substr(std::min(cut + 1, size)))},
    };
    for (const Finding& finding : lint(environment, files, {.objects = {"product"}, .types = {}})) {
        demand(!finding.message.empty() && !finding.code.empty());
        const std::string& source = finding.file == files[0].name ? files[0].source : files[1].source;
        if (finding.line != 0) {
            demand(finding.column <= length_of_line(source, finding.line) + 1);
        }
    }
    return 0;
}
