#include "liquid/environment.hpp"
#include "liquid/frame.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <array>
#include <optional>

namespace cartwright::liquid {

namespace {

// A character that may stand in the name that assign and capture set: /\(?[\w\-\.\[\]]\)?/ again and again.
std::size_t end_of_signature(std::string_view text, std::size_t at) {
    const auto plain = [text](std::size_t where) {
        return where < text.size() && (scan::is_segment(text[where]) || text[where] == '.' ||
                                       text[where] == '[' || text[where] == ']');
    };
    for (;;) {
        std::size_t next = at;
        if (next < text.size() && text[next] == '(' && plain(next + 1)) {
            ++next;
        }
        if (!plain(next)) {
            return at;
        }
        ++next;
        if (next < text.size() && text[next] == ')') {
            ++next;
        }
        at = next;
    }
}

std::optional<scan::Piece> next_signature(std::string_view text, std::size_t at) {
    for (; at < text.size(); ++at) {
        if (const std::size_t end = end_of_signature(text, at); end != at) {
            return scan::Piece{at, end};
        }
    }
    return std::nullopt;
}

// --- assign ---

struct AssignNode : Node {
    Name name;
    FilteredExpression value;
};

Flow render_assign(const Node& node, Render& render) {
    const auto& self = static_cast<const AssignNode&>(node);
    const Value value = render.evaluate(self.value);
    if (value.is_failure()) {
        return render.report(node, value);
    }
    render.assign(self.name, value);
    return render.add_assign_score(render.assign_score_of(value)) ? Flow::next : Flow::stop;
}

// /(VariableSignature+)\s*=\s*(.*)\s*/
const Node* parse_assign(TagParser& tag) {
    const std::string_view markup = tag.markup();
    const bool strict2 = tag.mode() == Mode::strict2;
    const std::string context =
        strict2 || tag.mode() != Mode::lax ? "in \"" + std::string(scan::strip(markup)) + '"' : std::string();
    for (auto name = next_signature(markup, 0); name; name = next_signature(markup, name->end)) {
        const std::size_t sign = scan::skip_space(markup, name->end);
        if (sign >= markup.size() || markup[sign] != '=') {
            continue;
        }
        std::string_view target = markup.substr(name->begin, name->end - name->begin);
        if (strict2) {
            MarkupParser parser(tag, target);
            parser.consume(TokenType::id);
            parser.consume(TokenType::end_of_string);
            if (parser.failed()) {
                tag.refuse(parser.message(), context);
                return nullptr;
            }
        }
        auto* node = tag.node<AssignNode>(&render_assign, true);
        node->name = Name(target);
        node->value = tag.filtered(markup.substr(scan::skip_space(markup, sign + 1)), context);
        if (tag.listener() != nullptr) {
            tag.listener()->assigned("assign", target);
        }
        return node;
    }
    tag.refuse("Syntax Error in 'assign' - Valid syntax: assign [var] = [source]",
               strict2 ? context : std::string());
    return nullptr;
}

// --- capture ---

struct CaptureNode : Node {
    Name name;
    Block body;
};

Flow render_capture(const Node& node, Render& render) {
    const auto& self = static_cast<const CaptureNode&>(node);
    const std::size_t from = render.output().size();
    const std::size_t outer = render.begin_capture();
    const Flow flow = render.render(self.body);
    render.end_capture(outer);
    if (flow == Flow::stop) {
        return flow;
    }
    render.assign(self.name, Value::string(render.arena().copy(render.output().text_from(from))));
    render.output().truncate(from);
    return flow;
}

const Node* parse_capture(TagParser& tag) {
    auto* node = tag.node<CaptureNode>(&render_capture, true);
    tag.read_markup(
        [&](MarkupParser& parser) {
            node->name = Name(parser.consume(TokenType::id));
            parser.consume(TokenType::end_of_string);
        },
        [&] {
            if (const auto name = next_signature(tag.markup(), 0)) {
                node->name = Name(tag.markup().substr(name->begin, name->end - name->begin));
            } else {
                tag.refuse("Syntax Error in 'capture' - Valid syntax: capture [var]");
            }
        });
    if (tag.listener() != nullptr) {
        tag.listener()->assigned("capture", node->name.text());
    }
    tag.whole_body(node->body);
    return node;
}

// --- increment, decrement ---

struct CounterNode : Node {
    Name name;
};

Value counter(Render& render, const Name& name) {
    const Value* found = render.frame().counters.find(name);
    return found != nullptr ? *found : Value::integer(0);
}

Flow render_increment(const Node& node, Render& render) {
    const auto& self = static_cast<const CounterNode&>(node);
    const Value value = counter(render, self.name);
    render.output().append_integer(value.as_integer());
    render.frame().counters.set(self.name, Value::integer(value.as_integer() + 1));
    return Flow::next;
}

Flow render_decrement(const Node& node, Render& render) {
    const auto& self = static_cast<const CounterNode&>(node);
    const Value value = Value::integer(counter(render, self.name).as_integer() - 1);
    render.output().append_integer(value.as_integer());
    render.frame().counters.set(self.name, value);
    return Flow::next;
}

const Node* parse_counter(TagParser& tag) {
    auto* node = tag.node<CounterNode>(tag.name() == "increment" ? &render_increment : &render_decrement);
    tag.read_markup(
        [&](MarkupParser& parser) {
            node->name = Name(parser.consume(TokenType::id));
            parser.consume(TokenType::end_of_string);
        },
        [&] { node->name = Name(scan::strip(tag.markup())); });
    if (tag.listener() != nullptr) {
        tag.listener()->assigned(tag.name(), node->name.text());
    }
    return node;
}

// --- echo ---

struct EchoNode : Node {
    FilteredExpression expression;
};

Flow render_echo(const Node& node, Render& render) {
    const Value value = render.evaluate(static_cast<const EchoNode&>(node).expression);
    if (value.is_failure()) {
        return render.report(node, value);
    }
    render.print(value);
    return Flow::next;
}

const Node* parse_echo(TagParser& tag) {
    auto* node = tag.node<EchoNode>(&render_echo);
    node->expression = tag.filtered(tag.markup(), "in \"{{" + std::string(tag.markup()) + "}}\"");
    return node;
}

}  // namespace

std::span<const Tag> variable_tags() {
    static constexpr std::array tags{
        Tag{"assign", &parse_assign, {}, "Gives a name a value."},
        Tag{"capture", &parse_capture, "endcapture", "Gives a name the text of its body."},
        Tag{"increment", &parse_counter, {}, "Prints a counter of its own, then adds one."},
        Tag{"decrement", &parse_counter, {}, "Takes one from a counter of its own, then prints it."},
        Tag{"echo", &parse_echo, {}, "Prints an expression, as {{ }} does."},
    };
    return tags;
}

}  // namespace cartwright::liquid
