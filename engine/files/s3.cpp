#include "files/s3.hpp"

#include "base/releaser.hpp"
#include "base/rng.hpp"
#include "files/local.hpp"
#include "files/s3_listing.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cartwright::files {

namespace {

using Easy = std::unique_ptr<CURL, Releaser<curl_easy_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Releaser<curl_slist_free_all>>;

constexpr int most_tries = 3;
constexpr std::size_t most_listing_bytes = 4U << 20U;  // 1,000 keys of ours take 0.4 MiB
constexpr std::size_t most_listed = 1'000;             // the service's own bound for one answer
constexpr std::size_t most_idle_handles = 16;
constexpr long slowest_bytes_per_second = 1'024;
constexpr long continue_timeout_ms = 200;  // what a service that doesn't know "100 Continue" costs a put

void add_header(Headers& headers, const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    std::ignore = headers.release();
    headers.reset(longer);
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (code != CURLE_OK)
        throw StorageFailure(fmt::format("libcurl refuses an option: {}", curl_easy_strerror(code)));
}

struct Received {
    std::string content;
    std::size_t limit = 0;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* to) {
    auto& received = *static_cast<Received*>(to);
    if (size > received.limit - received.content.size()) return 0;  // libcurl gives up: CURLE_WRITE_ERROR
    received.content.append(data, size);
    return size;
}

struct Sent {
    int descriptor = -1;
    std::uint64_t position = 0;
};

std::size_t send_file(char* data, std::size_t, std::size_t size, void* from) {
    auto& sent = *static_cast<Sent*>(from);
    const ssize_t got = ::pread(sent.descriptor, data, size, static_cast<off_t>(sent.position));
    if (got < 0) return CURL_READFUNC_ABORT;
    sent.position += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
}

int seek_file(void* from, curl_off_t offset, int origin) {
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Sent*>(from)->position = static_cast<std::uint64_t>(offset);
    return CURL_SEEKFUNC_OK;
}

// AWS' URI encoding: unreserved characters of RFC 3986 stay and those of `kept`; all else becomes %XX.
std::string encode(std::string_view text, std::string_view kept = {}) {
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").contains(c) || kept.contains(c);
        if (plain) {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return encoded;
}

}  // namespace

// Connections are kept between calls: a handle of libcurl holds its own.
class S3Files::Handles {
public:
    Easy take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return Easy(curl_easy_init());
        Easy handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
    }

    void give_back(Easy handle) {
        curl_easy_reset(handle.get());
        const std::lock_guard lock(mutex_);
        if (idle_.size() < most_idle_handles) idle_.push_back(std::move(handle));
    }

private:
    std::mutex mutex_;
    std::vector<Easy> idle_;
};

struct S3Files::Request {
    enum class Method : std::uint8_t { get, head, put, remove };

    Method method = Method::get;
    std::string url{};
    std::string range{};  // "0-99" or empty
    std::string body_hash = ContentHash::of({}).hex();
    int body = -1;  // descriptor of the file to send, for put
    std::uint64_t body_size = 0;
    std::size_t most_bytes = 64U << 10U;  // of the answer's body
};

struct S3Files::Answer {
    long status = 0;
    std::string body;
    std::int64_t length = -1;  // Content-Length
};

class S3Files::S3Writer final : public Writer {
public:
    S3Writer(S3Files& files, ShopId shop) : files_(files), shop_(shop), file_(files.options_.temporary) {}

    void write(std::span<const std::byte> piece) override { file_.write(piece); }

    Stored finish() override {
        const Stored stored = file_.finish();
        Request request{.method = Request::Method::put,
                        .url = files_.url_of(files_.key_of(shop_, stored.hash))};
        request.body_hash = stored.hash.hex();
        request.body = file_.descriptor();
        request.body_size = stored.size;
        files_.perform(request);
        return stored;
    }

private:
    S3Files& files_;
    ShopId shop_;
    TemporaryFile file_;
};

S3Files::S3Files(S3Options options, Rng& rng)
    : options_(std::move(options)), rng_(rng), handles_(std::make_unique<Handles>()) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw StorageFailure("libcurl can't start");
    std::error_code error;
    std::filesystem::create_directories(options_.temporary, error);
    if (error)
        throw StorageFailure("can't create folder " + options_.temporary.native() + ": " + error.message());
}

S3Files::~S3Files() {
    handles_.reset();
    curl_global_cleanup();
}

void S3Files::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
}

std::unique_ptr<Writer> S3Files::begin(ShopId shop) {
    return std::make_unique<S3Writer>(*this, shop);
}

std::optional<std::uint64_t> S3Files::size(ShopId shop, const ContentHash& hash) {
    const Answer answer = perform({.method = Request::Method::head, .url = url_of(key_of(shop, hash))});
    if (answer.status == 404) return std::nullopt;
    if (answer.length < 0)
        throw StorageFailure("the S3 service doesn't tell the length of " + key_of(shop, hash));
    return static_cast<std::uint64_t>(answer.length);
}

std::string S3Files::read(ShopId shop, const ContentHash& hash, std::uint64_t offset, std::size_t length) {
    if (length == 0) return {};
    Request request{.url = url_of(key_of(shop, hash)),
                    .range = fmt::format("{}-{}", offset, offset + length - 1)};
    // Room for the error document that may come instead of a short range.
    request.most_bytes = std::max<std::size_t>(length, request.most_bytes);
    Answer answer = perform(request);
    const bool exact = answer.status == 206 || (answer.status == 200 && offset == 0);
    if (!exact || answer.body.size() != length) {
        throw CorruptFile(fmt::format("{} is gone or shorter than it was (the S3 service answered {})",
                                      key_of(shop, hash),
                                      answer.status));
    }
    return std::move(answer.body);
}

void S3Files::remove(ShopId shop, const ContentHash& hash) {
    perform({.method = Request::Method::remove, .url = url_of(key_of(shop, hash))});
}

std::vector<Entry> S3Files::list(ShopId shop, const std::optional<ContentHash>& after, std::size_t limit) {
    const std::string folder = folder_of(shop);
    std::vector<Entry> entries;
    std::string last = after ? key_of(shop, *after) : folder;
    while (entries.size() < limit) {
        const std::size_t wanted = std::min(limit - entries.size(), most_listed);
        // Names in the order of the alphabet, as the signature wants them.
        const std::string query = fmt::format(
            "?list-type=2&max-keys={}&prefix={}&start-after={}", wanted, encode(folder), encode(last));
        const Answer answer = perform({.url = url_of("") + query, .most_bytes = most_listing_bytes});
        const std::vector<S3Object> objects = parse_listing(answer.body);
        for (const S3Object& object : objects) {
            last = object.key;
            if (!object.key.starts_with(folder)) continue;
            std::string hex = object.key.substr(folder.size());
            if (hex.size() < 3 || hex[2] != '/') continue;
            hex.erase(2, 1);
            const std::optional<ContentHash> hash = ContentHash::parse(hex);
            if (hash) entries.push_back({*hash, object.size, object.modified});
        }
        if (objects.size() < wanted) break;
    }
    return entries;
}

std::string S3Files::folder_of(ShopId shop) const {
    return fmt::format("{}{}/", options_.prefix, shop.value());
}

std::string S3Files::key_of(ShopId shop, const ContentHash& hash) const {
    const std::string hex = hash.hex();
    return folder_of(shop) + hex.substr(0, 2) + "/" + hex.substr(2);
}

std::string S3Files::url_of(std::string_view key) const {
    const std::string path = encode(key, "/");
    if (options_.path_style) return fmt::format("{}/{}/{}", options_.endpoint, options_.bucket, path);
    const std::size_t host = options_.endpoint.find("://") + 3;
    return fmt::format("{}{}.{}/{}",
                       options_.endpoint.substr(0, host),
                       options_.bucket,
                       options_.endpoint.substr(host),
                       path);
}

// The first answer that is final: success, or that there is no such file or range.
S3Files::Answer S3Files::perform(const Request& request) {
    for (int tries = 1;; ++tries) {
        Answer answer = attempt(request);
        const bool missing = answer.status == 404 && request.method != Request::Method::put;
        if (answer.status / 100 == 2 || answer.status == 416 || missing) return answer;
        const bool passing = answer.status == 0 || answer.status == 429 || answer.status >= 500;
        if (passing && tries < most_tries && pause(tries)) continue;
        if (answer.status == 0) throw StorageFailure("the S3 service can't be reached: " + answer.body);
        throw StorageFailure(
            fmt::format("the S3 service answered {}: {}", answer.status, answer.body.substr(0, 300)));
    }
}

// One try. A transfer that failed has status 0 and libcurl's words as its body.
S3Files::Answer S3Files::attempt(const Request& request) {
    Easy handle = handles_->take();
    if (!handle) throw std::bad_alloc();
    CURL* easy = handle.get();
    Headers headers;
    // No "Expect:" to keep libcurl from waiting for "100 Continue": libcurl 7.88 signs it and doesn't send it.
    add_header(headers, "Content-Type: application/octet-stream");
    add_header(headers, "x-amz-content-sha256: " + request.body_hash);
    Received received{.content = {}, .limit = request.most_bytes};
    Sent sent{.descriptor = request.body};
    const std::string signing = fmt::format("aws:amz:{}:s3", options_.region);
    char words[CURL_ERROR_SIZE] = "";

    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_ERRORBUFFER, words);
    set(easy, CURLOPT_AWS_SIGV4, signing.c_str());
    set(easy, CURLOPT_USERNAME, options_.access_key.c_str());
    set(easy, CURLOPT_PASSWORD, options_.secret_key.c_str());
    set(easy, CURLOPT_HTTPHEADER, headers.get());
    set(easy, CURLOPT_WRITEFUNCTION, &receive);
    set(easy, CURLOPT_WRITEDATA, &received);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(easy, CURLOPT_LOW_SPEED_LIMIT, slowest_bytes_per_second);
    set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
    set(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, continue_timeout_ms);
    set(easy, CURLOPT_TIMEOUT, static_cast<long>(options_.total_timeout.count()));
    if (!request.range.empty()) set(easy, CURLOPT_RANGE, request.range.c_str());
    switch (request.method) {
        case Request::Method::get:
            break;
        case Request::Method::head:
            set(easy, CURLOPT_NOBODY, 1L);
            break;
        case Request::Method::remove:
            set(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
            break;
        case Request::Method::put:
            set(easy, CURLOPT_UPLOAD, 1L);
            set(easy, CURLOPT_READFUNCTION, &send_file);
            set(easy, CURLOPT_READDATA, &sent);
            set(easy, CURLOPT_SEEKFUNCTION, &seek_file);
            set(easy, CURLOPT_SEEKDATA, &sent);
            set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_size));
            break;
    }

    const CURLcode code = curl_easy_perform(easy);
    Answer answer;
    if (code == CURLE_OK) {
        curl_off_t length = -1;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
        curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        answer.length = length;
        answer.body = std::move(received.content);
        handles_->give_back(std::move(handle));
    } else {
        answer.body = words[0] != '\0' ? words : curl_easy_strerror(code);
    }
    return answer;
}

// Waits before another try, half of the time by lot. False when the store is being stopped.
bool S3Files::pause(int tries) {
    const auto longest = options_.retry_pause * (1 << (tries - 1));
    const auto half = static_cast<std::uint64_t>(longest.count() / 2);
    const std::chrono::milliseconds wait(longest / 2 + std::chrono::milliseconds(rng_.below(half + 1)));
    std::unique_lock lock(mutex_);
    return !stopping_.wait_for(lock, wait, [this] { return stopped_; });
}

}  // namespace cartwright::files
