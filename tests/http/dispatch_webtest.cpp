// The dispatcher behind the real session: what stands on the wire.
#include "http/dispatch.hpp"

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "http/edge_client.hpp"
#include "http/health.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "http/texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cartwright::http {
namespace {

using testing::HasSubstr;

class OneSite final : public Sites {
public:
    std::pair<bool, std::shared_ptr<const Site>> cached(std::string_view host) override {
        return {true, host == "a.test" ? site_ : nullptr};
    }

    Task<std::shared_ptr<const Site>> load(std::string) override { co_return nullptr; }

private:
    std::shared_ptr<const Site> site_ = [] {
        auto site = std::make_shared<Site>();
        site->tenant = 7;
        site->host = "a.test";
        return site;
    }();
};

class DispatchWebTest : public testing::Test {
protected:
    DispatchWebTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "dispatch-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        folder_ = pattern;
        std::ofstream(folder_ / "small.css") << std::string(3000, 'a');
        std::ofstream(folder_ / "large.bin") << std::string(50'000, 'b') + std::string(50'000, 'c');
        files_ =
            std::make_shared<const StaticFiles>(folder_, "/assets", StaticLimits{.bytes_in_memory = 4096});
        add_static_files(router_, "assets", files_);
        add_health_pages(router_, {});
        router_.add({.name = "plain",
                     .methods = {Method::get},
                     .pattern = "/",
                     .handler = [](Request&) -> Task<Response> { co_return html(200, "<p>hello</p>"); }});
        router_.add({.name = "page",
                     .methods = {Method::get},
                     .pattern = "/page",
                     .handler = [this](Request&) -> Task<Response> {
                         ++made_;
                         co_return html(200, "<p>" + std::string(4000, 'p') + "</p>");
                     },
                     .page_key = [](const Request&, PageKey&) { return true; }});
        router_.add({.name = "form",
                     .methods = {Method::post},
                     .pattern = "/form",
                     .handler = [this](Request&) -> Task<Response> {
                         ++made_;
                         co_return text(200, "done");
                     },
                     .body = Body::whole,
                     .body_limit = 100});
        ServerOptions options;
        options.threads = 1;
        server_.emplace(
            std::move(options),
            [this](boost::asio::io_context&, unsigned) {
                return std::make_unique<Dispatcher>(DispatchParts{.router = router_,
                                                                  .sites = sites_,
                                                                  .errors = errors_,
                                                                  .csrf = csrf_,
                                                                  .rates = rates_,
                                                                  .pages = pages_,
                                                                  .rng = rng_});
            },
            nullptr,
            LogSink(),
            clock_,
            rng_);
        server_->listen({});
        server_->start();
    }

    ~DispatchWebTest() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }

    Answer ask(std::string_view method,
               std::string_view target,
               std::string_view fields = "",
               std::string_view body = "") {
        Client client(server_->port());
        EXPECT_TRUE(client.send(std::string(method) + " " + std::string(target) +
                                " HTTP/1.1\r\nHost: a.test\r\n" + std::string(fields) + "\r\n" +
                                std::string(body)));
        return client.answer(method == "HEAD");
    }

    // Without what differs from one answer to the next.
    static std::string lasting(std::string head) {
        for (const std::string_view name : {"\r\nDate: ", "\r\nX-Request-Id: "}) {
            const std::size_t at = head.find(name);
            if (at != std::string::npos) head.erase(at, head.find("\r\n", at + 2) - at);
        }
        return head;
    }

    std::atomic<int> made_{0};
    std::filesystem::path folder_;
    std::shared_ptr<const StaticFiles> files_;
    SystemClock clock_;
    SystemRng rng_;
    Router router_;
    OneSite sites_;
    test::Texts texts_;
    ErrorAnswers errors_{texts_};
    Signer signer_{{std::string(32, 'k')}};
    CsrfCheck csrf_{signer_, rng_};
    RateTable rates_{rng_, 1024};
    PageCache pages_{rng_};
    std::optional<Server> server_;
};

TEST_F(DispatchWebTest, HeadIsGetWithoutTheBody) {
    for (const std::string_view target :
         {"/", "/page", "/page", "/assets/small.css", "/assets/large.bin", "/nowhere", "/healthz"}) {
        const Answer get = ask("GET", target);
        const Answer head = ask("HEAD", target);
        EXPECT_EQ(lasting(head.head), lasting(get.head)) << target;
        EXPECT_EQ(head.body, "") << target;
        EXPECT_EQ(get.field("Content-Length"), std::to_string(get.body.size())) << target;
    }
}

TEST_F(DispatchWebTest, APageIsMadeOnceAndSentInItsEncodings) {
    const Answer first = ask("GET", "/page", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(first.field("Content-Encoding"), "gzip");
    const Answer plain = ask("GET", "/page");
    EXPECT_EQ(plain.field("Content-Encoding"), "-");
    EXPECT_EQ(plain.body, "<p>" + std::string(4000, 'p') + "</p>");
    EXPECT_EQ(plain.field("Vary"), "Accept-Encoding");
    EXPECT_EQ(made_, 1);
    const Answer known = ask("GET", "/page", "If-None-Match: " + plain.field("ETag") + "\r\n");
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(known.field("ETag"), plain.field("ETag"));
    EXPECT_EQ(made_, 1);
}

TEST_F(DispatchWebTest, RangesOfAFileOnDisk) {
    const Answer part = ask("GET", "/assets/large.bin", "Range: bytes=49999-50000\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "bc");
    EXPECT_EQ(part.field("Content-Range"), "bytes 49999-50000/100000");
    EXPECT_EQ(ask("GET", "/assets/large.bin", "Range: bytes=-1\r\n").body, "c");
    EXPECT_EQ(ask("GET", "/assets/large.bin").body, std::string(50'000, 'b') + std::string(50'000, 'c'));
    const Answer outside = ask("GET", "/assets/large.bin", "Range: bytes=100000-\r\n");
    EXPECT_EQ(outside.status, 416);
    EXPECT_EQ(outside.field("Content-Range"), "bytes */100000");
    const Answer of_memory = ask("GET", "/assets/small.css", "Range: bytes=0-1,2998-\r\n");
    EXPECT_EQ(of_memory.status, 206);
    EXPECT_TRUE(of_memory.field("Content-Type").starts_with("multipart/byteranges; boundary="))
        << of_memory.head;
}

TEST_F(DispatchWebTest, LastingAddressesMayBeKeptForever) {
    const Answer answer = ask("GET", files_->url_of("small.css"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(ask("GET", "/assets/../../../etc/passwd").status, 404);
    EXPECT_EQ(ask("GET", "/assets/%2e%2e/%2e%2e/etc/passwd").status, 404);
    EXPECT_EQ(ask("GET", "/assets/..%2f..%2fetc/passwd").status, 400);
}

TEST_F(DispatchWebTest, ErrorsOfTheEdgeHaveTheSamePageAndId) {
    const Answer answer = ask("GET", "/nowhere");
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr("<code>" + answer.field("X-Request-Id") + "</code>"));
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
    const Answer large = ask("POST", "/form", "Content-Length: 101\r\nAccept: application/json\r\n");
    EXPECT_EQ(large.status, 413);
    EXPECT_EQ(large.field("Content-Type"), "application/problem+json");
    const Answer bad = ask("GET", "/ x");
    EXPECT_EQ(bad.status, 400);
    EXPECT_THAT(bad.head, HasSubstr("Content-Security-Policy: default-src 'none'"));
    EXPECT_EQ(made_, 0);
}

TEST_F(DispatchWebTest, ARefusedFormLeavesTheConnectionInStep) {
    Client client(server_->port());
    ASSERT_TRUE(
        client.send("POST /form HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nGET /"
                    "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"));
    EXPECT_EQ(client.answer().status, 403);
    EXPECT_EQ(client.answer().body, "<p>hello</p>");
    EXPECT_EQ(made_, 0);
}

}  // namespace
}  // namespace cartwright::http
