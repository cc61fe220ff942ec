#include "liquid/profile.hpp"

#include "liquid/text_node.hpp"

#include <algorithm>

namespace cartwright::liquid {

std::vector<Profile::Row> Profile::by_place() const {
    return rows(places_);
}

std::vector<Profile::Row> Profile::by_kind() const {
    return rows(by_kind_);
}

std::vector<Profile::Row> Profile::by_template() const {
    return rows(by_template_);
}

void Profile::node(const Node& node, std::string_view kind) {
    kinds_.insert_or_assign(&node, kept(kind));
}

void Profile::enter(const Node& node, std::string_view template_name, std::size_t used) {
    const std::string_view of = kept(template_name);
    const std::string_view kind = kind_of(node);
    const std::uint32_t line = node.render == &render_text ? 0 : node.line;  // a text doesn't know its line
    Open open{.tallies = {&places_[Key(of, line, kind)],
                          &by_kind_[Key({}, 0, kind)],
                          &by_template_[Key(of, 0, {})]},
              .began_ns = 0,
              .used = used};
    for (Tally* tally : open.tallies) {
        ++tally->cost.calls;
        ++tally->depth;
    }
    open.began_ns = ticks_();
    open_.push_back(open);
}

void Profile::leave(std::size_t used) {
    const std::int64_t now = ticks_();
    const Open open = open_.back();
    open_.pop_back();
    const std::int64_t ns = now - open.began_ns;
    // What a node gave back of the memory before it isn't its own.
    const std::uint64_t bytes = std::max(used > open.used ? used - open.used : 0, open.inside_bytes);
    for (Tally* tally : open.tallies) {
        Cost& cost = tally->cost;
        cost.self_ns += ns - open.inside_ns;
        cost.self_bytes += bytes - open.inside_bytes;
        if (--tally->depth == 0) {
            cost.total_ns += ns;
            cost.total_bytes += bytes;
        }
    }
    if (!open_.empty()) {
        open_.back().inside_ns += ns;
        open_.back().inside_bytes += bytes;
    }
}

std::string_view Profile::kept(std::string_view name) {
    const auto found = names_.find(name);
    return found != names_.end() ? *found : *names_.emplace(name).first;
}

std::string_view Profile::kind_of(const Node& node) const {
    if (node.render == &render_text) {
        return "text";
    }
    const auto found = kinds_.find(&node);
    return found == kinds_.end() ? "?" : found->second;
}

std::vector<Profile::Row> Profile::rows(const Tallies& tallies) {
    std::vector<Row> all;
    for (const auto& [key, tally] : tallies) {
        const auto& [template_name, line, kind] = key;
        all.push_back({std::string(template_name), line, std::string(kind), tally.cost});
    }
    std::ranges::sort(all, [](const Row& one, const Row& other) {
        return std::tie(other.cost.self_ns, one.template_name, one.line, one.kind) <
               std::tie(one.cost.self_ns, other.template_name, other.line, other.kind);
    });
    return all;
}

}  // namespace cartwright::liquid
