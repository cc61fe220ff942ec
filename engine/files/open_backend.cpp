#include "files/open_backend.hpp"

#include "files/local.hpp"
#include "files/s3.hpp"

#include <fmt/format.h>

namespace cartwright::files {

namespace {

std::string key_from(const std::string& variable) {
    std::string key = environment_variable(variable);
    if (key.empty()) {
        throw StorageFailure(
            fmt::format("files.kind is \"s3\", so set {} to the key of the bucket.", variable));
    }
    return key;
}

}  // namespace

std::shared_ptr<Backend> open_backend(const FilesSettings& settings,
                                      const std::filesystem::path& data_folder,
                                      Rng& rng) {
    const std::filesystem::path folder =
        settings.folder.empty() ? data_folder / "files" : std::filesystem::path(settings.folder);
    if (settings.kind != "s3") return std::make_shared<LocalFiles>(folder);
    S3Options options;
    options.endpoint = settings.s3_endpoint;
    options.region = settings.s3_region;
    options.bucket = settings.s3_bucket;
    options.access_key = key_from(settings.s3_access_key_variable);
    options.secret_key = key_from(settings.s3_secret_key_variable);
    options.path_style = settings.s3_path_style;
    options.temporary = folder / "tmp";
    return std::make_shared<S3Files>(std::move(options), rng);
}

}  // namespace cartwright::files
