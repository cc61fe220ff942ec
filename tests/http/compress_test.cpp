#include "http/compress.hpp"

#include "http/sent.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace cartwright::http {
namespace {

using test::Sent;

std::string gunzip(std::string_view bytes, std::size_t size) {
    z_stream state{};
    EXPECT_EQ(inflateInit2(&state, 15 + 16), Z_OK);
    std::string out(size + 1, '\0');
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    state.avail_in = static_cast<uInt>(bytes.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&state, Z_FINISH), Z_STREAM_END);
    out.resize(state.total_out);
    inflateEnd(&state);
    return out;
}

std::string unbrotli(std::string_view bytes, std::size_t size) {
    std::string out(size + 1, '\0');
    std::size_t length = out.size();
    EXPECT_EQ(BrotliDecoderDecompress(bytes.size(),
                                      reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                      &length,
                                      reinterpret_cast<std::uint8_t*>(out.data())),
              BROTLI_DECODER_RESULT_SUCCESS);
    out.resize(length);
    return out;
}

const std::string prose = [] {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "<li>Red shirt number " + std::to_string(i) + "</li>\n";
    return text;
}();

TEST(Compress, ComesBackAsItWas) {
    for (const Effort effort : {Effort::quick, Effort::thorough}) {
        for (const std::string& body : {std::string(), std::string("x"), prose}) {
            EXPECT_EQ(gunzip(gzip(body, effort), body.size()), body);
            EXPECT_EQ(unbrotli(brotli(body, effort), body.size()), body);
        }
    }
}

TEST(Compress, OnlyText) {
    for (const std::string_view type : {"text/html; charset=utf-8",
                                        "TEXT/CSS",
                                        "application/json",
                                        "image/svg+xml",
                                        "application/problem+json",
                                        "text/javascript"}) {
        EXPECT_TRUE(is_text_type(type)) << type;
    }
    for (const std::string_view type :
         {"image/png", "font/woff2", "application/pdf", "", "application/octet-stream"}) {
        EXPECT_FALSE(is_text_type(type)) << type;
    }
}

Response compressed(const Sent& sent, Response response) {
    compress(sent.request, response);
    return response;
}

TEST(Compress, AnAnswerGetsTheBestEncoding) {
    const Response br =
        compressed(Sent(Method::get, "/", {{"Accept-Encoding", "gzip, br"}}), html(200, prose));
    EXPECT_EQ(br.field("Content-Encoding"), "br");
    EXPECT_EQ(br.field("Vary"), "Accept-Encoding");
    EXPECT_EQ(unbrotli(std::get<std::string>(br.body), prose.size()), prose);
    const Response gz = compressed(Sent(Method::get, "/", {{"Accept-Encoding", "gzip"}}), html(200, prose));
    EXPECT_EQ(gz.field("Content-Encoding"), "gzip");
    EXPECT_EQ(gunzip(std::get<std::string>(gz.body), prose.size()), prose);
}

TEST(Compress, WhatMustNotBeIsLeftAsItIs) {
    const Sent sent(Method::get, "/", {{"Accept-Encoding", "gzip, br"}});
    Response secret = html(200, prose);
    secret.compressible = false;
    EXPECT_EQ(std::get<std::string>(compressed(sent, secret).body), prose);
    Response tagged = html(200, prose);
    tagged.set("ETag", "\"v1\"");
    EXPECT_EQ(compressed(sent, tagged).field("ETag"), "\"v1\"");
    EXPECT_FALSE(compressed(sent, tagged).has("Content-Encoding"));
    Response weak = html(200, prose);
    weak.set("ETag", "W/\"v1\"");
    EXPECT_EQ(compressed(sent, weak).field("Content-Encoding"), "br");
    EXPECT_FALSE(compressed(sent, text(200, prose, "image/png")).has("Content-Encoding"));
    EXPECT_FALSE(compressed(sent, html(200, prose.substr(0, 1023))).has("Content-Encoding"));
    EXPECT_TRUE(compressed(sent, html(200, prose.substr(0, 1024))).has("Content-Encoding"));
    Response part = html(206, prose);
    EXPECT_FALSE(compressed(sent, part).has("Content-Encoding"));
    const Response plain = compressed(Sent(), html(200, prose));
    EXPECT_FALSE(plain.has("Content-Encoding"));
    EXPECT_EQ(plain.field("Vary"), "Accept-Encoding");
}

TEST(Compress, VaryIsExtendedOnce) {
    const Sent sent(Method::get, "/", {{"Accept-Encoding", "gzip"}});
    Response response = html(200, prose);
    response.set("Vary", "Cookie");
    EXPECT_EQ(compressed(sent, response).field("Vary"), "Cookie, Accept-Encoding");
    response.set("Vary", "accept-encoding");
    EXPECT_EQ(compressed(sent, response).field("Vary"), "accept-encoding");
    response.set("Vary", "*");
    EXPECT_EQ(compressed(sent, response).field("Vary"), "*");
}

TEST(MakePage, HasAVariantForEachEncodingWithItsOwnTag) {
    Response response = html(200, prose);
    response.set("ETag", "\"v1\"").set("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    const Page page = make_page(response, 7);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.tenant, 7);
    EXPECT_EQ(page.last_modified, 784111777);
    EXPECT_EQ(page.identity.body, prose);
    EXPECT_EQ(
        page.identity.head,
        "Content-Type: text/html; charset=utf-8\r\nETag: \"v1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Vary: Accept-Encoding\r\nContent-Length: " +
            std::to_string(prose.size()) + "\r\n");
    ASSERT_TRUE(page.gzip);
    EXPECT_EQ(gunzip(page.gzip->body, prose.size()), prose);
    EXPECT_EQ(page.gzip->etag, "\"v1-gz\"");
    EXPECT_EQ(
        page.gzip->head,
        "Content-Type: text/html; charset=utf-8\r\nETag: \"v1-gz\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\nContent-Length: " +
            std::to_string(page.gzip->body.size()) + "\r\n");
    ASSERT_TRUE(page.brotli);
    EXPECT_EQ(unbrotli(page.brotli->body, prose.size()), prose);
    EXPECT_EQ(page.brotli->etag, "\"v1-br\"");
    EXPECT_EQ(&page.variant(Encoding::brotli), &*page.brotli);
}

TEST(MakePage, GivenEncodingsAreTaken) {
    const Page page = make_page(html(200, prose), 0, {.gzip = "given gzip", .brotli = "given brotli"});
    EXPECT_EQ(page.gzip->body, "given gzip");
    EXPECT_EQ(page.brotli->body, "given brotli");
}

TEST(MakePage, WhatDoesNotPayOffHasOneVariant) {
    const Page small = make_page(html(200, "small"), 0);
    EXPECT_FALSE(small.gzip);
    EXPECT_FALSE(small.brotli);
    EXPECT_EQ(&small.variant(Encoding::gzip), &small.identity);
    EXPECT_EQ(small.identity.head.find("Vary"), std::string::npos);
    EXPECT_EQ(small.identity.etag.size(), 24U);
}

}  // namespace
}  // namespace cartwright::http
