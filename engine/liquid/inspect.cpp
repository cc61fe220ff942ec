#include "liquid/compare.hpp"
#include "liquid/render.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

namespace {

constexpr int deepest = 100;

// Ruby prints what isn't a control character, a line or paragraph separator, or unassigned.
bool is_printed(UChar32 point) {
    if (point < 0x7F) {
        return point >= 0x20;
    }
    switch (u_charType(point)) {
        case U_CONTROL_CHAR:
        case U_LINE_SEPARATOR:
        case U_PARAGRAPH_SEPARATOR:
        case U_SURROGATE:
        case U_UNASSIGNED:
            return false;
        default:
            return true;
    }
}

// The letter behind the backslash; 0: there is none.
char short_escape(UChar32 point) {
    switch (point) {
        case '"':
        case '\\':
            return static_cast<char>(point);
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        case '\f':
            return 'f';
        case '\v':
            return 'v';
        case '\b':
            return 'b';
        case '\a':
            return 'a';
        case 0x1B:
            return 'e';
        default:
            return 0;
    }
}

void append_hex(TextBuilder& out, std::uint32_t number, int digits) {
    for (int at = digits - 1; at >= 0; --at) {
        out.append("0123456789ABCDEF"[(number >> (4 * at)) & 0xF]);
    }
}

class Inspection {
public:
    Inspection(Render& render, TextBuilder& out) : render_(render), out_(out) {}

    void operator()(const Value& value) {
        switch (value.kind()) {
            case Kind::nil:
                return out_.append("nil");
            case Kind::string:
                return string(value.as_string());
            case Kind::array:
                return array(value.as_array());
            case Kind::map:
                return map(value.as_map());
            default:
                return out_.append(render_.text(value));
        }
    }

private:
    void string(std::string_view text) {
        out_.append('"');
        const auto size = static_cast<std::int64_t>(text.size());
        std::int64_t at = 0;
        while (at < size && !out_.overflowed()) {
            const std::int64_t from = at;
            UChar32 point = 0;
            U8_NEXT(text.data(), at, size, point);
            if (point < 0) {
                at = from + 1;
                out_.append("\\x");
                append_hex(out_, static_cast<unsigned char>(text[static_cast<std::size_t>(from)]), 2);
            } else if (const char letter = short_escape(point); letter != 0) {
                out_.append('\\');
                out_.append(letter);
            } else if (point == '#' && at < size && is_interpolation(text[static_cast<std::size_t>(at)])) {
                out_.append("\\#");
            } else if (is_printed(point)) {
                out_.append(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(at - from)));
            } else if (point <= 0xFFFF) {
                out_.append("\\u");
                append_hex(out_, static_cast<std::uint32_t>(point), 4);
            } else {
                out_.append("\\u{");
                append_hex(out_, static_cast<std::uint32_t>(point), point > 0xFFFFF ? 6 : 5);
                out_.append('}');
            }
        }
        out_.append('"');
    }

    static bool is_interpolation(char next) { return next == '{' || next == '$' || next == '@'; }

    // Empty ones needn't be entered.
    bool enters(const void* container) {
        if (open_.size() >= deepest || out_.overflowed() || !render_.spend(16) ||
            std::ranges::find(open_, container) != open_.end()) {
            return false;
        }
        open_.push_back(container);
        return true;
    }

    void array(std::span<const Value> items) {
        if (!items.empty() && !enters(items.data())) {
            return out_.append("[...]");
        }
        std::string_view before = "[";
        for (const Value& item : items) {
            out_.append(before);
            (*this)(item);
            before = ", ";
        }
        close(items.empty(), "[", "]");
    }

    void map(const Map& map) {
        if (map.size() > 0 && !enters(&map)) {
            return out_.append("{...}");
        }
        std::string_view before = "{";
        for (const Map::Entry& entry : map.entries()) {
            out_.append(before);
            string(entry.key.text());
            out_.append("=>");
            (*this)(entry.value);
            before = ", ";
        }
        close(map.size() == 0, "{", "}");
    }

    void close(bool empty, std::string_view opening, std::string_view closing) {
        if (empty) {
            out_.append(opening);
        } else {
            open_.pop_back();
        }
        out_.append(closing);
    }

    Render& render_;
    TextBuilder& out_;
    std::vector<const void*> open_;
};

}  // namespace

std::string_view inspect(Render& render, const Value& value) {
    TextBuilder out(render);
    Inspection(render, out)(value);
    if (out.overflowed()) {
        render.exhausted();
    }
    return out.text();
}

}  // namespace cartwright::liquid
