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

// --- Filters ---

namespace {

// name.name.name, as all modes read it: most of what stands in {{ }}.
bool is_plain_lookup(std::string_view text) {
    if (text.empty() || text.starts_with("contains")) {
        return false;
    }
    for (std::size_t at = 0;; ++at) {
        if (at >= text.size() || !scan::is_word(text[at]) || scan::is_digit(text[at])) {
            return false;
        }
        at = scan::skip_segment(text, at);
        if (at == text.size()) {
            return true;
        }
        if (text[at] != '.') {
            return false;
        }
    }
}

}  // namespace

FilteredExpression TagParser::filtered(std::string_view text, std::string_view context) {
    if (const std::string_view name = scan::strip(text); is_plain_lookup(name)) {
        return {.expression = expression(name)};
    }
    if (mode() == Mode::warn || mode() == Mode::strict2) {
        MarkupParser parser(*this, text);
        const FilteredExpression read = strict_filtered(parser, true);
        if (!parser.failed()) {
            return read;
        }
        if (mode() == Mode::strict2) {
            refuse(parser.message(), context);
            return {};
        }
        note_warning(parser.message(), context);
    }
    MarkupParser parser(*this, text);
    const FilteredExpression read = strict_filtered(parser, false);
    if (!parser.failed() || failed_) {
        return read;
    }
    if (mode() == Mode::strict) {
        refuse(parser.message(), context);
        return {};
    }
    return lax_filtered(text);
}

FilteredExpression TagParser::strict_filtered(MarkupParser& parser, bool strict2) {
    const std::size_t base = filters_room_.size();
    if (parser.look(TokenType::end_of_string)) {
        return {};
    }
    const Expression expression = parser.expression();
    std::vector<NamedExpression> named;
    while (parser.accept(TokenType::pipe)) {
        const std::string_view name = parser.consume(TokenType::id);
        const std::size_t arguments = arguments_room_.size();
        named.clear();
        if (parser.accept(TokenType::colon)) {
            strict_arguments(parser, strict2, named);
        }
        if (parser.failed()) {
            arguments_room_.resize(arguments);
            break;
        }
        filters_room_.push_back(filter_call(name, arguments, named));
    }
    parser.consume(TokenType::end_of_string);
    if (parser.failed() || failed_) {
        filters_room_.resize(base);
        return {};
    }
    return with_filters(expression, base);
}

void TagParser::strict_arguments(MarkupParser& parser, bool strict2, std::vector<NamedExpression>& named) {
    const auto at_end = [&parser, strict2] {
        return strict2 && (parser.look(TokenType::pipe) || parser.look(TokenType::end_of_string));
    };
    const auto argument = [&] {
        if (parser.look(TokenType::id) && parser.look(TokenType::colon, 1)) {
            const Name key(parser.consume());
            parser.consume();
            named.push_back({key, parser.expression()});
        } else {
            arguments_room_.push_back(parser.expression());
        }
    };
    if (!at_end()) {
        argument();
    }
    while (parser.accept(TokenType::comma) && !at_end()) {
        argument();
    }
}

FilteredExpression TagParser::lax_filtered(std::string_view text) {
    const std::size_t base = filters_room_.size();
    const auto name = scan::next_fragment(text, 0);
    if (!name) {
        return {};
    }
    const Expression value = expression(text.substr(name->begin, name->end - name->begin));
    std::size_t at = text.find('|', name->end);
    at = at == std::string_view::npos ? text.size() : scan::skip_space(text, at + 1);
    std::vector<NamedExpression> named;
    while (at < text.size()) {
        const std::size_t begin = at;
        while (at < text.size()) {
            const std::size_t end =
                scan::is_space(text[at]) || text[at] == ',' ? at + 1 : scan::end_of_fragment(text, at);
            if (end == at) {
                break;
            }
            at = end;
        }
        if (at == begin) {
            ++at;
            continue;
        }
        const std::string_view call = text.substr(begin, at - begin);
        const auto* word = std::ranges::find_if(call, scan::is_word);
        const auto* word_end = std::find_if_not(word, call.end(), scan::is_word);
        if (word == word_end) {
            continue;
        }
        const std::size_t arguments = arguments_room_.size();
        named.clear();
        lax_arguments(call, named);
        filters_room_.push_back(filter_call({word, word_end}, arguments, named));
    }
    return with_filters(value, base);
}

// /[:,]\s*((?:\w+\s*:\s*)?QuotedFragment)/ again and again.
void TagParser::lax_arguments(std::string_view text, std::vector<NamedExpression>& named) {
    for (std::size_t at = text.find_first_of(":,"); at != std::string_view::npos;
         at = text.find_first_of(":,", at)) {
        const std::size_t begin = scan::skip_space(text, at + 1);
        std::size_t key_end = begin;
        while (key_end < text.size() && scan::is_word(text[key_end])) {
            ++key_end;
        }
        const std::size_t colon = scan::skip_space(text, key_end);
        std::size_t value = begin;
        std::size_t end = begin;
        if (key_end > begin && colon < text.size() && text[colon] == ':') {
            value = scan::skip_space(text, colon + 1);
            end = scan::end_of_fragment(text, value);
        }
        const bool has_key = end > value && value > begin;
        if (!has_key) {
            value = begin;
            end = scan::end_of_fragment(text, begin);
        }
        if (end == value) {
            ++at;
            continue;
        }
        const Expression read = expression(text.substr(value, end - value));
        if (has_key) {
            named.push_back({Name(text.substr(begin, key_end - begin)), read});
        } else {
            arguments_room_.push_back(read);
        }
        at = end;
    }
}

const Filter& TagParser::filter_of(std::string_view name) {
    const Name key(name);
    const Filter* known = environment_.filter(key);
    if (listener() != nullptr) {
        listener()->filter(name, known != nullptr);
    }
    if (known != nullptr) {
        return *known;
    }
    if (const auto* seen = unknown_filters_.find(key)) {
        return **seen;
    }
    const Filter* made = arena().make<Filter>(Filter{.name = name});
    unknown_filters_.insert(key, made);
    return *made;
}

FilterCall TagParser::filter_call(std::string_view name,
                                  std::size_t base,
                                  const std::vector<NamedExpression>& named) {
    constexpr std::size_t most = std::numeric_limits<std::uint16_t>::max();
    FilterCall call{.filter = &filter_of(name)};
    const std::span<const Expression> arguments = std::span(arguments_room_).subspan(base);
    if (arguments.size() > most || named.size() > most) {
        refuse("Too many arguments");
        return call;
    }
    call.constant = named.empty() && std::ranges::all_of(arguments, [](const Expression& argument) {
                        return argument.kind() < Kind::lookup;
                    });
    Expression* room = arena().room<Expression>(arguments.size());
    std::uninitialized_copy(arguments.begin(), arguments.end(), room);
    call.positional_begin = room;
    call.positional_count = static_cast<std::uint16_t>(arguments.size());
    call.named_begin = keep(named).data();
    call.named_count = static_cast<std::uint16_t>(named.size());
    arguments_room_.resize(base);
    return call;
}

// What depends on nothing but constants is computed here, once. Answers how many filters that were. Only what is
// short: every step of a chain leaves its result in the program's memory, and parsing has no budget of time.
std::size_t TagParser::fold(Expression& value, std::span<const FilterCall> calls) {
    constexpr std::size_t longest_text = 1024;
    constexpr std::size_t most_items = 128;
    const auto foldable = [](const FilterCall& call) {
        return call.filter->pure && call.constant && call.positional_count >= call.filter->least &&
               call.positional_count <= call.filter->most;
    };
    if (value.kind() >= Kind::lookup || calls.empty() || !foldable(calls.front())) {
        return 0;
    }
    RenderOptions options;
    options.limits.memory = options_.limits.memory;
    options.limits.string_bytes = longest_text;
    options.limits.array_items = most_items;
    Output nowhere;
    Render folding(options, arena(), nowhere);
    std::size_t folded = 0;
    while (folded < calls.size() && foldable(calls[folded]) && !arena().exceeded() &&
           (!value.is_string() || value.as_string().size() <= longest_text)) {
        const FilterCall& call = calls[folded];
        const Value result = call.filter->apply(folding, value, Arguments(call.positional(), {}));
        const bool plain = result.is_string() || result.is(Kind::integer) || result.is(Kind::real) ||
                           result.is(Kind::boolean) || result.is_nil();
        if (!plain || folding.stopped()) {
            break;
        }
        value = result;
        ++folded;
    }
    return folded;
}

FilteredExpression TagParser::with_filters(const Expression& expression, std::size_t base) {
    FilteredExpression made{.expression = expression};
    const std::size_t first = base + fold(made.expression, std::span(filters_room_).subspan(base));
    const std::span<const FilterCall> calls(filters_room_.data() + first, filters_room_.size() - first);
    FilterCall* room = arena().room<FilterCall>(calls.size());
    std::uninitialized_copy(calls.begin(), calls.end(), room);
    made.filters_begin = room;
    made.filters_count = static_cast<std::uint32_t>(calls.size());
    filters_room_.resize(base);
    return made;
}

}  // namespace cartwright::liquid
