#include "base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace cartwright {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

}  // namespace

std::string read_all(const Descriptor& descriptor, std::size_t max_bytes) {
    std::string text;
    while (true) {
        const std::size_t filled = text.size();
        // One byte more than may be there, to see that it is there.
        text.resize(filled + std::min(piece_bytes, max_bytes - filled + 1));
        const ssize_t count = ::read(descriptor.number(), text.data() + filled, text.size() - filled);
        if (count < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category());
        }
        text.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (text.size() > max_bytes) {
            throw std::system_error(EFBIG, std::generic_category());
        }
        if (count == 0) {
            return text;
        }
    }
}

std::string read_file(const std::filesystem::path& file, std::size_t max_bytes) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) {
        throw std::system_error(errno, std::generic_category(), file.string() + " can't be opened");
    }
    try {
        return read_all(opened, max_bytes);
    } catch (const std::system_error& error) {
        throw std::system_error(error.code(), file.string() + " can't be read");
    }
}

}  // namespace cartwright
