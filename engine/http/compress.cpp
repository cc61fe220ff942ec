#include "http/compress.hpp"

#include "base/releaser.hpp"
#include "base/text.hpp"
#include "http/conditional.hpp"
#include "http/negotiate.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace cartwright::http {

namespace {

using Deflater = std::unique_ptr<z_stream, Releaser<deflateEnd>>;

// A body that shrinks by less isn't worth the client's work.
bool pays_off(std::size_t before, std::size_t after) noexcept {
    return after + before / 10 < before;
}

void add_to_vary(Response& response, std::string_view name) {
    const std::string_view present = response.field("Vary");
    if (present == "*") return;
    ListReader members(present);
    while (const auto member = members.next()) {
        if (same_ignoring_case(*member, name)) return;
    }
    response.set("Vary",
                 present.empty() ? std::string(name) : std::string(present).append(", ").append(name));
}

Page::Variant make_variant(const Response& response, std::string body, Encoding encoding) {
    Page::Variant variant;
    variant.etag = etag_for(response.field("ETag"), encoding);
    for (const auto& [name, value] : response.fields) {
        const bool is_etag = same_ignoring_case(name, "ETag");
        variant.head.append(name).append(": ").append(is_etag ? variant.etag : value).append("\r\n");
    }
    if (encoding == Encoding::gzip) variant.head.append("Content-Encoding: gzip\r\n");
    if (encoding == Encoding::brotli) variant.head.append("Content-Encoding: br\r\n");
    variant.head.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    variant.body = std::move(body);
    return variant;
}

bool may_compress(const Response& response, std::size_t size) noexcept {
    return response.compressible && size >= least_worth_compressing && !response.has("Content-Encoding") &&
           is_text_type(response.field("Content-Type"));
}

}  // namespace

bool is_text_type(std::string_view content_type) noexcept {
    constexpr std::array<std::string_view, 8> known{"application/javascript",
                                                    "application/json",
                                                    "application/manifest+json",
                                                    "application/xml",
                                                    "image/svg+xml",
                                                    "application/problem+json",
                                                    "application/ld+json",
                                                    "application/rss+xml"};
    const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
    constexpr std::string_view text = "text/";
    if (same_ignoring_case(type.substr(0, text.size()), text)) return true;
    return std::ranges::any_of(known, [&](std::string_view name) { return same_ignoring_case(name, type); });
}

std::string gzip(std::string_view body, Effort effort) {
    constexpr int gzip_window = 15 + 16;  // the largest window; 16 asks for gzip's head and trailer
    constexpr int memory_level = 8;
    z_stream state{};
    const int level = effort == Effort::quick ? 4 : 9;
    if (deflateInit2(&state, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
    const Deflater owner(&state);
    std::string out(deflateBound(&state, body.size()), '\0');
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // zlib doesn't write to it
    state.avail_in = static_cast<uInt>(body.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    if (body.size() > UINT32_MAX / 2 || deflate(&state, Z_FINISH) != Z_STREAM_END) {
        throw std::runtime_error("gzip failed");
    }
    out.resize(state.total_out);
    return out;
}

std::string brotli(std::string_view body, Effort effort) {
    const int quality = effort == Effort::quick ? 4 : 9;  // 11 takes twenty times as long for a few percent
    std::size_t size = BrotliEncoderMaxCompressedSize(body.size());
    std::string out(size, '\0');
    if (size == 0 || BrotliEncoderCompress(quality,
                                           BROTLI_DEFAULT_WINDOW,
                                           BROTLI_MODE_TEXT,
                                           body.size(),
                                           reinterpret_cast<const std::uint8_t*>(body.data()),
                                           &size,
                                           reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_TRUE) {
        throw std::runtime_error("brotli failed");
    }
    out.resize(size);
    return out;
}

Page make_page(Response response, std::int64_t tenant, Precompressed given) {
    std::string body = std::move(std::get<std::string>(response.body));
    if (!response.has("ETag")) response.set("ETag", make_etag(body));
    Page page;
    page.status = response.status;
    page.tenant = tenant;
    page.last_modified = parse_http_date(response.field("Last-Modified"), 0).value_or(0);
    if (may_compress(response, body.size())) {
        add_to_vary(response, "Accept-Encoding");
        std::string small = given.gzip ? std::move(*given.gzip) : gzip(body, Effort::thorough);
        if (pays_off(body.size(), small.size()))
            page.gzip = make_variant(response, std::move(small), Encoding::gzip);
        small = given.brotli ? std::move(*given.brotli) : brotli(body, Effort::thorough);
        if (pays_off(body.size(), small.size()))
            page.brotli = make_variant(response, std::move(small), Encoding::brotli);
    }
    page.identity = make_variant(response, std::move(body), Encoding::identity);
    return page;
}

void compress(const Request& request, Response& response) {
    auto* body = std::get_if<std::string>(&response.body);
    // A range is one of the body as it is: its bytes can't be compressed after they were counted.
    if (!body || response.status == 206 || !may_compress(response, body->size())) return;
    const std::string_view etag = response.field("ETag");
    if (!etag.empty() && !etag.starts_with("W/")) return;
    add_to_vary(response, "Accept-Encoding");
    std::string buffer;
    const Encoding encoding = best_encoding(request.list_field("Accept-Encoding", buffer), true, true);
    if (encoding == Encoding::identity) return;
    std::string small =
        encoding == Encoding::gzip ? gzip(*body, Effort::quick) : brotli(*body, Effort::quick);
    if (!pays_off(body->size(), small.size())) return;
    *body = std::move(small);
    response.set("Content-Encoding", encoding == Encoding::gzip ? "gzip" : "br");
}

}  // namespace cartwright::http
