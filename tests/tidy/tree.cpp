#include "tidy/tree.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>

namespace cartwright::tidy {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

struct CloseCommand {
    void operator()(std::FILE* file) const noexcept { pclose(file); }
};

std::vector<std::string> names_from_git(const std::filesystem::path& root) {
    const std::string command =
        "git -C '" + root.string() + "' ls-files -z --cached --others --exclude-standard 2>/dev/null";
    const std::unique_ptr<std::FILE, CloseCommand> git(popen(command.c_str(), "r"));
    if (!git) throw std::runtime_error("git can't be started");
    std::vector<std::string> names(1);
    std::array<char, 65536> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), git.get())) {
        for (const char c : std::string_view(buffer.data(), count)) {
            if (c == '\0') {
                names.emplace_back();
            } else {
                names.back() += c;
            }
        }
    }
    names.pop_back();
    return names;
}

std::vector<std::string> names_from_disk(const std::filesystem::path& root) {
    static const std::set<std::string> not_ours = {".git", "build", "var", "node_modules"};
    std::vector<std::string> names;
    for (auto entry = std::filesystem::recursive_directory_iterator(root);
         entry != std::filesystem::recursive_directory_iterator();
         ++entry) {
        if (entry.depth() == 0 && not_ours.contains(entry->path().filename().string())) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file()) {
            names.push_back(std::filesystem::relative(entry->path(), root).generic_string());
        }
    }
    return names;
}

}  // namespace

std::string to_string(const Finding& finding) {
    return finding.path + ":" + std::to_string(finding.line) + ": " + finding.what;
}

std::vector<std::string> to_strings(const std::vector<Finding>& findings) {
    std::vector<std::string> told;
    told.reserve(findings.size());
    for (const Finding& finding : findings) told.push_back(to_string(finding));
    return told;
}

Tree read_tree(const std::filesystem::path& root) {
    std::vector<std::string> names = names_from_git(root);
    if (names.empty()) names = names_from_disk(root);
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    Tree tree;
    for (const std::string& name : names) {
        std::ifstream file(root / name, std::ios::binary);
        if (!std::filesystem::is_regular_file(root / name) || !file) continue;  // deleted, not yet committed
        tree.push_back({name, std::string(std::istreambuf_iterator<char>(file), {})});
    }
    return tree;
}

Source take_apart(std::string_view content) {
    Source source;
    source.code = std::string(content);
    std::size_t line = 1;
    std::size_t at = 0;
    const auto blank = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            if (source.code[i] != '\n') source.code[i] = ' ';
        }
    };
    while (at < content.size()) {
        const std::string_view rest = content.substr(at);
        if (rest.starts_with("//")) {
            const std::size_t end = std::min(content.find('\n', at), content.size());
            source.comments.push_back({line, std::string(content.substr(at, end - at))});
            blank(at, end);
            at = end;
        } else if (rest.starts_with("/*")) {
            const std::size_t close = content.find("*/", at + 2);
            const std::size_t end = close == std::string_view::npos ? content.size() : close + 2;
            for (const std::string_view part : lines_of(content.substr(at, end - at))) {
                source.comments.push_back({line, std::string(part)});
                ++line;
            }
            --line;
            blank(at, end);
            at = end;
        } else if (rest.starts_with("R\"") && (at == 0 || !is_word(content[at - 1]))) {
            const std::size_t open = content.find('(', at);
            if (open == std::string_view::npos) break;
            const std::string close = ")" + std::string(content.substr(at + 2, open - at - 2)) + "\"";
            const std::size_t end = std::min(content.find(close, open), content.size());
            source.literals.push_back(
                {line, open + 1, std::string(content.substr(open + 1, end - open - 1))});
            line += static_cast<std::size_t>(std::ranges::count(content.substr(at, end - at), '\n'));
            blank(open + 1, end);
            at = std::min(end + close.size(), content.size());
        } else if (content[at] == '"' || (content[at] == '\'' && (at == 0 || !is_word(content[at - 1])))) {
            const char quote = content[at];
            std::size_t end = at + 1;
            while (end < content.size() && content[end] != quote && content[end] != '\n') {
                end += content[end] == '\\' ? 2U : 1U;
            }
            end = std::min(end, content.size());
            if (quote == '"') {
                source.literals.push_back({line, at + 1, std::string(content.substr(at + 1, end - at - 1))});
            }
            blank(at + 1, end);
            at = std::min(end + 1, content.size());
            if (end < content.size() && content[end] == '\n') --at;
        } else {
            if (content[at] == '\n') ++line;
            ++at;
        }
    }
    return source;
}

std::vector<Include> includes_of(std::string_view content) {
    std::vector<Include> found;
    std::size_t line = 0;
    for (std::string_view text : lines_of(content)) {
        ++line;
        const auto skip = [&text] {
            text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        };
        skip();
        if (!text.starts_with('#')) continue;
        text.remove_prefix(1);
        skip();
        if (!text.starts_with("include")) continue;
        text.remove_prefix(7);
        skip();
        if (!text.starts_with('"') && !text.starts_with('<')) continue;
        const bool quoted = text.front() == '"';
        text.remove_prefix(1);
        found.push_back({line, std::string(text.substr(0, text.find(quoted ? '"' : '>'))), quoted});
    }
    return found;
}

bool is_cpp(std::string_view path) {
    return path.ends_with(".cpp") || path.ends_with(".hpp");
}

std::string folder_in_engine(std::string_view path) {
    if (!path.starts_with("engine/")) return {};
    path.remove_prefix(7);
    const std::size_t slash = path.find('/');
    return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

std::size_t line_of(std::string_view content, std::size_t offset) {
    return 1 + static_cast<std::size_t>(std::ranges::count(content.substr(0, offset), '\n'));
}

std::vector<std::size_t> find_word(std::string_view text, std::string_view word) {
    std::vector<std::size_t> found;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool starts = !is_word(word.front()) || at == 0 || !is_word(text[at - 1]);
        const bool ends = !is_word(word.back()) || end == text.size() || !is_word(text[end]);
        if (starts && ends) found.push_back(at);
    }
    return found;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(
        result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

}  // namespace cartwright::tidy
