#include "liquid/environment.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <array>
#include <string>
#include <vector>

namespace cartwright::liquid {

namespace {

// The name of the tag with which a token ends, whatever stands before it, as /\A(.*){%-?\s*(\w+)\s*(.*)?-?%}\z/
// finds it; and what stands before.
struct ClosingTag {
    std::string_view before;
    std::string_view name;
};

ClosingTag closing_tag(std::string_view token) {
    if (!token.ends_with("%}")) {
        return {};
    }
    for (std::size_t at = token.rfind("{%"); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : token.rfind("{%", at - 1)) {
        std::size_t begin = at + 2;
        if (begin < token.size() && token[begin] == '-') {
            ++begin;
        }
        begin = scan::skip_space(token, begin);
        std::size_t end = begin;
        while (end < token.size() && scan::is_word(token[end])) {
            ++end;
        }
        if (end > begin) {
            return {token.substr(0, at), token.substr(begin, end - begin)};
        }
    }
    return {};
}

// The name of a token that is a tag: /\A{%-?\s*(#|\w+)\s*…%}\z/, or of a line of a {% liquid %} tag.
std::string_view tag_name(std::string_view token, bool line) {
    std::size_t begin = 0;
    if (!line) {
        if (!token.starts_with("{%") || !token.ends_with("%}")) {
            return {};
        }
        begin = token.size() > 2 && token[2] == '-' ? 3 : 2;
    }
    begin = scan::skip_space(token, begin);
    std::size_t end = begin;
    while (end < token.size() && scan::is_word(token[end])) {
        ++end;
    }
    return token.substr(begin, end - begin);
}

bool trims(std::string_view token) {
    return token.size() >= 3 && token[token.size() - 3] == '-';
}

// --- raw, doc ---

struct RawNode : Node {
    std::string_view text;
};

Flow render_raw(const Node& node, Render& render) {
    render.output().append(static_cast<const RawNode&>(node).text);
    return Flow::next;
}

Flow render_nothing(const Node&, Render&) {
    return Flow::next;
}

// The text up to the closing tag; tokens stand one behind the other in the source, so it is a view.
const Node* parse_raw_body(TagParser& tag, RawNode* node, bool nested_is_error) {
    const std::string end = "end" + std::string(tag.name());
    const char* begin = nullptr;
    while (const auto token = tag.raw_token()) {
        if (begin == nullptr) {
            begin = token->data();
        }
        const ClosingTag closing = closing_tag(*token);
        if (nested_is_error && closing.name == tag.name()) {
            tag.refuse("Syntax Error in 'doc' - Nested doc tags are not allowed");
            return node;
        }
        if (closing.name == end) {
            tag.trim_next(trims(*token));
            node->text = {begin, static_cast<std::size_t>(token->data() + closing.before.size() - begin)};
            node->blank = node->text.empty();
            return node;
        }
    }
    tag.never_closed(tag.name());
    return node;
}

const Node* parse_raw(TagParser& tag) {
    if (!scan::blank(tag.markup())) {
        tag.refuse("Syntax Error in 'raw' - Valid syntax: raw");
        return nullptr;
    }
    return parse_raw_body(tag, tag.node<RawNode>(&render_raw), false);
}

const Node* parse_doc(TagParser& tag) {
    if (!scan::blank(tag.markup())) {
        tag.refuse("Syntax Error in 'doc' - Valid syntax: {% doc %}{% enddoc %}");
        return nullptr;
    }
    return parse_raw_body(tag, tag.node<RawNode>(&render_nothing), true);
}

// --- comment, # ---

bool skip_raw(TagParser& tag) {
    while (const auto token = tag.raw_token()) {
        if (closing_tag(*token).name == "endraw") {
            return true;
        }
    }
    tag.never_closed("raw");
    return false;
}

// What stands inside needn't be Liquid, but comments nest and raw hides.
const Node* parse_comment(TagParser& tag) {
    if (!tag.enter_block()) {
        return nullptr;
    }
    int depth = 1;
    while (const auto token = tag.raw_token()) {
        const std::string_view name = tag_name(*token, tag.in_liquid_tag());
        if (name == "raw") {
            if (!skip_raw(tag)) {
                break;
            }
        } else if (name == "comment") {
            ++depth;
        } else if (name == "endcomment" && --depth == 0) {
            if (!tag.in_liquid_tag()) {
                tag.trim_next(trims(*token));
            }
            tag.leave_block();
            return tag.node<Node>(&render_nothing, true);
        }
    }
    tag.never_closed("comment");
    tag.leave_block();
    return nullptr;
}

const Node* parse_inline_comment(TagParser& tag) {
    const std::string_view markup = tag.markup();
    for (std::size_t at = markup.find('\n'); at != std::string_view::npos; at = markup.find('\n', at + 1)) {
        const std::size_t next = scan::skip_space(markup, at);
        if (next < markup.size() && markup[next] != '#') {
            tag.refuse(
                "Syntax error in tag '#' - Each line of comments must be prefixed by the '#' character");
            return nullptr;
        }
    }
    return tag.node<Node>(&render_nothing, true);
}

}  // namespace

std::span<const Tag> text_tags() {
    static constexpr std::array tags{
        Tag{"raw", &parse_raw, "endraw", "Prints its body as it is."},
        Tag{"comment", &parse_comment, "endcomment", "Prints nothing, and its body isn't read."},
        Tag{"doc", &parse_doc, "enddoc", "Documents a partial for its readers; prints nothing."},
        Tag{"#", &parse_inline_comment, {}, "A comment of one tag."},
    };
    return tags;
}

}  // namespace cartwright::liquid
