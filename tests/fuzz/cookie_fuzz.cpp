// A cookie that is found may be sent back as it is, and a signature over foreign bytes is never accepted.
#include "http/cookie.hpp"

#include "fuzz/demand.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cartwright::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const Signer signer({std::string(32, 'k')});
    const std::vector<Field> fields{{"Cookie", text}};
    const std::string_view value = find_cookie(fields, "a");
    for (const char c : value) demand(c > 0x20 && c < 0x7f && c != ';' && c != ',' && c != '"' && c != '\\');
    if (!value.empty() && value.size() < 4000) {
        Request request;
        request.host = "demo.example";
        Response response;
        set_cookie(request, response, {.name = "a", .value = value});
    }
    demand(!signer.verify("purpose", "host", text));
    return 0;
}
