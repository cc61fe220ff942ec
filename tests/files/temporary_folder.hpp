// A folder that is gone after the test.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace cartwright::files {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "cartwright-files-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("can't create " + name);
        path_ = name;
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// The names of all files (not folders) below a folder, relative to it.
inline std::vector<std::string> files_below(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(folder).native());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace cartwright::files
