#include "liquid/compare.hpp"
#include "liquid/environment.hpp"
#include "liquid/frame.hpp"
#include "liquid/loops.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

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

// What a loop walks over: items that are there, or a range that never is.
struct Segment {
    std::span<const Value> items;
    Range range;
    bool lazy = false;

    std::int64_t size() const noexcept {
        return lazy ? static_cast<std::int64_t>(range.size()) : static_cast<std::int64_t>(items.size());
    }

    Value at(std::int64_t position) const noexcept {
        return lazy ? Value::integer(range.first + position) : items[static_cast<std::size_t>(position)];
    }
};

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
    }
    return sum;
}

Segment segment_of(Render& render,
                   const Value& collection,
                   std::int64_t from,
                   std::optional<std::int64_t> to) {
    const std::int64_t begin = std::max<std::int64_t>(from, 0);
    Segment segment;
    if (collection.is(Kind::range)) {
        const Range& range = collection.as_range();
        const auto size = static_cast<std::int64_t>(range.size());
        const std::int64_t end = std::min(to.value_or(size), size);
        segment.lazy = true;
        segment.range = begin < end ? Range{range.first + begin, range.first + (end - 1)} : Range{};
        return segment;
    }
    if (to && *to <= 0 && !collection.is_string()) {
        return segment;
    }
    segment.items = render.slice(
        collection,
        static_cast<std::size_t>(begin),
        to ? std::optional(static_cast<std::size_t>(std::max<std::int64_t>(*to, 0))) : std::nullopt);
    return segment;
}

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

// --- break, continue ---

const Node* parse_break(TagParser& tag) {
    return tag.node<Node>([](const Node&, Render&) { return Flow::leave_loop; });
}

const Node* parse_continue(TagParser& tag) {
    return tag.node<Node>([](const Node&, Render&) { return Flow::next_turn; });
}

}  // namespace

std::span<const Tag> loop_tags() {
    static constexpr std::array tags{
        Tag{"for", &parse_for, "endfor", "Renders its body for each item of a collection."},
        Tag{"tablerow", &parse_tablerow, "endtablerow", "Renders its body as the cells of a table."},
        Tag{"cycle", &parse_cycle, {}, "Prints one of its values after the other."},
        Tag{"break", &parse_break, {}, "Leaves the loop."},
        Tag{"continue", &parse_continue, {}, "Goes to the next turn of the loop."},
    };
    return tags;
}

}  // namespace cartwright::liquid
