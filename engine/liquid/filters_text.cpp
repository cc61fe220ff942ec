#include "liquid/digits.hpp"
#include "liquid/letters.hpp"
#include "liquid/search.hpp"
#include "liquid/text_filter.hpp"
#include "liquid/utf8.hpp"

#include <algorithm>

namespace cartwright::liquid {

namespace {

Value upcase(Render& render, std::string_view text, const Arguments&) {
    return in_capital_letters(render, text);
}

Value downcase(Render& render, std::string_view text, const Arguments&) {
    return in_small_letters(render, text);
}

Value capitalize(Render& render, std::string_view text, const Arguments&) {
    return capitalized(render, text);
}

Value join(Render& render, std::string_view before, std::string_view after) {
    if (before.empty() || after.empty()) {
        return Value::string(before.empty() ? after : before);
    }
    if (!render.spend(before.size() + after.size())) {
        return render.exhausted();
    }
    TextBuilder out(render, before.size() + after.size());
    out.append(before);
    out.append(after);
    return out.finish();
}

Value append(Render& render, const Value& input, const Arguments& arguments) {
    return join(render, render.text(input), render.text(arguments[0]));
}

Value prepend(Render& render, const Value& input, const Arguments& arguments) {
    return join(render, render.text(arguments[0]), render.text(input));
}

// Writes what stands for text[at, at + size): Ruby's gsub with a text as pattern, where \0 and \& are the match,
// \` and \' what is before and after it, \1 to \9 and \+ groups that there are none of. False: it names a group.
bool append_replacement(
    TextBuilder& out, std::string_view replacement, std::string_view text, std::size_t at, std::size_t size) {
    while (true) {
        const std::size_t backslash = replacement.find('\\');
        if (backslash == std::string_view::npos || backslash + 1 == replacement.size()) {
            out.append(replacement);
            return true;
        }
        out.append(replacement.substr(0, backslash));
        const char code = replacement[backslash + 1];
        switch (code) {
            case '0':
            case '&':
                out.append(text.substr(at, size));
                break;
            case '`':
                out.append(text.substr(0, at));
                break;
            case '\'':
                out.append(text.substr(at + size));
                break;
            case '\\':
                out.append('\\');
                break;
            case '+':
                break;
            default:
                if (code == 'k' && replacement.substr(backslash + 2).starts_with('<')) {
                    return false;
                }
                if (code < '1' || code > '9') {
                    out.append(replacement.substr(backslash, 2));
                }
        }
        replacement.remove_prefix(backslash + 2);
    }
}

Value no_such_group(Render& render) {
    return render.fail(ErrorKind::internal, "internal");
}

constexpr std::size_t all = std::string_view::npos;

Value replace_byte(Render& render, std::string_view text, char from, char to) {
    TextBuilder out(render, text.size());
    if (char* const room = out.room(text.size())) {
        std::ranges::transform(text, room, [from, to](char c) { return c == from ? to : c; });
        out.wrote(text.size());
    }
    return out.finish();
}

// The first `most` occurrences of `pattern`; an empty one stands before each character and at the end.
Value replace_occurrences(Render& render,
                          std::string_view text,
                          std::string_view pattern,
                          std::string_view replacement,
                          std::size_t most) {
    std::size_t found = find_text(text, pattern);
    if (found == std::string_view::npos) {
        return Value::string(text);
    }
    const bool literal = replacement.find('\\') == std::string_view::npos;
    if (literal && pattern.size() == 1 && replacement.size() == 1 && most == all) {
        return replace_byte(render, text, pattern[0], replacement[0]);
    }
    const Characters characters(pattern.empty() ? text : std::string_view());
    TextBuilder out(render, text.size() + replacement.size());
    std::size_t copied = 0;
    for (std::size_t count = 0; count < most && found != std::string_view::npos; ++count) {
        if (!render.spend(replacement.size()) || out.overflowed()) {
            return render.exhausted();
        }
        out.append(text.substr(copied, found - copied));
        copied = found + pattern.size();
        if (literal) {
            out.append(replacement);
        } else if (!append_replacement(out, replacement, text, found, pattern.size())) {
            return no_such_group(render);
        }
        // Past the end there is no character, and nothing is found.
        const std::size_t step =
            pattern.empty() ? std::max<std::size_t>(characters.first_of(text.substr(copied)).size(), 1) : 0;
        found = find_text(text, pattern, copied + step);
    }
    out.append(text.substr(copied));
    return out.finish();
}

Value replace_last_occurrence(Render& render,
                              std::string_view text,
                              std::string_view pattern,
                              std::string_view replacement) {
    const std::size_t found = find_last_text(render, text, pattern);
    if (found == std::string_view::npos) {
        return render.stopped() ? render.exhausted() : Value::string(text);
    }
    TextBuilder out(render, text.size() + replacement.size());
    out.append(text.substr(0, found));
    out.append(replacement);
    out.append(text.substr(found + pattern.size()));
    return out.finish();
}

Value replace(Render& render, std::string_view text, const Arguments& arguments) {
    return replace_occurrences(render, text, render.text(arguments[0]), render.text(arguments[1]), all);
}

Value replace_first(Render& render, std::string_view text, const Arguments& arguments) {
    return replace_occurrences(render, text, render.text(arguments[0]), render.text(arguments[1]), 1);
}

Value replace_last(Render& render, std::string_view text, const Arguments& arguments) {
    return replace_last_occurrence(render, text, render.text(arguments[0]), render.text(arguments[1]));
}

Value remove(Render& render, std::string_view text, const Arguments& arguments) {
    return replace_occurrences(render, text, render.text(arguments[0]), {}, all);
}

Value remove_first(Render& render, std::string_view text, const Arguments& arguments) {
    return replace_occurrences(render, text, render.text(arguments[0]), {}, 1);
}

Value remove_last(Render& render, std::string_view text, const Arguments& arguments) {
    return replace_last_occurrence(render, text, render.text(arguments[0]), {});
}

constexpr bool is_stripped(char c) noexcept {
    return is_space(c) || c == '\0';
}

std::string_view without_left_space(std::string_view text) noexcept {
    const auto begin = std::ranges::find_if_not(text, is_stripped);
    return text.substr(static_cast<std::size_t>(begin - text.begin()));
}

std::string_view without_right_space(std::string_view text) noexcept {
    while (!text.empty() && is_stripped(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

Value strip(Render&, std::string_view text, const Arguments&) {
    return Value::string(without_right_space(without_left_space(text)));
}

Value lstrip(Render&, std::string_view text, const Arguments&) {
    return Value::string(without_left_space(text));
}

Value rstrip(Render&, std::string_view text, const Arguments&) {
    return Value::string(without_right_space(text));
}

Value squish(Render& render, std::string_view text, const Arguments&) {
    text = without_right_space(without_left_space(text));
    const auto is_to_change = [text](std::size_t at) {
        return is_space(text[at]) && (text[at] != ' ' || is_space(text[at + 1]));
    };
    std::size_t at = 0;
    while (at + 1 < text.size() && !is_to_change(at)) {
        ++at;
    }
    if (at + 1 >= text.size()) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size());
    out.append(text.substr(0, at));
    while (at < text.size()) {
        if (is_space(text[at])) {
            out.append(' ');
            while (is_space(text[at])) {
                ++at;
            }
        }
        const std::size_t word = at;
        while (at < text.size() && !is_space(text[at])) {
            ++at;
        }
        out.append(text.substr(word, at - word));
    }
    return out.finish();
}

Value strip_newlines(Render& render, std::string_view text, const Arguments&) {
    std::size_t found = text.find('\n');
    if (found == std::string_view::npos) {
        return Value::string(text);
    }
    TextBuilder out(render, text.size());
    std::size_t copied = 0;
    for (; found != std::string_view::npos; found = text.find('\n', copied)) {
        const bool carriage_return = found > copied && text[found - 1] == '\r';
        out.append(text.substr(copied, found - copied - (carriage_return ? 1 : 0)));
        copied = found + 1;
    }
    out.append(text.substr(copied));
    return out.finish();
}

bool is_empty_container(const Value& value) noexcept {
    switch (value.kind()) {
        case Kind::string:
            return value.as_string().empty();
        case Kind::array:
            return value.as_array().empty();
        case Kind::map:
            return value.as_map().size() == 0;
        case Kind::empty:
        case Kind::blank:
            return true;
        default:
            return false;
    }
}

Value default_value(Render& render, const Value& input, const Arguments& arguments) {
    bool allow_false = false;
    if (arguments[1].is(Kind::map)) {
        const Value* option = arguments[1].as_map().find("allow_false");
        allow_false = option != nullptr && option->truthy();
    }
    const bool missing = allow_false ? input.is_nil() : !render.truthy(input);
    if (!missing && !is_empty_container(input)) {
        return input;
    }
    return arguments.size() == 0 ? Value::string("") : arguments[0];
}

constexpr Filter filters[] = {
    {.name = "upcase", .apply = of_text<upcase>, .pure = true, .summary = "The text in capital letters."},
    {.name = "downcase", .apply = of_text<downcase>, .pure = true, .summary = "The text in small letters."},
    {.name = "capitalize",
     .apply = of_text<capitalize>,
     .pure = true,
     .summary = "The first letter as a capital, all others small."},
    {.name = "append",
     .apply = append,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "The text with another behind it."},
    {.name = "prepend",
     .apply = prepend,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "The text with another before it."},
    {.name = "replace",
     .apply = of_text<replace>,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "The text with every occurrence of one text replaced by another."},
    {.name = "replace_first",
     .apply = of_text<replace_first>,
     .least = 1,
     .most = 2,
     .pure = true,
     .summary = "The text with the first occurrence of one text replaced by another."},
    {.name = "replace_last",
     .apply = of_text<replace_last>,
     .least = 2,
     .most = 2,
     .pure = true,
     .summary = "The text with the last occurrence of one text replaced by another."},
    {.name = "remove",
     .apply = of_text<remove>,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "The text without any occurrence of another."},
    {.name = "remove_first",
     .apply = of_text<remove_first>,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "The text without the first occurrence of another."},
    {.name = "remove_last",
     .apply = of_text<remove_last>,
     .least = 1,
     .most = 1,
     .pure = true,
     .summary = "The text without the last occurrence of another."},
    {.name = "strip",
     .apply = of_text<strip>,
     .pure = true,
     .summary = "The text without white space on both sides."},
    {.name = "lstrip",
     .apply = of_text<lstrip>,
     .pure = true,
     .summary = "The text without white space at its beginning."},
    {.name = "rstrip",
     .apply = of_text<rstrip>,
     .pure = true,
     .summary = "The text without white space at its end."},
    {.name = "squish",
     .apply = of_text_or_nil<squish>,
     .pure = true,
     .summary = "The text without white space on both sides, and one blank for every run of it inside."},
    {.name = "strip_newlines",
     .apply = of_text<strip_newlines>,
     .pure = true,
     .summary = "The text without line breaks."},
    {.name = "default",
     .apply = default_value,
     .most = 2,
     .pure = true,
     .summary = "Another value for nil, false and what is empty; allow_false: true keeps false."},
};

}  // namespace

std::span<const Filter> text_filters() {
    return filters;
}

}  // namespace cartwright::liquid
