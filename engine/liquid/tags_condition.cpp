#include "liquid/condition.hpp"
#include "liquid/environment.hpp"
#include "liquid/frame.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <array>
#include <vector>

namespace cartwright::liquid {

namespace {

// --- if, unless ---

struct Branch {
    const Condition* condition = nullptr;  // nullptr: else
    Block body;
    bool negated = false;
};

struct IfNode : Node {
    std::span<const Branch> branches;
};

Flow render_if(const Node& node, Render& render) {
    for (const Branch& branch : static_cast<const IfNode&>(node).branches) {
        if (branch.condition != nullptr) {
            const Value result = evaluate(render, *branch.condition);
            if (result.is_failure()) {
                return render.report(node, result);
            }
            if (result.as_boolean() == branch.negated) {
                if (!render.spend(0)) {
                    return Flow::stop;
                }
                continue;
            }
        }
        return render.render(branch.body);
    }
    return Flow::next;
}

const Node* parse_if(TagParser& tag) {
    auto* node = tag.node<IfNode>(&render_if, true);
    const std::string end = "end" + std::string(tag.name());
    std::vector<Branch> branches;
    branches.push_back({.condition = parse_condition(tag), .body = {}, .negated = tag.name() == "unless"});
    while (const auto part = tag.body(branches.back().body)) {
        if (part->name == end) {
            break;
        }
        if (part->name == "else") {
            branches.push_back({});
        } else if (part->name == "elsif") {
            const TagParser::Markup of_part(tag, part->markup);
            branches.push_back({.condition = parse_condition(tag), .body = {}});
        } else {
            tag.unknown_tag(*part);
        }
    }
    for (const Branch& branch : branches) {
        node->blank = node->blank && branch.body.blank;
    }
    if (node->blank) {
        for (Branch& branch : branches) {
            TagParser::drop_white_space(branch.body);
        }
    }
    node->branches = tag.keep(branches);
    return node;
}

// --- case ---

struct When {
    bool is_else = false;
    Expression value;
    Block body;
};

struct CaseNode : Node {
    Expression left;
    std::span<const When> whens;
};

// Every `when` that matches is rendered, twice if it matches by two of its values; every else, while none did.
Flow render_case(const Node& node, Render& render) {
    const auto& self = static_cast<const CaseNode&>(node);
    bool matched = false;
    for (const When& when : self.whens) {
        bool chosen = !matched;
        if (!when.is_else) {
            const Value left = render.evaluate(self.left);
            if (left.is_failure()) {
                return render.report(node, left);
            }
            const Value right = render.evaluate(when.value);
            if (right.is_failure()) {
                return render.report(node, right);
            }
            chosen = compare_equal(render, render.primitive(left), render.primitive(right)).truthy();
            matched = matched || chosen;
            if (!render.spend(0)) {
                return Flow::stop;
            }
        }
        if (chosen) {
            if (const Flow flow = render.render(when.body); flow != Flow::next) {
                return flow;
            }
        }
    }
    return Flow::next;
}

void strict_whens(TagParser& tag, std::string_view markup, std::vector<Expression>& values) {
    MarkupParser parser(tag, markup);
    do {
        values.push_back(parser.condition_expression());
    } while (!parser.failed() && (parser.accept_word("or") || parser.accept(TokenType::comma)));
    parser.consume(TokenType::end_of_string);
    if (parser.failed()) {
        tag.refuse(parser.message());
    }
}

// /(QuotedFragment)(?:(?:\s+or\s+|\s*,\s*)(QuotedFragment.*))?/ on what is left, again and again.
void lax_whens(TagParser& tag, std::string_view markup, std::vector<Expression>& values) {
    for (;;) {
        const auto piece = scan::next_fragment(markup, 0);
        if (!piece) {
            tag.refuse(
                "Syntax Error in tag 'case' - Valid when condition: {% when [condition] [or condition2...] %}");
            return;
        }
        values.push_back(tag.condition_expression(markup.substr(piece->begin, piece->end - piece->begin)));
        auto rest = scan::after_word(markup, piece->end, "or");
        if (!rest || scan::end_of_fragment(markup, *rest) == *rest) {
            const std::size_t comma = scan::skip_space(markup, piece->end);
            if (comma >= markup.size() || markup[comma] != ',') {
                return;
            }
            rest = scan::skip_space(markup, comma + 1);
            if (scan::end_of_fragment(markup, *rest) == *rest) {
                return;
            }
        }
        markup = markup.substr(*rest);
    }
}

const Node* parse_case(TagParser& tag) {
    auto* node = tag.node<CaseNode>(&render_case, true);
    tag.read_markup(
        [&](MarkupParser& parser) {
            node->left = parser.expression();
            parser.consume(TokenType::end_of_string);
        },
        [&] {
            if (const auto piece = scan::next_fragment(tag.markup(), 0)) {
                node->left = tag.expression(tag.markup().substr(piece->begin, piece->end - piece->begin));
            } else {
                tag.refuse("Syntax Error in 'case' - Valid syntax: case [condition]");
            }
        });
    // Values of one `when` share a body: it is parsed once, behind the last of them.
    std::vector<When> whens;
    std::size_t first = 0;
    Block before;
    Block* body = &before;
    while (const auto part = tag.body(*body)) {
        for (std::size_t at = first; at + 1 < whens.size(); ++at) {
            whens[at].body = whens.back().body;
        }
        first = whens.size();
        if (part->name == "endcase") {
            break;
        }
        if (part->name == "when") {
            std::vector<Expression> values;
            if (tag.mode() == Mode::strict2) {
                strict_whens(tag, part->markup, values);
            } else {
                lax_whens(tag, part->markup, values);
            }
            for (const Expression& value : values) {
                whens.push_back({.value = value, .body = {}});
            }
        } else if (part->name == "else") {
            if (!scan::blank(part->markup)) {
                tag.refuse("Syntax Error in tag 'case' - Valid else condition: {% else %} (no parameters) ");
            }
            whens.push_back({.is_else = true, .value = {}, .body = {}});
        } else {
            tag.unknown_tag(*part);
        }
        if (tag.failed() || whens.empty()) {
            return node;
        }
        body = &whens.back().body;
    }
    node->blank = before.blank;
    for (const When& when : whens) {
        node->blank = node->blank && when.body.blank;
    }
    if (node->blank) {
        for (std::size_t at = 0; at < whens.size(); ++at) {
            if (at > 0 && whens[at].body.nodes.data() == whens[at - 1].body.nodes.data()) {
                whens[at].body = whens[at - 1].body;
            } else {
                TagParser::drop_white_space(whens[at].body);
            }
        }
    }
    node->whens = tag.keep(whens);
    return node;
}

// --- ifchanged ---

struct IfChangedNode : Node {
    Block body;
};

Flow render_ifchanged(const Node& node, Render& render) {
    const std::size_t from = render.output().size();
    const Flow flow = render.render(static_cast<const IfChangedNode&>(node).body);
    if (flow == Flow::stop) {
        return flow;
    }
    Render::Frame& frame = render.frame();
    const std::string_view printed = render.output().text_from(from);
    if (frame.changed_once && printed == frame.last_changed) {
        render.output().truncate(from);
    } else {
        frame.changed_once = true;
        frame.last_changed = render.arena().copy(printed);
    }
    return flow;
}

const Node* parse_ifchanged(TagParser& tag) {
    auto* node = tag.node<IfChangedNode>(&render_ifchanged);
    tag.whole_body(node->body);
    node->blank = node->body.blank;
    return node;
}

}  // namespace

std::span<const Tag> condition_tags() {
    static constexpr std::array tags{
        Tag{"if", &parse_if, "endif", "Renders its body when the condition is true."},
        Tag{"unless", &parse_if, "endunless", "Renders its body when the condition is false."},
        Tag{"case", &parse_case, "endcase", "Renders the bodies of the values that equal the subject."},
        Tag{"ifchanged",
            &parse_ifchanged,
            "endifchanged",
            "Renders its body when it differs from the last time."},
    };
    return tags;
}

}  // namespace cartwright::liquid
