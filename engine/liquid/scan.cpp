#include "liquid/scan.hpp"

namespace cartwright::liquid::scan {

std::size_t end_of_fragment(std::string_view text, std::size_t at) noexcept {
    if (at < text.size() && is(text[at], classes::quote)) {
        const std::size_t end = end_of_quoted(text, at);
        return end == std::string_view::npos ? at : end;
    }
    const char* const begin = text.data();
    const std::size_t size = text.size();
    while (at < size) {
        if (!is(begin[at], classes::space | classes::separator | classes::quote)) {
            ++at;
            continue;
        }
        const std::size_t end =
            is(begin[at], classes::quote) ? end_of_quoted(text, at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            break;
        }
        at = end;
    }
    return at;
}

std::size_t end_of_fragments(std::string_view text, std::size_t at) noexcept {
    for (;;) {
        const std::size_t end = end_of_fragment(text, at);
        if (end == at) {
            return at;
        }
        at = end;
    }
}

std::optional<Piece> next_fragment(std::string_view text, std::size_t at) noexcept {
    for (; at < text.size(); ++at) {
        const std::size_t end = end_of_fragment(text, at);
        if (end != at) {
            return Piece{at, end};
        }
    }
    return std::nullopt;
}

std::optional<Attribute> next_attribute(std::string_view text, std::size_t& at) noexcept {
    for (std::size_t colon = text.find(':', at); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
        std::size_t end = colon;
        while (end > at && is_space(text[end - 1])) {
            --end;
        }
        std::size_t begin = end;
        while (begin > at && is_segment(text[begin - 1])) {
            --begin;
        }
        while (begin < end && text[begin] == '-') {
            ++begin;
        }
        const std::size_t value = skip_space(text, colon + 1);
        const std::size_t value_end = end_of_fragment(text, value);
        if (begin < end && value_end != value) {
            at = value_end;
            return Attribute{text.substr(begin, end - begin), text.substr(value, value_end - value)};
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> after_word(std::string_view text, std::size_t at, std::string_view word) noexcept {
    const std::size_t begin = skip_space(text, at);
    if (begin == at || !text.substr(begin).starts_with(word)) {
        return std::nullopt;
    }
    const std::size_t end = begin + word.size();
    const std::size_t after = skip_space(text, end);
    return after == end ? std::nullopt : std::optional(after);
}

}  // namespace cartwright::liquid::scan
