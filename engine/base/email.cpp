#include "base/email.hpp"

#include "base/host.hpp"
#include "base/icu.hpp"
#include "base/text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>

namespace cartwright {

namespace {

constexpr std::size_t max_bytes = 254;
constexpr std::size_t max_local_bytes = 64;

bool is_plausible(std::string_view local) {
    const auto is_wrong = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' ||
               std::string_view("\"(),:;<>@[\\]").find(c) != std::string_view::npos;
    };
    return !local.empty() && local.size() <= max_local_bytes && local.front() != '.' && local.back() != '.' &&
           local.find("..") == std::string_view::npos && std::ranges::none_of(local, is_wrong) &&
           is_utf8(local);
}

// Spaces of other scripts, controls and characters that nobody sees make two addresses look the same.
bool has_invisible(const icu::UnicodeString& local) {
    for (std::int32_t i = 0; i < local.length(); i = local.moveIndex32(i, 1)) {
        const UChar32 character = local.char32At(i);
        if (u_isgraph(character) == 0 || u_charType(character) == U_FORMAT_CHAR) {
            return true;
        }
    }
    return false;
}

std::string folded(const icu::UnicodeString& local) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(error);
    expect_icu(error, "fold case");
    const icu::UnicodeString key = folding->normalize(local, error);
    expect_icu(error, "fold an address");
    return to_utf8(key);
}

}  // namespace

Outcome<Email> Email::parse(std::string_view text) {
    text = trim(text);
    const std::size_t at = text.rfind('@');
    if (text.size() > max_bytes || at == std::string_view::npos || !is_plausible(text.substr(0, at))) {
        return refuse(bad_email, "email");
    }
    const std::string_view local = text.substr(0, at);
    const auto domain = canonical_host(text.substr(at + 1));
    const std::size_t dot = domain ? domain->rfind('.') : std::string::npos;
    // A last label of digits alone is an address of a machine.
    if (dot == std::string::npos || parse_int64(domain->substr(dot + 1)) ||
        local.size() + 1 + domain->size() > max_bytes) {
        return refuse(bad_email, "email");
    }
    const icu::UnicodeString characters = to_utf16(local);
    if (has_invisible(characters)) {
        return refuse(bad_email, "email");
    }
    return Email(std::string(local) + '@' + *domain, folded(characters) + '@' + *domain);
}

}  // namespace cartwright
