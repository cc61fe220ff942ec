#include "liquid/output.hpp"

#include "liquid/html_scan.hpp"

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
    const std::size_t specials = count_html_specials(text);
    if (specials == 0) {
        append(text);
        return;
    }
    const std::size_t room = room_for_escaped(text.size(), specials);
    if (capacity_ - size_ < room) {
        grow(room);
    }
    const char* end = write_escaped(bytes_.get() + size_, text);
    size_ = static_cast<std::size_t>(end - bytes_.get());
}

}  // namespace cartwright::liquid
