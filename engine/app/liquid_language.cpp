#include "app/liquid_language.hpp"

#include "base/file.hpp"
#include "base/settings.hpp"
#include "base/text.hpp"
#include "liquid/from_json.hpp"
#include "liquid/scan.hpp"
#include "liquid/tag_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace cartwright::app {

namespace {

namespace scan = liquid::scan;

constexpr std::size_t most_bytes = 16 << 20;

// Bodies that aren't Liquid.
constexpr auto raw_tags = std::to_array<std::string_view>({"javascript", "schema", "stylesheet"});

liquid::Value pass_through(liquid::Render&, const liquid::Value& input, const liquid::Arguments&) {
    return input;
}

// What the markup mentions is told to the listener; words between the expressions are no variables.
const liquid::Node* parse_stub(liquid::TagParser& tag) {
    constexpr auto words = std::to_array<std::string_view>({"as", "by", "for", "with"});
    for (auto piece = scan::next_fragment(tag.markup(), 0); piece;
         piece = scan::next_fragment(tag.markup(), piece->end)) {
        const std::string_view text = tag.markup().substr(piece->begin, piece->end - piece->begin);
        if (!text.ends_with(':') && std::ranges::find(words, text) == words.end()) {
            tag.expression(text);
        }
    }
    if (!tag.environment().tag(tag.name())->end.empty()) {
        liquid::Block body;
        tag.whole_body(body);
    }
    return nullptr;
}

void each_item(const std::filesystem::path& file, const std::function<void(const liquid::Map&)>& use) {
    liquid::Arena arena;
    const auto read = liquid::from_json(arena, read_file(file, most_bytes));
    if (!read) {
        throw BadSettings(fmt::format("{}: {}", file.string(), read.error()));
    }
    if (!read->is(liquid::Kind::array)) {
        throw BadSettings(fmt::format("{}: it has to be an array", file.string()));
    }
    for (const liquid::Value& item : read->as_array()) {
        liquid::Map map(arena);
        if (item.is_string()) {
            map.set("name", item);
        }
        const liquid::Map& object = item.is(liquid::Kind::map) ? item.as_map() : map;
        const liquid::Value* name = object.find("name");
        if (name == nullptr || !name->is_string()) {
            throw BadSettings(
                fmt::format("{}: each item has to be a name, or an object with a \"name\"", file.string()));
        }
        use(object);
    }
}

std::string name_of(const liquid::Map& item) {
    return std::string(item.find("name")->as_string());
}

}  // namespace

void LiquidLanguage::add_folder(const std::filesystem::path& folder) {
    if (!std::filesystem::is_directory(folder)) {
        throw BadSettings(fmt::format("{} isn't a folder", folder.string()));
    }
    if (const auto file = folder / "tags.json"; std::filesystem::exists(file)) {
        each_item(file, [this](const liquid::Map& item) {
            const liquid::Value* syntax = item.find("syntax");
            const std::string name = name_of(item);
            add_tag(name,
                    syntax != nullptr && syntax->is_string() &&
                        syntax->as_string().find("end" + name) != std::string_view::npos);
        });
        for (const std::string_view raw : raw_tags) {
            add_tag(std::string(raw), true);
        }
    }
    if (const auto file = folder / "filters.json"; std::filesystem::exists(file)) {
        each_item(file, [this](const liquid::Map& item) {
            const std::string name = name_of(item);
            if (environment_.filter(name) == nullptr) {
                environment_.add(liquid::Filter{
                    .name = kept(name), .apply = pass_through, .most = 255, .takes_named = true});
            }
        });
    }
    if (const auto file = folder / "objects.json"; std::filesystem::exists(file)) {
        add_objects(file);
    }
}

void LiquidLanguage::add_objects(const std::filesystem::path& file) {
    const std::string text = read_file(file, most_bytes);
    if (trim(text).starts_with('[')) {
        each_item(file, [this](const liquid::Map& item) { objects_.push_back(name_of(item)); });
        return;
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        objects_.emplace_back(trim(std::string_view(text).substr(at, end - at)));
        at = end + 1;
    }
    std::erase(objects_, "");
}

// Tags that end or part another (else, liquid) are the parser's.
void LiquidLanguage::add_tag(const std::string& name, bool has_body) {
    if (environment_.tag(name) != nullptr || name == "else" || name == "liquid") {
        return;
    }
    const bool raw = std::ranges::find(raw_tags, name) != raw_tags.end();
    environment_.add(liquid::Tag{.name = kept(name),
                                 .parse = raw ? environment_.tag(std::string_view("raw"))->parse : parse_stub,
                                 .end = has_body || raw ? kept("end" + name) : std::string_view()});
}

std::string_view LiquidLanguage::kept(std::string text) {
    return texts_.emplace_back(std::move(text));
}

}  // namespace cartwright::app
