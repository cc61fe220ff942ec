#include "tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace cartwright::tidy {

namespace {

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_lower_word(std::string_view text, char separator) {
    return !text.empty() && text.front() != separator && text.back() != separator &&
           std::ranges::all_of(text, [separator](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == separator;
           });
}

bool has_number(std::string_view name) {
    return name.size() > 5 &&
           std::ranges::all_of(name.substr(0, 4), [](char c) { return c >= '0' && c <= '9'; });
}

// Bytes of all kinds on purpose.
bool is_data(std::string_view path) {
    return path.starts_with("tests/fuzz/corpus/") || path.find("/testdata/") != std::string_view::npos;
}

bool is_binary(std::string_view content) {
    return content.substr(0, 8192).find('\0') != std::string_view::npos;
}

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t size = first < 0x80   ? 1
                                 : first < 0xC2 ? 0
                                 : first < 0xE0 ? 2
                                 : first < 0xF0 ? 3
                                 : first < 0xF5 ? 4
                                                : 0;
        if (size == 0 || at + size > text.size()) return false;
        for (std::size_t i = 1; i < size; ++i) {
            if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80U) return false;
        }
        at += size;
    }
    return true;
}

// The keys of a TOML file as "table.key", or of a JSON object as the names in it, in the order of nesting.
// Enough for files of messages, whose values are strings.
std::set<std::string> toml_keys(std::string_view text) {
    std::set<std::string> keys;
    std::string table;
    bool in_long_text = false;
    for (std::string_view line : lines_of(text)) {
        std::size_t quotes = 0;
        for (std::size_t at = line.find("\"\"\""); at != std::string_view::npos;
             at = line.find("\"\"\"", at + 3))
            ++quotes;
        const bool was_inside = in_long_text;
        if (quotes % 2 == 1) in_long_text = !in_long_text;
        if (was_inside) continue;
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.starts_with('[')) {
            table = std::string(line.substr(1, line.find(']') - 1)) + ".";
        } else if (!line.starts_with('#') && line.find('=') != std::string_view::npos) {
            std::string_view key = line.substr(0, line.find('='));
            key = key.substr(0, key.find_last_not_of(" \t") + 1);
            std::string plain(key);
            std::erase(plain, '"');
            keys.insert(table + plain);
        }
    }
    return keys;
}

std::set<std::string> json_keys(std::string_view text) {
    std::set<std::string> keys;
    std::vector<std::string> path;
    std::string last;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') {
            std::size_t end = at + 1;
            while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
            const std::size_t next = text.find_first_not_of(" \t\r\n", std::min(end + 1, text.size()));
            if (next != std::string_view::npos && text[next] == ':') {
                last = std::string(text.substr(at + 1, end - at - 1));
                std::string key;
                for (const std::string& part : path) key += part.empty() ? "" : part + ".";
                keys.insert(key + last);
            }
            at = end;
        } else if (text[at] == '{') {
            path.push_back(last);
            last.clear();
        } else if (text[at] == '}' && !path.empty()) {
            path.pop_back();
        }
    }
    return keys;
}

// `lists`: the text of all CMake files of a folder, by folder.
bool is_built(std::string_view source, const std::map<std::string, std::string>& lists) {
    std::string folder(folder_of(source));
    if (name_of(folder) == "compile_fail") {
        // The cases are one source each, compiled by a script: the list above gives it all that are there.
        const auto list = lists.find(std::string(folder_of(folder)));
        return list != lists.end() && list->second.contains("compile_fail/*.cpp") &&
               list->second.contains("compile_fail/run.cmake");
    }
    // The list of the nearest folder above that has one.
    while (!folder.empty() && !lists.contains(folder)) folder = std::string(folder_of(folder));
    return !folder.empty() && !find_word(lists.at(folder), source.substr(folder.size() + 1)).empty();
}

}  // namespace

std::vector<Finding> check_listed(const Tree& tree) {
    std::map<std::string, std::string> by_folder;
    std::set<std::string_view> seeded;
    for (const File& file : tree) {
        if (name_of(file.path) == "CMakeLists.txt" || file.path.ends_with(".cmake")) {
            by_folder[std::string(folder_of(file.path))] += file.content;
        }
        if (file.path.starts_with("tests/fuzz/corpus/")) {
            seeded.insert(folder_of(file.path).substr(18));
        }
    }
    std::vector<Finding> found;
    for (const File& file : tree) {
        const bool ours = file.path.starts_with("engine/") || file.path.starts_with("tests/");
        if (file.path.ends_with(".cpp") && ours) {
            if (!is_built(file.path, by_folder)) found.push_back({file.path, 0, "no CMake list builds it"});
        }
        if (file.path.starts_with("tests/fuzz/") && file.path.ends_with(".cmake")) {
            for (const std::size_t at : find_word(file.content, "cartwright_fuzz")) {
                const std::size_t open = file.content.find('(', at);
                const std::string_view rest = std::string_view(file.content).substr(open + 1);
                const std::string_view name = rest.substr(0, rest.find_first_of(" \n)"));
                if (!seeded.contains(name)) {
                    found.push_back({file.path,
                                     line_of(file.content, at),
                                     "no seeds in tests/fuzz/corpus/" + std::string(name)});
                }
            }
        }
    }
    return found;
}

std::vector<Finding> check_numbering(const Tree& tree) {
    std::vector<Finding> found;
    std::map<std::string, std::string> migrations;
    std::map<std::string, std::string> notes;
    std::set<std::string> slices;
    for (const File& file : tree) {
        const std::string folder = folder_in_engine(file.path);
        if (folder.empty()) continue;
        const std::string_view name = name_of(file.path);
        slices.insert(folder);
        if (name.ends_with(".hpp")) slices.emplace(name.substr(0, name.size() - 4));
    }
    const auto once =
        [&](std::map<std::string, std::string>& numbers, const File& file, const std::string& number) {
            const auto [entry, is_new] = numbers.emplace(number, file.path);
            if (!is_new)
                found.push_back({file.path, 0, "the number " + number + " is taken by " + entry->second});
        };
    for (const File& file : tree) {
        const std::string name(name_of(file.path));
        if (file.path.starts_with("storage/migrations/")) {
            const bool shaped = has_number(name) && name[4] == '_' && name.ends_with(".sql") &&
                                is_lower_word(std::string_view(name).substr(5, name.size() - 9), '_');
            const std::string slice = shaped ? name.substr(5, name.find_first_of("_.", 5) - 5) : "";
            if (!shaped || !slices.contains(slice)) {
                found.push_back(
                    {file.path, 0, "a migration is called NNNN_slice_what.sql, after a folder of engine"});
            } else {
                once(migrations, file, name.substr(0, 4));
            }
        }
        if (file.path.starts_with("engine/decisions/") && name != "README.md") {
            if (!has_number(name) || name[4] != '-' || !name.ends_with(".md") ||
                !is_lower_word(std::string_view(name).substr(5, name.size() - 8), '-')) {
                found.push_back({file.path, 0, "a decision note is called NNNN-title.md"});
            } else {
                once(notes, file, name.substr(0, 4));
            }
        }
    }
    return found;
}

std::vector<Finding> check_locales(const Tree& tree) {
    struct Language {
        std::string path;
        std::set<std::string> keys;
    };

    std::map<std::string, std::vector<Language>> places;
    for (const File& file : tree) {
        const std::string_view folder = folder_of(file.path);
        if (name_of(folder) != "locales") continue;
        const std::string_view name = name_of(file.path);
        const std::size_t dot = name.find('.');
        // ru.toml beside en.toml, ru.admin.json beside en.admin.json: what follows the language is the set.
        const std::string set =
            std::string(folder) + "/*" + std::string(name.substr(std::min(dot, name.size())));
        if (file.path.ends_with(".toml")) places[set].push_back({file.path, toml_keys(file.content)});
        if (file.path.ends_with(".json")) places[set].push_back({file.path, json_keys(file.content)});
    }
    std::vector<Finding> found;
    for (const auto& [set, languages] : places) {
        std::map<std::string, std::string> all;
        for (const Language& language : languages) {
            for (const std::string& key : language.keys) all.emplace(key, language.path);
        }
        for (const Language& language : languages) {
            for (const auto& [key, where] : all) {
                if (!language.keys.contains(key)) {
                    found.push_back({language.path, 0, "has no " + key + ", which " + where + " has"});
                }
            }
        }
    }
    return found;
}

std::vector<Finding> check_text(const Tree& tree) {
    // Put together here, so that this file doesn't break the rule.
    static const std::array<std::string, 10> elsewhere = {std::string("/home") + "/",
                                                          std::string("/root") + "/",
                                                          std::string("/work") + "/",
                                                          std::string("/Users") + "/",
                                                          std::string("/tmp") + "/cw/",
                                                          std::string("registry") + ".npmjs",
                                                          std::string("registry") + ".yarnpkg",
                                                          std::string("artifac") + "tory",
                                                          std::string("pypi") + ".org",
                                                          std::string("deb.debian") + ".org"};
    constexpr std::size_t largest = 1 << 20;
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (file.content.size() > largest) {
            found.push_back(
                {file.path, 0, std::to_string(file.content.size() >> 10U) + " KiB: too large to keep here"});
        }
        if (is_data(file.path) || is_binary(file.content)) continue;
        if (!is_utf8(file.content)) found.push_back({file.path, 0, "not UTF-8"});
        if (!file.content.empty() && !file.content.ends_with('\n')) {
            found.push_back({file.path, 0, "the last line has no end"});
        }
        if (name_of(file.path) == "package-lock.json" &&
            file.content.find("\"resolved\": \"http") != std::string::npos) {
            found.push_back(
                {file.path, 0, "\"resolved\" names a registry: npm finds the package without it"});
        }
        std::size_t number = 0;
        for (const std::string_view line : lines_of(file.content)) {
            ++number;
            if (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) {
                found.push_back({file.path, number, "blanks or CR at the end of the line"});
            }
            if (std::ranges::any_of(
                    line, [](char c) { return (c >= 0 && c < 32 && c != '\t' && c != '\r') || c == 127; })) {
                found.push_back({file.path, number, "a control character"});
            }
            for (const std::string& place : elsewhere) {
                if (line.find(place) != std::string_view::npos) {
                    found.push_back({file.path, number, "belongs to one machine or registry: " + place});
                }
            }
        }
    }
    return found;
}

}  // namespace cartwright::tidy
