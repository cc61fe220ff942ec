#include "liquid/environment.hpp"
#include "liquid/frame.hpp"
#include "liquid/loops.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/segment.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <array>

namespace cartwright::liquid {

namespace {

std::string_view together(TagParser& tag, std::string_view a, std::string_view b, std::string_view c) {
    char* room = tag.arena().room<char>(a.size() + b.size() + c.size());
    char* end = std::ranges::copy(a, room).out;
    end = std::ranges::copy(b, end).out;
    std::ranges::copy(c, end);
    return {room, a.size() + b.size() + c.size()};
}

// --- for ---

struct ForNode : Node {
    Name item;
    Name key;  // "item-collection": the loop's name, and its place for offset:continue
    Expression collection;
    Expression limit;
    Expression offset;
    bool continues = false;
    bool reversed = false;
    bool has_else = false;
    Block body;
    Block otherwise;
};

Flow render_for(const Node& node, Render& render) {
    const auto& self = static_cast<const ForNode&>(node);
    Render::Frame& frame = render.frame();
    std::int64_t from = 0;
    if (self.continues) {
        const Value* found = frame.loop_offsets.find(self.key);
        from = found != nullptr ? found->as_integer() : 0;
    } else if (!self.offset.is_nil()) {
        const Value value = render.primitive(render.evaluate(self.offset));
        if (value.is_failure()) {
            return render.report(node, value);
        }
        if (!value.is_nil()) {
            const auto number = to_integer(render, value);
            if (!number) {
                return render.report(node, render.argument_error("invalid integer"));
            }
            from = *number;
        }
    }
    const Value collection = render.evaluate(self.collection);
    if (collection.is_failure()) {
        return render.report(node, collection);
    }
    std::optional<std::int64_t> to;
    if (!self.limit.is_nil()) {
        const Value value = render.primitive(render.evaluate(self.limit));
        if (value.is_failure()) {
            return render.report(node, value);
        }
        if (!value.is_nil()) {
            const auto number = to_integer(render, value);
            if (!number) {
                return render.report(node, render.argument_error("invalid integer"));
            }
            to = saturated_sum(*number, from);
        }
    }
    const Segment segment = segment_of(render, collection, from, to);
    if (render.stopped()) {
        return Flow::stop;
    }
    const std::int64_t length = segment.size();
    frame.loop_offsets.set(self.key, Value::integer(saturated_sum(from, length)));
    if (length == 0) {
        return self.has_else ? render.render(self.otherwise) : Flow::next;
    }
    if (!render.push_scope()) {
        return render.report(node, render.fail(ErrorKind::stack_level, "Nesting too deep"));
    }
    ForLoop& loop = render.take_loop();
    loop.name = self.key.text();
    loop.length = length;
    loop.index0 = 0;
    loop.parent = frame.parent_loop;
    frame.parent_loop = Value::drop(loop);
    render.bind(forloop_name, Value::drop(loop));
    const std::size_t slot = render.bind(self.item, Value());
    Flow flow = Flow::next;
    for (std::int64_t turn = 0; turn < length; ++turn) {
        render.set_bound(slot, segment.at(self.reversed ? length - 1 - turn : turn));
        flow = render.render(self.body);
        ++loop.index0;
        if (flow == Flow::stop || flow == Flow::leave_loop) {
            break;
        }
    }
    frame.parent_loop = loop.parent;
    render.pop_scope();
    render.give_back(loop);
    return flow == Flow::stop ? flow : Flow::next;
}

void set_attribute(TagParser& tag, ForNode& node, std::string_view key, std::string_view value_text) {
    if (key == "offset") {
        node.continues = value_text == "continue";
        node.offset = node.continues ? Expression() : tag.expression(value_text);
    } else if (key == "limit") {
        node.limit = tag.expression(value_text);
    }
}

void strict_for(TagParser& tag, MarkupParser& parser, ForNode& node) {
    const std::string_view item = parser.consume(TokenType::id);
    node.item = Name(item);
    if (!parser.accept_word("in")) {
        parser.fail("For loops require an 'in' clause");
        return;
    }
    const std::size_t begin = parser.position();
    node.collection = parser.expression();
    node.key = Name(together(tag, item, "-", parser.text_since(begin)));
    node.reversed = parser.accept_word("reversed");
    const bool strict2 = tag.mode() != Mode::strict;
    while (!parser.failed() && (strict2 ? parser.look(TokenType::comma) || parser.look(TokenType::id)
                                        : parser.look(TokenType::id) && parser.look(TokenType::colon, 1))) {
        if (strict2) {
            parser.accept(TokenType::comma);
        }
        const std::string_view key = parser.look(TokenType::id) ? parser.token().text : std::string_view();
        if (key != "limit" && key != "offset") {
            parser.fail("Invalid attribute in for loop. Valid attributes are limit and offset");
            return;
        }
        parser.consume();
        parser.consume(TokenType::colon);
        const std::size_t value = parser.position();
        const Expression expression = parser.expression();
        if (key == "limit") {
            node.limit = expression;
        } else {
            node.continues = parser.text_since(value) == "continue";
            node.offset = node.continues ? Expression() : expression;
        }
    }
    parser.consume(TokenType::end_of_string);
}

// /\A([\w-]+)\s+in\s+(QuotedFragment+)\s*(reversed)?/
void lax_for(TagParser& tag, ForNode& node) {
    const std::string_view markup = tag.markup();
    const std::size_t item_end = scan::skip_segment(markup, 0);
    const auto begin = item_end > 0 ? scan::after_word(markup, item_end, "in") : std::nullopt;
    const std::size_t end = begin ? scan::end_of_fragments(markup, *begin) : 0;
    if (!begin || end == *begin) {
        tag.refuse("Syntax Error in 'for loop' - Valid syntax: for [item] in [collection]");
        return;
    }
    const std::string_view item = markup.substr(0, item_end);
    const std::string_view collection = markup.substr(*begin, end - *begin);
    node.item = Name(item);
    node.key = Name(together(tag, item, "-", collection));
    node.collection = tag.expression(collection);
    node.reversed = markup.substr(scan::skip_space(markup, end)).starts_with("reversed");
    for (std::size_t at = 0; const auto attribute = scan::next_attribute(markup, at);) {
        set_attribute(tag, node, attribute->key, attribute->value);
    }
}

const Node* parse_for(TagParser& tag) {
    auto* node = tag.node<ForNode>(&render_for);
    tag.read_markup([&](MarkupParser& parser) { strict_for(tag, parser, *node); },
                    [&] { lax_for(tag, *node); },
                    Mode::strict);
    if (tag.listener() != nullptr) {
        tag.listener()->assigned("for", node->item.text());
    }
    Block* body = &node->body;
    while (const auto part = tag.body(*body)) {
        if (part->name == "endfor") {
            break;
        }
        if (part->name != "else") {
            tag.unknown_tag(*part);
            break;
        }
        node->blank = node->blank && body->blank;
        node->has_else = true;
        node->otherwise = Block();
        body = &node->otherwise;
    }
    node->blank = node->body.blank && node->otherwise.blank;
    if (node->blank) {
        TagParser::drop_white_space(node->body);
        TagParser::drop_white_space(node->otherwise);
    }
    return node;
}

// --- break, continue ---

const Node* parse_break(TagParser& tag) {
    return tag.node<Node>([](const Node&, Render&) { return Flow::leave_loop; });
}

const Node* parse_continue(TagParser& tag) {
    return tag.node<Node>([](const Node&, Render&) { return Flow::next_turn; });
}

}  // namespace

std::span<const Tag> for_tags() {
    static constexpr std::array tags{
        Tag{"for", &parse_for, "endfor", "Renders its body for each item of a collection."},
        Tag{"break", &parse_break, {}, "Leaves the loop."},
        Tag{"continue", &parse_continue, {}, "Goes to the next turn of the loop."},
    };
    return tags;
}

}  // namespace cartwright::liquid
