// Files of settings: whatever stands in them, the answer is settings or one complaint.
#include "base/settings.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto settings =
            cartwright::parse_settings({reinterpret_cast<const char*>(data), size}, "fuzzed.toml");
        if (cartwright::list_settings(settings).empty()) std::abort();
    } catch (const cartwright::BadSettings& complaint) {
        if (std::string_view(complaint.what()).empty()) std::abort();
    }
    return 0;
}
