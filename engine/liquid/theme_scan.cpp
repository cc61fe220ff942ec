#include "liquid/theme_scan.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <ranges>
#include <tuple>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::ptrdiff_t most_warnings = 500;

bool is_quoted(std::string_view markup) {
    return markup.starts_with('"') || markup.starts_with('\'');
}

// The markup that an error's context quotes: in "{{ a b }}" or as it is.
std::string_view quoted_markup(std::string_view context) {
    constexpr std::string_view opening = "in \"";
    if (context.starts_with(opening) && context.ends_with('"') && context.size() > opening.size()) {
        context = context.substr(opening.size(), context.size() - opening.size() - 1);
    }
    return context;
}

void sort_and_thin(std::vector<Mention>& mentions) {
    const auto key = [](const Mention& mention) {
        return std::tie(mention.position.line, mention.position.column, mention.name);
    };
    std::ranges::sort(mentions, {}, key);
    const auto twice = std::ranges::unique(mentions, [&key](const Mention& one, const Mention& other) {
        return one.position.column != 0 && key(one) == key(other);
    });
    mentions.erase(twice.begin(), twice.end());
}

}  // namespace

ThemeScan::ThemeScan(const Environment& environment, std::string_view source) {
    ParseOptions options;
    options.mode = Mode::warn;
    options.listener = this;
    const auto program = parse(environment, source, options);
    for (auto* mentions : {&tags_, &filters_, &lookups_, &assigned_, &partials_}) {
        sort_and_thin(*mentions);
    }
    text_ = source;
    if (program) {
        for (const Error& warning : (*program)->warnings() | std::views::take(most_warnings)) {
            warnings_.push_back({warning, position_of(warning)});
        }
    } else {
        failure_ = Problem{program.error(), position_of(program.error())};
    }
    text_ = {};
}

void ThemeScan::source(std::string_view text) {
    text_ = text;
    line_begins_ = {0};
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        line_begins_.push_back(at + 1);
    }
}

void ThemeScan::tag(std::string_view name, std::string_view markup, bool known) {
    tags_.push_back({.name = std::string(name),
                     .position = position_of(name),
                     .known = known,
                     .tag = {},
                     .markup = std::string(markup)});
    const bool include = name == "include";
    includes_ = includes_ || include;
    computed_partials_ = computed_partials_ || ((include || name == "render") && !is_quoted(markup));
}

// `self` is all variables: self.a and self['a'] read a.
void ThemeScan::lookup(const Lookup& lookup, std::string_view /*markup*/) {
    Step named = lookup.first;
    if (named.is_key() && named.name().text() == "self" && lookup.count > 0) {
        named = lookup.steps().front();
    }
    if (!named.is_key()) {
        computed_names_ = true;
        return;
    }
    const std::string_view name = named.name().text();
    lookups_.push_back({.name = std::string(name), .position = position_of(name), .tag = {}, .markup = {}});
}

void ThemeScan::filter(std::string_view name, bool known) {
    filters_.push_back(
        {.name = std::string(name), .position = position_of(name), .known = known, .tag = {}, .markup = {}});
}

void ThemeScan::assigned(std::string_view tag, std::string_view name) {
    assigned_.push_back(
        {.name = std::string(name), .position = position_of(name), .tag = std::string(tag), .markup = {}});
}

void ThemeScan::partial(std::string_view tag, std::string_view name) {
    partials_.push_back(
        {.name = std::string(name), .position = position_of(name), .tag = std::string(tag), .markup = {}});
}

// Unknown for what isn't a view of the source.
Position ThemeScan::position_of(std::string_view view) const {
    const std::less_equal<const char*> no_later;
    if (!no_later(text_.data(), view.data()) ||
        !no_later(view.data() + view.size(), text_.data() + text_.size())) {
        return {};
    }
    return position_at(static_cast<std::size_t>(view.data() - text_.data()));
}

Position ThemeScan::position_at(std::size_t offset) const {
    const auto behind = std::ranges::upper_bound(line_begins_, offset);
    return {.line = static_cast<std::uint32_t>(behind - line_begins_.begin()),
            .column = static_cast<std::uint32_t>(offset - *std::prev(behind) + 1)};
}

// The parser knows the line, or that behind the last one. The column is that of the markup it quotes, or of the
// last tag on the line.
Position ThemeScan::position_of(const Error& error) const {
    if (error.line == 0 || line_begins_.empty()) {
        return {};
    }
    constexpr std::size_t searched = 4'096;  // bytes, so that many errors cost no more than one pass each
    const auto line = std::min(error.line, static_cast<std::uint32_t>(line_begins_.size()));
    const std::size_t begin = line_begins_[line - 1];
    const std::string_view markup = quoted_markup(error.markup_context);
    const auto found =
        markup.empty() ? markup.npos : text_.substr(begin, searched + markup.size()).find(markup);
    if (found != markup.npos) {
        return position_at(begin + found);
    }
    const auto behind =
        std::ranges::upper_bound(tags_, line, {}, [](const Mention& tag) { return tag.position.line; });
    if (behind != tags_.begin() && std::prev(behind)->position.line == line) {
        return std::prev(behind)->position;
    }
    return {.line = line};
}

}  // namespace cartwright::liquid
