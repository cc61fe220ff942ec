// Encodings of bytes, sealed texts, files of keys and stored passwords.
#include "base/bytes.hpp"
#include "base/password.hpp"
#include "base/seal.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace cartwright;

void require(bool holds) {
    if (!holds) std::abort();
}

const KeyRing& known_ring() {
    static const KeyRing ring = KeyRing::parse("one:" + to_base64(Bytes(32, std::byte{1})) + "\n");
    return ring;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bytes = as_bytes(text);
    require(as_text(from_hex(to_hex(bytes), size).value()) == text);
    require(as_text(from_base64(to_base64(bytes), size).value()) == text);
    require(as_text(from_base64url(to_base64url(bytes), size).value()) == text);
    // Strict: what is taken has this one spelling.
    if (const auto decoded = from_base64(text, 4096)) require(to_base64(*decoded) == text);
    if (const auto decoded = from_base64url(text, 4096)) require(to_base64url(*decoded) == text);
    // Nobody makes a text up that opens; the one in the corpus was sealed.
    const auto opened = known_ring().open(text, "shop:7/payment");
    require(!opened || *opened == "hello");
    static_cast<void>(known_ring().is_current(text));
    static_cast<void>(needs_rehash(text));
    try {
        static_cast<void>(KeyRing::parse(text));
    } catch (const BadKeyFile& complaint) {
        require(!std::string_view(complaint.what()).empty());
    }
    return 0;
}
