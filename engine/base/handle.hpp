// Handles: the short ASCII names of things in addresses, `krasnaya-futbolka` for «Красная футболка».
#pragma once

#include "base/outcome.hpp"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright {

inline constexpr Reason bad_handle{"handle.bad", Kind::invalid};

// Lower-case letters a-z, digits and "-", which neither begins nor ends it; 1 to 255 bytes.
class Handle {
public:
    static constexpr std::size_t max_bytes = 255;

    // Refuses with bad_handle what isn't one as it stands; make_handle makes one of any title.
    static Outcome<Handle> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }

    friend auto operator<=>(const Handle&, const Handle&) = default;

private:
    explicit Handle(std::string text) noexcept : text_(std::move(text)) {}

    std::string text_;
};

// A handle from a title in any script: Russian letters by the table that Russian shops expect (й y, ё yo,
// х kh, щ shch, ь and ъ dropped), all others as ICU romanises them. Longer ones are cut after a word, or
// at `max_bytes` where the first word is longer. Nothing where no letter or digit is left ("!!!"). Titles
// of more than 1,024 bytes are read to there.
std::optional<Handle> make_handle(std::string_view title, std::size_t max_bytes = Handle::max_bytes);

}  // namespace cartwright
