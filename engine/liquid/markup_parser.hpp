// Reads markup token by token, as the reference's strict and strict2 modes do. Never fails loudly: after the first
// thing out of place it remembers the message, and every further question is answered with nothing.
#pragma once

#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class MarkupParser {
public:
    MarkupParser(TagParser& tags, std::string_view markup);
    MarkupParser(const MarkupParser&) = delete;
    MarkupParser& operator=(const MarkupParser&) = delete;

    bool look(TokenType type, std::size_t ahead = 0) const noexcept {
        return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].type == type;
    }

    // The text of the next token, which must be of that type.
    std::string_view consume(TokenType type);
    std::string_view consume() noexcept;
    bool accept(TokenType type) noexcept;
    bool accept_word(std::string_view word) noexcept;

    Expression expression();
    // The same where `blank` and `empty` are the literals of conditions.
    Expression condition_expression();

    // Where the next token stands, and the text from there to here, as the reference puts it together again.
    std::size_t position() const noexcept { return at_; }

    std::string_view text_since(std::size_t position);

    const Token& token() const noexcept { return tokens_[at_]; }

    const std::vector<Token>& tokens() const noexcept { return tokens_; }

    void fail(std::string message);

    bool failed() const noexcept { return failed_; }

    const std::string& message() const noexcept { return message_; }

private:
    void tokenize(std::string_view markup);
    Expression lookup();
    Expression lookup_with_brackets();
    Expression range();

    TagParser& tags_;
    std::vector<Token>& tokens_;
    std::size_t at_ = 0;
    bool failed_ = false;
    std::string message_;
};

template <class Strict, class Lax>
void TagParser::read_markup(Strict strict, Lax lax, Mode strict_from) {
    if (options_.mode == Mode::lax || (options_.mode == Mode::strict && strict_from == Mode::strict2)) {
        lax();
        return;
    }
    {
        MarkupParser parser(*this, markup_);
        if (!parser.failed()) {
            strict(parser);
        }
        if (!parser.failed()) {
            return;
        }
        if (options_.mode == Mode::strict || options_.mode == Mode::strict2) {
            refuse_at_tag(parser.message(), "in \"" + std::string(scan::strip(markup_)) + '"');
            return;
        }
        if (options_.mode == Mode::warn) {
            note_warning(parser.message(), "in \"" + std::string(scan::strip(markup_)) + '"');
        }
    }
    lax();
}

}  // namespace cartwright::liquid
