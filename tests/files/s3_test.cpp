#include "files/s3.hpp"

#include "base/rng.hpp"
#include "files/local.hpp"
#include "files/temporary_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cartwright::files {

namespace {

constexpr ShopId shop(7);

Stored put(Backend& files, ShopId to, std::string_view content) {
    const std::unique_ptr<Writer> writer = files.begin(to);
    writer->write(std::as_bytes(std::span(content)));
    return writer->finish();
}

Descriptor listen_on_loopback(std::uint16_t& port) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.number(), generic, length) != 0 || ::listen(socket.number(), 8) != 0 ||
        ::getsockname(socket.number(), generic, &length) != 0) {
        throw std::runtime_error("no port on loopback");
    }
    port = ntohs(address.sin_port);
    return socket;
}

bool accepts(std::uint16_t port) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return ::connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// An S3 server by other people (s3_server.cjs), on loopback, for the life of this object.
class S3Server {
public:
    static constexpr const char* package = CARTWRIGHT_SOURCE_DIR "/node_modules/s3rver/package.json";

    explicit S3Server(const std::filesystem::path& folder) {
        {
            const Descriptor only_to_find_a_free_one = listen_on_loopback(port_);
        }
        const std::string port = std::to_string(port_);
        const pid_t parent = ::getpid();
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() != parent) ::_exit(1);
            ::execlp("node",
                     "node",
                     "--openssl-legacy-provider",
                     CARTWRIGHT_SOURCE_DIR "/tests/files/s3_server.cjs",
                     port.c_str(),
                     folder.c_str(),
                     nullptr);
            ::_exit(127);
        }
        for (int tries = 0; tries < 300 && !accepts(port_); ++tries) ::poll(nullptr, 0, 50);
    }

    S3Server(const S3Server&) = delete;
    S3Server& operator=(const S3Server&) = delete;

    ~S3Server() { stop(); }

    void stop() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

    std::string endpoint() const { return fmt::format("http://127.0.0.1:{}", port_); }

private:
    std::uint16_t port_ = 0;
    pid_t process_ = 0;
};

class S3FilesTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (::access(S3Server::package, R_OK) != 0) return;
        server_folder = new TemporaryFolder;
        server = new S3Server(server_folder->path());
    }

    static void TearDownTestSuite() {
        delete server;
        delete server_folder;
    }

    void SetUp() override {
        if (server == nullptr) GTEST_SKIP() << "the npm package s3rver is not installed (deploy/setup)";
    }

    S3Options options() const {
        return {
            .endpoint = server->endpoint(),
            .region = "eu-north-1",
            .bucket = "shops",
            .access_key = "S3RVER",
            .secret_key = "S3RVER",
            .prefix = std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + " + ж/",
            .temporary = spool_.path(),
            .retry_pause = std::chrono::milliseconds(1)};
    }

    static TemporaryFolder* server_folder;
    static S3Server* server;
    TemporaryFolder spool_;
    SystemRng rng_;
};

TemporaryFolder* S3FilesTest::server_folder = nullptr;
S3Server* S3FilesTest::server = nullptr;

}  // namespace

TEST_F(S3FilesTest, WhatIsPutCanBeReadInParts) {
    S3Files files(options(), rng_);
    const Stored stored = put(files, shop, "hello you!");
    EXPECT_EQ(stored, (Stored{ContentHash::of("hello you!"), 10}));
    EXPECT_EQ(files.size(shop, stored.hash), 10U);
    EXPECT_EQ(files.read(shop, stored.hash, 0, 10), "hello you!");
    EXPECT_EQ(files.read(shop, stored.hash, 6, 3), "you");
    EXPECT_EQ(put(files, shop, "hello you!"), stored);
    EXPECT_EQ(files.list(shop, std::nullopt, 10).size(), 1U);
    EXPECT_TRUE(files_below(spool_.path()).empty());
}

TEST_F(S3FilesTest, ALargeFileArrivesWhole) {
    S3Files files(options(), rng_);
    std::string content;
    while (content.size() < (5U << 20U)) content += "line " + std::to_string(content.size()) + "\n";
    const Stored stored = put(files, shop, content);
    EXPECT_EQ(files.size(shop, stored.hash), content.size());
    EXPECT_TRUE(files.read(shop, stored.hash, 0, content.size()) == content);
}

TEST_F(S3FilesTest, AnEmptyFileIsAFile) {
    S3Files files(options(), rng_);
    const Stored stored = put(files, shop, "");
    EXPECT_EQ(files.size(shop, stored.hash), 0U);
    EXPECT_EQ(files.read(shop, stored.hash, 0, 0), "");
}

TEST_F(S3FilesTest, AShopDoesNotSeeItsNeighboursFile) {
    S3Files files(options(), rng_);
    const Stored stored = put(files, shop, "abc");
    const ShopId neighbour(70);
    EXPECT_EQ(files.size(neighbour, stored.hash), std::nullopt);
    EXPECT_THROW(files.read(neighbour, stored.hash, 0, 3), CorruptFile);
    EXPECT_TRUE(files.list(neighbour, std::nullopt, 10).empty());
    files.remove(neighbour, stored.hash);
    EXPECT_EQ(files.size(shop, stored.hash), 3U);
}

TEST_F(S3FilesTest, WhatIsRemovedIsGone) {
    S3Files files(options(), rng_);
    const Stored stored = put(files, shop, "abc");
    files.remove(shop, stored.hash);
    EXPECT_EQ(files.size(shop, stored.hash), std::nullopt);
    EXPECT_THROW(files.read(shop, stored.hash, 0, 3), CorruptFile);
    files.remove(shop, stored.hash);
}

TEST_F(S3FilesTest, ReadingBeyondTheEndIsCorruption) {
    S3Files files(options(), rng_);
    const Stored stored = put(files, shop, "abc");
    EXPECT_THROW(files.read(shop, stored.hash, 0, 4), CorruptFile);
    EXPECT_THROW(files.read(shop, stored.hash, 3, 1), CorruptFile);
}

TEST_F(S3FilesTest, AListingGoesOnAfterAHash) {
    S3Files files(options(), rng_);
    std::vector<ContentHash> hashes;
    for (int i = 0; i < 12; ++i) hashes.push_back(put(files, shop, "file " + std::to_string(i)).hash);
    std::ranges::sort(hashes);
    const std::vector<Entry> first = files.list(shop, std::nullopt, 5);
    const std::vector<Entry> rest = files.list(shop, first.back().hash, 100);
    std::vector<ContentHash> listed;
    for (const Entry& entry : first) listed.push_back(entry.hash);
    for (const Entry& entry : rest) listed.push_back(entry.hash);
    EXPECT_EQ(first.size(), 5U);
    EXPECT_EQ(listed, hashes);
    EXPECT_EQ(first.front().size,
              std::string_view("file 1").size() +
                  (hashes[0] == ContentHash::of("file 10") || hashes[0] == ContentHash::of("file 11")));
}

TEST_F(S3FilesTest, AWrongKeyIsRefusedByTheService) {
    S3Options wrong = options();
    wrong.secret_key = "guess";
    S3Files files(wrong, rng_);
    try {
        put(files, shop, "abc");
        ADD_FAILURE() << "the service took a wrong signature";
    } catch (const StorageFailure& failure) {
        EXPECT_NE(std::string_view(failure.what()).find("SignatureDoesNotMatch"), std::string_view::npos)
            << failure.what();
    }
    S3Files right(options(), rng_);
    EXPECT_TRUE(right.list(shop, std::nullopt, 10).empty());
}

// A service that answers as it is told, one request a connection, and keeps what it was asked.
class FickleService {
public:
    explicit FickleService(std::vector<std::string> answers)
        : socket_(listen_on_loopback(port_)),
          thread_([this, answers = std::move(answers)] { serve(answers); }) {}

    FickleService(const FickleService&) = delete;
    FickleService& operator=(const FickleService&) = delete;

    ~FickleService() { join(); }

    std::string endpoint() const { return fmt::format("http://127.0.0.1:{}", port_); }

    // After all answers were given.
    const std::vector<std::string>& requests() {
        join();
        return requests_;
    }

private:
    void join() {
        if (thread_.joinable()) thread_.join();
    }

    void serve(const std::vector<std::string>& answers) {
        for (const std::string& answer : answers) {
            pollfd waiting{.fd = socket_.number(), .events = POLLIN, .revents = 0};
            if (::poll(&waiting, 1, 10'000) != 1) return;
            const Descriptor peer(::accept(socket_.number(), nullptr, nullptr));
            std::string request;
            char buffer[4096];
            while (!request.contains("\r\n\r\n") ||
                   (request.starts_with("PUT") && !request.ends_with("abc"))) {
                const ssize_t got = ::read(peer.number(), buffer, sizeof buffer);
                if (got <= 0) break;
                request.append(buffer, static_cast<std::size_t>(got));
            }
            requests_.push_back(request);
            std::ignore = ::send(peer.number(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    std::uint16_t port_ = 0;
    Descriptor socket_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view busy =
    "HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy";

S3Options options_for(const FickleService& service, const TemporaryFolder& spool) {
    return {.endpoint = service.endpoint(),
            .bucket = "shops",
            .access_key = "key",
            .secret_key = "word",
            .prefix = {},
            .temporary = spool.path(),
            .retry_pause = std::chrono::milliseconds(1)};
}

}  // namespace

TEST(S3RetryTest, AFailureThatPassesIsTriedThreeTimesWithTheSameBytes) {
    const TemporaryFolder spool;
    SystemRng rng;
    FickleService service({std::string(busy), "", std::string(ok)});
    S3Files files(options_for(service, spool), rng);
    EXPECT_EQ(put(files, shop, "abc").size, 3U);
    const std::vector<std::string>& requests = service.requests();
    ASSERT_EQ(requests.size(), 3U);
    const std::string hex = ContentHash::of("abc").hex();
    for (const std::string& request : requests) {
        EXPECT_TRUE(
            request.starts_with("PUT /shops/7/" + hex.substr(0, 2) + "/" + hex.substr(2) + " HTTP/1.1\r\n"));
        EXPECT_TRUE(request.ends_with("\r\n\r\nabc"));
    }
}

TEST(S3RetryTest, AfterThreeFailuresItGivesUp) {
    const TemporaryFolder spool;
    SystemRng rng;
    FickleService service({std::string(busy), std::string(busy), std::string(busy)});
    S3Files files(options_for(service, spool), rng);
    try {
        files.size(shop, ContentHash::of("abc"));
        ADD_FAILURE() << "a busy service answered";
    } catch (const StorageFailure& failure) {
        EXPECT_TRUE(std::string_view(failure.what()).starts_with("the S3 service answered 503"))
            << failure.what();
    }
    EXPECT_EQ(service.requests().size(), 3U);
}

TEST(S3RetryTest, ARefusalIsNotTriedAgain) {
    const TemporaryFolder spool;
    SystemRng rng;
    FickleService service({"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"});
    S3Files files(options_for(service, spool), rng);
    EXPECT_THROW(put(files, shop, "abc"), StorageFailure);
    EXPECT_EQ(service.requests().size(), 1U);
}

TEST(S3RetryTest, AnAnswerThatNeverEndsIsCutOff) {
    const TemporaryFolder spool;
    SystemRng rng;
    const std::string endless = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(1U << 20U, 'x');
    FickleService service({endless, endless, endless});
    S3Files files(options_for(service, spool), rng);
    EXPECT_THROW(files.read(shop, ContentHash::of("abc"), 0, 3), StorageFailure);
}

TEST(S3RetryTest, AServiceThatIsNotThereIsAFailure) {
    const TemporaryFolder spool;
    SystemRng rng;
    std::uint16_t port = 0;
    {
        const Descriptor closed_again = listen_on_loopback(port);
    }
    S3Files files({.endpoint = fmt::format("http://127.0.0.1:{}", port),
                   .bucket = "shops",
                   .access_key = "key",
                   .secret_key = "word",
                   .prefix = {},
                   .temporary = spool.path(),
                   .retry_pause = std::chrono::milliseconds(1)},
                  rng);
    try {
        put(files, shop, "abc");
        ADD_FAILURE() << "nobody answered, and it was stored";
    } catch (const StorageFailure& failure) {
        EXPECT_TRUE(std::string_view(failure.what()).starts_with("the S3 service can't be reached"))
            << failure.what();
    }
    EXPECT_TRUE(files_below(spool.path()).empty());
}

}  // namespace cartwright::files
