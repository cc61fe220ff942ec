#include "liquid/environment.hpp"
#include "liquid/frame.hpp"
#include "liquid/loops.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cartwright::liquid {

namespace {

struct PartialNode : Node {
    Expression name;
    Expression variable;
    Name alias;
    bool has_variable = false;
    bool has_alias = false;
    bool each = false;  // render … for
    std::span<const NamedExpression> attributes;
};

std::string_view last_segment(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

// --- include ---

Flow render_include(const Node& node, Render& render) {
    const auto& self = static_cast<const PartialNode&>(node);
    if (render.frame().isolated) {
        return render.report(
            node, render.fail(ErrorKind::disabled, "include usage is not allowed in this context"));
    }
    const Value name = render.evaluate(self.name);
    if (name.is_failure()) {
        return render.report(node, name);
    }
    if (!name.is_string()) {
        return render.report(
            node, render.argument_error("Argument error in tag 'include' - Illegal template name"));
    }
    const auto partial = render.partial(node, name.as_string());
    if (!partial) {
        return partial.error();
    }
    const Value variable = self.has_variable ? render.evaluate(self.variable)
                                             : render.find_variable(Name(name.as_string()), false);
    if (variable.is_failure()) {
        return render.report(node, variable);
    }
    if (!render.push_scope()) {
        return render.report(node, render.fail(ErrorKind::stack_level, "Nesting too deep"));
    }
    const std::string_view outer_name = render.enter_template(name.as_string());
    const Name bound = self.has_alias ? self.alias : Name(last_segment(name.as_string()));
    Flow flow = Flow::next;
    for (const NamedExpression& attribute : self.attributes) {
        const Value value = render.evaluate(attribute.expression);
        if (value.is_failure()) {
            render.pop_scope();
            render.enter_template(outer_name);
            return render.report(node, value);
        }
        render.bind(attribute.name, value);
    }
    if (variable.is(Kind::array)) {
        for (const Value& item : variable.as_array()) {
            render.bind(bound, item);
            flow = render.render((*partial)->body());
            if (flow == Flow::stop) {
                break;
            }
        }
    } else {
        render.bind(bound, variable);
        flow = render.render((*partial)->body());
    }
    render.enter_template(outer_name);
    render.pop_scope();
    return flow;
}

void strict_attributes(MarkupParser& parser, std::vector<NamedExpression>& attributes) {
    parser.accept(TokenType::comma);
    while (!parser.failed() && parser.look(TokenType::id)) {
        const Name key(parser.consume());
        parser.consume(TokenType::colon);
        attributes.push_back({key, parser.expression()});
        parser.accept(TokenType::comma);
    }
    parser.consume(TokenType::end_of_string);
}

void strict_with(MarkupParser& parser, PartialNode& node) {
    const bool each = parser.accept_word("for");
    if (each || parser.accept_word("with")) {
        node.each = each;
        node.has_variable = true;
        node.variable = parser.expression();
    }
    if (parser.accept_word("as")) {
        node.has_alias = true;
        node.alias = Name(parser.consume(TokenType::id));
    }
}

// /(\s+(with|for)\s+(QuotedFragment+))?(\s+(?:as)\s+([\w-]+))?/
void lax_with(TagParser& tag, std::size_t at, PartialNode& node) {
    const std::string_view markup = tag.markup();
    for (const std::string_view word : {"with", "for"}) {
        const auto begin = scan::after_word(markup, at, word);
        const std::size_t end = begin ? scan::end_of_fragments(markup, *begin) : 0;
        if (begin && end != *begin) {
            node.has_variable = true;
            node.each = word == "for";
            node.variable = tag.expression(markup.substr(*begin, end - *begin));
            at = end;
            break;
        }
    }
    if (const auto begin = scan::after_word(markup, at, "as")) {
        if (const std::size_t end = scan::skip_segment(markup, *begin); end != *begin) {
            node.has_alias = true;
            node.alias = Name(markup.substr(*begin, end - *begin));
        }
    }
}

void lax_attributes(TagParser& tag, std::vector<NamedExpression>& attributes) {
    for (std::size_t at = 0; const auto attribute = scan::next_attribute(tag.markup(), at);) {
        const Name key(attribute->key);
        const Expression value = tag.expression(attribute->value);
        const auto same = std::ranges::find(attributes, key, &NamedExpression::name);
        if (same != attributes.end()) {
            same->expression = value;
        } else {
            attributes.push_back({key, value});
        }
    }
}

void tell_partial(TagParser& tag, const PartialNode& node) {
    if (tag.listener() != nullptr && node.name.is_string()) {
        tag.listener()->partial(tag.name(), node.name.as_string());
    }
}

const Node* parse_include(TagParser& tag) {
    auto* node = tag.node<PartialNode>(&render_include);
    std::vector<NamedExpression> attributes;
    tag.read_markup(
        [&](MarkupParser& parser) {
            node->name = parser.expression();
            strict_with(parser, *node);
            strict_attributes(parser, attributes);
        },
        [&] {
            const std::string_view markup = tag.markup();
            const auto piece = scan::next_fragment(markup, 0);
            if (!piece) {
                tag.refuse(
                    "Error in tag 'include' - Valid syntax: include '[template]' (with|for) "
                    "[object|collection]");
                return;
            }
            const std::size_t end = scan::end_of_fragments(markup, piece->begin);
            node->name = tag.expression(markup.substr(piece->begin, end - piece->begin));
            lax_with(tag, end, *node);
            attributes.clear();
            lax_attributes(tag, attributes);
        });
    node->attributes = tag.keep(attributes);
    tell_partial(tag, *node);
    return node;
}

// --- render ---

Flow render_isolated(
    const PartialNode& self, Render& render, const Program& partial, const Value& variable, ForLoop* loop) {
    const std::string_view name = self.name.as_string();
    std::vector<std::pair<Name, Value>> given;
    given.reserve(self.attributes.size());
    for (const NamedExpression& attribute : self.attributes) {
        const Value value = render.evaluate(attribute.expression);
        if (value.is_failure()) {
            return render.report(self, value);
        }
        given.emplace_back(attribute.name, value);
    }
    Render::Isolated isolated(render, name);
    if (!isolated.entered()) {
        return render.report(self, render.fail(ErrorKind::stack_level, "Nesting too deep"));
    }
    if (loop != nullptr) {
        render.assign(forloop_name, Value::drop(*loop));
    }
    for (const auto& [key, value] : given) {
        render.assign(key, value);
    }
    if (!variable.is_nil()) {
        render.assign(self.has_alias ? self.alias : Name(last_segment(name)), variable);
    }
    const Flow flow = render.render(partial.body());
    return flow == Flow::stop ? flow : Flow::next;
}

Flow render_render(const Node& node, Render& render) {
    const auto& self = static_cast<const PartialNode&>(node);
    const auto partial = render.partial(node, self.name.as_string());
    if (!partial) {
        return partial.error();
    }
    const Value variable = self.has_variable ? render.evaluate(self.variable) : Value();
    if (variable.is_failure()) {
        return render.report(node, variable);
    }
    const bool countable = variable.is(Kind::array) || variable.is(Kind::map) || variable.is(Kind::range) ||
                           (variable.is(Kind::drop) && variable.as_drop().count(render));
    if (!self.each || !countable) {
        return render_isolated(self, render, **partial, variable, nullptr);
    }
    const std::span<const Value> items = render.slice(variable, 0, std::nullopt);
    if (render.stopped()) {
        return Flow::stop;
    }
    auto* loop = render.kept().make<ForLoop>();
    loop->name = self.name.as_string();
    loop->length = static_cast<std::int64_t>(items.size());
    for (const Value& item : items) {
        if (const Flow flow = render_isolated(self, render, **partial, item, loop); flow == Flow::stop) {
            return flow;
        }
        ++loop->index0;
    }
    return Flow::next;
}

// /((?:"[^"]*"|'[^']*')+)…/ anywhere.
std::optional<scan::Piece> next_quoted(std::string_view markup) {
    for (std::size_t at = 0; at < markup.size(); ++at) {
        if (!scan::is(markup[at], scan::classes::quote)) {
            continue;
        }
        std::size_t end = at;
        while (end < markup.size() && scan::is(markup[end], scan::classes::quote)) {
            const std::size_t close = scan::end_of_quoted(markup, end);
            if (close == std::string_view::npos) {
                break;
            }
            end = close;
        }
        if (end != at) {
            return scan::Piece{at, end};
        }
    }
    return std::nullopt;
}

const Node* parse_render(TagParser& tag) {
    auto* node = tag.node<PartialNode>(&render_render);
    std::vector<NamedExpression> attributes;
    tag.read_markup(
        [&](MarkupParser& parser) {
            node->name = tag.expression(parser.consume(TokenType::string));
            strict_with(parser, *node);
            strict_attributes(parser, attributes);
        },
        [&] {
            const std::string_view markup = tag.markup();
            const auto piece = next_quoted(markup);
            if (!piece) {
                tag.refuse("Syntax error in tag 'render' - Template name must be a quoted string");
                return;
            }
            node->name = tag.expression(markup.substr(piece->begin, piece->end - piece->begin));
            lax_with(tag, piece->end, *node);
            attributes.clear();
            lax_attributes(tag, attributes);
        });
    node->attributes = tag.keep(attributes);
    tell_partial(tag, *node);
    return node;
}

}  // namespace

std::span<const Tag> partial_tags() {
    static constexpr std::array tags{
        Tag{"include", &parse_include, {}, "Renders a partial in the scopes of its caller."},
        Tag{"render", &parse_render, {}, "Renders a partial in a scope of its own."},
    };
    return tags;
}

}  // namespace cartwright::liquid
