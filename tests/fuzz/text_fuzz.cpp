// Text from outside: UTF-8, escapes of HTML, URLs and logs, handles, hosts and addresses.
#include "base/text.hpp"

#include "base/email.hpp"
#include "base/handle.hpp"
#include "base/host.hpp"
#include "base/log.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace cartwright;

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_utf8_by_characters(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_character_bytes(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool is_good = is_utf8(text);
    require(is_good == is_utf8_by_characters(text));
    require(escape_html(text).find_first_of("<>\"'") == std::string::npos);
    const auto decoded = url_decode(url_encode(text), Plus::stays, size);
    require(decoded.has_value() == (is_good && text.find('\0') == std::string_view::npos));
    require(!decoded || *decoded == text);
    for (const Plus plus : {Plus::stays, Plus::is_space}) {
        const auto once = url_decode(text, plus, 64);
        require(!once || (once->size() <= 64 && is_utf8(*once)));
    }
    std::string line;
    append_log_string(line, text);
    require(is_utf8(line) && line.find('\n') == std::string::npos && line.find('\x1b') == std::string::npos);
    if (const auto handle = make_handle(text, 40)) {
        require(handle->text().size() <= 40 && Handle::parse(handle->text()).has_value());
        require(make_handle(handle->text())->text() == handle->text());
    }
    if (const auto host = canonical_host(text)) {
        require(canonical_host(*host) == host);
        static_cast<void>(readable_host(*host));
    }
    if (const auto email = Email::parse(text)) {
        const auto again = Email::parse(email->text());
        require(again.has_value() && again->text() == email->text() && again->key() == email->key());
    }
    return 0;
}
