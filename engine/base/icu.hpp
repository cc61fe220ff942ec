// Between our UTF-8 and ICU's UTF-16, for the files of base that speak to ICU; nobody else includes it.
#pragma once

#include <unicode/locid.h>
#include <unicode/unistr.h>
#include <unicode/utypes.h>

#include <string>
#include <string_view>

namespace cartwright {

// Throws std::runtime_error: "ICU can't write a number: U_…".
void expect_icu(UErrorCode error, std::string_view what);

icu::UnicodeString to_utf16(std::string_view text);
std::string to_utf8(const icu::UnicodeString& text);

// The locale of a BCP 47 tag; the root where the tag is none or of a language that ICU has no data for. (ICU
// itself would take the locale of the process's environment then.)
icu::Locale icu_locale(std::string_view tag);

}  // namespace cartwright
