#include "tidy/rules.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cartwright::tidy {

namespace {

// The table of floors (engine/README.md). In floor 3 the order counts: a slice knows those to its left.
const std::vector<std::vector<std::string_view>> floors = {
    {"base"},
    {"db", "http", "json", "liquid", "jobs", "events", "files", "mail", "extension"},
    {"shop"},
    {"catalog",
     "media",
     "pricing",
     "promotion",
     "inventory",
     "customer",
     "content",
     "cart",
     "delivery",
     "payment",
     "order",
     "checkout",
     "receipt",
     "exchange",
     "analytics",
     "ledger",
     "billing",
     "partner",
     "success"},
    {"storefront", "admin", "console", "partners", "api"},
    {"app"},
};
constexpr std::size_t slices = 3;

// What libraries of one floor may know of each other.
const std::set<std::pair<std::string_view, std::string_view>> neighbours = {
    {"events", "db"},
    {"events", "json"},
    {"jobs", "db"},
    {"jobs", "events"},
    {"jobs", "json"},
    {"http", "json"},
    {"extension", "json"},
};

struct Place {
    std::size_t floor;
    std::size_t column;
};

std::optional<Place> place_of(std::string_view folder) {
    for (std::size_t floor = 0; floor < floors.size(); ++floor) {
        const auto at = std::ranges::find(floors[floor], folder);
        if (at != floors[floor].end()) {
            return Place{floor, static_cast<std::size_t>(at - floors[floor].begin())};
        }
    }
    return std::nullopt;
}

bool may_include(const std::string& from, const std::string& to) {
    const auto own = place_of(from);
    const auto other = place_of(to);
    if (from == to || !own || !other) return from == to;
    if (other->floor != own->floor) return other->floor < own->floor;
    if (own->floor == slices) return other->column < own->column;
    return neighbours.contains({from, to});
}

// The number after FLOOR in `cartwright_library(NAME FLOOR n …)`.
std::optional<std::size_t> declared_floor(std::string_view cmake) {
    const auto found = find_word(cmake, "FLOOR");
    if (found.empty()) return std::nullopt;
    const std::size_t digit = cmake.find_first_not_of(" \n", found.front() + 5);
    if (digit == std::string_view::npos || cmake[digit] < '0' || cmake[digit] > '9') return std::nullopt;
    return static_cast<std::size_t>(cmake[digit] - '0');
}

}  // namespace

std::vector<Finding> check_floors(const Tree& tree) {
    std::vector<Finding> found;
    for (const File& file : tree) {
        const std::string folder = folder_in_engine(file.path);
        if (folder.empty() || folder == "decisions") continue;
        if (!place_of(folder)) {
            if (is_cpp(file.path)) {
                found.push_back(
                    {file.path, 0, "the folder " + folder + " is on no floor of tests/tidy/floors.cpp"});
            }
            continue;
        }
        if (file.path == "engine/" + folder + "/CMakeLists.txt") {
            const auto declared = declared_floor(file.content);
            if (declared && *declared != place_of(folder)->floor) {
                found.push_back({file.path,
                                 0,
                                 "says FLOOR " + std::to_string(*declared) + ", the table says " +
                                     std::to_string(place_of(folder)->floor)});
            }
        }
        if (!is_cpp(file.path)) continue;
        for (const Include& include : includes_of(file.content)) {
            const std::size_t slash = include.name.find('/');
            if (!include.quoted || slash == std::string::npos) continue;
            const std::string other = include.name.substr(0, slash);
            if (!may_include(folder, other)) {
                found.push_back(
                    {file.path, include.line, folder + " may not know " + other + " (engine/README.md)"});
            }
        }
    }
    return found;
}

std::vector<Finding> check_include_style(const Tree& tree) {
    std::set<std::string_view> paths;
    for (const File& file : tree) paths.insert(file.path);
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path) || !(file.path.starts_with("engine/") || file.path.starts_with("tests/")))
            continue;
        const bool engine = file.path.starts_with("engine/");
        const auto includes = includes_of(file.content);
        for (const Include& include : includes) {
            if (engine && include.quoted &&
                (include.name.find('/') == std::string::npos || include.name.starts_with('.'))) {
                found.push_back(
                    {file.path, include.line, "name the folder too: \"folder/" + include.name + "\""});
            }
        }
        if (engine && file.path.ends_with(".cpp")) {
            const std::string own = file.path.substr(7, file.path.size() - 7 - 4) + ".hpp";
            if (paths.contains("engine/" + own) && (includes.empty() || includes.front().name != own)) {
                found.push_back({file.path, 1, "its own header comes first: #include \"" + own + "\""});
            }
        }
        if (file.path.ends_with(".hpp") && find_word(file.content, "#pragma once").empty()) {
            found.push_back({file.path, 1, "a header needs #pragma once"});
        }
    }
    return found;
}

std::vector<Finding> check_heavy_headers(const Tree& tree) {
    // Header → what to do instead.
    static const std::map<std::string_view, std::string_view> heavy = {
        {"boost/asio.hpp", "include the narrow headers of boost/asio"},
        {"boost/asio/ssl.hpp", "include boost/asio/ssl/context.hpp or stream.hpp"},
        {"boost/beast.hpp", "include the narrow headers, inside engine/http"},
        {"boost/json.hpp", "use json/reader.hpp and json/writer.hpp"},
        {"boost/url.hpp", "include the narrow headers of boost/url"},
        {"boost/asio/impl/src.hpp", "base/vendor_asio.cpp compiles it"},
        {"boost/asio/ssl/impl/src.hpp", "a vendor_ file compiles it"},
        {"boost/beast/src.hpp", "a vendor_ file compiles it"},
        {"boost/json/src.hpp", "a vendor_ file compiles it"},
        {"regex", "write the few lines of matching: std::regex is slow and overflows the stack"},
        {"iostream", "use {fmt} on stdout in commands, base/log elsewhere"},
        {"bits/stdc++.h", "include what is named"},
    };
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path) || !file.path.starts_with("engine/")) continue;
        const std::size_t slash = file.path.rfind('/');
        if (file.path.substr(slash + 1).starts_with("vendor_")) continue;
        for (const Include& include : includes_of(file.content)) {
            const auto entry = heavy.find(include.name);
            if (entry != heavy.end()) {
                found.push_back(
                    {file.path, include.line, "<" + include.name + ">: " + std::string(entry->second)});
            } else if (include.name.starts_with("boost/beast/") && folder_in_engine(file.path) != "http") {
                found.push_back({file.path, include.line, "Beast stays inside engine/http"});
            }
        }
    }
    return found;
}

}  // namespace cartwright::tidy
