#include "base/host.hpp"

#include "base/text.hpp"

#include <unicode/idna.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace cartwright {

namespace {

constexpr std::size_t max_name_bytes = 253;
constexpr std::size_t max_label_bytes = 63;

// A name in UTF-8 can be longer than its ASCII form; more than this is not worth reading.
constexpr std::size_t max_input_bytes = 1024;

// Immutable, and safe to share between threads by ICU's word.
const icu::IDNA& idna() {
    static const std::unique_ptr<const icu::IDNA> made = [] {
        UErrorCode error = U_ZERO_ERROR;
        std::unique_ptr<const icu::IDNA> instance(
            icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE |
                                               UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ,
                                           error));
        if (U_FAILURE(error)) {
            throw std::runtime_error("ICU has no UTS #46");
        }
        return instance;
    }();
    return *made;
}

bool is_label_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= max_label_bytes && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, is_label_character);
}

bool is_host(std::string_view name) {
    if (name.size() > max_name_bytes) {
        return false;
    }
    while (true) {
        const std::size_t dot = name.find('.');
        if (!is_label(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

// Labels that begin with "xn--" have to be checked by ICU too: not all of them encode something.
bool needs_icu(std::string_view lower) {
    const auto is_foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    return lower.starts_with("xn--") || lower.find(".xn--") != std::string_view::npos ||
           std::ranges::any_of(lower, is_foreign);
}

}  // namespace

std::optional<std::string> canonical_host(std::string_view name) {
    if (name.size() > max_input_bytes) {
        return std::nullopt;
    }
    std::string host = to_lower_ascii(name);
    if (needs_icu(host)) {
        if (!is_utf8(host)) {
            return std::nullopt;
        }
        std::string ascii;
        icu::StringByteSink<std::string> sink(&ascii);
        icu::IDNAInfo info;
        UErrorCode error = U_ZERO_ERROR;
        idna().nameToASCII_UTF8({host.data(), static_cast<std::int32_t>(host.size())}, sink, info, error);
        // An empty last label is the trailing dot, which goes below; is_host finds all other empty ones.
        if (U_FAILURE(error) ||
            (info.getErrors() & ~static_cast<std::uint32_t>(UIDNA_ERROR_EMPTY_LABEL)) != 0) {
            return std::nullopt;
        }
        host = std::move(ascii);
    }
    if (host.ends_with('.')) {
        host.pop_back();
    }
    if (!is_host(host)) {
        return std::nullopt;
    }
    return host;
}

std::string readable_host(std::string_view canonical) {
    std::string text;
    icu::StringByteSink<std::string> sink(&text);
    icu::IDNAInfo info;
    UErrorCode error = U_ZERO_ERROR;
    const std::string_view bounded = canonical.substr(0, max_input_bytes);
    idna().nameToUnicodeUTF8({bounded.data(), static_cast<std::int32_t>(bounded.size())}, sink, info, error);
    return U_FAILURE(error) || info.hasErrors() ? std::string(canonical) : text;
}

}  // namespace cartwright
