#include "bench/liquid/workload.hpp"
#include "liquid/number.hpp"
#include "liquid/tag_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace cartwright::bench {

using liquid::ArrayBuilder;
using liquid::Block;
using liquid::ErrorKind;
using liquid::Expression;
using liquid::Flow;
using liquid::Kind;
using liquid::Map;
using liquid::Name;
using liquid::Node;
using liquid::Render;
using liquid::TagParser;
using liquid::TextBuilder;
using liquid::Value;

namespace {

constexpr std::int64_t max_page_size = 1'000'000;

struct PaginateNode : Node {
    Expression collection;
    std::string_view collection_name;
    std::int64_t page_size = 20;
    Block body;
};

struct FormNode : Node {
    Expression article;
    Block body;
};

Value part(Render& render, const Value& title, const Value& url) {
    Map* map = render.arena().make<Map>(render.arena());
    map->reserve(3);
    map->set(Name("title"), title);
    if (!url.is_nil()) {
        map->set(Name("url"), url);
    }
    map->set(Name("is_link"), Value::boolean(!url.is_nil()));
    return Value::map(*map);
}

Value link(Render& render, const Value& title, std::int64_t page) {
    TextBuilder url(render, 64);
    url.append("/collections/frontpage?page=");
    url.append_integer(page);
    return part(render, title, url.finish());
}

// Links to the first page, the last and those near the current one; a gap between them is one ellipsis.
Value parts(Render& render, std::int64_t current, std::int64_t pages) {
    constexpr std::int64_t window = 3;
    ArrayBuilder found(render);
    bool in_gap = false;
    for (std::int64_t page = 1; pages > 2 && page < pages && !found.overflowed(); ++page) {
        const Value title = Value::integer(page);
        const bool at_end = page == 1 || page == pages - 1;
        const bool far = page <= current - window || page >= current + window;
        if (page != current && !at_end && far) {
            if (!in_gap) {
                found.append(part(render, Value::string("&hellip;"), {}));
            }
            in_gap = true;
            continue;
        }
        found.append(page == current ? part(render, title, {}) : link(render, title, page));
        in_gap = false;
    }
    return found.finish();
}

Value pagination(Render& render, std::int64_t items, std::int64_t page_size) {
    const std::int64_t current = liquid::to_i(render, render.find_variable(Name("current_page")));
    // One more than there are, as the original counts them.
    const std::int64_t pages = (items + page_size - 1) / page_size + 1;
    const Value shown = parts(render, current, pages);
    if (shown.is_failure()) {
        return shown;
    }
    Map* map = render.arena().make<Map>(render.arena());
    map->reserve(8);
    map->set(Name("page_size"), Value::integer(page_size));
    map->set(Name("current_page"), Value::integer(5));
    map->set(Name("current_offset"), Value::integer(page_size * 5));
    map->set(Name("items"), Value::integer(items));
    map->set(Name("pages"), Value::integer(pages));
    map->set(Name("previous"),
             current > 1 ? link(render, Value::string("&laquo; Previous"), current - 1) : Value());
    map->set(Name("next"),
             pages > current + 1 ? link(render, Value::string("Next &raquo;"), current + 1) : Value());
    map->set(Name("parts"), shown);
    return Value::map(*map);
}

// The body in a scope of its own, in which `name` is bound.
Flow render_with(const Node& node, Render& render, const Block& body, const Name& name, const Value& value) {
    if (!render.push_scope()) {
        return render.report(node, render.fail(ErrorKind::stack_level, "Nesting too deep"));
    }
    render.bind(name, value);
    const Flow flow = render.render(body);
    render.pop_scope();
    return flow;
}

Flow render_paginate(const Node& node, Render& render) {
    static constexpr Name paginate("paginate");
    const auto& own = static_cast<const PaginateNode&>(node);
    const Value collection = render.evaluate(own.collection);
    if (collection.is_failure()) {
        return render.report(node, collection);
    }
    std::int64_t items = 0;
    if (collection.is(Kind::array)) {
        items = static_cast<std::int64_t>(collection.as_array().size());
    } else if (collection.is(Kind::map)) {
        items = static_cast<std::int64_t>(collection.as_map().size());
    } else {
        TextBuilder message(render);
        message.append("Cannot paginate '");
        message.append(own.collection_name);
        message.append("'. Not found.");
        return render.report(node, render.argument_error(message.text()));
    }
    const Value pages = pagination(render, items, own.page_size);
    return pages.is_failure() ? render.report(node, pages)
                              : render_with(node, render, own.body, paginate, pages);
}

Flow render_form(const Node& node, Render& render) {
    static constexpr Name form("form");
    const auto& own = static_cast<const FormNode&>(node);
    const Value article = render.evaluate(own.article);
    if (article.is_failure()) {
        return render.report(node, article);
    }
    render.output().append(R"(<form id="article-)");
    render.print(render.get(article, Name("id")));
    render.output().append("-comment-form\" class=\"comment-form\" method=\"post\" action=\"\">\n");
    Map* own_form = render.arena().make<Map>(render.arena());
    const Flow flow = render_with(node, render, own.body, form, Value::map(*own_form));
    render.output().append("\n</form>");
    return flow;
}

std::pair<std::string_view, std::string_view> word_and_rest(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t\n\r"), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t\n\r", begin), text.size());
    return {text.substr(begin, end - begin), text.substr(end)};
}

const Node* parse_paginate(TagParser& parser) {
    const auto [collection, rest] = word_and_rest(parser.markup());
    const auto [by, number] = word_and_rest(rest);
    if (collection.empty()) {
        parser.refuse("Syntax Error in 'paginate' - Valid syntax: paginate COLLECTION by N");
    }
    PaginateNode* node = parser.node<PaginateNode>(render_paginate);
    node->collection = parser.expression(collection);
    node->collection_name = collection;
    if (by == "by") {
        const std::string_view digits = word_and_rest(number).first;
        std::from_chars(digits.data(), digits.data() + digits.size(), node->page_size);
        node->page_size = std::clamp<std::int64_t>(node->page_size, 1, max_page_size);
    }
    parser.whole_body(node->body);
    node->blank = node->body.blank;
    return node;
}

const Node* parse_form(TagParser& parser) {
    FormNode* node = parser.node<FormNode>(render_form);
    node->article = parser.expression(parser.markup());
    parser.whole_body(node->body);
    return node;
}

constexpr auto tags = std::to_array<liquid::Tag>({
    {.name = "form", .parse = parse_form, .end = "endform"},
    {.name = "paginate", .parse = parse_paginate, .end = "endpaginate"},
});

}  // namespace

std::span<const liquid::Tag> shop_tags() {
    return tags;
}

}  // namespace cartwright::bench
