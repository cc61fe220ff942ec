#include "liquid/markup_parser.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <limits>

// An expression and its filters, strictly by tokens or laxly as the reference's Variable cuts them.

namespace cartwright::liquid {

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
