// What a tag has in hand while a template is parsed: its markup, the mode, the program's arena, and the means to
// read expressions and bodies. Built-in tags and tags of the host use it alike.
//
// A refusal ends the parse: after refuse() every reading function answers with nothing, so a tag's parse function
// runs to its end without checks of its own, and what it returns is thrown away.
#pragma once

#include "liquid/environment.hpp"
#include "liquid/error.hpp"
#include "liquid/name_table.hpp"
#include "liquid/parse.hpp"
#include "liquid/program.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class MarkupParser;
class Render;

enum class TokenType : std::uint8_t {
    id,
    string,
    number,
    comparison,
    pipe,
    dot,
    colon,
    comma,
    open_square,
    close_square,
    open_round,
    close_round,
    question,
    dash,
    dotdot,
    end_of_string,
};

struct Token {
    TokenType type;
    std::string_view text;
};

// Is told what a parse comes upon, for the lint and the documentation of a theme. Texts are views into the
// program's source: their place is the distance from source().data().
class ParseListener {
public:
    virtual ~ParseListener() = default;

    virtual void source(std::string_view /*text*/) {}

    virtual void tag(std::string_view /*name*/, std::string_view /*markup*/, bool /*known*/) {}

    virtual void lookup(const Lookup&, std::string_view /*markup*/) {}

    virtual void filter(std::string_view /*name*/, bool /*known*/) {}

    // A tag gives a name a value: assign, capture, for, tablerow, increment, decrement.
    virtual void assigned(std::string_view /*tag*/, std::string_view /*name*/) {}

    // include or render of a partial with a literal name.
    virtual void partial(std::string_view /*tag*/, std::string_view /*name*/) {}

    // A tag came to a node of the program; `kind` is its name, or "{{ }}".
    virtual void node(const Node&, std::string_view /*kind*/) {}
};

class TagParser {
public:
    // --- The tag in hand ---
    std::string_view name() const noexcept { return name_; }

    // Behind the name and the white space after it; white space at the end stays.
    std::string_view markup() const noexcept { return markup_; }

    Mode mode() const noexcept { return options_.mode; }

    const Environment& environment() const noexcept { return environment_; }

    Arena& arena() noexcept { return program_.arena_; }

    ParseListener* listener() const noexcept { return options_.listener; }

    // A node of the host's type, with its function and line set.
    template <class T>
    T* node(RenderNode render, bool blank = false) {
        T* made = arena().make<T>();
        made->render = render;
        made->line = tag_line_;
        made->blank = blank;
        return made;
    }

    template <class T>
    std::span<const T> keep(const std::vector<T>& items) {
        T* room = arena().room<T>(items.size());
        std::uninitialized_copy(items.begin(), items.end(), room);
        return {room, items.size()};
    }

    // --- Refusing ---
    // Ends the parse with a syntax error at this tag's line.
    void refuse(std::string_view message, std::string_view markup_context = {});
    void refuse(ErrorKind kind, std::string_view message);
    // The same at the line where the tag begins, for the markup of its parts.
    void refuse_at_tag(std::string_view message, std::string_view markup_context);

    bool failed() const noexcept { return failed_; }

    // Runs the reading that the mode asks for (markup_parser.hpp). `strict` reads by a MarkupParser and tells
    // failure by it; `lax` reads the markup itself. In the modes from `strict_from` on a failure of `strict` ends
    // the parse; in mode warn it is noted, and `lax` reads again; in milder modes only `lax` reads.
    template <class Strict, class Lax>
    void read_markup(Strict strict, Lax lax, Mode strict_from = Mode::strict2);

    // --- Expressions ---
    // Of lax text, as Liquid::Expression.parse: anything comes to something.
    Expression expression(std::string_view text);
    // The same where `blank` and `empty` are the literals of conditions.
    Expression condition_expression(std::string_view text);
    // {{ … }}, the right side of assign, echo.
    FilteredExpression filtered(std::string_view text, std::string_view context);

    // Puts the markup of a part, such as elsif, in the place of the tag's own while it lives.
    class Markup {
    public:
        Markup(TagParser& tag, std::string_view markup) noexcept : tag_(tag), own_(tag.markup_) {
            tag.markup_ = markup;
        }

        Markup(const Markup&) = delete;
        Markup& operator=(const Markup&) = delete;

        ~Markup() { tag_.markup_ = own_; }

    private:
        TagParser& tag_;
        std::string_view own_;
    };

    // --- Bodies ---
    struct End {
        std::string_view name;
        std::string_view markup;
    };

    // Reads nodes up to the first tag that nobody knows: the tag's own end, or a part such as else. It is for the
    // caller to accept it or to refuse it by unknown_tag(). nullopt: the parse failed (the tag was never closed).
    std::optional<End> body(Block& block);
    // The error that the reference gives for a tag that doesn't belong here.
    void unknown_tag(const End& end);
    // A body without parts, up to "end" + name().
    void whole_body(Block& block);
    // In a blank body the white space isn't printed.
    static void drop_white_space(Block& block);

    // The next token of the source as it is, for tags that don't parse their body; nullopt: no more.
    std::optional<std::string_view> raw_token();

    // In a {% liquid %} tag a token is a line.
    bool in_liquid_tag() const noexcept { return tokens_->liquid_tag; }

    // What follows has its white space stripped: the tag ended with -%}.
    void trim_next(bool trim) noexcept { trim_ = trim; }

    bool enter_block();

    void leave_block() noexcept { --depth_; }

    void never_closed(std::string_view block_name);
    // After each node: what a parse may hold is bounded.
    void refuse_if_big();

private:
    friend class MarkupParser;
    friend std::expected<ProgramPointer, Error> parse(const Environment&,
                                                      std::string_view,
                                                      const ParseOptions&);

    struct Tokens {
        std::string_view source;
        std::size_t at = 0;
        std::uint32_t line = 1;
        bool liquid_tag = false;
    };

    TagParser(const Environment& environment, const ParseOptions& options, Program& program);

    void document();

    // Counts bytes that were looked at against the time budget; too many refuse.
    void spend(std::size_t bytes) {
        fuel_ -= static_cast<std::int64_t>(bytes);
        if (fuel_ < 0) [[unlikely]] {
            look_at_clock();
        }
    }

    void look_at_clock();
    std::optional<std::string_view> next_token();
    std::optional<End> body_of_document(Block& block, std::size_t base);
    std::optional<End> body_of_liquid_tag(Block& block);
    void liquid_tag(std::string_view markup, Block& block);
    bool known_tag(std::string_view name, std::string_view markup, Block& block);
    void text(std::string_view token, Block& block);
    void output(std::string_view token, Block& block);
    void finish(Block& block, std::size_t base);

    Expression uncached_expression(std::string_view text);
    Expression lookup_expression(std::string_view text);
    std::optional<Expression> range_in(std::string_view text);
    // nullopt: a bound can't be one, and its text.
    std::expected<Expression, std::string_view> range(std::string_view first_text,
                                                      const Expression& first,
                                                      std::string_view last_text,
                                                      const Expression& last);
    Expression integer_literal(std::string_view digits);
    Step step(const Expression& expression);
    const Name& intern(std::string_view text);
    Expression lookup(Step first, std::span<const Step> steps, std::string_view text);
    const Filter& filter_of(std::string_view name);
    FilteredExpression lax_filtered(std::string_view text);
    FilteredExpression strict_filtered(MarkupParser& parser, bool strict2);
    void strict_arguments(MarkupParser& parser, bool strict2, std::vector<NamedExpression>& named);
    void lax_arguments(std::string_view text, std::vector<NamedExpression>& named);
    FilterCall filter_call(std::string_view name,
                           std::size_t base,
                           const std::vector<NamedExpression>& named);
    FilteredExpression with_filters(const Expression& expression, std::size_t base);
    std::size_t fold(Expression& value, std::span<const FilterCall> calls);
    void note_warning(std::string message, std::string_view context);

    const Environment& environment_;
    const ParseOptions& options_;
    Program& program_;
    Tokens* tokens_ = nullptr;
    std::string_view name_;
    std::string_view markup_;
    std::uint32_t line_ = 1;
    std::uint32_t tag_line_ = 1;
    std::uint32_t depth_ = 0;
    std::uint32_t expression_depth_ = 0;
    std::int64_t fuel_ = 0;
    std::int64_t deadline_ = 0;
    bool trim_ = false;
    bool failed_ = false;
    Error error_;

    NameTable<Expression> expressions_;  // by their text
    NameTable<const Name*> names_;
    NameTable<const Filter*> unknown_filters_;
    std::vector<Token> tokens_room_;
    std::vector<const Node*> nodes_room_;  // of the bodies that are open, one upon the other
    std::vector<Expression> arguments_room_;
    std::vector<FilterCall> filters_room_;
    std::vector<Step> steps_room_;
};

}  // namespace cartwright::liquid
