#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

namespace cartwright::http {

namespace {

constexpr std::size_t method_count = 7;
constexpr std::size_t host_count = 3;

// In the order in which they are tried.
enum class Segment : std::uint8_t { literal, id, handle, any, rest };

constexpr std::size_t parameter_kinds = 3;  // id, handle, any; rest ends a pattern and stands apart

bool is_id(std::string_view text) noexcept {
    constexpr std::string_view largest = "9223372036854775807";
    if (text.empty() || text.size() > largest.size() || text[0] == '0') return false;
    if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return false;
    return text.size() < largest.size() || text <= largest;
}

bool is_handle(std::string_view text) noexcept {
    constexpr std::size_t longest = 255;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool fits(Segment kind, std::string_view text) noexcept {
    switch (kind) {
        case Segment::id:
            return is_id(text);
        case Segment::handle:
            return is_handle(text);
        case Segment::any:
            return !text.empty();
        case Segment::literal:
        case Segment::rest:
            break;
    }
    return false;
}

struct Part {
    Segment kind = Segment::literal;
    std::string_view text;  // the literal, or the parameter's name
};

[[noreturn]] void malformed(const Route& route, std::string_view why) {
    throw std::logic_error("route " + route.name + " (" + route.pattern + "): " + std::string(why));
}

Part parse_part(const Route& route, std::string_view text) {
    if (text.empty()) malformed(route, "an empty segment");
    if (text.front() != '{') {
        if (text.find_first_of("{}") != std::string_view::npos) malformed(route, "a brace inside a segment");
        return {Segment::literal, text};
    }
    if (text.back() != '}') malformed(route, "an open brace");
    text = text.substr(1, text.size() - 2);
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (!is_handle(name)) malformed(route, "a parameter without a name");
    if (colon == std::string_view::npos) return {Segment::handle, name};
    const std::string_view type = text.substr(colon + 1);
    if (type == "id") return {Segment::id, name};
    if (type == "any") return {Segment::any, name};
    if (type == "rest") return {Segment::rest, name};
    malformed(route, "a parameter of unknown type");
}

std::vector<Part> parse_pattern(const Route& route) {
    std::string_view pattern = route.pattern;
    if (!pattern.starts_with('/')) malformed(route, "it doesn't start with a slash");
    std::vector<Part> parts;
    pattern.remove_prefix(1);
    while (!pattern.empty()) {
        const std::size_t slash = pattern.find('/');
        parts.push_back(parse_part(route, pattern.substr(0, slash)));
        if (slash == std::string_view::npos) break;
        if (parts.back().kind == Segment::rest) malformed(route, "a segment after the rest");
        pattern.remove_prefix(slash + 1);
        if (pattern.empty()) malformed(route, "a final slash");
    }
    return parts;
}

// What ends at a place of the tree: one shape of path on one kind of host.
struct Leaf {
    std::array<const Route*, method_count> routes{};
    std::array<std::vector<std::string_view>, method_count> names;  // of the parameters, in order
    std::string allow;

    void take(const Route& route, const std::vector<std::string_view>& parameters) {
        for (const Method method : route.methods) {
            const auto at = static_cast<std::size_t>(method);
            if (routes[at]) {
                malformed(route, std::string(name_of(method)) + " is taken by route " + routes[at]->name);
            }
            routes[at] = &route;
            names[at] = parameters;
        }
        allow.clear();
        for (std::size_t at = 0; at < method_count; ++at) {
            const auto method = static_cast<Method>(at);
            const bool head = method == Method::head && routes[static_cast<std::size_t>(Method::get)];
            if (!routes[at] && !head && method != Method::options) continue;
            if (!allow.empty()) allow += ", ";
            allow += name_of(method);
        }
    }
};

struct Node {
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;  // sorted
    std::array<std::unique_ptr<Node>, parameter_kinds> typed;
    std::unique_ptr<Leaf> here;
    std::unique_ptr<Leaf> rest;

    Node& child(const Part& part) {
        if (part.kind == Segment::literal) {
            const auto at =
                std::ranges::lower_bound(literals, part.text, {}, [](const auto& l) { return l.first; });
            if (at != literals.end() && at->first == part.text) return *at->second;
            return *literals.emplace(at, part.text, std::make_unique<Node>())->second;
        }
        auto& slot = typed[static_cast<std::size_t>(part.kind) - 1];
        if (!slot) slot = std::make_unique<Node>();
        return *slot;
    }
};

// Each node is visited at most once, since its depth is the segment's number: the work is bounded by the
// tree, whatever the path.
const Leaf* search(const Node& node, std::string_view rest, Parameters& found) {
    if (rest.empty()) return node.here.get();
    const std::string_view path = rest.substr(1);  // `rest` starts with the slash before the next segment
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const std::string_view after = slash == std::string_view::npos ? std::string_view() : path.substr(slash);

    const auto literal =
        std::ranges::lower_bound(node.literals, segment, {}, [](const auto& l) { return l.first; });
    if (literal != node.literals.end() && literal->first == segment) {
        if (const Leaf* leaf = search(*literal->second, after, found)) return leaf;
    }
    const std::size_t before = found.size();
    for (std::size_t kind = 0; kind < parameter_kinds; ++kind) {
        if (!node.typed[kind] || !fits(static_cast<Segment>(kind + 1), segment)) continue;
        found.push({{}, segment});
        if (const Leaf* leaf = search(*node.typed[kind], after, found)) return leaf;
        found.truncate(before);
    }
    if (!node.rest || path.empty()) return nullptr;
    found.push({{}, path});
    return node.rest.get();
}

}  // namespace

struct Router::Tree {
    std::vector<std::unique_ptr<Route>> routes;
    std::array<Node, host_count> roots;  // by Host; `any` holds only the routes that every name has

    void plant(Node& root, const Route& route, const std::vector<Part>& parts) {
        Node* node = &root;
        std::vector<std::string_view> names;
        std::unique_ptr<Leaf>* leaf = nullptr;
        for (const Part& part : parts) {
            if (part.kind != Segment::literal) names.push_back(part.text);
            if (part.kind == Segment::rest) {
                leaf = &node->rest;
            } else {
                node = &node->child(part);
            }
        }
        if (!leaf) leaf = &node->here;
        if (!*leaf) *leaf = std::make_unique<Leaf>();
        (*leaf)->take(route, names);
    }
};

Router::Router() : tree_(std::make_unique<Tree>()) {}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Route declared) {
    auto owned = std::make_unique<Route>(std::move(declared));
    const Route& route = *owned;
    const std::vector<Part> parts = parse_pattern(route);  // views of the route's own pattern
    const auto variable = [](const Part& part) { return part.kind != Segment::literal; };
    if (static_cast<std::size_t>(std::ranges::count_if(parts, variable)) > Parameters::most) {
        malformed(route, "too many parameters");
    }
    if (route.methods.empty()) malformed(route, "no method");
    if (!route.handler) malformed(route, "no handler");
    const auto same_name = [&](const auto& known) { return known->name == route.name; };
    if (std::ranges::any_of(tree_->routes, same_name)) malformed(route, "the name is taken");
    tree_->routes.push_back(std::move(owned));
    for (const Host host : {Host::shop, Host::any, Host::platform}) {
        if (route.host == host || route.host == Host::any) {
            tree_->plant(tree_->roots[static_cast<std::size_t>(host)], route, parts);
        }
    }
}

Match Router::find(Method method, std::string_view path, Host host) const {
    Match match;
    if (!path.starts_with('/')) return match;
    const Node& root = tree_->roots[static_cast<std::size_t>(host)];
    const Leaf* leaf = search(root, path == "/" ? std::string_view() : path, match.parameters);
    if (!leaf) {
        match.parameters.truncate(0);
        return match;
    }
    match.allow = leaf->allow;
    auto at = static_cast<std::size_t>(method);
    if (!leaf->routes[at] && method == Method::head) at = static_cast<std::size_t>(Method::get);
    match.route = leaf->routes[at];
    if (!match.route) {
        match.parameters.truncate(0);
        return match;
    }
    Parameters named;
    for (std::size_t i = 0; i < match.parameters.size(); ++i) {
        named.push({leaf->names[at][i], match.parameters[i].value});
    }
    match.parameters = named;
    return match;
}

bool Router::is_on_every_name(Method method, std::string_view path) const {
    const Route* route = find(method, path, Host::any).route;
    return route && find(method, path, Host::shop).route == route &&
           find(method, path, Host::platform).route == route;
}

std::span<const std::unique_ptr<Route>> Router::routes() const noexcept {
    return tree_->routes;
}

}  // namespace cartwright::http
