// The project's files as the rules of this folder see them: names, contents, and C++ taken apart into code,
// comments and string literals. Not a parser: it knows where a comment or a literal ends and nothing more.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::tidy {

struct File {
    std::string path;  // from the root of the project, with slashes
    std::string content;
};

using Tree = std::vector<File>;

// Where a rule is broken, and what to do instead.
struct Finding {
    std::string path;
    std::size_t line = 0;  // from 1; 0: the file as a whole
    std::string what;
};

// "engine/cart/cart.cpp:12: …"
std::string to_string(const Finding& finding);
std::vector<std::string> to_strings(const std::vector<Finding>& findings);

// All files of the project that git knows or would take in; without git, all but build, var and
// node_modules.
Tree read_tree(const std::filesystem::path& root);

struct Literal {
    std::size_t line = 0;    // where it starts
    std::size_t offset = 0;  // of its first character
    std::string text;        // between the quotes, escapes as they stand; neighbours are not joined
};

struct Comment {
    std::size_t line = 0;
    std::string text;  // of one line, with its slashes
};

// A C++ file, taken apart. `code` has the length and the lines of the file: what stands in comments, strings
// and character literals is blank.
struct Source {
    std::string code;
    std::vector<Literal> literals;
    std::vector<Comment> comments;
};

Source take_apart(std::string_view content);

struct Include {
    std::size_t line = 0;
    std::string name;
    bool quoted = false;  // "ours" rather than <theirs>
};

std::vector<Include> includes_of(std::string_view content);

bool is_cpp(std::string_view path);
// "engine/cart/cart.cpp" → "cart"; empty for files that are not in a folder of engine/.
std::string folder_in_engine(std::string_view path);
std::size_t line_of(std::string_view content, std::size_t offset);
// The places where `word` stands as a whole word.
std::vector<std::size_t> find_word(std::string_view text, std::string_view word);
std::string lower(std::string_view text);
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace cartwright::tidy
