#include "liquid/output.hpp"

#include <algorithm>
#include <charconv>

namespace cartwright::liquid {

void Output::grow(std::size_t more) {
    constexpr std::size_t first = 4096;
    const std::size_t wanted = std::max({size_ + more, capacity_ * 2, first});
    auto grown = std::make_unique_for_overwrite<char[]>(wanted);
    if (size_ != 0) {
        std::char_traits<char>::copy(grown.get(), bytes_.get(), size_);
    }
    bytes_ = std::move(grown);
    capacity_ = wanted;
}

void Output::append_integer(std::int64_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    append({digits, static_cast<std::size_t>(end - digits)});
}

void Output::append_escaped(std::string_view text) {
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string_view entity;
        switch (text[at]) {
            case '&':
                entity = "&amp;";
                break;
            case '<':
                entity = "&lt;";
                break;
            case '>':
                entity = "&gt;";
                break;
            case '"':
                entity = "&quot;";
                break;
            case '\'':
                entity = "&#39;";
                break;
            default:
                continue;
        }
        append(text.substr(from, at - from));
        append(entity);
        from = at + 1;
    }
    append(text.substr(from));
}

}  // namespace cartwright::liquid
