#include "liquid/markup_parser.hpp"

#include "liquid/scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace cartwright::liquid {

namespace {

constexpr std::array<std::string_view, 16> type_names = {"id",
                                                         "string",
                                                         "number",
                                                         "comparison",
                                                         "pipe",
                                                         "dot",
                                                         "colon",
                                                         "comma",
                                                         "open_square",
                                                         "close_square",
                                                         "open_round",
                                                         "close_round",
                                                         "question",
                                                         "dash",
                                                         "dotdot",
                                                         "end_of_string"};

std::string_view name_of(TokenType type) {
    return type_names[static_cast<std::size_t>(type)];
}

// What a token that begins with this byte may be: a letter, a digit, a quote, the beginning of a comparison, or
// from `specials` on the token of that byte alone.
constexpr std::uint8_t letter = 1;
constexpr std::uint8_t digit = 2;
constexpr std::uint8_t quote = 3;
constexpr std::uint8_t comparison = 4;
constexpr std::uint8_t specials = 16;

constexpr std::array<std::uint8_t, 256> beginnings = [] {
    std::array<std::uint8_t, 256> made{};
    for (std::size_t byte = 0; byte < made.size(); ++byte) {
        const char c = static_cast<char>(byte);
        made[byte] = scan::is_digit(c) ? digit : scan::is_word(c) ? letter : std::uint8_t{0};
    }
    made['"'] = made['\''] = quote;
    made['='] = made['!'] = made['<'] = made['>'] = comparison;
    const auto alone = [&made](char c, TokenType type) {
        made[static_cast<unsigned char>(c)] =
            static_cast<std::uint8_t>(specials + static_cast<std::uint8_t>(type));
    };
    alone('|', TokenType::pipe);
    alone('.', TokenType::dot);
    alone(':', TokenType::colon);
    alone(',', TokenType::comma);
    alone('[', TokenType::open_square);
    alone(']', TokenType::close_square);
    alone('(', TokenType::open_round);
    alone(')', TokenType::close_round);
    alone('?', TokenType::question);
    alone('-', TokenType::dash);
    return made;
}();

// The whole character at `at`, whose bytes may be more than one.
std::string_view character_at(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    if (static_cast<unsigned char>(text[at]) >= 0xC0) {
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
            ++end;
        }
    }
    return text.substr(at, end - at);
}

std::size_t end_of_number(std::string_view text, std::size_t at) {
    const auto digits = [text](std::size_t from) {
        while (from < text.size() && scan::is_digit(text[from])) {
            ++from;
        }
        return from;
    };
    std::size_t end = digits(at + (text[at] == '-' ? 1 : 0));
    if (end + 1 < text.size() && text[end] == '.' && scan::is_digit(text[end + 1])) {
        end = digits(end + 1);
    }
    return end;
}

std::size_t end_of_comparison(std::string_view text, std::size_t at) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    switch (text[at]) {
        case '=':
        case '!':
            return next == '=' ? at + 2 : at;
        case '<':
            return next == '=' || next == '>' ? at + 2 : at + 1;
        case '>':
            return next == '=' ? at + 2 : at + 1;
        default:
            return at;
    }
}

}  // namespace

MarkupParser::MarkupParser(TagParser& tags, std::string_view markup)
    : tags_(tags), tokens_(tags.tokens_room_) {
    tokens_.clear();
    tags.spend(markup.size());
    tokenize(markup);
}

void MarkupParser::tokenize(std::string_view markup) {
    const char* const text = markup.data();
    const std::size_t size = markup.size();
    std::size_t at = scan::skip_space(markup, 0);
    while (at < size) {
        const std::size_t begin = at;
        const std::uint8_t beginning = beginnings[static_cast<unsigned char>(text[at])];
        TokenType type = TokenType::id;
        switch (beginning) {
            case letter:
                at = scan::skip_segment(markup, at + 1);
                if (at < size && text[at] == '?') {
                    ++at;
                }
                if (at - begin == 8 && std::memcmp(text + begin, "contains", 8) == 0 &&
                    (tokens_.empty() || tokens_.back().type != TokenType::dot)) {
                    type = TokenType::comparison;
                }
                break;
            case digit:
                type = TokenType::number;
                at = end_of_number(markup, at);
                break;
            case quote:
                type = TokenType::string;
                at = scan::end_of_quoted(markup, at);
                break;
            case comparison:
                type = TokenType::comparison;
                at = end_of_comparison(markup, at);
                break;
            case 0:
                break;
            default:
                type = static_cast<TokenType>(beginning - specials);
                ++at;
                if (type == TokenType::dot && at < size && text[at] == '.') {
                    type = TokenType::dotdot;
                    ++at;
                } else if (type == TokenType::dash && at < size && scan::is_digit(text[at])) {
                    type = TokenType::number;
                    at = end_of_number(markup, begin);
                }
        }
        if (at == begin || at == std::string_view::npos) {
            fail("Unexpected character " + std::string(character_at(markup, begin)));
            break;
        }
        tokens_.push_back({type, {text + begin, at - begin}});
        at = scan::skip_space(markup, at);
    }
    tokens_.push_back({TokenType::end_of_string, {}});
}

void MarkupParser::fail(std::string message) {
    if (!failed_) {
        failed_ = true;
        message_ = std::move(message);
    }
}

std::string_view MarkupParser::consume(TokenType type) {
    const Token& token = tokens_[at_];
    if (failed_) {
        return {};
    }
    if (token.type != type) {
        fail("Expected " + std::string(name_of(type)) + " but found " + std::string(name_of(token.type)));
        return {};
    }
    return consume();
}

std::string_view MarkupParser::consume() noexcept {
    const std::string_view text = tokens_[at_].text;
    if (at_ + 1 < tokens_.size()) {
        ++at_;
    }
    return text;
}

bool MarkupParser::accept(TokenType type) noexcept {
    if (failed_ || tokens_[at_].type != type) {
        return false;
    }
    consume();
    return true;
}

bool MarkupParser::accept_word(std::string_view word) noexcept {
    if (failed_ || tokens_[at_].type != TokenType::id || tokens_[at_].text != word) {
        return false;
    }
    consume();
    return true;
}

std::string_view MarkupParser::text_since(std::size_t position) {
    if (position == at_) {
        return {};
    }
    const Token& first = tokens_[position];
    const Token& last = tokens_[at_ - 1];
    std::size_t size = 0;
    for (std::size_t at = position; at < at_; ++at) {
        size += tokens_[at].text.size();
    }
    if (first.text.data() + size == last.text.data() + last.text.size()) {
        return {first.text.data(), size};
    }
    char* together = tags_.arena().room<char>(size);
    std::size_t end = 0;
    for (std::size_t at = position; at < at_; ++at) {
        std::ranges::copy(tokens_[at].text, together + end);
        end += tokens_[at].text.size();
    }
    return {together, size};
}

Expression MarkupParser::condition_expression() {
    if (!failed_ && look(TokenType::id) && !look(TokenType::dot, 1) && !look(TokenType::open_square, 1)) {
        if (tokens_[at_].text == "blank") {
            consume();
            return Value::blank();
        }
        if (tokens_[at_].text == "empty") {
            consume();
            return Value::empty();
        }
    }
    return expression();
}

Expression MarkupParser::expression() {
    if (failed_) {
        return {};
    }
    const Token token = tokens_[at_];
    if (tags_.expression_depth_ >= tags_.options_.limits.expression_depth) {
        fail("Nesting too deep");
        return {};
    }
    ++tags_.expression_depth_;
    Expression read;
    switch (token.type) {
        case TokenType::id:
            read = lookup();
            break;
        case TokenType::open_square:
            if (tags_.mode() == Mode::strict2 || tags_.mode() == Mode::warn) {
                fail("Bare bracket access is not allowed. Use self['...'] instead");
            } else {
                read = lookup_with_brackets();
            }
            break;
        case TokenType::string:
            consume();
            read = Value::string(token.text.substr(1, token.text.size() - 2));
            break;
        case TokenType::number:
            consume();
            read = tags_.expression(token.text);
            break;
        case TokenType::open_round:
            read = range();
            break;
        case TokenType::end_of_string:
            fail("[:end_of_string] is not a valid expression");
            break;
        default:
            fail("[:" + std::string(name_of(token.type)) + ", \"" + std::string(token.text) +
                 "\"] is not a valid expression");
    }
    --tags_.expression_depth_;
    return read;
}

// (first..last)
Expression MarkupParser::range() {
    consume();
    const std::size_t first_at = at_;
    const Expression first = expression();
    const std::string_view first_text = text_since(first_at);
    consume(TokenType::dotdot);
    const std::size_t last_at = at_;
    const Expression last = expression();
    const std::string_view last_text = text_since(last_at);
    consume(TokenType::close_round);
    if (failed_) {
        return {};
    }
    const auto made = tags_.range(first_text, first, last_text, last);
    if (!made) {
        fail("Invalid expression type '" + std::string(made.error()) + "' in range expression");
        return {};
    }
    return *made;
}

// An id and what stands behind its dots; those of brackets go the longer way.
Expression MarkupParser::lookup() {
    std::size_t end = at_ + 1;
    std::size_t size = tokens_[at_].text.size();
    while (tokens_[end].type == TokenType::dot && tokens_[end + 1].type == TokenType::id) {
        size += 1 + tokens_[end + 1].text.size();
        end += 2;
    }
    const Token& last = tokens_[end - 1];
    const bool adjacent = tokens_[at_].text.data() + size == last.text.data() + last.text.size();
    if (!adjacent || tokens_[end].type == TokenType::open_square || tokens_[end].type == TokenType::dot) {
        return lookup_with_brackets();
    }
    const std::string_view text(tokens_[at_].text.data(), size);
    at_ = end;
    return tags_.expression(text);
}

Expression MarkupParser::lookup_with_brackets() {
    const std::size_t begin = at_;
    std::vector<Step> steps;
    if (accept(TokenType::open_square)) {
        steps.push_back(tags_.step(expression()));
        consume(TokenType::close_square);
    } else {
        steps.push_back(Step::key(tags_.intern(consume())));
    }
    for (;;) {
        if (accept(TokenType::open_square)) {
            steps.push_back(tags_.step(expression()));
            consume(TokenType::close_square);
        } else if (accept(TokenType::dot)) {
            const std::string_view key = consume(TokenType::id);
            steps.push_back(Step::key(tags_.intern(key), key == "size" || key == "first" || key == "last"));
        } else {
            break;
        }
    }
    if (failed_) {
        return {};
    }
    return tags_.lookup(steps.front(), std::span(steps).subspan(1), text_since(begin));
}

}  // namespace cartwright::liquid
