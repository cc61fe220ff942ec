#include "files/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

namespace cartwright::files {

namespace {

constexpr std::size_t files_a_listing = 1'000;

}  // namespace

Task<Outcome<>> Upload::write(std::string piece) {
    if (piece.size() > left_) {
        left_ = 0;
        co_return std::unexpected(Refusal(too_large).with("limit", std::to_string(limit_)));
    }
    left_ -= piece.size();
    auto work = [writer = writer_, piece = std::move(piece)] {
        writer->write(std::as_bytes(std::span(piece)));
    };
    co_await run(*pool_, std::move(work));
    co_return Outcome<>();
}

Task<Stored> Upload::finish() {
    auto work = [writer = writer_] { return writer->finish(); };
    co_return co_await run(*pool_, std::move(work));
}

Task<std::string> File::read(std::uint64_t offset, std::size_t most) const {
    if (offset >= size_) co_return std::string();
    const std::size_t length = static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - offset));
    auto work = [backend = backend_, shop = shop_, hash = hash_, offset, length] {
        return backend->read(shop, hash, offset, length);
    };
    co_return co_await run(*pool_, std::move(work));
}

Task<Upload> Store::begin(ShopId shop, std::uint64_t limit) {
    auto work = [backend = backend_, shop]() -> std::shared_ptr<Writer> { return backend->begin(shop); };
    std::shared_ptr<Writer> writer = co_await run(pool_, std::move(work));
    co_return Upload(pool_, std::move(writer), limit);
}

Task<Stored> Store::put(ShopId shop, std::string content) {
    auto work = [backend = backend_, shop, content = std::move(content)] {
        const std::unique_ptr<Writer> writer = backend->begin(shop);
        writer->write(std::as_bytes(std::span(content)));
        return writer->finish();
    };
    co_return co_await run(pool_, std::move(work));
}

Task<std::optional<File>> Store::open(ShopId shop, ContentHash hash) {
    auto work = [backend = backend_, shop, hash] { return backend->size(shop, hash); };
    const std::optional<std::uint64_t> size = co_await run(pool_, std::move(work));
    if (!size) co_return std::nullopt;
    co_return File(pool_, backend_, shop, hash, *size);
}

Task<std::optional<std::string>> Store::load(ShopId shop, ContentHash hash, std::size_t most) {
    auto work = [backend = backend_, shop, hash, most]() -> std::optional<std::string> {
        const std::optional<std::uint64_t> size = backend->size(shop, hash);
        if (!size) return std::nullopt;
        if (*size > most)
            throw std::length_error(fmt::format("file {} is too large to be loaded", hash.hex()));
        std::string content = backend->read(shop, hash, 0, static_cast<std::size_t>(*size));
        if (ContentHash::of(content) != hash)
            throw CorruptFile(fmt::format("file {} has other content", hash.hex()));
        return content;
    };
    co_return co_await run(pool_, std::move(work));
}

Task<bool> Store::exists(ShopId shop, ContentHash hash) {
    auto work = [backend = backend_, shop, hash] { return backend->size(shop, hash).has_value(); };
    co_return co_await run(pool_, std::move(work));
}

Task<> Store::remove(ShopId shop, ContentHash hash) {
    auto work = [backend = backend_, shop, hash] { backend->remove(shop, hash); };
    co_await run(pool_, std::move(work));
}

Task<std::vector<Entry>> Store::list(ShopId shop, std::optional<ContentHash> after, std::size_t limit) {
    auto work = [backend = backend_, shop, after, limit] { return backend->list(shop, after, limit); };
    co_return co_await run(pool_, std::move(work));
}

Task<std::vector<Entry>> find_orphans(Store& store,
                                      ShopId shop,
                                      Instant older_than,
                                      FindReferenced find_referenced) {
    std::vector<Entry> orphans;
    std::optional<ContentHash> after;
    for (bool more = true; more;) {
        const std::vector<Entry> entries = co_await store.list(shop, after, files_a_listing);
        more = entries.size() == files_a_listing;
        if (!entries.empty()) after = entries.back().hash;
        std::vector<ContentHash> old;
        for (const Entry& entry : entries) {
            if (entry.modified < older_than) old.push_back(entry.hash);
        }
        const std::vector<ContentHash> referenced = co_await find_referenced(old);
        for (const Entry& entry : entries) {
            const bool named = std::ranges::find(referenced, entry.hash) != referenced.end();
            if (entry.modified < older_than && !named) orphans.push_back(entry);
        }
    }
    co_return orphans;
}

}  // namespace cartwright::files
