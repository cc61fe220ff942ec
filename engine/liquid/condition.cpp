#include "liquid/condition.hpp"

#include "liquid/compare.hpp"
#include "liquid/markup_parser.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace cartwright::liquid {

namespace {

Operator operator_of(std::string_view text) {
    if (text == "==") {
        return Operator::equal;
    }
    if (text == "!=" || text == "<>") {
        return Operator::unequal;
    }
    if (text == "<") {
        return Operator::less;
    }
    if (text == ">") {
        return Operator::more;
    }
    if (text == "<=") {
        return Operator::at_most;
    }
    if (text == ">=") {
        return Operator::at_least;
    }
    return text == "contains" ? Operator::contains : Operator::unknown;
}

Condition strict_comparison(MarkupParser& parser) {
    Condition condition{.left = parser.condition_expression(), .right = {}};
    if (parser.look(TokenType::comparison)) {
        condition.operator_text = parser.consume();
        condition.operation = operator_of(condition.operator_text);
        condition.right = parser.condition_expression();
    }
    return condition;
}

const Condition* strict_condition(TagParser& tag, MarkupParser& parser) {
    std::vector<Condition*> chain;
    do {
        Condition* condition = tag.arena().make<Condition>(strict_comparison(parser));
        if (!chain.empty()) {
            chain.back()->next = condition;
        }
        chain.push_back(condition);
        if (parser.accept_word("and")) {
            condition->relation = Relation::both;
        } else if (parser.accept_word("or")) {
            condition->relation = Relation::either;
        }
    } while (chain.back()->relation != Relation::none && !parser.failed());
    parser.consume(TokenType::end_of_string);
    return chain.front();
}

// --- As /\b(?:\s?and\s?|\s?or\s?)\b|(?:\s*(?!\b(?:\s?and\s?|\s?or\s?)\b)(?:QuotedFragment|\S+)\s*)+/ cuts it. ---

bool boundary(std::string_view text, std::size_t at) {
    const bool before = at > 0 && scan::is_word(text[at - 1]);
    const bool after = at < text.size() && scan::is_word(text[at]);
    return before != after;
}

// The end of /\b(?:\s?and\s?|\s?or\s?)\b/ at `at`, or `at`.
std::size_t end_of_relation(std::string_view text, std::size_t at) {
    if (!boundary(text, at)) {
        return at;
    }
    for (const std::string_view word : {"and", "or"}) {
        for (const bool space : {true, false}) {
            std::size_t end = at;
            if (space) {
                if (end >= text.size() || !scan::is_space(text[end])) {
                    continue;
                }
                ++end;
            }
            if (!text.substr(end).starts_with(word)) {
                continue;
            }
            end += word.size();
            if (end < text.size() && scan::is_space(text[end]) && boundary(text, end + 1)) {
                return end + 1;
            }
            if (boundary(text, end)) {
                return end;
            }
        }
    }
    return at;
}

std::size_t end_of_operand(std::string_view text, std::size_t at) {
    std::size_t end = at;
    for (;;) {
        const std::size_t begin = scan::skip_space(text, end);
        if (begin >= text.size() || end_of_relation(text, begin) != begin) {
            return end;
        }
        std::size_t piece = scan::end_of_fragment(text, begin);
        if (piece == begin) {
            while (piece < text.size() && !scan::is_space(text[piece])) {
                ++piece;
            }
        }
        end = scan::skip_space(text, piece);
    }
}

std::vector<std::string_view> operands_and_relations(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = end_of_relation(text, at);
        if (end == at) {
            end = end_of_operand(text, at);
        }
        if (end == at) {
            ++at;
            continue;
        }
        pieces.push_back(text.substr(at, end - at));
        at = end;
    }
    return pieces;
}

bool is_operator_character(char c) {
    return c == '=' || c == '!' || c == '<' || c == '>' || c == '_' || (c >= 'a' && c <= 'z');
}

// /(QuotedFragment)\s*([=!<>a-z_]+)?\s*(QuotedFragment)?/
std::optional<Condition> lax_comparison(TagParser& tag, std::string_view text) {
    const auto left = scan::next_fragment(text, 0);
    if (!left) {
        return std::nullopt;
    }
    Condition condition{.left = tag.condition_expression(text.substr(left->begin, left->end - left->begin)),
                        .right = {}};
    const std::size_t begin = scan::skip_space(text, left->end);
    std::size_t end = begin;
    while (end < text.size() && is_operator_character(text[end])) {
        ++end;
    }
    if (end == begin) {
        return condition;
    }
    condition.operator_text = text.substr(begin, end - begin);
    condition.operation = operator_of(condition.operator_text);
    const std::size_t right = scan::skip_space(text, end);
    const std::size_t right_end = scan::end_of_fragment(text, right);
    if (right_end != right) {
        condition.right = tag.condition_expression(text.substr(right, right_end - right));
    }
    return condition;
}

const Condition* lax_condition(TagParser& tag, std::string_view text) {
    constexpr std::string_view wrong = "Syntax Error in tag 'if' - Valid syntax: if [expression]";
    std::vector<std::string_view> pieces = operands_and_relations(text);
    const auto next = [&]() -> Condition* {
        const std::string_view piece = pieces.empty() ? std::string_view() : pieces.back();
        if (!pieces.empty()) {
            pieces.pop_back();
        }
        const auto condition = lax_comparison(tag, piece);
        return condition ? tag.arena().make<Condition>(*condition) : nullptr;
    };
    Condition* condition = next();
    if (condition == nullptr) {
        tag.refuse(wrong);
        return nullptr;
    }
    while (!pieces.empty()) {
        const std::string_view relation = scan::strip(pieces.back());
        pieces.pop_back();
        Condition* before = next();
        if (before == nullptr || (relation != "and" && relation != "or")) {
            tag.refuse(wrong);
            return nullptr;
        }
        before->relation = relation == "and" ? Relation::both : Relation::either;
        before->next = condition;
        condition = before;
    }
    return condition;
}

// --- Evaluation ---

Value ordered(Render& render, Operator operation, const Value& left, const Value& right) {
    const auto comparable = [](const Value& value) {
        return value.is(Kind::integer) || value.is(Kind::big_integer) || value.is(Kind::real) ||
               value.is_string();
    };
    if (!comparable(left) || !comparable(right)) {
        return Value::boolean(false);
    }
    if (left.is_string() != right.is_string()) {
        const std::string_view shown =
            right.is_string() || right.is(Kind::big_integer) ? class_name(right) : inspect(render, right);
        return render.argument_error("comparison of " + std::string(class_name(left)) + " with " +
                                     std::string(shown) + " failed");
    }
    const auto order_of = order(left, right);
    if (!order_of) {
        return Value::boolean(false);
    }
    switch (operation) {
        case Operator::less:
            return Value::boolean(*order_of < 0);
        case Operator::more:
            return Value::boolean(*order_of > 0);
        case Operator::at_most:
            return Value::boolean(*order_of <= 0);
        default:
            return Value::boolean(*order_of >= 0);
    }
}

Value contains(Render& render, const Value& left, const Value& right) {
    if (!left.truthy() || !right.truthy()) {
        return Value::boolean(false);
    }
    switch (left.kind()) {
        case Kind::string: {
            const std::string_view text = left.as_string();
            const std::string_view needle = render.text(right);
            if (!render.spend(text.size())) {
                return render.exhausted();
            }
            return Value::boolean(needle.empty() ||
                                  memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr);
        }
        case Kind::array: {
            for (const Value& item : left.as_array()) {
                if (!render.spend(0)) {
                    return render.exhausted();
                }
                if (equal(render, item, right)) {
                    return Value::boolean(true);
                }
            }
            return Value::boolean(false);
        }
        case Kind::map:
            return Value::boolean(right.is_string() && left.as_map().find(right.as_string()) != nullptr);
        case Kind::range: {
            const Range& range = left.as_range();
            const Value first = Value::integer(range.first);
            const Value last = Value::integer(range.last);
            const auto from = order(first, right);
            const auto to = order(right, last);
            return Value::boolean(from && to && *from <= 0 && *to <= 0);
        }
        default:
            return Value::boolean(false);
    }
}

Value evaluate_one(Render& render, const Condition& condition) {
    const Value left_raw = render.evaluate(condition.left);
    if (left_raw.is_failure()) {
        return left_raw;
    }
    if (condition.operation == Operator::none) {
        return Value::boolean(render.truthy(left_raw));
    }
    const Value right_raw = render.evaluate(condition.right);
    if (right_raw.is_failure()) {
        return right_raw;
    }
    const Value left = render.primitive(left_raw);
    const Value right = render.primitive(right_raw);
    switch (condition.operation) {
        case Operator::equal:
            return compare_equal(render, left, right);
        case Operator::unequal:
            return Value::boolean(!compare_equal(render, left, right).truthy());
        case Operator::contains:
            return contains(render, left, right);
        case Operator::unknown:
            return render.argument_error("Unknown operator " + std::string(condition.operator_text));
        default:
            return ordered(render, condition.operation, left, right);
    }
}

}  // namespace

Value compare_equal(Render& render, const Value& left, const Value& right) {
    const auto is_literal = [](const Value& value) { return value.is(Kind::blank) || value.is(Kind::empty); };
    if (is_literal(left) && is_literal(right)) {
        return Value::boolean(false);
    }
    if (is_literal(left) || is_literal(right)) {
        const Value& value = is_literal(left) ? right : left;
        return Value::boolean((is_literal(left) ? left : right).is(Kind::blank) ? is_blank(render, value)
                                                                                : is_empty(render, value));
    }
    if (left.is_string() && right.is_string()) {
        return Value::boolean(left.as_string() == right.as_string());
    }
    return Value::boolean(equal(render, left, right));
}

Value evaluate(Render& render, const Condition& condition) {
    const Condition* at = &condition;
    for (;;) {
        const Value result = evaluate_one(render, *at);
        if (result.is_failure() || at->relation == Relation::none ||
            (at->relation == Relation::either) == result.as_boolean()) {
            return result;
        }
        if (!render.spend(0)) {
            return render.exhausted();
        }
        at = at->next;
    }
}

const Condition* parse_condition(TagParser& tag) {
    const Condition* condition = nullptr;
    tag.read_markup([&](MarkupParser& parser) { condition = strict_condition(tag, parser); },
                    [&] { condition = lax_condition(tag, tag.markup()); },
                    Mode::strict);
    return condition;
}

}  // namespace cartwright::liquid
