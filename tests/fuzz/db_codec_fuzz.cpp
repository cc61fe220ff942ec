// Bytes as if from a server, decoded as each type: a value or BadValue, and what was decoded encodes to
// the same bytes again.
#include "db/codec.hpp"

#include <cstdlib>

namespace {

using namespace cartwright;

template <class T>
void decode(std::string_view in) {
    try {
        const T value = db::Codec<T>::decode(in);
        std::string out;
        db::Codec<T>::encode(out, value);
        const T again = db::Codec<T>::decode(out);
        std::string twice;
        db::Codec<T>::encode(twice, again);
        if (out != twice) std::abort();
    } catch (const db::BadValue&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    decode<bool>(in);
    decode<std::int64_t>(in);
    decode<Instant>(in);
    decode<std::chrono::sys_days>(in);
    decode<db::Json>(in);
    decode<std::array<std::byte, 32>>(in);
    decode<std::vector<std::int16_t>>(in);
    decode<std::vector<std::string>>(in);
    decode<std::vector<Instant>>(in);
    decode<std::vector<db::Json>>(in);
    return 0;
}
