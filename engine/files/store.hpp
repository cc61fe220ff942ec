// A shop's files: pictures, theme assets, exports. Content-addressed: putting bytes answers their hash, which the
// shop's rows keep; who may see a file is their business. Where files lie is the backend's (a folder or S3,
// chosen by config); this is its face for coroutines, which does the blocking work on a pool of threads.
//
// Nothing here is inside a database transaction. Put the file first, then commit the row that names it; a file
// whose row never came is an orphan, found by find_orphans.
#pragma once

#include "base/blocking.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/outcome.hpp"
#include "base/task.hpp"
#include "files/backend.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::files {

inline constexpr Reason too_large{"files.too_large", Kind::invalid};

// A file that comes in pieces. Dropping it before finish leaves nothing behind.
class Upload {
public:
    // Refuses with too_large when the file would exceed the limit it was begun with; then it can't go on.
    Task<Outcome<>> write(std::string piece);

    // Call once. When it returns, the file survives a power cut.
    Task<Stored> finish();

private:
    friend class Store;

    Upload(BlockingPool& pool, std::shared_ptr<Writer> writer, std::uint64_t limit)
        : pool_(&pool), writer_(std::move(writer)), left_(limit), limit_(limit) {}

    BlockingPool* pool_;
    std::shared_ptr<Writer> writer_;
    std::uint64_t left_;
    std::uint64_t limit_;
};

// A file that is there. Reading throws CorruptFile when it has gone or shrunk since.
class File {
public:
    const ContentHash& hash() const noexcept { return hash_; }

    std::uint64_t size() const noexcept { return size_; }

    // What there is from `offset`, at most `most` bytes; empty at the end. Not checked against the hash: that
    // takes the whole file (Store::load).
    Task<std::string> read(std::uint64_t offset, std::size_t most) const;

private:
    friend class Store;

    File(BlockingPool& pool,
         std::shared_ptr<Backend> backend,
         ShopId shop,
         ContentHash hash,
         std::uint64_t size)
        : pool_(&pool), backend_(std::move(backend)), shop_(shop), hash_(hash), size_(size) {}

    BlockingPool* pool_;
    std::shared_ptr<Backend> backend_;
    ShopId shop_;
    ContentHash hash_;
    std::uint64_t size_;
};

// Shared by all threads. Calls throw StorageFailure when the backend can't, Busy when too much is waiting.
class Store {
public:
    Store(std::shared_ptr<Backend> backend, BlockingPool& pool) : backend_(std::move(backend)), pool_(pool) {}

    // At most `limit` bytes will be taken.
    Task<Upload> begin(ShopId shop, std::uint64_t limit);

    Task<Stored> put(ShopId shop, std::string content);

    Task<std::optional<File>> open(ShopId shop, ContentHash hash);

    // The whole file, if it is there and has at most `most` bytes (else it throws std::length_error). Throws
    // CorruptFile when the bytes aren't those of the hash.
    Task<std::optional<std::string>> load(ShopId shop, ContentHash hash, std::size_t most);

    Task<bool> exists(ShopId shop, ContentHash hash);

    // Removing what isn't there is no mistake.
    Task<> remove(ShopId shop, ContentHash hash);

    // In the order of the hashes, after `after`, at most `limit`.
    Task<std::vector<Entry>> list(ShopId shop, std::optional<ContentHash> after, std::size_t limit);

private:
    std::shared_ptr<Backend> backend_;
    BlockingPool& pool_;
};

// Which of these files some row of the shop still names.
using FindReferenced = std::function<Task<std::vector<ContentHash>>(std::vector<ContentHash>)>;

// The shop's files that were put before `older_than` and that no row names: left by requests that were cut off
// between the file and its row. `older_than` has to lie further back than the longest such request.
Task<std::vector<Entry>> find_orphans(Store& store,
                                      ShopId shop,
                                      Instant older_than,
                                      FindReferenced find_referenced);

}  // namespace cartwright::files
