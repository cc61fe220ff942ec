#include "http/path.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace cartwright::http {

namespace {

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(unsigned char byte) noexcept {
    return byte < 0x20 || byte == 0x7f;
}

// Whether the path stands as it is: plain bytes, no empty and no dot segment.
bool is_normal(std::string_view raw) noexcept {
    char before = 0;
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte >= 0x7f || c == '%' || c == '\\') return false;
        if (before == '/' && (c == '/' || c == '.')) return false;
        before = c;
    }
    return true;
}

bool decode(std::string_view raw, std::string& out) {
    out.clear();
    for (std::size_t at = 0; at < raw.size(); ++at) {
        char c = raw[at];
        if (c == '%') {
            const int high = at + 2 < raw.size() ? hex_value(raw[at + 1]) : -1;
            const int low = at + 2 < raw.size() ? hex_value(raw[at + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = static_cast<char>(high * 16 + low);
            if (c == '/') return false;
            at += 2;
        }
        if (is_control(static_cast<unsigned char>(c)) || c == '\\') return false;
        out.push_back(c);
    }
    return true;
}

// Removes empty and dot segments in place; the text starts with "/". A final "/" stays.
void remove_dots(std::string& path) {
    std::size_t end = 0;  // path[0, end) is done and has no final "/"
    std::size_t at = 0;
    bool folder = false;  // the last segment seen was empty or made of dots: the path ends with "/"
    while (at < path.size()) {
        ++at;
        const std::size_t next = std::min(path.find('/', at), path.size());
        const std::string_view segment(path.data() + at, next - at);
        folder = segment.empty() || segment == "." || segment == "..";
        if (segment == "..") {
            while (end > 0 && path[--end] != '/') {
            }
        } else if (!folder) {
            path[end++] = '/';
            std::copy(segment.begin(), segment.end(), path.begin() + static_cast<std::ptrdiff_t>(end));
            end += segment.size();
        }
        at = next;
    }
    if (folder || end == 0) path[end++] = '/';
    path.resize(end);
}

}  // namespace

std::optional<std::string_view> normal_path(std::string_view raw, std::string& buffer) {
    if (!raw.starts_with('/')) return std::nullopt;
    if (is_normal(raw)) return raw;
    if (!decode(raw, buffer) || !is_utf8(buffer)) return std::nullopt;
    remove_dots(buffer);
    return buffer;
}

}  // namespace cartwright::http
