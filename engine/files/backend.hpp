// Where files lie: a folder (local.hpp) or an S3-compatible service (s3.hpp). These calls block, so only
// files::Store makes them, on its pool of threads; a backend may be called by several of those at once.
#pragma once

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/unavailable.hpp"
#include "files/content_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cartwright::files {

// The store can't do its work now: a disk that is full or read-only, a service that doesn't answer. Nobody on
// the page caused it.
class StorageFailure : public Unavailable {
public:
    using Unavailable::Unavailable;
};

// A file that isn't what its name says, or that is shorter than it was: the disk or the service lost bytes.
class CorruptFile : public StorageFailure {
public:
    using StorageFailure::StorageFailure;
};

struct Stored {
    ContentHash hash;
    std::uint64_t size;

    friend bool operator==(const Stored&, const Stored&) = default;
};

struct Entry {
    ContentHash hash;
    std::uint64_t size;
    Instant modified;  // when it was put the last time, by the store's own clock
};

// A file that is being written. Destroying it before finish leaves nothing behind.
class Writer {
public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    virtual ~Writer() = default;

    virtual void write(std::span<const std::byte> piece) = 0;

    // When it returns, the file is whole, has its name and survives a power cut.
    virtual Stored finish() = 0;
};

class Backend {
public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    virtual std::unique_ptr<Writer> begin(ShopId shop) = 0;

    // Nothing if there is no such file.
    virtual std::optional<std::uint64_t> size(ShopId shop, const ContentHash& hash) = 0;

    // Exactly `length` bytes from `offset`. Throws CorruptFile when they aren't there.
    virtual std::string read(ShopId shop,
                             const ContentHash& hash,
                             std::uint64_t offset,
                             std::size_t length) = 0;

    virtual void remove(ShopId shop, const ContentHash& hash) = 0;

    // The shop's files in the order of their hashes, after `after`, at most `limit`.
    virtual std::vector<Entry> list(ShopId shop,
                                    const std::optional<ContentHash>& after,
                                    std::size_t limit) = 0;
};

}  // namespace cartwright::files
