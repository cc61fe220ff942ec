// Which store the settings ask for.
#pragma once

#include "base/settings.hpp"
#include "files/backend.hpp"

#include <filesystem>
#include <memory>

namespace cartwright {
class Rng;
}

namespace cartwright::files {

// A folder (by default `files` in the data folder) or a bucket, whose keys come from the environment. Throws
// StorageFailure when the folder can't be made or a key isn't set. `rng` must be one that threads may share.
std::shared_ptr<Backend> open_backend(const FilesSettings& settings,
                                      const std::filesystem::path& data_folder,
                                      Rng& rng);

}  // namespace cartwright::files
