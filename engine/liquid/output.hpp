// The one buffer that a render writes to. It keeps its memory for the next render of the same thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace cartwright::liquid {

class Output {
public:
    void append(std::string_view text) {
        if (capacity_ - size_ < text.size()) [[unlikely]] {
            grow(text.size());
        }
        std::copy_n(text.data(), text.size(), bytes_.get() + size_);
        size_ += text.size();
    }

    void append(char byte) {
        if (capacity_ == size_) [[unlikely]] {
            grow(1);
        }
        bytes_[size_++] = byte;
    }

    void append_integer(std::int64_t number);

    // With & < > " ' as entities, as the filter `escape` does.
    void append_escaped(std::string_view text);

    std::string_view text() const noexcept { return {bytes_.get(), size_}; }

    std::string_view text_from(std::size_t at) const noexcept { return {bytes_.get() + at, size_ - at}; }

    std::size_t size() const noexcept { return size_; }

    // Forgets what was written after `size`.
    void truncate(std::size_t size) noexcept { size_ = size; }

    void clear() noexcept { size_ = 0; }

    void reserve(std::size_t bytes) {
        if (bytes > capacity_) {
            grow(bytes - size_);
        }
    }

private:
    void grow(std::size_t more);

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace cartwright::liquid
