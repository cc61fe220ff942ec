#include "tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace cartwright::tidy {

namespace {

bool has_word(std::string_view text, std::string_view word) {
    return !find_word(text, word).empty();
}

// Whether a literal is SQL: it opens like a statement, and goes on like one.
bool is_sql(std::string_view literal) {
    std::string text = lower(literal);
    text.erase(0, std::min(text.find_first_not_of(" \t\n"), text.size()));
    const std::string_view rest = text;
    if (rest.starts_with("select ") || rest.starts_with("select\n")) {
        return has_word(rest, "from") || rest.find('(') != std::string_view::npos;
    }
    if (rest.starts_with("insert into ") || rest.starts_with("delete from ")) return true;
    if (rest.starts_with("update ")) return has_word(rest, "set");
    if (rest.starts_with("with ")) return has_word(rest, "as") && has_word(rest, "select");
    if (rest.starts_with("truncate ")) return true;
    if (rest.starts_with("create ") || rest.starts_with("alter ") || rest.starts_with("drop ")) {
        static constexpr std::array<std::string_view, 9> things = {
            "table", "role", "database", "index", "function", "trigger", "policy", "schema", "extension"};
        return std::ranges::any_of(things, [rest](std::string_view thing) { return has_word(rest, thing); });
    }
    return false;
}

bool holds_sql(std::string_view path) {
    const std::string folder = folder_in_engine(path);
    return folder == "db" || folder == "events" || folder == "jobs" || path.ends_with("/store.cpp") ||
           path.ends_with("_store.cpp");
}

}  // namespace

std::vector<Finding> check_sql(const Tree& tree) {
    // Times that the Clock doesn't know of.
    static constexpr std::array<std::string_view, 7> clocks = {"now()",
                                                               "current_timestamp",
                                                               "clock_timestamp()",
                                                               "statement_timestamp()",
                                                               "current_date",
                                                               "current_time",
                                                               "localtimestamp"};
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path) || !file.path.starts_with("engine/")) continue;
        const Source source = take_apart(file.content);
        for (const Literal& literal : source.literals) {
            if (!is_sql(literal.text)) continue;
            if (!holds_sql(file.path)) {
                found.push_back(
                    {file.path, literal.line, "SQL stands in store.cpp of its slice, as a Statement"});
            }
            const std::string text = lower(literal.text);
            for (const std::string_view clock : clocks) {
                if (has_word(text, clock)) {
                    found.push_back({file.path,
                                     literal.line,
                                     std::string(clock) + ": the moment is an argument, from the Clock"});
                }
            }
            if (text.find("set_config('app.") != std::string::npos) {
                found.push_back({file.path,
                                 literal.line,
                                 "set_config of the tenant: use SET LOCAL, which Citus hands on"});
            }
            if (folder_in_engine(file.path) != "db" && text.find("{}") != std::string::npos) {
                found.push_back({file.path, literal.line, "SQL with a hole for text: use a parameter"});
            }
        }
    }
    return found;
}

std::vector<Finding> check_loosened_routes(const Tree& tree) {
    constexpr std::size_t shortest_reason = 20;
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path) || !file.path.starts_with("engine/")) continue;
        const Source source = take_apart(file.content);
        for (const std::size_t at : find_word(source.code, ".loosens")) {
            // `.loosens = "…"` with nothing but blanks around the sign; a comparison or a call only reads it.
            const std::size_t sign = source.code.find_first_not_of(" \n", at + 8);
            if (sign == std::string::npos || source.code[sign] != '=' ||
                source.code.substr(sign, 2) == "==") {
                continue;
            }
            const std::size_t quote = source.code.find_first_not_of(" \n", sign + 1);
            const auto reason = std::ranges::find_if(source.literals, [quote](const Literal& literal) {
                return quote != std::string::npos && literal.offset == quote + 1;
            });
            if (reason == source.literals.end() || reason->text.size() < shortest_reason) {
                found.push_back(
                    {file.path, line_of(source.code, at), ".loosens needs its reason, in words, beside it"});
            }
        }
        if (folder_in_engine(file.path) == "http") continue;
        for (const Literal& literal : source.literals) {
            if (lower(literal.text) == "content-security-policy") {
                found.push_back(
                    {file.path, literal.line, "the content policy is set by engine/http: use .loosens"});
            }
        }
    }
    return found;
}

}  // namespace cartwright::tidy
