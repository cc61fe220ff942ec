// The guard over any bytes: the same verdict however they are cut, views inside the input, and a second
// opinion. What the guard takes, Beast's parser (compiled in here only) has to read as the same request: same
// method, target, fields and framing. The guard may refuse more, never see something else.
#include "http/guard.hpp"

#include "base/text.hpp"

#undef BOOST_BEAST_SEPARATE_COMPILATION
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

using namespace cartwright::http;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

int feed(Guard& guard, std::string_view bytes) {
    switch (guard.feed(bytes)) {
        case Guard::Verdict::more:
            return 0;
        case Guard::Verdict::head:
            return 200;
        case Guard::Verdict::refused:
            return guard.status();
    }
    return -1;
}

void compare_with_beast(const Head& head, std::string_view bytes) {
    namespace beast = boost::beast::http;
    beast::request_parser<beast::empty_body> parser;
    parser.header_limit(max_head_bytes + 1024);
    parser.body_limit(boost::none);
    boost::system::error_code error;
    if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // Beast takes no empty line
    parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    require(!error || error == beast::error::need_more);
    require(parser.is_header_done());
    require(std::string_view(parser.get().method_string()) == head.method_text);
    require(parser.get().version() == 10 + head.version_minor);
    require(parser.chunked() == (head.framing == Framing::chunked));
    const auto length = parser.content_length();
    if (head.framing == Framing::length) require(length && *length == head.length);
    if (head.framing == Framing::none) require(!length || *length == 0);
    require(parser.keep_alive() == head.keep_alive || !head.keep_alive || head.version_minor == 0);
    require(parser.get().count("Host") == (head.version_minor == 1 ? 1 : parser.get().count("Host")));
    for (const Field& field : std::span(head.fields).first(head.field_count)) {
        bool found = false;
        for (const auto& theirs : parser.get()) {
            found = found || (std::string_view(theirs.name_string()) == field.name &&
                              std::string_view(theirs.value()) == field.value);
        }
        require(found);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto head = std::make_unique<Head>();
    Guard guard(*head);
    const int status = feed(guard, bytes);

    const auto again = std::make_unique<Head>();
    Guard slow(*again);
    int slow_status = 0;
    for (std::size_t end = 1; end <= size && slow_status == 0; ++end)
        slow_status = feed(slow, bytes.substr(0, end));
    require(size == 0 || slow_status == status);

    if (status != 200) return 0;
    require(slow.size() == guard.size());
    require(guard.size() <= size && guard.size() <= max_head_bytes);
    require(again->host == head->host);
    const auto inside = [&](std::string_view view) {
        return view.empty() ||
               (view.data() >= bytes.data() && view.data() + view.size() <= bytes.data() + guard.size());
    };
    for (const Field& field : std::span(head->fields).first(head->field_count)) {
        require(inside(field.name) && inside(field.value) && is_token(field.name));
        require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    }
    require(inside(head->method_text));
    require(head->path.starts_with('/') || head->path == "*");
    require(head->host.find_first_of("/@:?# \t") == std::string_view::npos || head->host.starts_with('['));
    if (head->version_minor == 1) require(!head->host.empty());
    compare_with_beast(*head, bytes.substr(0, guard.size()));
    return 0;
}
