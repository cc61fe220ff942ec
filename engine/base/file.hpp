// Small files as a whole: configuration, catalogues, keys. Shops' files are stored by `files`, not here.
#pragma once

#include "base/descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace cartwright {

// What is left to read. Throws std::system_error, with EFBIG for more than `max_bytes`.
std::string read_all(const Descriptor& descriptor, std::size_t max_bytes);

// The whole file. Throws std::system_error whose what() names the file.
std::string read_file(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace cartwright
