#include "liquid/environment.hpp"
#include "liquid/loops.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/segment.hpp"
#include "liquid/tag_parser.hpp"

#include <array>
#include <string>

namespace cartwright::liquid {

namespace {

// --- tablerow ---

struct TableRowNode : Node {
    Name item;
    Expression collection;
    Expression limit;
    Expression offset;
    Expression cols;
    bool has_limit = false;
    bool has_offset = false;
    bool has_cols = false;
    Block body;
};

// Ruby's to_i of what has it.
std::optional<std::int64_t> counted(Render& render, const Expression& expression, Value& failure) {
    const Value value = render.evaluate(expression);
    if (value.is_failure()) {
        failure = value;
        return std::nullopt;
    }
    if (value.is_nil() || value.is_string() || value.is(Kind::integer) || value.is(Kind::big_integer) ||
        value.is(Kind::real)) {
        return to_i(render, value);
    }
    failure = render.argument_error("invalid integer");
    return std::nullopt;
}

Flow render_tablerow(const Node& node, Render& render) {
    const auto& self = static_cast<const TableRowNode&>(node);
    const Value collection = render.evaluate(self.collection);
    if (collection.is_failure()) {
        return render.report(node, collection);
    }
    if (!collection.truthy()) {
        return Flow::next;
    }
    Value failure;
    const auto from = self.has_offset ? counted(render, self.offset, failure) : 0;
    if (!from) {
        return render.report(node, failure);
    }
    std::optional<std::int64_t> to;
    if (self.has_limit) {
        const auto limit = counted(render, self.limit, failure);
        if (!limit) {
            return render.report(node, failure);
        }
        to = saturated_sum(*from, *limit);
    }
    const Segment segment = segment_of(render, collection, *from, to);
    if (render.stopped()) {
        return Flow::stop;
    }
    const std::int64_t length = segment.size();
    const auto cols = self.has_cols ? counted(render, self.cols, failure) : length;
    if (!cols) {
        return render.report(node, failure);
    }
    render.output().append("<tr class=\"row1\">\n");
    if (!render.push_scope()) {
        return render.report(node, render.fail(ErrorKind::stack_level, "Nesting too deep"));
    }
    auto& loop = *render.kept().make<TableRowLoop>();
    loop.length = length;
    loop.cols = *cols;
    render.bind(tablerowloop_name, Value::drop(loop));
    const std::size_t slot = render.bind(self.item, Value());
    Flow flow = Flow::next;
    for (std::int64_t turn = 0; turn < length; ++turn) {
        render.set_bound(slot, segment.at(turn));
        render.output().append("<td class=\"col");
        render.output().append_integer(loop.col);
        render.output().append("\">");
        flow = render.render(self.body);
        if (flow == Flow::stop) {
            break;
        }
        render.output().append("</td>");
        if (flow == Flow::leave_loop) {
            break;
        }
        if (loop.col == loop.cols && turn != length - 1) {
            render.output().append("</tr>\n<tr class=\"row");
            render.output().append_integer(loop.row + 1);
            render.output().append("\">");
        }
        ++loop.index0;
        if (loop.col == loop.cols) {
            loop.col = 1;
            ++loop.row;
        } else {
            ++loop.col;
        }
    }
    render.pop_scope();
    if (flow == Flow::stop) {
        return flow;
    }
    render.output().append("</tr>\n");
    return Flow::next;
}

void set_attribute(TableRowNode& node, std::string_view key, const Expression& value) {
    if (key == "limit") {
        node.limit = value;
        node.has_limit = true;
    } else if (key == "offset") {
        node.offset = value;
        node.has_offset = true;
    } else if (key == "cols") {
        node.cols = value;
        node.has_cols = true;
    }
}

void strict_tablerow(MarkupParser& parser, TableRowNode& node) {
    node.item = Name(parser.consume(TokenType::id));
    if (!parser.accept_word("in")) {
        parser.fail("For loops require an 'in' clause");
        return;
    }
    node.collection = parser.expression();
    parser.accept(TokenType::comma);
    while (!parser.failed() && parser.look(TokenType::id)) {
        const std::string_view key = parser.consume();
        if (key != "cols" && key != "limit" && key != "offset" && key != "range") {
            parser.fail("Invalid attribute '" + std::string(key) +
                        "' in tablerow loop. Valid attributes are cols, limit, offset, and range");
            return;
        }
        parser.consume(TokenType::colon);
        set_attribute(node, key, parser.expression());
        parser.accept(TokenType::comma);
    }
    parser.consume(TokenType::end_of_string);
}

// /(\w+)\s+in\s+(QuotedFragment+)/ anywhere.
void lax_tablerow(TagParser& tag, TableRowNode& node) {
    const std::string_view markup = tag.markup();
    for (std::size_t begin = 0; begin < markup.size();) {
        std::size_t end = begin;
        while (end < markup.size() && scan::is_word(markup[end])) {
            ++end;
        }
        if (end == begin) {
            ++begin;
            continue;
        }
        const auto collection = scan::after_word(markup, end, "in");
        const std::size_t collection_end = collection ? scan::end_of_fragments(markup, *collection) : 0;
        if (collection && collection_end != *collection) {
            node.item = Name(markup.substr(begin, end - begin));
            node.collection = tag.expression(markup.substr(*collection, collection_end - *collection));
            for (std::size_t at = 0; const auto attribute = scan::next_attribute(markup, at);) {
                set_attribute(node, attribute->key, tag.expression(attribute->value));
            }
            return;
        }
        begin = end;
    }
    tag.refuse("Syntax Error in 'table_row loop' - Valid syntax: table_row [item] in [collection] cols=3");
}

const Node* parse_tablerow(TagParser& tag) {
    auto* node = tag.node<TableRowNode>(&render_tablerow);
    tag.read_markup([&](MarkupParser& parser) { strict_tablerow(parser, *node); },
                    [&] { lax_tablerow(tag, *node); });
    if (tag.listener() != nullptr) {
        tag.listener()->assigned("tablerow", node->item.text());
    }
    tag.whole_body(node->body);
    node->blank = node->body.blank;
    return node;
}

}  // namespace

std::span<const Tag> tablerow_tags() {
    static constexpr std::array tags{
        Tag{"tablerow", &parse_tablerow, "endtablerow", "Renders its body as the cells of a table."},
    };
    return tags;
}

}  // namespace cartwright::liquid
