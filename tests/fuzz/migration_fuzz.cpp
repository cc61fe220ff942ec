// Names and texts of migration files: parsed, or refused with MigrationFailed.
#include "db/migrate.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cartwright;
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    std::vector<db::MigrationFile> files;
    for (std::size_t start = 0; start < in.size() && files.size() < 8;) {
        const std::size_t line = std::min(in.find('\n', start), in.size());
        const std::size_t next = std::min(in.find("\n---\n", line), in.size());
        files.push_back(
            {std::string(in.substr(start, line - start)), std::string(in.substr(line, next - line))});
        start = next + 5;
    }
    try {
        db::parse_migrations(files);
    } catch (const db::MigrationFailed&) {
    }
    return 0;
}
