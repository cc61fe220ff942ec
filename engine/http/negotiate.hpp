// What a client would like best (RFC 9110 12.5): media type, encoding, language. Weights are thousandths, so
// no floating point is involved; malformed members are passed over, and no list is read beyond 64 members.
#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace cartwright::http {

// Goes through the members of a comma-separated list (RFC 9110 5.6.1), quoted strings respected, empty
// members skipped, blanks at the ends cut off.
class ListReader {
public:
    static constexpr std::size_t most = 64;  // members; a longer list is an attack, not a wish

    explicit ListReader(std::string_view list, char separator = ',') noexcept
        : rest_(list), separator_(separator) {}

    std::optional<std::string_view> next() noexcept;

private:
    std::string_view rest_;
    char separator_;
    std::size_t seen_ = 0;
};

// 0…1000: how much an Accept field wants type/subtype; the most specific range decides. 0: not at all.
int media_quality(std::string_view accept, std::string_view type, std::string_view subtype) noexcept;

// The best of identity and the encodings on offer (RFC 9110 12.5.3); brotli before gzip where both are
// wanted alike. Where a client refuses everything it gets identity, since a page is better than 406.
Encoding best_encoding(std::string_view accept_encoding, bool gzip, bool brotli) noexcept;

// The index of the best of `offered` ("ru", "en") by Accept-Language, basic filtering of RFC 4647 3.3.1 both
// ways ("ru-RU" takes "ru"); 0, the site's own language, where nothing fits.
std::size_t best_language(std::string_view accept_language,
                          std::span<const std::string_view> offered) noexcept;

}  // namespace cartwright::http
