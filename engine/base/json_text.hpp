// A text as a JSON string (RFC 8259 section 7), for those who write a line of JSON by hand: problem documents,
// the log, and json/writer, which does whole documents.
#pragma once

#include <string>
#include <string_view>

namespace cartwright {

// With its quotes. UTF-8 goes through as it is, so the text has to be UTF-8. "<" and "/" are not touched:
// JSON that stands in a page's <script> needs more.
inline void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out.append("\\\"");
                break;
            case '\\':
                out.append("\\\\");
                break;
            case '\n':
                out.append("\\n");
                break;
            case '\r':
                out.append("\\r");
                break;
            case '\t':
                out.append("\\t");
                break;
            default:
                if (byte >= 0x20) {
                    out.push_back(c);
                } else {
                    out.append("\\u00");
                    out.push_back(digits[byte >> 4U]);
                    out.push_back(digits[byte & 15U]);
                }
        }
    }
    out.push_back('"');
}

}  // namespace cartwright
