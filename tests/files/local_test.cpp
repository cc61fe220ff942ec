#include "files/local.hpp"

#include "files/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace cartwright::files {

namespace {

constexpr ShopId shop(7);
constexpr ShopId neighbour(8);

// SHA-256 of "abc" (FIPS 180-2, B.1) and of nothing.
constexpr std::string_view abc_hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Stored put(Backend& files, ShopId to, std::string_view content) {
    const std::unique_ptr<Writer> writer = files.begin(to);
    writer->write(std::as_bytes(std::span(content)));
    return writer->finish();
}

std::string path_in_shop(std::string_view hash) {
    return "7/" + std::string(hash.substr(0, 2)) + "/" + std::string(hash.substr(2));
}

void set_modified(const std::filesystem::path& path, std::int64_t seconds) {
    const timespec times[2] = {{.tv_sec = seconds, .tv_nsec = 0}, {.tv_sec = seconds, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

}  // namespace

TEST(ContentHashTest, OnlySixtyFourLowerCaseDigitsAreAHash) {
    EXPECT_EQ(ContentHash::parse(abc_hash)->hex(), abc_hash);
    EXPECT_EQ(ContentHash::of("abc").hex(), abc_hash);
    const std::string hex(abc_hash);
    for (const std::string& wrong : {std::string(),
                                     hex.substr(1),
                                     hex + "0",
                                     "B" + hex.substr(1),
                                     "g" + hex.substr(1),
                                     "../" + hex.substr(3),
                                     "..%2F" + hex.substr(5),
                                     hex.substr(0, 63) + std::string(1, '\0'),
                                     hex.substr(0, 63) + "/"}) {
        EXPECT_EQ(ContentHash::parse(wrong), std::nullopt) << wrong;
    }
}

TEST(LocalFilesTest, AFileLiesUnderItsShopAndHash) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    const Stored stored = put(files, shop, "abc");
    EXPECT_EQ(stored.hash.hex(), abc_hash);
    EXPECT_EQ(stored.size, 3U);
    EXPECT_EQ(files_below(folder.path()), std::vector<std::string>{path_in_shop(abc_hash)});
    EXPECT_EQ(files.size(shop, stored.hash), 3U);
    EXPECT_EQ(files.read(shop, stored.hash, 0, 3), "abc");
    EXPECT_EQ(files.read(shop, stored.hash, 1, 1), "b");
}

TEST(LocalFilesTest, AnEmptyFileIsAFile) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    EXPECT_EQ(put(files, shop, "").hash.hex(), empty_hash);
    EXPECT_EQ(files.size(shop, *ContentHash::parse(empty_hash)), 0U);
}

TEST(LocalFilesTest, AShopDoesNotSeeItsNeighboursFile) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    const Stored stored = put(files, shop, "abc");
    EXPECT_EQ(files.size(neighbour, stored.hash), std::nullopt);
    EXPECT_THROW(files.read(neighbour, stored.hash, 0, 3), CorruptFile);
    files.remove(neighbour, stored.hash);
    EXPECT_EQ(files.size(shop, stored.hash), 3U);
    EXPECT_TRUE(files.list(neighbour, std::nullopt, 10).empty());
}

TEST(LocalFilesTest, PuttingTwiceKeepsOneFileAndMakesItNew) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    const Stored stored = put(files, shop, "abc");
    set_modified(folder.path() / path_in_shop(abc_hash), 1'000'000);
    EXPECT_EQ(files.list(shop, std::nullopt, 10).front().modified, Instant(std::chrono::seconds(1'000'000)));
    EXPECT_EQ(put(files, shop, "abc"), stored);
    EXPECT_EQ(files_below(folder.path()), std::vector<std::string>{path_in_shop(abc_hash)});
    EXPECT_GT(files.list(shop, std::nullopt, 10).front().modified, Instant(std::chrono::seconds(1'000'000)));
}

TEST(LocalFilesTest, PuttingAgainMendsABrokenFile) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    const Stored stored = put(files, shop, "abc");
    std::ofstream(folder.path() / path_in_shop(abc_hash)) << "ab";
    EXPECT_THROW(files.read(shop, stored.hash, 0, 3), CorruptFile);
    put(files, shop, "abc");
    EXPECT_EQ(files.read(shop, stored.hash, 0, 3), "abc");
}

TEST(LocalFilesTest, AWriterThatIsDroppedLeavesNothing) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    {
        const std::unique_ptr<Writer> writer = files.begin(shop);
        writer->write(std::as_bytes(std::span(std::string_view("abc"))));
        EXPECT_EQ(files_below(folder.path()).size(), 1U);
    }
    EXPECT_TRUE(files_below(folder.path()).empty());
}

TEST(LocalFilesTest, RemovingWhatIsNotThereIsNoMistake) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    const Stored stored = put(files, shop, "abc");
    files.remove(shop, stored.hash);
    files.remove(shop, stored.hash);
    EXPECT_EQ(files.size(shop, stored.hash), std::nullopt);
    EXPECT_TRUE(files_below(folder.path()).empty());
}

TEST(LocalFilesTest, AListingGoesOnAfterAHash) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    std::vector<ContentHash> hashes;
    for (int i = 0; i < 40; ++i) hashes.push_back(put(files, shop, "file " + std::to_string(i)).hash);
    std::ranges::sort(hashes);
    std::ofstream(folder.path() / "7" / "README") << "not a file of ours";

    std::vector<ContentHash> listed;
    std::optional<ContentHash> after;
    std::vector<std::size_t> pages;
    while (pages.empty() || pages.back() == 15) {
        const std::vector<Entry> page = files.list(shop, after, 15);
        for (const Entry& entry : page) listed.push_back(entry.hash);
        pages.push_back(page.size());
        after = listed.back();
    }
    EXPECT_EQ(pages, (std::vector<std::size_t>{15, 15, 10}));
    EXPECT_EQ(listed, hashes);
}

TEST(LocalFilesTest, ALinkInTheStoreIsNotFollowed) {
    const TemporaryFolder folder;
    const TemporaryFolder elsewhere;
    LocalFiles files(folder.path());
    const Stored stored = put(files, shop, "abc");
    std::ofstream(elsewhere.path() / "secret") << "xyz";
    std::filesystem::remove(folder.path() / path_in_shop(abc_hash));
    std::filesystem::create_symlink(elsewhere.path() / "secret", folder.path() / path_in_shop(abc_hash));
    EXPECT_THROW(files.size(shop, stored.hash), CorruptFile);
    EXPECT_THROW(files.read(shop, stored.hash, 0, 3), StorageFailure);
}

// The process is killed before each step in turn; another one then finds the whole file or none.
TEST(LocalFilesTest, AKilledProcessLeavesNoHalfFile) {
    const std::vector<std::pair<std::string, bool>> steps{
        {"sync", false}, {"folder", false}, {"rename", false}, {"sync_folder", true}};
    for (const auto& [step, there] : steps) {
        const TemporaryFolder folder;
        const pid_t child = ::fork();
        if (child == 0) {
            LocalFiles files(folder.path(), [&step](std::string_view at) {
                if (at == step) ::kill(::getpid(), SIGKILL);
            });
            put(files, shop, "abc");
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << step;

        LocalFiles files(folder.path());
        const ContentHash hash = ContentHash::of("abc");
        EXPECT_EQ(files.size(shop, hash), there ? std::optional<std::uint64_t>(3) : std::nullopt) << step;
        EXPECT_EQ(files.list(shop, std::nullopt, 10).size(), there ? 1U : 0U) << step;
        EXPECT_EQ(files_below(folder.path() / "tmp").size(), there ? 0U : 1U) << step;

        EXPECT_EQ(files.remove_leftovers(Instant::max()), there ? 0U : 1U) << step;
        EXPECT_EQ(put(files, shop, "abc").size, 3U);
        EXPECT_EQ(files.read(shop, hash, 0, 3), "abc");
    }
}

TEST(LocalFilesTest, LeftoversThatAreNotOldStay) {
    const TemporaryFolder folder;
    LocalFiles files(folder.path());
    const std::unique_ptr<Writer> writer = files.begin(shop);
    EXPECT_EQ(files.remove_leftovers(Instant(std::chrono::seconds(1'000'000))), 0U);
    EXPECT_EQ(files_below(folder.path()).size(), 1U);
}

TEST(LocalFilesTest, AFullDiskIsAFailureThatLeavesNothing) {
    const TemporaryFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
        GTEST_SKIP() << "mounting a small tmpfs needs root with CAP_SYS_ADMIN";
    }
    {
        LocalFiles files(folder.path());
        put(files, shop, "abc");
        const std::string large(1U << 20U, 'x');
        try {
            put(files, shop, large);
            ADD_FAILURE() << "a file of 1 MiB fitted into 256 KiB";
        } catch (const StorageFailure& failure) {
            EXPECT_TRUE(std::string_view(failure.what()).ends_with("No space left on device"))
                << failure.what();
        }
        EXPECT_EQ(files_below(folder.path()), std::vector<std::string>{path_in_shop(abc_hash)});
        EXPECT_EQ(put(files, shop, "after").size, 5U);
    }
    EXPECT_EQ(::umount(folder.path().c_str()), 0);
}

TEST(LocalFilesTest, AFolderThatCannotBeMadeSaysSo) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "file") << "in the way";
    EXPECT_THROW(LocalFiles(folder.path() / "file" / "store"), StorageFailure);
}

}  // namespace cartwright::files
