#include "liquid/digits.hpp"
#include "liquid/html_scan.hpp"
#include "liquid/search.hpp"
#include "liquid/text_filter.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cartwright::liquid {

namespace {

Value escape(Render& render, std::string_view text, const Arguments&) {
    const std::size_t specials = count_html_specials(text);
    if (specials == 0) {
        return Value::string(text);
    }
    const std::size_t room = room_for_escaped(text.size(), specials);
    TextBuilder out(render, room);
    if (char* to = out.room(room)) {
        out.wrote(static_cast<std::size_t>(write_escaped(to, text) - to));
    }
    return out.finish();
}

constexpr bool is_letter(char c) noexcept {
    return static_cast<unsigned char>((c | 0x20) - 'a') < 26;
}

// Whether an entity stands behind an ampersand: letters, or # and decimal digits, then a semicolon.
bool begins_with_entity(std::string_view text) noexcept {
    const bool numeric = text.starts_with('#');
    const std::string_view name = text.substr(numeric ? 1 : 0);
    const auto end = std::ranges::find_if_not(name, numeric ? is_digit : is_letter);
    return end != name.begin() && end != name.end() && *end == ';';
}

Value escape_once(Render& render, std::string_view text, const Arguments&) {
    const auto find = [text](std::size_t from) {
        std::size_t found = find_html_special(text, from);
        while (found < text.size() && text[found] == '&' && begins_with_entity(text.substr(found + 1))) {
            found = find_html_special(text, found + 1);
        }
        return found;
    };
    std::size_t found = find(0);
    if (found == text.size()) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size() + text.size() / 8 + 32);
    std::size_t copied = 0;
    while (found < text.size() && !out.overflowed()) {
        out.append(text.substr(copied, found - copied));
        out.append(html_entity(text[found]));
        copied = found + 1;
        found = find(copied);
    }
    out.append(text.substr(copied));
    return out.finish();
}

// What is removed with its content.
struct Enclosure {
    std::string_view begin;
    std::string_view end;
};

constexpr std::array<Enclosure, 3> enclosures{{
    {"<script", "</script>"},
    {"<!--", "-->"},
    {"<style", "</style>"},
}};

// The text without scripts, styles and comments; itself when it has none.
Value without_enclosures(Render& render, std::string_view text) {
    // Of these kinds no end follows any more: that is looked for once.
    std::array<bool, enclosures.size()> endless{};
    std::optional<TextBuilder> out;
    std::size_t copied = 0;
    std::size_t next = 0;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', next)) {
        const std::string_view rest = text.substr(at);
        next = at + 1;
        for (std::size_t kind = 0; kind < enclosures.size(); ++kind) {
            const auto& [begin, end] = enclosures[kind];
            if (endless[kind] || !rest.starts_with(begin)) {
                continue;
            }
            const std::size_t found = find_text(rest, end, begin.size());
            if (found == std::string_view::npos) {
                endless[kind] = true;
                continue;
            }
            if (!out) {
                out.emplace(render, text.size());
            }
            out->append(text.substr(copied, at - copied));
            copied = next = at + found + end.size();
        }
    }
    if (!out) {
        return Value::string(text);
    }
    out->append(text.substr(copied));
    return out->finish();
}

Value without_tags(Render& render, std::string_view text) {
    TextBuilder out(render, text.size());
    std::size_t copied = 0;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', copied)) {
        const std::size_t end = text.find('>', at);
        if (end == std::string_view::npos) {
            break;
        }
        out.append(text.substr(copied, at - copied));
        copied = end + 1;
    }
    if (copied == 0) {
        return Value::string(text);
    }
    out.append(text.substr(copied));
    return out.finish();
}

Value strip_html(Render& render, std::string_view text, const Arguments&) {
    const std::size_t first = text.find('<');
    if (first == std::string_view::npos || text.find('>', first) == std::string_view::npos) {
        return Value::string(text);
    }
    const Value rest = without_enclosures(render, text);
    return rest.is_string() ? without_tags(render, rest.as_string()) : rest;
}

Value newline_to_br(Render& render, std::string_view text, const Arguments&) {
    std::size_t found = text.find('\n');
    if (found == std::string_view::npos) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size() + text.size() / 8 + 32);
    std::size_t copied = 0;
    for (; found != std::string_view::npos && !out.overflowed(); found = text.find('\n', copied)) {
        const bool carriage_return = found > copied && text[found - 1] == '\r';
        out.append(text.substr(copied, found - copied - (carriage_return ? 1 : 0)));
        out.append("<br />\n");
        copied = found + 1;
    }
    out.append(text.substr(copied));
    return out.finish();
}

constexpr Filter filters[] = {
    {.name = "escape",
     .apply = of_text_or_nil<escape>,
     .pure = true,
     .summary = "The text with entities for & < > \" and ', to stand in HTML as it is."},
    {.name = "h", .apply = of_text_or_nil<escape>, .pure = true, .summary = "Another name of escape."},
    {.name = "escape_once",
     .apply = of_text<escape_once>,
     .pure = true,
     .summary = "As escape, but entities that stand in the text stay as they are."},
    {.name = "strip_html",
     .apply = of_text<strip_html>,
     .pure = true,
     .summary = "The text without tags and comments, and without scripts and styles and their content."},
    {.name = "newline_to_br",
     .apply = of_text<newline_to_br>,
     .pure = true,
     .summary = "The text with <br /> before each line break."},
};

}  // namespace

std::span<const Filter> html_filters() {
    return filters;
}

}  // namespace cartwright::liquid
