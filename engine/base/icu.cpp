#include "base/icu.hpp"

#include "base/locale.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>

namespace cartwright {

void expect_icu(UErrorCode error, std::string_view what) {
    if (U_FAILURE(error)) throw std::runtime_error(fmt::format("ICU can't {}: {}", what, u_errorName(error)));
}

icu::UnicodeString to_utf16(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string to_utf8(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

icu::Locale icu_locale(std::string_view tag) {
    if (!is_locale(tag)) return icu::Locale::getRoot();
    UErrorCode error = U_ZERO_ERROR;
    return icu::Locale::forLanguageTag({tag.data(), static_cast<std::int32_t>(tag.size())}, error);
}

}  // namespace cartwright
