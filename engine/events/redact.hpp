// Walks through a JSON text and withholds the values of members whose names look secret, at any depth. The rest
// is copied as it stands.
#pragma once

#include <string>
#include <string_view>

namespace cartwright::events {

struct Redacted {
    std::string text;
    bool withheld = false;  // something was

    friend bool operator==(const Redacted&, const Redacted&) = default;
};

// Throws std::invalid_argument on what isn't JSON (RFC 8259), and on more than 64 levels.
Redacted redact(std::string_view json);

// Whether a field of this name is withheld whatever a slice says: passwords, tokens, keys, card data.
bool looks_secret(std::string_view field_name);

// `text` as a JSON string. A zero byte, which jsonb can't hold, becomes U+FFFD.
std::string quoted(std::string_view text);

}  // namespace cartwright::events
