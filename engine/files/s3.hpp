// Files in a bucket of an S3-compatible service, asked through libcurl with Signature Version 4. Keys are those
// of the local store, PREFIX7/ab/cdef0123…
//
// A file is first written to a local temporary one, since its key is the hash of all of it and the service wants
// the length beforehand. Every call may be sent again without harm, so failures that pass (no connection, 429,
// 5xx) are tried up to three times; deadlines bound each try.
#pragma once

#include "files/backend.hpp"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace cartwright {
class Rng;
}

namespace cartwright::files {

struct S3Options {
    std::string endpoint;  // "https://s3.example.net", without a path
    std::string region = "us-east-1";
    std::string bucket;
    std::string access_key;
    std::string secret_key;
    std::string prefix;               // before every key: "cartwright/" or nothing
    bool path_style = true;           // https://endpoint/bucket/key; else https://bucket.endpoint/key
    std::filesystem::path temporary;  // folder for files on their way to the service
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::seconds stall_timeout{20};   // a transfer under 1 KiB/s for so long is given up
    std::chrono::seconds total_timeout{600};  // one try, whatever its size
    std::chrono::milliseconds retry_pause{
        200};  // before the second try; twice that before the third; plus jitter
};

class S3Files final : public Backend {
public:
    // `rng` must be one that threads may share.
    S3Files(S3Options options, Rng& rng);
    ~S3Files() override;

    std::unique_ptr<Writer> begin(ShopId shop) override;
    std::optional<std::uint64_t> size(ShopId shop, const ContentHash& hash) override;
    std::string read(ShopId shop, const ContentHash& hash, std::uint64_t offset, std::size_t length) override;
    void remove(ShopId shop, const ContentHash& hash) override;
    std::vector<Entry> list(ShopId shop, const std::optional<ContentHash>& after, std::size_t limit) override;

    // Ends the pauses before further tries: calls under way fail with what they have.
    void stop();

private:
    class S3Writer;
    class Handles;
    struct Request;
    struct Answer;

    std::string folder_of(ShopId shop) const;
    std::string key_of(ShopId shop, const ContentHash& hash) const;
    std::string url_of(std::string_view key) const;
    Answer perform(const Request& request);
    Answer attempt(const Request& request);
    bool pause(int tries);

    S3Options options_;
    Rng& rng_;
    std::unique_ptr<Handles> handles_;
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
};

}  // namespace cartwright::files
