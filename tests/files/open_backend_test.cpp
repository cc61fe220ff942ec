#include "files/open_backend.hpp"

#include "base/rng.hpp"
#include "files/local.hpp"
#include "files/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace cartwright::files {

TEST(OpenBackendTest, FilesLieInTheDataFolderUnlessTheSettingsSayWhere) {
    const TemporaryFolder data;
    SystemRng rng;
    FilesSettings settings;
    EXPECT_NE(dynamic_cast<LocalFiles*>(open_backend(settings, data.path(), rng).get()), nullptr);
    EXPECT_TRUE(std::filesystem::is_directory(data.path() / "files" / "tmp"));
    settings.folder = (data.path() / "elsewhere").native();
    open_backend(settings, data.path(), rng);
    EXPECT_TRUE(std::filesystem::is_directory(data.path() / "elsewhere" / "tmp"));
}

TEST(OpenBackendTest, ABucketWithoutItsKeyIsRefusedByName) {
    const TemporaryFolder data;
    SystemRng rng;
    FilesSettings settings;
    settings.kind = "s3";
    settings.s3_access_key_variable = "CARTWRIGHT_TEST_KEY_THAT_IS_NOT_SET";
    try {
        open_backend(settings, data.path(), rng);
        ADD_FAILURE() << "a bucket was opened without a key";
    } catch (const StorageFailure& failure) {
        EXPECT_STREQ(
            failure.what(),
            "files.kind is \"s3\", so set CARTWRIGHT_TEST_KEY_THAT_IS_NOT_SET to the key of the bucket.");
    }
}

}  // namespace cartwright::files
