// Bytes and their spellings as text: hex, base64 and base64url (RFC 4648). Decoding is strict: one text
// stands for one sequence of bytes, so that a token, a signature or a key has one spelling alone.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright {

using Bytes = std::vector<std::byte>;

inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Lower case, two digits a byte.
std::string to_hex(std::span<const std::byte> bytes);

// Either case. Nothing for an odd length, a digit that is none, or more than `max_bytes` bytes.
std::optional<Bytes> from_hex(std::string_view text, std::size_t max_bytes);

// RFC 4648 section 5, without padding: fit for URLs, cookies and file names.
std::string to_base64url(std::span<const std::byte> bytes);

// Nothing for a foreign character, padding, an impossible length, unused bits that are not zero
// (RFC 4648 section 3.5), or more than `max_bytes` bytes.
std::optional<Bytes> from_base64url(std::string_view text, std::size_t max_bytes);

// RFC 4648 section 4, padded: as mail, HTTP Basic and other people's APIs have it.
std::string to_base64(std::span<const std::byte> bytes);

// As from_base64url, and the padding has to be there.
std::optional<Bytes> from_base64(std::string_view text, std::size_t max_bytes);

}  // namespace cartwright
