#include "files/local.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace cartwright::files {

namespace {

constexpr mode_t folder_mode = 0700;  // files are served by Cartwright, never straight from the folder

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path) {
    const int error = errno;
    throw StorageFailure(
        fmt::format("{} {}: {}", what, path.native(), std::generic_category().message(error)));
}

Instant modified_of(const struct stat& status) {
    const auto since =
        std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
    return Instant(std::chrono::duration_cast<std::chrono::microseconds>(since));
}

Descriptor open_folder(const std::filesystem::path& path) {
    return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

void sync_folder(const std::filesystem::path& path) {
    const Descriptor folder = open_folder(path);
    if (!folder || ::fsync(folder.number()) != 0) fail("can't sync folder", path);
}

// Makes `path` inside a folder that exists. The name is made durable also where another one has just made it:
// that one may not have come to it yet.
void ensure_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), folder_mode) != 0 && errno != EEXIST) fail("can't create folder", path);
    sync_folder(path.parent_path());
}

std::vector<std::string> names_in(const std::filesystem::path& path) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        names.push_back(entry->path().filename().native());
    }
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
        throw StorageFailure(fmt::format("can't list {}: {}", path.native(), error.message()));
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

TemporaryFile::TemporaryFile(const std::filesystem::path& folder) : path_((folder / "XXXXXX").native()) {
    file_ = Descriptor(::mkostemp(path_.data(), O_CLOEXEC));
    if (!file_) fail("can't create a file in", folder);
}

TemporaryFile::~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

void TemporaryFile::write(std::span<const std::byte> piece) {
    hasher_.add(piece);
    size_ += piece.size();
    while (!piece.empty()) {
        const ssize_t written = ::write(file_.number(), piece.data(), piece.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("can't write", path_);
        piece = piece.subspan(static_cast<std::size_t>(written));
    }
}

Stored TemporaryFile::finish() {
    return Stored{.hash = ContentHash(hasher_.finish()), .size = size_};
}

void TemporaryFile::sync() {
    if (::fsync(file_.number()) != 0) fail("can't sync", path_);
}

void TemporaryFile::rename_to(const std::filesystem::path& name) {
    if (::rename(path_.c_str(), name.c_str()) != 0) fail("can't name file", name);
    path_.clear();
}

class LocalFiles::LocalWriter final : public Writer {
public:
    LocalWriter(LocalFiles& files, ShopId shop) : files_(files), shop_(shop), file_(files.temporary_) {}

    void write(std::span<const std::byte> piece) override { file_.write(piece); }

    Stored finish() override {
        const Stored stored = file_.finish();
        files_.name(file_, shop_, stored.hash);
        return stored;
    }

private:
    LocalFiles& files_;
    ShopId shop_;
    TemporaryFile file_;
};

LocalFiles::LocalFiles(std::filesystem::path root, std::function<void(std::string_view)> at_step)
    : root_(std::move(root)), temporary_(root_ / "tmp"), at_step_(std::move(at_step)) {
    std::error_code error;
    std::filesystem::create_directories(root_, error);
    if (error)
        throw StorageFailure(fmt::format("can't create folder {}: {}", root_.native(), error.message()));
    ensure_folder(temporary_);
}

std::unique_ptr<Writer> LocalFiles::begin(ShopId shop) {
    return std::make_unique<LocalWriter>(*this, shop);
}

std::optional<std::uint64_t> LocalFiles::size(ShopId shop, const ContentHash& hash) {
    const std::filesystem::path path = path_of(shop, hash);
    struct stat status;
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        fail("can't look at", path);
    }
    if (!S_ISREG(status.st_mode)) throw CorruptFile(fmt::format("{} is not a file", path.native()));
    return static_cast<std::uint64_t>(status.st_size);
}

std::string LocalFiles::read(ShopId shop, const ContentHash& hash, std::uint64_t offset, std::size_t length) {
    const std::filesystem::path path = path_of(shop, hash);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) throw CorruptFile(fmt::format("{} is gone", path.native()));
    if (!file) fail("can't open", path);
    std::string content(length, '\0');
    std::size_t have = 0;
    while (have < length) {
        const auto position = static_cast<off_t>(offset + have);
        const ssize_t got = ::pread(file.number(), content.data() + have, length - have, position);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("can't read", path);
        if (got == 0) throw CorruptFile(fmt::format("{} is shorter than it was", path.native()));
        have += static_cast<std::size_t>(got);
    }
    return content;
}

void LocalFiles::remove(ShopId shop, const ContentHash& hash) {
    const std::filesystem::path path = path_of(shop, hash);
    if (::unlink(path.c_str()) == 0) {
        sync_folder(path.parent_path());
    } else if (errno != ENOENT && errno != ENOTDIR) {
        fail("can't remove", path);
    }
}

std::vector<Entry> LocalFiles::list(ShopId shop, const std::optional<ContentHash>& after, std::size_t limit) {
    std::vector<Entry> entries;
    const std::filesystem::path folder = folder_of(shop);
    const std::string after_hex = after ? after->hex() : std::string();
    for (const std::string& head : names_in(folder)) {
        if (after && head < std::string_view(after_hex).substr(0, 2)) continue;
        for (const std::string& tail : names_in(folder / head)) {
            if (entries.size() == limit) return entries;
            const std::optional<ContentHash> hash = ContentHash::parse(head + tail);
            if (!hash || (after && *hash <= *after)) continue;
            struct stat status;
            if (::lstat((folder / head / tail).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
            entries.push_back({*hash, static_cast<std::uint64_t>(status.st_size), modified_of(status)});
        }
    }
    return entries;
}

std::size_t LocalFiles::remove_leftovers(Instant older_than) {
    std::size_t removed = 0;
    for (const std::string& name : names_in(temporary_)) {
        const std::filesystem::path path = temporary_ / name;
        struct stat status;
        if (::lstat(path.c_str(), &status) != 0 || modified_of(status) >= older_than) continue;
        if (::unlink(path.c_str()) == 0) ++removed;
    }
    return removed;
}

std::filesystem::path LocalFiles::folder_of(ShopId shop) const {
    return root_ / std::to_string(shop.value());
}

std::filesystem::path LocalFiles::path_of(ShopId shop, const ContentHash& hash) const {
    const std::string hex = hash.hex();
    return folder_of(shop) / hex.substr(0, 2) / hex.substr(2);
}

void LocalFiles::name(TemporaryFile& file, ShopId shop, const ContentHash& hash) {
    step("sync");
    file.sync();
    step("folder");
    const std::filesystem::path path = path_of(shop, hash);
    ensure_folder(folder_of(shop));
    ensure_folder(path.parent_path());
    step("rename");
    file.rename_to(path);
    step("sync_folder");
    sync_folder(path.parent_path());
}

void LocalFiles::step(std::string_view step) const {
    if (at_step_) at_step_(step);
}

}  // namespace cartwright::files
