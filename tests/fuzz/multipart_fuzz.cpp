// Parts are the same whether the body comes at once or in pieces; begin, data and end come in order.
#include "http/multipart.hpp"

#include "fuzz/demand.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace cartwright;

class Diary final : public http::PartSink {
public:
    Outcome<> begin(const http::PartHead& head) override {
        demand(!open_ && !head.name.empty() && head.name.size() <= 256);
        if (head.filename) demand(head.filename->find_first_of("/\\") == std::string::npos);
        open_ = true;
        told += "[" + head.name + "|" + head.filename.value_or("") + "|" + head.type + ":";
        return {};
    }

    Outcome<> data(std::string_view bytes) override {
        demand(open_ && !bytes.empty());
        told += bytes;
        return {};
    }

    Outcome<> end() override {
        demand(open_);
        open_ = false;
        told += "]";
        return {};
    }

    std::string told;

private:
    bool open_ = false;
};

std::string read(std::string_view body, std::size_t piece) {
    Diary diary;
    http::MultipartReader reader("b", diary);
    while (!body.empty()) {
        if (!reader.feed(body.substr(0, piece))) return "refused";
        body.remove_prefix(std::min(piece, body.size()));
    }
    return reader.finish() ? diary.told : "refused";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    demand(read(body, size) == read(body, 1U + data[0] % 16U));
    http::boundary_of(body);
    return 0;
}
