// Redacting is idempotent, and no value under a secret's name survives it.
#include "events/redact.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    try {
        const cartwright::events::Redacted once = cartwright::events::redact(json);
        const cartwright::events::Redacted twice = cartwright::events::redact(once.text);
        if (twice.text != once.text || twice.withheld != once.withheld) std::abort();
        if (!once.withheld && once.text != json) std::abort();
    } catch (const std::invalid_argument&) {
    }
    // What is quoted is JSON.
    cartwright::events::redact(cartwright::events::quoted(json));
    return 0;
}
