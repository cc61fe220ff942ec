// A document that is accepted is written back as JSON that is accepted again and says the same.
#include "fuzz/demand.hpp"
#include "json/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cartwright::json;
    const std::string text = "{\"all\":" + std::string(reinterpret_cast<const char*>(data), size) + "}";
    auto document = Document::parse(text);
    if (!document) return 0;
    Object in = document->object();
    const std::string once = in.raw("all", std::string::npos);
    auto again = Document::parse("{\"all\":" + once + "}");
    demand(again.has_value());
    demand(again->object().raw("all", std::string::npos) == once);

    in.maybe_text("all", 10);
    in.maybe_integer("all", -5, 5);
    in.maybe_flag("all");
    in.maybe_id_number("all");
    if (auto inner = in.maybe_object("all")) {
        inner->text("a", 10);
        inner->array("b", 10);
    }
    demand(document->faults().size() <= 20);
    return 0;
}
