#include "liquid/markup_parser.hpp"
#include "liquid/number.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

// Expressions of lax text, as the reference's Expression.parse, VariableLookup and RangeLookup read them.

namespace cartwright::liquid {

namespace {

constexpr std::size_t longest_number = 1'000;

bool quoted(std::string_view text, char quote) {
    return text.size() >= 2 && text.front() == quote && text.back() == quote;
}

std::optional<Expression> literal(std::string_view text) {
    switch (text.size()) {
        case 0:
            return Expression();
        case 3:
            return text == "nil" ? std::optional(Expression()) : std::nullopt;
        case 4:
            if (text == "true") {
                return Value::boolean(true);
            }
            return text == "null" ? std::optional(Expression()) : std::nullopt;
        case 5:
            if (text == "false") {
                return Value::boolean(false);
            }
            return text == "blank" || text == "empty" ? std::optional(Value::string("")) : std::nullopt;
        default:
            return std::nullopt;
    }
}

double real_of(std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool is_command(std::string_view key) {
    return key == "size" || key == "first" || key == "last";
}

// For each '[' the place of its ']', or npos. One pass, whatever the nesting.
std::vector<std::size_t> matching_brackets(std::string_view text) {
    std::vector<std::size_t> matching(text.size(), std::string_view::npos);
    std::vector<std::size_t> open;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '[') {
            open.push_back(at);
        } else if (text[at] == ']' && !open.empty()) {
            matching[open.back()] = at;
            open.pop_back();
        }
    }
    return matching;
}

}  // namespace

Expression TagParser::expression(std::string_view text) {
    spend(text.size() + 1);
    text = scan::strip(text);
    if (quoted(text, '"') || quoted(text, '\'')) {
        return Value::string(text.substr(1, text.size() - 2));
    }
    if (text == "\"" || text == "'") {
        return Value::string("");
    }
    if (const auto found = literal(text)) {
        return *found;
    }
    if (listener() != nullptr) {
        return uncached_expression(text);
    }
    const Name key(text);
    if (const Expression* known = expressions_.find(key)) {
        return *known;
    }
    const Expression read = uncached_expression(text);
    if (expressions_.find(key) == nullptr) {
        expressions_.insert(key, read);
    }
    return read;
}

Expression TagParser::condition_expression(std::string_view text) {
    if (text == "blank") {
        return Value::blank();
    }
    if (text == "empty") {
        return Value::empty();
    }
    return expression(text);
}

Expression TagParser::integer_literal(std::string_view digits) {
    std::int64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec == std::errc()) {
        return Value::integer(number);
    }
    const bool negative = digits.front() == '-';
    digits.remove_prefix(negative ? 1 : 0);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    char* canonical = arena().room<char>(digits.size() + 1);
    *canonical = '-';
    std::ranges::copy(digits, canonical + (negative ? 1 : 0));
    return Value::big_integer({canonical, digits.size() + (negative ? 1 : 0)});
}

// Numbers are digits with dots among them: "1.2.3" is 1.2, "1." is 1.0.
Expression TagParser::uncached_expression(std::string_view text) {
    if (text.front() == '(' && text.back() == ')') {
        if (const auto range = range_in(text)) {
            return *range;
        }
    }
    const std::size_t first_digit = text.front() == '-' ? 1 : 0;
    if (first_digit >= text.size() || !scan::is_digit(text[first_digit])) {
        return lookup_expression(text);
    }
    std::size_t first_dot = std::string_view::npos;
    std::size_t second_dot = std::string_view::npos;
    for (std::size_t at = first_digit; at < text.size(); ++at) {
        if (text[at] == '.') {
            if (first_dot == std::string_view::npos) {
                first_dot = at;
            } else if (second_dot == std::string_view::npos) {
                second_dot = at;
            }
        } else if (!scan::is_digit(text[at])) {
            return lookup_expression(text);
        }
    }
    if (text.size() > longest_number) {
        refuse("Number is too long");
        return {};
    }
    if (first_dot == std::string_view::npos) {
        return integer_literal(text);
    }
    return Value::real(real_of(text.substr(0, second_dot)));
}

// /\A\(\s*(?>(\S+)\s*\.\.)\s*(\S+)\s*\)\z/
std::optional<Expression> TagParser::range_in(std::string_view text) {
    const std::size_t begin = scan::skip_space(text, 1);
    std::size_t run_end = begin;
    while (run_end < text.size() && !scan::is_space(text[run_end])) {
        ++run_end;
    }
    std::size_t first_end = run_end;
    std::size_t dots = scan::skip_space(text, run_end);
    if (text.substr(dots, 2) != "..") {
        dots = text.substr(begin, run_end - begin).rfind("..");
        if (dots == std::string_view::npos) {
            return std::nullopt;
        }
        dots += begin;
        first_end = dots;
    }
    const std::string_view last = scan::strip(text.substr(dots + 2, text.size() - dots - 3));
    if (first_end == begin || last.empty() || dots + 3 > text.size() ||
        std::ranges::any_of(last, scan::is_space)) {
        return std::nullopt;
    }
    if (expression_depth_ >= options_.limits.expression_depth) {
        refuse("Nesting too deep");
        return Expression();
    }
    ++expression_depth_;
    const std::string_view first = text.substr(begin, first_end - begin);
    const auto made = range(first, expression(first), last, expression(last));
    --expression_depth_;
    if (!made) {
        refuse("Invalid expression type '" + std::string(made.error()) + "' in range expression");
        return Expression();
    }
    return *made;
}

std::expected<Expression, std::string_view> TagParser::range(std::string_view first_text,
                                                             const Expression& first,
                                                             std::string_view last_text,
                                                             const Expression& last) {
    const auto dynamic = [](const Expression& bound) { return bound.kind() >= Kind::lookup; };
    const auto countable = [](const Expression& bound) {
        return bound.is_nil() || bound.is_string() || bound.is(Kind::integer) ||
               bound.is(Kind::big_integer) || bound.is(Kind::real);
    };
    if (!dynamic(first) && !dynamic(last)) {
        if (!countable(first)) {
            return std::unexpected(first_text);
        }
        if (!countable(last)) {
            return std::unexpected(last_text);
        }
        RenderOptions options;
        options.limits.memory = options_.limits.memory;
        Output nowhere;
        Render folding(options, arena(), nowhere);
        return Value::range(*arena().make<Range>(Range{to_i(folding, first), to_i(folding, last)}));
    }
    return Value::range_expression(*arena().make<RangeExpression>(RangeExpression{first, last}));
}

const Name& TagParser::intern(std::string_view text) {
    const Name name(text);
    if (const auto* known = names_.find(name); known != nullptr && listener() == nullptr) {
        return **known;
    }
    const Name* made = arena().make<Name>(name);
    if (listener() == nullptr) {
        names_.insert(name, made);
    }
    return *made;
}

Step TagParser::step(const Expression& expression) {
    return expression.is_string() ? Step::key(intern(expression.as_string()))
                                  : Step::index(*arena().make<Expression>(expression));
}

Expression TagParser::lookup(Step first, std::span<const Step> steps, std::string_view text) {
    void* room = arena().allocate(sizeof(Lookup) + steps.size_bytes(), alignof(Lookup));
    auto* made = std::construct_at(static_cast<Lookup*>(room),
                                   Lookup{.first = first, .count = static_cast<std::uint32_t>(steps.size())});
    std::uninitialized_copy(steps.begin(), steps.end(), reinterpret_cast<Step*>(made + 1));
    if (listener() != nullptr) {
        listener()->lookup(*made, text);
    }
    return Value::lookup(*made);
}

// /\[(?>[^\[\]]+|\g<0>)*\]|[\w-]+\??/ again and again: names, and what stands in brackets.
Expression TagParser::lookup_expression(std::string_view text) {
    if (expression_depth_ >= options_.limits.expression_depth) {
        refuse("Nesting too deep");
        return {};
    }
    ++expression_depth_;
    const std::size_t base = steps_room_.size();
    std::vector<std::size_t> matching;
    for (std::size_t at = 0; at < text.size() && !failed_;) {
        const bool is_first = steps_room_.size() == base;
        if (scan::is_segment(text[at])) {
            std::size_t end = scan::skip_segment(text, at);
            if (end < text.size() && text[end] == '?') {
                ++end;
            }
            const std::string_view key = text.substr(at, end - at);
            at = end;
            steps_room_.push_back(Step::key(intern(key), !is_first && is_command(key)));
        } else if (text[at] == '[') {
            if (matching.empty()) {
                matching = matching_brackets(text);
            }
            if (matching[at] == std::string_view::npos) {
                ++at;
                continue;
            }
            const Expression inner = expression(text.substr(at + 1, matching[at] - at - 1));
            at = matching[at] + 1;
            steps_room_.push_back(step(inner));
        } else {
            ++at;
        }
    }
    --expression_depth_;
    if (steps_room_.size() == base) {
        return {};
    }
    const std::span<const Step> steps = std::span(steps_room_).subspan(base);
    const Expression made = lookup(steps.front(), steps.subspan(1), text);
    steps_room_.erase(steps_room_.begin() + static_cast<std::ptrdiff_t>(base), steps_room_.end());
    return made;
}

}  // namespace cartwright::liquid
