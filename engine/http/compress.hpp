// Compression of answers: gzip (RFC 1952) and brotli (RFC 7932), for text alone and only where it pays. Pages
// that are kept are compressed once at high effort; single answers at low effort, since the visitor waits.
#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::http {

inline constexpr std::size_t least_worth_compressing = 1024;  // below that a packet is saved at no time

enum class Effort : std::uint8_t { quick, thorough };

// HTML, CSS, JavaScript, JSON, XML, SVG and plain text; not what is compressed by its format.
bool is_text_type(std::string_view content_type) noexcept;

std::string gzip(std::string_view body, Effort effort);
std::string brotli(std::string_view body, Effort effort);

// A body's encodings made beforehand, with more effort than a server would spend.
struct Precompressed {
    std::optional<std::string> gzip;
    std::optional<std::string> brotli;
};

// An answer made into a page: its fields and body in each encoding that saves at least a tenth. It gets an
// ETag of its bytes if it has none, and Vary if it could differ. The body has to be a text.
Page make_page(Response response, std::int64_t tenant, Precompressed given = {});

// Compresses a single answer as the request wishes, where its type, size and `compressible` allow it. An
// answer with a strong ETag stays as it is: compressed it would need another tag, and a client couldn't
// show that one in If-Match.
void compress(const Request& request, Response& response);

}  // namespace cartwright::http
