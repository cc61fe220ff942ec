#include "liquid/program_cache.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <tuple>
#include <utility>

namespace cartwright::liquid {

namespace {

std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 32)) * 0xD6E8FEB86659FD93ULL;
    return value ^ (value >> 32);
}

// Spreads well; that sources with equal keys stay apart is not its work.
std::uint64_t key_of(std::string_view source) noexcept {
    std::uint64_t hash = mixed(source.size());
    while (!source.empty()) {
        std::uint64_t word = 0;
        const std::size_t bytes = std::min(source.size(), sizeof word);
        std::memcpy(&word, source.data(), bytes);
        hash = mixed(std::rotl(hash, 23) ^ word);
        source.remove_prefix(bytes);
    }
    return hash;
}

}  // namespace

ProgramCache::ProgramCache(std::size_t bytes) : shard_bytes_(bytes / std::tuple_size_v<decltype(shards_)>) {}

ProgramPointer ProgramCache::find(Shard& shard,
                                  std::uint64_t key,
                                  const Environment& environment,
                                  std::string_view source,
                                  const ParseOptions& options) {
    const auto [first, last] = shard.by_key.equal_range(key);
    for (auto at = first; at != last; ++at) {
        const Entry& entry = *at->second;
        if (entry.mode == options.mode && entry.line_numbers == options.line_numbers &&
            &entry.program->environment() == &environment && entry.program->source() == source) {
            shard.entries.splice(shard.entries.begin(), shard.entries, at->second);
            return entry.program;
        }
    }
    return nullptr;
}

std::expected<ProgramPointer, Error> ProgramCache::find_or_parse(const Environment& environment,
                                                                 std::string_view source,
                                                                 const ParseOptions& options) {
    if (options.listener != nullptr) {
        return parse(environment, source, options);
    }
    const std::uint64_t key = key_of(source);
    Shard& shard = shards_[key % shards_.size()];
    {
        const std::lock_guard lock(shard.mutex);
        if (ProgramPointer found = find(shard, key, environment, source, options)) {
            return found;
        }
    }
    auto parsed = parse(environment, source, options);
    if (!parsed || (*parsed)->memory() > shard_bytes_) {
        return parsed;
    }
    std::list<Entry> let_go;  // destroyed after the lock
    const std::lock_guard lock(shard.mutex);
    if (ProgramPointer found = find(shard, key, environment, source, options)) {
        return found;
    }
    shard.entries.push_front({key, options.mode, options.line_numbers, *parsed});
    shard.by_key.emplace(key, shard.entries.begin());
    shard.bytes += (*parsed)->memory();
    while (shard.bytes > shard_bytes_) {
        const auto oldest = std::prev(shard.entries.end());
        shard.bytes -= oldest->program->memory();
        const auto [first, last] = shard.by_key.equal_range(oldest->key);
        shard.by_key.erase(
            std::find_if(first, last, [&](const auto& each) { return each.second == oldest; }));
        let_go.splice(let_go.begin(), shard.entries, oldest);
    }
    return parsed;
}

std::size_t ProgramCache::memory() const {
    std::size_t bytes = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        bytes += shard.bytes;
    }
    return bytes;
}

}  // namespace cartwright::liquid
