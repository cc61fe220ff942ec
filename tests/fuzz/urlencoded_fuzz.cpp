// What a form holds is UTF-8 within the limits, and the quick look at one value agrees with it.
#include "base/text.hpp"
#include "fuzz/demand.hpp"
#include "http/form.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cartwright::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto form = Form::parse_urlencoded(text, {.fields = 20, .name = 16, .value = 64});
    const auto quick = first_value(text, "a");
    if (!form) return 0;
    demand(form->fields().size() <= 20);
    for (const auto& [name, value] : form->fields()) {
        demand(name.size() <= 16 && value.size() <= 64);
        demand(cartwright::is_utf8(name) && cartwright::is_utf8(value));
    }
    demand(quick.has_value() == form->has("a"));
    if (quick) demand(*quick == form->value("a"));
    return 0;
}
