// Files in a folder of this machine:
//
//   ROOT/7/ab/cdef0123…   the file of shop 7 whose hash begins with abcdef
//   ROOT/tmp/             files that are being written; what a crash leaves there, remove_leftovers clears
//
// A file gets its name by rename, after its bytes are on the disk, and the folder is synced after that: at no
// moment does a name lead to half a file. Putting what is there already writes it again, since the copy on the
// disk may be older than the last crash; its date is then new, so that a sweep under way spares it.
#pragma once

#include "base/crypto.hpp"
#include "base/descriptor.hpp"
#include "files/backend.hpp"

#include <filesystem>
#include <functional>
#include <string_view>

namespace cartwright::files {

// A file without a name in a shop yet, and the hash of what was written to it so far.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::filesystem::path& folder);
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile();  // removes it, unless rename_to gave it a name

    void write(std::span<const std::byte> piece);

    // Call once, after the last write.
    Stored finish();

    void sync();
    void rename_to(const std::filesystem::path& name);

    int descriptor() const noexcept { return file_.number(); }

private:
    std::string path_;
    Descriptor file_;
    Sha256 hasher_;
    std::uint64_t size_ = 0;
};

class LocalFiles final : public Backend {
public:
    // Creates the folder when it is missing. `at_step` is called before each step that a crash may cut off
    // ("sync", "folder", "rename", "sync_folder"): tests stop there.
    explicit LocalFiles(std::filesystem::path root, std::function<void(std::string_view)> at_step = {});

    std::unique_ptr<Writer> begin(ShopId shop) override;
    std::optional<std::uint64_t> size(ShopId shop, const ContentHash& hash) override;
    std::string read(ShopId shop, const ContentHash& hash, std::uint64_t offset, std::size_t length) override;
    void remove(ShopId shop, const ContentHash& hash) override;
    std::vector<Entry> list(ShopId shop, const std::optional<ContentHash>& after, std::size_t limit) override;

    // Removes what crashes left in ROOT/tmp before `older_than`; answers how many files those were.
    std::size_t remove_leftovers(Instant older_than);

private:
    class LocalWriter;

    std::filesystem::path folder_of(ShopId shop) const;
    std::filesystem::path path_of(ShopId shop, const ContentHash& hash) const;
    void name(TemporaryFile& file, ShopId shop, const ContentHash& hash);
    void step(std::string_view step) const;

    std::filesystem::path root_;
    std::filesystem::path temporary_;
    std::function<void(std::string_view)> at_step_;
};

}  // namespace cartwright::files
