// The answer of ListObjectsV2: a list of keys, in XML. The service is trusted with our files, not with our
// memory: what doesn't look like a listing throws, and nothing is read beyond the text.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::files {

struct S3Object {
    std::string key;
    std::uint64_t size;
    Instant modified;

    friend bool operator==(const S3Object&, const S3Object&) = default;
};

// Throws StorageFailure.
std::vector<S3Object> parse_listing(std::string_view xml);

}  // namespace cartwright::files
