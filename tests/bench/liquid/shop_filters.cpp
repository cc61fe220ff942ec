#include "bench/liquid/workload.hpp"
#include "liquid/compare.hpp"
#include "liquid/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cartwright::bench {

using liquid::Arguments;
using liquid::Kind;
using liquid::Map;
using liquid::Name;
using liquid::Render;
using liquid::TextBuilder;
using liquid::Value;

namespace {

constexpr std::string_view assets = "/files/1/[shop_id]/[shop_id]/assets/";
constexpr std::string_view images = "/files/shops/random_number/products/";
constexpr std::string_view collections = "/collections/";

// Texts put one after the other.
template <class... Parts>
Value joined(Render& render, const Parts&... parts) {
    TextBuilder out(render, (std::string_view(parts).size() + ...));
    (out.append(std::string_view(parts)), ...);
    return out.finish();
}

void append_amount(TextBuilder& out, const Value& cents) {
    if (!cents.is(Kind::integer)) {
        const double amount = cents.is(Kind::real) ? cents.as_real() / 100.0 : 0.0;
        std::array<char, 400> digits;
        const char* end = fmt::format_to_n(digits.data(), digits.size(), "{:.2f}", amount).out;
        out.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
        return;
    }
    const std::int64_t number = cents.as_integer();
    // The rest keeps the number's sign, so the smallest number needs no case of its own.
    const std::int64_t rest = number % 100;
    const std::int64_t hundredths = rest < 0 ? -rest : rest;
    if (number < 0 && number > -100) {
        out.append('-');
    }
    out.append_integer(number / 100);
    out.append('.');
    out.append(static_cast<char>('0' + hundredths / 10));
    out.append(static_cast<char>('0' + hundredths % 10));
}

Value money_with(Render& render, const Value& cents, std::string_view currency) {
    if (cents.is_nil()) {
        return Value::string("");
    }
    TextBuilder out(render, 32);
    out.append("$ ");
    append_amount(out, cents);
    out.append(currency);
    return out.finish();
}

Value money(Render& render, const Value& cents, const Arguments&) {
    return money_with(render, cents, "");
}

Value money_with_currency(Render& render, const Value& cents, const Arguments&) {
    return money_with(render, cents, " USD");
}

Value weight_with(Render& render, const Value& grams, std::string_view unit) {
    const std::int64_t number = liquid::to_i(render, grams);
    TextBuilder out(render, 32);
    out.append_integer(number / 1000 - (number % 1000 < 0 ? 1 : 0));
    out.append(".00");
    out.append(unit);
    return out.finish();
}

Value weight(Render& render, const Value& grams, const Arguments&) {
    return weight_with(render, grams, "");
}

Value weight_with_unit(Render& render, const Value& grams, const Arguments&) {
    return weight_with(render, grams, " kg");
}

// Bytes that stand in a JSON string as they are.
constexpr std::array<bool, 256> is_plain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < plain.size(); ++byte) {
        plain[byte] = byte != '"' && byte != '\\';
    }
    return plain;
}();

void append_json_string(TextBuilder& out, std::string_view text) {
    static constexpr std::string_view hex = "0123456789abcdef";
    out.append('"');
    std::size_t plain = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char byte = text[at];
        if (is_plain[static_cast<unsigned char>(byte)]) {
            continue;
        }
        out.append(text.substr(plain, at - plain));
        plain = at + 1;
        out.append('\\');
        switch (byte) {
            case '"':
            case '\\':
                out.append(byte);
                break;
            case '\b':
                out.append('b');
                break;
            case '\f':
                out.append('f');
                break;
            case '\n':
                out.append('n');
                break;
            case '\r':
                out.append('r');
                break;
            case '\t':
                out.append('t');
                break;
            default:
                out.append("u00");
                out.append(hex[static_cast<unsigned char>(byte) >> 4]);
                out.append(hex[static_cast<unsigned char>(byte) & 15]);
        }
    }
    out.append(text.substr(plain));
    out.append('"');
}

// False: nested too deep, as cyclic data is.
bool append_json(Render& render, TextBuilder& out, const Value& value, std::string_view without, int depth) {
    constexpr int max_depth = 100;
    if (depth > max_depth || out.overflowed()) {
        return false;
    }
    const char* separator = "";
    switch (value.kind()) {
        case Kind::nil:
            out.append("null");
            return true;
        case Kind::boolean:
        case Kind::integer:
        case Kind::big_integer:
        case Kind::real:
            out.append(render.text(value));
            return true;
        case Kind::array:
            out.append('[');
            for (const Value& item : value.as_array()) {
                out.append(separator);
                separator = ",";
                if (!append_json(render, out, item, {}, depth + 1)) {
                    return false;
                }
            }
            out.append(']');
            return true;
        case Kind::map:
            out.append('{');
            for (const Map::Entry& entry : value.as_map().entries()) {
                if (!without.empty() && entry.key.text() == without) {
                    continue;
                }
                out.append(separator);
                separator = ",";
                append_json_string(out, entry.key.text());
                out.append(':');
                if (!append_json(render, out, entry.value, {}, depth + 1)) {
                    return false;
                }
            }
            out.append('}');
            return true;
        default:
            append_json_string(out, render.text(value));
            return true;
    }
}

Value json(Render& render, const Value& value, const Arguments&) {
    TextBuilder out(render, 2048);
    if (!append_json(render, out, value, "collections", 0) && !out.overflowed()) {
        return render.argument_error("nesting of 101 is too deep");
    }
    return out.finish();
}

Value asset_url(Render& render, const Value& name, const Arguments&) {
    return joined(render, assets, render.text(name));
}

Value global_asset_url(Render& render, const Value& name, const Arguments&) {
    return joined(render, "/global/", render.text(name));
}

Value shopify_asset_url(Render& render, const Value& name, const Arguments&) {
    return joined(render, "/shopify/", render.text(name));
}

Value script_tag(Render& render, const Value& url, const Arguments&) {
    return joined(render, R"(<script src=")", render.text(url), R"(" type="text/javascript"></script>)");
}

Value stylesheet_tag(Render& render, const Value& url, const Arguments& arguments) {
    return joined(render,
                  R"(<link href=")",
                  render.text(url),
                  R"(" rel="stylesheet" type="text/css"  media=")",
                  arguments.size() > 0 ? render.text(arguments[0]) : "all",
                  R"("  />)");
}

Value img_tag(Render& render, const Value& url, const Arguments& arguments) {
    return joined(
        render, R"(<img src=")", render.text(url), R"(" alt=")", render.text(arguments[0]), R"(" />)");
}

void append_link(TextBuilder& out, std::string_view text, std::string_view url, std::string_view title = {}) {
    out.append(R"(<a href=")");
    out.append(url);
    out.append(R"(" title=")");
    out.append(title);
    out.append(R"(">)");
    out.append(text);
    out.append("</a>");
}

Value link_to(Render& render, const Value& text, const Arguments& arguments) {
    TextBuilder out(render, 128);
    append_link(out, render.text(text), render.text(arguments[0]), render.text(arguments[1]));
    return out.finish();
}

void append_handle(TextBuilder& out, std::string_view text) {
    bool gap = false;
    bool begun = false;
    for (const char byte : text) {
        const bool upper = byte >= 'A' && byte <= 'Z';
        if (upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_') {
            if (gap && begun) {
                out.append('-');
            }
            gap = false;
            begun = true;
            out.append(upper ? static_cast<char>(byte + ('a' - 'A')) : byte);
        } else if (std::string_view("'\"()[]").find(byte) == std::string_view::npos) {
            gap = true;
        }
    }
}

Value handleise(Render& render, const Value& text, const Arguments&) {
    const std::string_view from = render.text(text);
    TextBuilder out(render, from.size());
    append_handle(out, from);
    return out.finish();
}

Value collection_url(Render& render, const Value& name, const Arguments&) {
    const std::string_view from = render.text(name);
    TextBuilder out(render, collections.size() + from.size());
    out.append(collections);
    append_handle(out, from);
    return out.finish();
}

Value link_to_collection(Render& render, const Value& name, const Arguments& none) {
    if (!name.truthy()) {
        return Value::string("Unknown Vendor");
    }
    const Value url = collection_url(render, name, none);
    if (url.is_failure()) {
        return url;
    }
    const std::string_view title = render.text(name);
    TextBuilder out(render, 128);
    append_link(out, title, url.as_string(), title);
    return out.finish();
}

Value product_img_url(Render& render, const Value& url, const Arguments& arguments) {
    static constexpr std::array<std::string_view, 8> sizes = {
        "pico", "icon", "thumb", "small", "compact", "medium", "large", "grande"};
    constexpr std::string_view prefix = "products/";
    std::string_view name = render.text(url);
    if (!name.starts_with(prefix)) {
        return render.argument_error("filter product_img_url can only be called on product images");
    }
    name.remove_prefix(prefix.size());
    const std::string_view size = arguments.size() > 0 ? render.text(arguments[0]) : "small";
    if (size == "original") {
        return joined(render, images, name);
    }
    if (std::ranges::find(sizes, size) == sizes.end()) {
        return render.argument_error(
            "valid sizes for filter product_img_url are original, pico, icon, thumb, "
            "small, compact, medium, large, grande");
    }
    const std::size_t dot = std::min(name.rfind('.'), name.size());
    return joined(render, images, name.substr(0, dot), "_", size, name.substr(dot));
}

Value default_pagination(Render& render, const Value& paginate, const Arguments&) {
    static constexpr Name title("title");
    static constexpr Name url("url");
    TextBuilder out(render, 512);
    std::string_view separator;
    const auto span = [&](std::string_view kind, const Value& part, bool link) {
        out.append(separator);
        separator = " ";
        out.append(R"(<span class=")");
        out.append(kind);
        out.append(R"(">)");
        const std::string_view text = render.text(render.get(part, title));
        if (link) {
            append_link(out, text, render.text(render.get(part, url)));
        } else {
            out.append(text);
        }
        out.append("</span>");
    };
    const Value previous = render.get(paginate, Name("previous"));
    if (previous.truthy()) {
        span("prev", previous, true);
    }
    const std::int64_t current = liquid::to_i(render, render.get(paginate, Name("current_page")));
    for (const Value& part : render.slice(render.get(paginate, Name("parts")), 0, std::nullopt)) {
        if (render.get(part, Name("is_link")).truthy()) {
            span("page", part, true);
        } else if (liquid::to_i(render, render.get(part, title)) == current) {
            span("page current", part, false);
        } else {
            span("deco", part, false);
        }
    }
    const Value next = render.get(paginate, Name("next"));
    if (next.truthy()) {
        span("next", next, true);
    }
    return out.finish();
}

Value pluralize(Render& render, const Value& count, const Arguments& arguments) {
    return liquid::equal(render, count, Value::integer(1)) ? arguments[0] : arguments[1];
}

std::span<const Value> current_tags(Render& render) {
    return render.slice(render.find_variable(Name("current_tags")), 0, std::nullopt);
}

bool is_among(Render& render, std::span<const Value> tags, const Value& tag) {
    return std::ranges::any_of(tags, [&](const Value& other) { return liquid::equal(render, other, tag); });
}

Value highlight_active_tag(Render& render, const Value& tag, const Arguments& arguments) {
    if (!is_among(render, current_tags(render), tag)) {
        return tag;
    }
    return joined(render,
                  R"(<span class=")",
                  arguments.size() > 0 ? render.text(arguments[0]) : "active",
                  R"(">)",
                  render.text(tag),
                  "</span>");
}

// A link to the products with these tags, and with `added` too if there is such.
Value tag_link(
    Render& render, const Value& label, const Value& tag, std::span<const Value> tags, const Value* added) {
    TextBuilder out(render, 256);
    out.append(R"(<a title="Show products matching tag )");
    out.append(render.text(tag));
    out.append(R"(" href="/collections/)");
    out.append(render.text(render.find_variable(Name("handle"))));
    std::string_view separator = "/";
    const auto append = [&](const Value& one) {
        out.append(separator);
        separator = "+";
        out.append(render.text(one));
    };
    for (const Value& other : tags) {
        if (added != nullptr || !liquid::equal(render, other, tag)) {
            append(other);
        }
    }
    if (added != nullptr && !is_among(render, tags, *added)) {
        append(*added);
    }
    out.append(R"(">)");
    out.append(render.text(label));
    out.append("</a>");
    return out.finish();
}

Value link_to_tag(Render& render, const Value& label, const Arguments& arguments) {
    const Value tag = arguments[0];
    return tag_link(render, label, tag, {}, &tag);
}

Value link_to_add_tag(Render& render, const Value& label, const Arguments& arguments) {
    const Value tag = arguments[0];
    return tag_link(render, label, tag, current_tags(render), &tag);
}

Value link_to_remove_tag(Render& render, const Value& label, const Arguments& arguments) {
    return tag_link(render, label, arguments[0], current_tags(render), nullptr);
}

constexpr auto filters = std::to_array<liquid::Filter>({
    {.name = "asset_url", .apply = asset_url},
    {.name = "default_pagination", .apply = default_pagination},
    {.name = "global_asset_url", .apply = global_asset_url},
    {.name = "handleise", .apply = handleise},
    {.name = "highlight_active_tag", .apply = highlight_active_tag, .most = 1},
    {.name = "img_tag", .apply = img_tag, .most = 1},
    {.name = "json", .apply = json},
    {.name = "link_to", .apply = link_to, .least = 1, .most = 2},
    {.name = "link_to_add_tag", .apply = link_to_add_tag, .least = 1, .most = 1},
    {.name = "link_to_remove_tag", .apply = link_to_remove_tag, .least = 1, .most = 1},
    {.name = "link_to_tag", .apply = link_to_tag, .least = 1, .most = 1},
    {.name = "link_to_type", .apply = link_to_collection},
    {.name = "link_to_vendor", .apply = link_to_collection},
    {.name = "money", .apply = money},
    {.name = "money_with_currency", .apply = money_with_currency},
    {.name = "pluralize", .apply = pluralize, .least = 2, .most = 2},
    {.name = "product_img_url", .apply = product_img_url, .most = 1},
    {.name = "script_tag", .apply = script_tag},
    {.name = "shopify_asset_url", .apply = shopify_asset_url},
    {.name = "stylesheet_tag", .apply = stylesheet_tag, .most = 1},
    {.name = "url_for_type", .apply = collection_url},
    {.name = "url_for_vendor", .apply = collection_url},
    {.name = "weight", .apply = weight},
    {.name = "weight_with_unit", .apply = weight_with_unit},
});

}  // namespace

std::span<const liquid::Filter> shop_filters() {
    return filters;
}

}  // namespace cartwright::bench
