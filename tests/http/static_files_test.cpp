#include "http/static_files.hpp"

#include "http/compress.hpp"
#include "http/sent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <unistd.h>

namespace cartwright::http {
namespace {

using testing::HasSubstr;

class StaticFilesTest : public testing::Test {
protected:
    StaticFilesTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "static-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        root_ = pattern;
        folder_ = root_ / "public";
        std::filesystem::create_directories(folder_ / "fonts");
        write(root_ / "secret.txt", "canary");
        write(folder_ / "app.css", std::string(2000, 'a'));
        write(folder_ / "app.css.br", "brotli of app");
        write(folder_ / "fonts/a.woff2", "font");
        write(folder_ / "LICENCE", "text");
        write(folder_ / "alone.gz", "an archive");
        write(folder_ / ".hidden", "canary");
        write(folder_ / "large.bin", std::string(5000, 'b'));
        std::filesystem::create_symlink(root_ / "secret.txt", folder_ / "link.txt");
        std::filesystem::create_directory_symlink(root_, folder_ / "up");
    }

    ~StaticFilesTest() override { std::filesystem::remove_all(root_); }

    static void write(const std::filesystem::path& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    }

    StaticFiles files() { return {folder_, "/assets", {.bytes_in_memory = 4096}}; }

    std::filesystem::path root_;
    std::filesystem::path folder_;
};

TEST_F(StaticFilesTest, EachFileHasTwoAddresses) {
    const StaticFiles all = files();
    const std::string url(all.url_of("app.css"));
    EXPECT_TRUE(url.starts_with("/assets/app.")) << url;
    EXPECT_TRUE(url.ends_with(".css")) << url;
    EXPECT_EQ(url.size(), std::string("/assets/app..css").size() + 20);
    const auto lasting = all.page(url.substr(std::string("/assets/").size()));
    ASSERT_TRUE(lasting);
    EXPECT_THAT(lasting->identity.head, HasSubstr("Cache-Control: public, max-age=31536000, immutable\r\n"));
    const auto plain = all.page("app.css");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->identity.body, std::string(2000, 'a'));
    EXPECT_THAT(plain->identity.head, HasSubstr("Cache-Control: public, no-cache\r\n"));
    EXPECT_THAT(plain->identity.head, HasSubstr("Content-Type: text/css; charset=utf-8\r\n"));
    EXPECT_THAT(plain->identity.head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(plain->identity.head, HasSubstr("Accept-Ranges: bytes\r\n"));
    EXPECT_EQ(plain->identity.etag, "\"" + url.substr(12, 20) + "\"");
}

TEST_F(StaticFilesTest, NeighboursAreTheEncodings) {
    const StaticFiles all = files();
    ASSERT_TRUE(all.page("app.css")->brotli);
    EXPECT_EQ(all.page("app.css")->brotli->body, "brotli of app");
    EXPECT_EQ(all.page("app.css")->gzip->body, gzip(std::string(2000, 'a'), Effort::thorough));
    EXPECT_EQ(all.page("app.css.br"), nullptr);
    ASSERT_TRUE(all.page("alone.gz"));
    EXPECT_EQ(all.page("alone.gz")->identity.body, "an archive");
}

TEST_F(StaticFilesTest, NothingOutsideTheFolderIsThere) {
    const StaticFiles all = files();
    EXPECT_EQ(all.size(), 5U);
    for (const std::string_view name : {"../secret.txt",
                                        "..%2fsecret.txt",
                                        "link.txt",
                                        "up/secret.txt",
                                        ".hidden",
                                        "",
                                        "/",
                                        "fonts",
                                        "fonts/",
                                        "fonts/../app.css",
                                        "app.css/",
                                        "//app.css",
                                        "/etc/passwd",
                                        "App.css"}) {
        EXPECT_EQ(all.page(name), nullptr) << name;
        EXPECT_FALSE(all.response(name)) << name;
        EXPECT_EQ(all.url_of(name), "") << name;
    }
}

TEST_F(StaticFilesTest, LargeFilesAreSentFromDiskAsTheyWere) {
    const StaticFiles all = files();
    EXPECT_EQ(all.page("large.bin"), nullptr);
    write(folder_ / "replacement", "other");
    std::filesystem::rename(folder_ / "replacement", folder_ / "large.bin");
    const auto response = all.response("large.bin");
    ASSERT_TRUE(response);
    const FileBody& body = std::get<FileBody>(response->body);
    EXPECT_EQ(body.length, 5000U);
    std::string bytes(6000, '\0');
    EXPECT_EQ(::pread(*body.file, bytes.data(), bytes.size(), 0), 5000);
    EXPECT_EQ(bytes.substr(0, 5000), std::string(5000, 'b'));
}

TEST_F(StaticFilesTest, NamesWithoutAnEndingGetTheHashAtTheirEnd) {
    const StaticFiles all = files();
    EXPECT_TRUE(all.url_of("LICENCE").starts_with("/assets/LICENCE."));
    EXPECT_TRUE(all.url_of("fonts/a.woff2").starts_with("/assets/fonts/a."));
    EXPECT_TRUE(all.url_of("fonts/a.woff2").ends_with(".woff2"));
}

TEST_F(StaticFilesTest, TheRouteServesThem) {
    Router router;
    const auto all = std::make_shared<const StaticFiles>(files());
    add_static_files(router, "assets", all);
    test::Sent sent(Method::get, "/assets/fonts/a.woff2");
    const Match match = router.find(Method::get, "/assets/fonts/a.woff2");
    sent.request.parameters = match.parameters;
    EXPECT_EQ(match.route->ready(sent.request), all->page("fonts/a.woff2"));
    EXPECT_EQ(std::get<std::string>(test::run(match.route->handler(sent.request)).body), "font");
}

TEST(MediaType, ByEnding) {
    EXPECT_EQ(media_type_of("a/b.CSS"), "text/css; charset=utf-8");
    EXPECT_EQ(media_type_of("a.tar.gz"), "application/octet-stream");
    EXPECT_EQ(media_type_of("Makefile"), "application/octet-stream");
    EXPECT_EQ(media_type_of("x.html"), "text/html; charset=utf-8");
}

}  // namespace
}  // namespace cartwright::http
