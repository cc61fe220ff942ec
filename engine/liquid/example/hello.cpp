// A host of the engine in one file: a filter, a tag and an object of its own, a partial, data from JSON, and one
// render. It prints the page and what the page asked for.
#include "liquid/drop.hpp"
#include "liquid/environment.hpp"
#include "liquid/from_json.hpp"
#include "liquid/memory_partials.hpp"
#include "liquid/parse.hpp"
#include "liquid/render.hpp"
#include "liquid/tag_parser.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace cartwright::liquid;

// What the host knows and templates may use: RenderOptions::host.
struct Shop {
    std::string currency = "€";
};

// {{ 1999 | money }} → 19.99 €
Value money(Render& render, const Value& input, const Arguments&) {
    if (!input.is(Kind::integer) || input.as_integer() < 0) {
        return render.argument_error("money wants a number of cents");
    }
    TextBuilder out(render, 32);
    out.append_integer(input.as_integer() / 100);
    out.append('.');
    out.append_integer(input.as_integer() % 100 / 10);
    out.append_integer(input.as_integer() % 10);
    out.append(' ');
    out.append(render.host<Shop>().currency);
    return out.finish();
}

// {% shout %}…{% endshout %} prints its body with an exclamation mark.
struct ShoutNode : Node {
    Block body;
};

Flow render_shout(const Node& node, Render& render) {
    const Flow flow = render.render(static_cast<const ShoutNode&>(node).body);
    render.output().append('!');
    return flow;
}

const Node* parse_shout(TagParser& tag) {
    auto* node = tag.node<ShoutNode>(&render_shout);
    tag.whole_body(node->body);
    return node;
}

// Asked of the shop only when a template wants it, and described once for everybody.
class ProductDrop final : public Drop {
public:
    static const DropType drop_type;

    ProductDrop(std::string title, std::int64_t cents)
        : Drop(drop_type), title_(std::move(title)), cents_(cents) {}

private:
    std::string title_;
    std::int64_t cents_;
};

const DropType ProductDrop::drop_type{
    "product",
    "A product of the shop.",
    {{"title",
      "string",
      "Its name.",
      [](Render&, Drop& self) { return Value::string(static_cast<ProductDrop&>(self).title_); }},
     {"price", "number", "In cents.", [](Render&, Drop& self) {
          return Value::integer(static_cast<ProductDrop&>(self).cents_);
      }}}};

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

int main() {
    // Once: the language. It outlives all programs, and isn't changed after the first parse.
    Environment environment = Environment::standard();
    environment.add(Filter{.name = "money", .apply = money, .summary = "Cents as an amount."});
    environment.add(
        Tag{.name = "shout", .parse = parse_shout, .end = "endshout", .summary = "Says it louder."});

    // For each template: a program, shared by all threads.
    const auto program = parse(environment, R"(Hello, {{ customer.name | default: "you" }}!
{% render "card", product: product %}
{% for n in numbers %}{{ n | times: 2 }}{% unless forloop.last %}, {% endunless %}{% endfor %}
)");
    if (!program) {
        print(program.error().text() + "\n");
        return 1;
    }
    MemoryPartials partials(environment);
    partials.add("card", "{% shout %}{{ product.title }} for {{ product.price | money }}{% endshout %}");

    // For each page: data, options, memory and a buffer; the last two may be used again.
    Arena data_arena;
    const auto json = from_json(data_arena, R"({"customer": {"name": "Ada"}, "numbers": [1, 2, 3]})");
    if (!json) {
        print(json.error() + "\n");
        return 1;
    }
    ProductDrop cup("Blue cup", 1250);
    Map data(data_arena);
    for (const auto& [name, value] : json->as_map().entries()) {
        data.set(name, value);
    }
    data.set("product", Value::drop(cup));

    Shop shop;
    RenderOptions options;
    options.data = &data;
    options.partials = &partials;
    options.host = &shop;
    Arena arena;
    Output output;
    Render render(options, arena, output);
    const RenderResult result = render.run(**program);
    print(output.text());
    for (const Error& error : result.errors) {
        print(error.text() + "\n");
    }

    // For a cache of pages: what this one depends on.
    print("It asked for:");
    for (const std::string_view name : render.touched().names) {
        print(" " + std::string(name));
    }
    print("\n");
    return 0;
}
