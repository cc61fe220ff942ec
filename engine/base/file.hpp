// Descriptors that close themselves, and small files as a whole: configuration, catalogues, keys. Shops'
// files are stored by `files`, not here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

namespace cartwright {

// Owns an open descriptor, or none (-1).
class Descriptor {
public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}

    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    ~Descriptor();

    int number() const noexcept { return number_; }

    explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_;
};

// What is left to read. Throws std::system_error, with EFBIG for more than `max_bytes`.
std::string read_all(const Descriptor& descriptor, std::size_t max_bytes);

// The whole file. Throws std::system_error whose what() names the file.
std::string read_file(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace cartwright
