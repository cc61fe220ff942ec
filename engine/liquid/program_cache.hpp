// Parsed programs by content, shared by all threads: the same source in the same environment and mode is parsed
// once, whoever brings it. Keyed by a hash, checked by the whole source, so nobody can slip another's template in.
#pragma once

#include "liquid/parse.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace cartwright::liquid {

class ProgramCache {
public:
    // Programs that were used longest ago are let go when all together hold more than `bytes`.
    explicit ProgramCache(std::size_t bytes = 256 << 20);

    // Of any thread. What isn't there is parsed by the caller, outside of any lock; limits count for that parse
    // alone. Sources with errors aren't remembered, and a listener hears a parse of its own.
    std::expected<ProgramPointer, Error> find_or_parse(const Environment& environment,
                                                       std::string_view source,
                                                       const ParseOptions& options = {});

    // Bytes of all programs that are kept; those in use elsewhere may be more.
    std::size_t memory() const;

private:
    struct Entry {
        std::uint64_t key;
        Mode mode;
        bool line_numbers;
        ProgramPointer program;
    };

    struct Shard {
        mutable std::mutex mutex;
        std::list<Entry> entries;  // the latest used first
        std::unordered_multimap<std::uint64_t, std::list<Entry>::iterator> by_key;
        std::size_t bytes = 0;
    };

    // Also makes it the latest used one; nullptr: it isn't there. The shard is locked.
    static ProgramPointer find(Shard& shard,
                               std::uint64_t key,
                               const Environment& environment,
                               std::string_view source,
                               const ParseOptions& options);

    std::size_t shard_bytes_;
    std::array<Shard, 16> shards_;
};

}  // namespace cartwright::liquid
