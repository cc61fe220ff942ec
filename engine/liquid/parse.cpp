#include "liquid/parse.hpp"

#include "liquid/markup_parser.hpp"
#include "liquid/render.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"
#include "liquid/text_node.hpp"

#include <algorithm>
#include <cstring>

// Tokens, bodies and the tags' places in them, as the reference's Tokenizer, BlockBody and Document.

namespace cartwright::liquid {

namespace {

struct ValueNode : Node {
    Expression expression;
};

struct FilteredNode : Node {
    FilteredExpression expression;
};

Flow print_value(const Node& node, Render& render, const Value& value, const Arena::Mark& mark) {
    if (value.is_failure()) {
        return render.report(node, value);
    }
    render.print(value);
    render.arena().rewind(mark);
    return Flow::next;
}

Flow render_value(const Node& node, Render& render) {
    const auto mark = render.arena().mark();
    return print_value(node, render, render.evaluate(static_cast<const ValueNode&>(node).expression), mark);
}

Flow render_filtered(const Node& node, Render& render) {
    const auto mark = render.arena().mark();
    return print_value(
        node, render, render.evaluate(static_cast<const FilteredNode&>(node).expression), mark);
}

constexpr std::int64_t bytes_between_looks = 1 << 14;

std::uint32_t lines_in(std::string_view text) {
    std::uint32_t lines = 0;
    for (const void* at = std::memchr(text.data(), '\n', text.size()); at != nullptr;) {
        ++lines;
        text.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) + 1);
        at = std::memchr(text.data(), '\n', text.size());
    }
    return lines;
}

}  // namespace

Flow render_text(const Node& node, Render& render) {
    render.output().append(static_cast<const TextNode&>(node).text());
    return Flow::next;
}

std::expected<ProgramPointer, Error> parse(const Environment& environment,
                                           std::string_view source,
                                           const ParseOptions& options) {
    if (source.size() > options.limits.source_bytes) {
        return std::unexpected(Error{.kind = ErrorKind::syntax,
                                     .message = "Template is too long: " + std::to_string(source.size()) +
                                                " bytes of at most " +
                                                std::to_string(options.limits.source_bytes)});
    }
    auto program = std::make_shared<Program>(environment, source.size());
    program->arena_.limit(options.limits.memory);
    program->source_ = program->arena_.copy(source);
    if (options.listener != nullptr) {
        options.listener->source(program->source_);
    }
    TagParser parser(environment, options, *program);
    parser.document();
    if (parser.failed_) {
        if (!options.line_numbers) {
            parser.error_.line = 0;
        }
        return std::unexpected(std::move(parser.error_));
    }
    return program;
}

TagParser::TagParser(const Environment& environment, const ParseOptions& options, Program& program)
    : environment_(environment), options_(options), program_(program) {
    constexpr std::size_t usual = 32;
    tokens_room_.reserve(usual);
    nodes_room_.reserve(usual * 2);
    fuel_ = bytes_between_looks;
    if (options.ticks != nullptr && options.limits.time_ns > 0) {
        deadline_ = options.ticks() + options.limits.time_ns;
    }
}

void TagParser::refuse(std::string_view message, std::string_view markup_context) {
    if (!failed_) {
        failed_ = true;
        error_ = {.kind = ErrorKind::syntax,
                  .message = std::string(message),
                  .line = line_,
                  .markup_context = std::string(markup_context)};
    }
}

void TagParser::refuse_at_tag(std::string_view message, std::string_view markup_context) {
    if (!failed_) {
        refuse(message, markup_context);
        error_.line = tag_line_;
    }
}

void TagParser::refuse(ErrorKind kind, std::string_view message) {
    if (!failed_) {
        failed_ = true;
        error_ = {.kind = kind, .message = std::string(message)};
    }
}

void TagParser::note_warning(std::string message, std::string_view context) {
    program_.warnings_.push_back({.kind = ErrorKind::syntax,
                                  .message = std::move(message),
                                  .line = line_,
                                  .markup_context = std::string(context)});
}

void TagParser::look_at_clock() {
    fuel_ = bytes_between_looks;
    if (deadline_ != 0 && options_.ticks() > deadline_) {
        refuse("Template takes too long to parse");
    }
}

void TagParser::document() {
    Tokens tokens{.source = program_.source_};
    tokens_ = &tokens;
    const auto end = body(program_.body_);
    if (end) {
        refuse(end->name == "else" || end->name == "end"
                   ? "Unexpected outer '" + std::string(end->name) + "' tag"
                   : "Unknown tag '" + std::string(end->name) + "'");
    }
}

// --- Tokens ---

std::optional<std::string_view> TagParser::next_token() {
    Tokens& tokens = *tokens_;
    const std::string_view source = tokens.source;
    const std::size_t begin = tokens.at;
    constexpr std::size_t token_s_own = 16;
    spend(token_s_own);
    if (begin >= source.size() || failed_) {
        return std::nullopt;
    }
    if (tokens.liquid_tag) {
        const std::size_t end = std::min(source.find('\n', begin), source.size());
        tokens.at = end + 1;
        ++tokens.line;
        return source.substr(begin, end - begin);
    }
    const auto until = [&](std::size_t end) {
        tokens.at = end;
        const std::string_view token = source.substr(begin, end - begin);
        tokens.line += options_.line_numbers ? lines_in(token) : 0;
        return token;
    };
    // A token that is never closed is its opening alone; nothing comes after it.
    const auto unclosed = [&](std::size_t from) {
        tokens.at = source.size();
        return source.substr(from, 2);
    };
    const auto tag_from = [&](std::size_t from) {
        const std::size_t close = source.find("%}", from);
        return close == std::string_view::npos ? std::string_view::npos : close + 2;
    };
    const char* const text = source.data();
    const std::size_t size = source.size();
    const auto find = [text](char c, std::size_t from, std::size_t to) {
        const void* found = std::memchr(text + from, c, to - from);
        return found == nullptr ? to : static_cast<std::size_t>(static_cast<const char*>(found) - text);
    };
    const auto opens = [text, size](std::size_t at) {
        return at + 1 < size && text[at] == '{' && (text[at + 1] == '{' || text[at + 1] == '%');
    };
    if (!opens(begin)) {
        std::size_t at = find('{', begin, size);
        while (at < size && !opens(at)) {
            at = find('{', at + 1, size);
        }
        return until(at);
    }
    if (text[begin + 1] == '%') {
        const std::size_t end = tag_from(begin + 2);
        return end == std::string_view::npos ? unclosed(begin) : until(end);
    }
    const std::size_t close = find('}', begin + 2, size);
    for (std::size_t at = begin + 2;; ++at) {
        at = find('{', at, close);  // the brace that comes first
        if (at + 1 >= size) {
            return at < size && text[at] == '}' ? until(size) : unclosed(begin);
        }
        if (text[at] == '}') {
            return until(text[at + 1] == '}' ? at + 2 : at + 1);
        }
        if (text[at + 1] == '%') {
            const std::size_t end = tag_from(at + 2);
            return end == std::string_view::npos ? unclosed(begin) : until(end);
        }
    }
}

std::optional<std::string_view> TagParser::raw_token() {
    return next_token();
}

// --- Bodies ---

bool TagParser::enter_block() {
    if (depth_ >= options_.limits.depth) {
        refuse(ErrorKind::stack_level, "Nesting too deep");
        return false;
    }
    ++depth_;
    return true;
}

std::optional<TagParser::End> TagParser::body(Block& block) {
    if (failed_ || !enter_block()) {
        return std::nullopt;
    }
    const std::string_view name = name_;
    const std::string_view markup = markup_;
    const std::uint32_t tag_line = tag_line_;
    const std::size_t base = nodes_room_.size();
    const bool outermost = depth_ == 1;
    line_ = tokens_->line;
    auto end = tokens_->liquid_tag ? body_of_liquid_tag(block) : body_of_document(block, base);
    finish(block, base);
    leave_block();
    name_ = name;
    markup_ = markup;
    tag_line_ = tag_line;
    if (!end && !outermost) {
        never_closed(name_);
    }
    return failed_ ? std::nullopt : end;
}

void TagParser::finish(Block& block, std::size_t base) {
    const std::size_t count = nodes_room_.size() - base;
    const Node** room = arena().room<const Node*>(count);
    std::copy_n(nodes_room_.begin() + static_cast<std::ptrdiff_t>(base), count, room);
    block.nodes = {room, count};
    nodes_room_.resize(base);
}

void TagParser::never_closed(std::string_view block_name) {
    refuse("'" + std::string(block_name) + "' tag was never closed");
}

void TagParser::unknown_tag(const End& end) {
    const std::string tag(end.name);
    const std::string block(name_);
    if (end.name == "else") {
        refuse(block + " tag does not expect 'else' tag");
    } else if (end.name.starts_with("end")) {
        refuse("'" + tag + "' is not a valid delimiter for " + block + " tags. use end" + block);
    } else {
        refuse("Unknown tag '" + tag + "'");
    }
}

void TagParser::whole_body(Block& block) {
    const auto end = body(block);
    if (end && (!end->name.starts_with("end") || end->name.substr(3) != name_)) {
        unknown_tag(*end);
    }
}

void TagParser::drop_white_space(Block& block) {
    const Node** nodes = const_cast<const Node**>(block.nodes.data());
    const Node** end = std::remove_if(
        nodes, nodes + block.nodes.size(), [](const Node* node) { return node->render == &render_text; });
    const auto left = static_cast<std::size_t>(end - nodes);
    block.score -= static_cast<std::uint32_t>(block.nodes.size() - left);
    block.nodes = {nodes, left};
}

std::optional<TagParser::End> TagParser::body_of_document(Block& block, std::size_t base) {
    while (const auto next = next_token()) {
        const std::string_view token = *next;
        if (token.starts_with("{%") || token.starts_with("{{")) {
            if (token.size() > 2 && token[2] == '-' && nodes_room_.size() > base &&
                nodes_room_.back()->render == &render_text) {
                auto& before = const_cast<TextNode&>(static_cast<const TextNode&>(*nodes_room_.back()));
                before.set(scan::strip_right(before.text()));
            }
            trim_ = token.size() > 2 && token[token.size() - 3] == '-';
        }
        if (token.starts_with("{{")) {
            output(token, block);
        } else if (token.starts_with("{%")) {
            if (!token.ends_with("%}") || token.size() < 4) {
                refuse("Tag '" + std::string(token) + "' was not properly terminated with regexp: /\\%\\}/");
                return std::nullopt;
            }
            std::size_t at = token[2] == '-' && token.size() > 4 ? 3 : 2;
            const std::size_t name_begin = scan::skip_space(token, at);
            std::size_t name_end = name_begin;
            if (token[name_begin] == '#') {
                ++name_end;
            } else {
                while (scan::is_word(token[name_end])) {
                    ++name_end;
                }
            }
            if (name_end == name_begin) {
                return End{token, token};
            }
            const std::size_t markup_begin = scan::skip_space(token, name_end);
            std::size_t markup_end = token.size() - 2;
            if (markup_end > markup_begin && token[markup_end - 1] == '-') {
                --markup_end;
            }
            if (options_.line_numbers) {
                line_ += lines_in(token.substr(at, name_begin - at)) +
                         lines_in(token.substr(name_end, markup_begin - name_end));
            }
            const std::string_view tag = token.substr(name_begin, name_end - name_begin);
            const std::string_view markup = token.substr(markup_begin, markup_end - markup_begin);
            if (tag == "liquid") {
                liquid_tag(markup, block);
            } else if (!known_tag(tag, markup, block)) {
                return End{tag, markup};
            }
        } else {
            text(token, block);
        }
        if (failed_) {
            return std::nullopt;
        }
        line_ = tokens_->line;
    }
    return std::nullopt;
}

bool TagParser::known_tag(std::string_view name, std::string_view markup, Block& block) {
    const Tag* tag = environment_.tag(Name(name));
    if (listener() != nullptr) {
        listener()->tag(name, markup, tag != nullptr);
    }
    if (tag == nullptr) {
        return false;
    }
    name_ = name;
    markup_ = markup;
    tag_line_ = options_.line_numbers ? line_ : 0;
    const Node* node = tag->parse(*this);
    ++block.score;
    if (node != nullptr && !failed_) {
        block.blank = block.blank && node->blank;
        nodes_room_.push_back(node);
        if (listener() != nullptr) {
            listener()->node(*node, name);
        }
    }
    refuse_if_big();
    return true;
}

void TagParser::refuse_if_big() {
    if (arena().exceeded()) {
        refuse("Template is too big");
    }
}

void TagParser::text(std::string_view token, Block& block) {
    if (trim_) {
        token = scan::strip_left(token);
    }
    trim_ = false;
    ++block.score;
    block.blank = block.blank && scan::blank(token);
    auto* node = arena().make<TextNode>();
    node->render = &render_text;
    node->set(token);
    node->blank = true;
    nodes_room_.push_back(node);
}

void TagParser::output(std::string_view token, Block& block) {
    if (!token.ends_with("}}") || token.size() < 4) {
        refuse("Variable '" + std::string(token) + "' was not properly terminated with regexp: /\\}\\}/");
        return;
    }
    std::size_t begin = token[2] == '-' ? 3 : 2;
    std::size_t end = token.size() - 2;
    if (token[end - 1] == '-') {
        --end;
    }
    const std::string_view markup = end > begin ? token.substr(begin, end - begin) : std::string_view();
    tag_line_ = options_.line_numbers ? line_ : 0;
    const std::string context =
        mode() == Mode::lax ? std::string() : "in \"{{" + std::string(markup) + "}}\"";
    const FilteredExpression expression = filtered(markup, context);
    Node* node = nullptr;
    if (expression.filters_count == 0) {
        auto* plain = arena().make<ValueNode>();
        plain->expression = expression.expression;
        plain->render = &render_value;
        node = plain;
    } else {
        auto* with_filters = arena().make<FilteredNode>();
        with_filters->expression = expression;
        with_filters->render = &render_filtered;
        node = with_filters;
    }
    node->line = tag_line_;
    ++block.score;
    block.blank = false;
    nodes_room_.push_back(node);
    if (listener() != nullptr) {
        listener()->node(*node, "{{ }}");
    }
    refuse_if_big();
}

// {% liquid %}: a tag a line, in the body where it stands.
void TagParser::liquid_tag(std::string_view markup, Block& block) {
    while (markup.ends_with('\n')) {
        markup.remove_suffix(1);
    }
    if (!enter_block()) {
        return;
    }
    Tokens* outer = tokens_;
    Tokens lines{.source = markup, .line = line_, .liquid_tag = true};
    tokens_ = &lines;
    if (const auto end = body_of_liquid_tag(block)) {
        name_ = "liquid";
        if (end->name == "else") {
            refuse("liquid tag does not expect 'else' tag");
        } else if (end->name.starts_with("end")) {
            refuse("'" + std::string(end->name) + "' is not a valid delimiter for liquid tags. use %}");
        } else {
            refuse("Unknown tag '" + std::string(end->name) + "'");
        }
    }
    tokens_ = outer;
    leave_block();
}

std::optional<TagParser::End> TagParser::body_of_liquid_tag(Block& block) {
    while (const auto line = next_token()) {
        if (!scan::blank(*line)) {
            const std::size_t name_begin = scan::skip_space(*line, 0);
            std::size_t name_end = name_begin;
            if ((*line)[name_begin] == '#') {
                ++name_end;
            } else {
                while (name_end < line->size() && scan::is_word((*line)[name_end])) {
                    ++name_end;
                }
            }
            if (name_end == name_begin) {
                return End{*line, *line};
            }
            const std::string_view tag = line->substr(name_begin, name_end - name_begin);
            const std::string_view markup = line->substr(scan::skip_space(*line, name_end));
            if (tag == "liquid") {
                liquid_tag(markup, block);
            } else if (!known_tag(tag, markup, block)) {
                return End{tag, markup};
            }
            if (failed_) {
                return std::nullopt;
            }
        }
        line_ = tokens_->line;
    }
    return std::nullopt;
}

}  // namespace cartwright::liquid
