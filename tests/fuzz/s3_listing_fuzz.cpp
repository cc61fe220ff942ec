#include "files/s3_listing.hpp"

#include "files/backend.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        cartwright::files::parse_listing({reinterpret_cast<const char*>(data), size});
    } catch (const cartwright::files::StorageFailure&) {
    }
    return 0;
}
