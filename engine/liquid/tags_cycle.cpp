#include "liquid/compare.hpp"
#include "liquid/environment.hpp"
#include "liquid/frame.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace cartwright::liquid {

namespace {

// --- cycle ---

struct CycleNode : Node {
    std::span<const Expression> values;
    Expression group;      // of a named one
    std::string_view key;  // of an unnamed one
    bool named = false;
};

Flow render_cycle(const Node& node, Render& render) {
    const auto& self = static_cast<const CycleNode&>(node);
    Name key(self.key);
    if (self.named) {
        const Value group = render.evaluate(self.group);
        if (group.is_failure()) {
            return render.report(node, group);
        }
        TextBuilder text(render);
        text.append(class_name(group));
        text.append(':');
        text.append(render.text(group));
        key = Name(text.text());
    }
    Map& cycles = render.frame().cycles;
    const Value* found = cycles.find(key);
    const auto position = static_cast<std::size_t>(found != nullptr ? found->as_integer() : 0);
    const Value value = position < self.values.size() ? render.evaluate(self.values[position]) : Value();
    if (value.is_failure()) {
        return render.report(node, value);
    }
    render.print(value);
    const std::size_t next = position + 1 < self.values.size() ? position + 1 : 0;
    cycles.set(key, Value::integer(static_cast<std::int64_t>(next)));
    return Flow::next;
}

// What tells a constant from another: its class and text.
std::string cycle_key_of(const Expression& value) {
    switch (value.kind()) {
        case Kind::string:
            return "s" + std::to_string(value.as_string().size()) + ":" + std::string(value.as_string());
        case Kind::integer:
            return "i" + std::to_string(value.as_integer()) + ";";
        case Kind::big_integer:
            return "i" + std::string(value.as_string()) + ";";
        case Kind::real: {
            char digits[40];
            return "r" + std::string(print_real(value.as_real(), digits)) + ";";
        }
        case Kind::boolean:
            return value.as_boolean() ? "t" : "f";
        case Kind::range:
            return "(" + std::to_string(value.as_range().first) + ".." +
                   std::to_string(value.as_range().last) + ")";
        default:
            return "n";
    }
}

void strict_cycle(MarkupParser& parser, CycleNode& node, std::vector<Expression>& values) {
    if (parser.look(TokenType::end_of_string)) {
        parser.fail("Syntax Error in 'cycle' - Valid syntax: cycle [name :] var [, var2, var3 ...]");
        return;
    }
    const Expression first = parser.expression();
    if (parser.accept(TokenType::colon)) {
        node.named = true;
        node.group = first;
        values.push_back(parser.expression());
    } else {
        values.push_back(first);
    }
    while (parser.accept(TokenType::comma) && !parser.look(TokenType::end_of_string)) {
        values.push_back(parser.expression());
    }
    parser.consume(TokenType::end_of_string);
}

void lax_values(TagParser& tag, std::string_view markup, std::vector<Expression>& values) {
    for (std::size_t begin = 0; begin <= markup.size();) {
        const std::size_t end = std::min(markup.find(',', begin), markup.size());
        const std::string_view part = markup.substr(begin, end - begin);
        if (const auto piece = scan::next_fragment(part, 0)) {
            values.push_back(tag.expression(part.substr(piece->begin, piece->end - piece->begin)));
        }
        begin = end + 1;
    }
}

// /\A(QuotedFragment)\s*:\s*(.*)/, or /\AQuotedFragment+/
void lax_cycle(TagParser& tag, CycleNode& node, std::vector<Expression>& values) {
    const std::string_view markup = tag.markup();
    std::size_t end = scan::end_of_fragment(markup, 0);
    if (end == 0) {
        tag.refuse("Syntax Error in 'cycle' - Valid syntax: cycle [name :] var [, var2, var3 ...]");
        return;
    }
    std::size_t colon = scan::skip_space(markup, end);
    if (colon >= markup.size() || markup[colon] != ':') {
        // The fragment may hold the colon itself: it gives back what stands behind its last one outside of quotes.
        colon = std::string_view::npos;
        if (markup.front() != '"' && markup.front() != '\'') {
            for (std::size_t at = 1; at < end; ++at) {
                if (scan::is(markup[at], scan::classes::quote)) {
                    at = scan::end_of_quoted(markup, at) - 1;
                } else if (markup[at] == ':') {
                    colon = at;
                }
            }
        }
        end = colon;
    }
    if (colon == std::string_view::npos) {
        lax_values(tag, markup, values);
        return;
    }
    node.named = true;
    node.group = tag.expression(markup.substr(0, end));
    lax_values(tag, markup.substr(scan::skip_space(markup, colon + 1)), values);
}

const Node* parse_cycle(TagParser& tag) {
    auto* node = tag.node<CycleNode>(&render_cycle);
    std::vector<Expression> values;
    tag.read_markup([&](MarkupParser& parser) { strict_cycle(parser, *node, values); },
                    [&] { lax_cycle(tag, *node, values); });
    node->values = tag.keep(values);
    if (!node->named) {
        // Constants are a group by what they are; a variable makes the group the tag's own.
        std::string key = "list:";
        for (const Expression& value : values) {
            if (value.kind() >= Kind::lookup) {
                key = "tag:" + std::to_string(reinterpret_cast<std::uintptr_t>(node));
                break;
            }
            key += cycle_key_of(value);
        }
        node->key = tag.arena().copy(key);
    }
    return node;
}

}  // namespace

std::span<const Tag> cycle_tags() {
    static constexpr std::array tags{
        Tag{"cycle", &parse_cycle, {}, "Prints one of its values after the other."},
    };
    return tags;
}

}  // namespace cartwright::liquid
