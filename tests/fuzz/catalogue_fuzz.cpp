// Catalogues of messages: what is taken can be said, whatever the values are.
#include "base/messages.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cartwright;
    try {
        const Catalogues catalogues =
            Catalogues::parse({{"en", std::string(reinterpret_cast<const char*>(data), size)}, {"ru", ""}});
        const Messages messages(catalogues);
        const std::vector<std::pair<std::string, std::string>> values{
            {"count", "3"}, {"name", "{name} '#"}, {"n", "-9223372036854775808"}};
        for (const std::string& key : catalogues.missing("ru")) {
            static_cast<void>(messages.text("ru-RU", key, values));
            static_cast<void>(messages.text("en", key));
        }
        if (messages.missed() != 0) std::abort();
    } catch (const BadCatalogue& complaint) {
        if (std::string_view(complaint.what()).empty()) std::abort();
    }
    return 0;
}
