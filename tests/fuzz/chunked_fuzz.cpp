// The chunk decoder over any bytes: the same body and end however they are cut; and chunks that it took are
// taken again when they are written anew.
#include "http/chunked.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>

using cartwright::http::ChunkedBody;

namespace {

constexpr std::uint64_t limit = 4096;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Decoded {
    ChunkedBody::Verdict verdict = ChunkedBody::Verdict::more;
    std::string body;
    std::size_t taken = 0;
};

Decoded decode(std::string_view bytes, std::size_t step_size) {
    ChunkedBody chunks(limit);
    Decoded decoded;
    while (decoded.taken < bytes.size()) {
        const auto piece = bytes.substr(decoded.taken, step_size);
        const ChunkedBody::Step step = chunks.next(piece);
        require(step.taken > 0 && step.taken <= piece.size());
        decoded.taken += step.taken;
        decoded.body += step.data;
        decoded.verdict =
            step.verdict == ChunkedBody::Verdict::data ? ChunkedBody::Verdict::more : step.verdict;
        if (decoded.verdict != ChunkedBody::Verdict::more) break;
    }
    require(decoded.body.size() == chunks.decoded() && decoded.body.size() <= limit);
    return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Decoded whole = decode(bytes, std::string_view::npos);
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}}) {
        const Decoded cut = decode(bytes, step);
        require(cut.verdict == whole.verdict && cut.body == whole.body && cut.taken == whole.taken);
    }
    if (whole.verdict == ChunkedBody::Verdict::end) {
        require(bytes.substr(0, whole.taken).ends_with("\r\n"));
        std::string anew;
        if (!whole.body.empty()) anew = fmt::format("{:x}\r\n{}\r\n", whole.body.size(), whole.body);
        anew += "0\r\n\r\n";
        require(decode(anew, std::string_view::npos).body == whole.body);
    }
    return 0;
}
