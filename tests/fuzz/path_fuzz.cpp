// A normal path is UTF-8, has no empty or dot segment and no control, and is its own normal form unless it
// holds a percent sign, which decodes once more.
#include "http/path.hpp"

#include "base/text.hpp"
#include "fuzz/demand.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using cartwright::http::normal_path;
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    std::string buffer;
    const auto path = normal_path(raw, buffer);
    if (!path) return 0;
    demand(path->starts_with('/'));
    demand(cartwright::is_utf8(*path));
    demand(path->size() <= raw.size());
    demand(path->find("//") == std::string_view::npos);
    const std::string ended = std::string(*path) + "/";
    demand(ended.find("/./") == std::string::npos && ended.find("/../") == std::string::npos);
    for (const char c : *path) demand(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\');
    if (path->find('%') == std::string_view::npos) {
        std::string again;
        demand(normal_path(*path, again) == path);
    }
    return 0;
}
