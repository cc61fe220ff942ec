#include "tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace cartwright::tidy {

namespace {

struct Word {
    std::string_view word;
    std::string_view instead;
    std::vector<std::string_view> allowed = {};  // the paths under which it may stand
    bool in_tests = false;                       // banned in tests/ too
};

const std::vector<Word>& words() {
    static const std::vector<std::string_view> commands = {"engine/app/"};
    static const std::vector<std::string_view> only_base = {"engine/base/"};
    static const std::vector<std::string_view> only_clock = {"engine/base/clock.cpp"};
    static const std::vector<Word> list = {
        {"std::cout", "use {fmt} in commands, base/log elsewhere"},
        {"std::cerr", "use {fmt} in commands, base/log elsewhere"},
        {"printf", "use {fmt}"},
        {"fprintf", "use {fmt}"},
        {"sprintf", "use fmt::format_to", {}, true},
        {"snprintf", "use fmt::format_to_n"},
        {"puts", "use {fmt}"},
        {"fmt::print", "use base/log; only commands talk to a person", {"engine/app/", "engine/base/log"}},
        {"fmt::println", "use base/log; only commands talk to a person", {"engine/app/", "engine/base/log"}},
        {"new", "use std::make_unique, make_unique_for_overwrite or a value", {}},
        {"malloc", "use a container"},
        {"free", "wrap the C handle where it is born (base/releaser.hpp)", {"engine/base/"}},
        {"std::regex", "write the few lines of matching", {}},
        {"sleep_for", "await a Timer", {}},
        {"sleep_until", "await a Timer", {}},
        {"usleep", "await a Timer", {}},
        {"nanosleep", "await a Timer", {}},
        {"system", "use base/process", {}, true},
        {"popen", "use base/process"},
        {"rand", "use Rng", {}, true},
        {"srand", "use Rng", {}, true},
        {"std::mt19937", "use Rng: SeededRng is the one that repeats", {}, true},
        {"random_device", "use Rng: only base names the system's source", only_base, true},
        {"system_clock::now", "use the Clock that is handed in", only_clock},
        {"steady_clock::now", "use ticks() of base/clock.hpp", only_clock},
        {"high_resolution_clock", "use ticks() of base/clock.hpp", {}, true},
        {"gettimeofday", "use the Clock that is handed in", {}},
        {"clock_gettime", "use ticks() of base/clock.hpp", only_base},
        {"localtime", "use base's formatting with a time zone", {}, true},
        {"getenv", "use Settings: only base reads the environment", only_base},
        {"setenv", "hand the value in; the environment is shared by all threads", {}},
        {"volatile", "use std::atomic", {}},
        {"strcpy", "use std::string", {}, true},
        {"strcat", "use std::string", {}, true},
        {"strtok", "use std::string_view", {}, true},
        {"atoi", "use std::from_chars: it reports errors", {}},
        {"atol", "use std::from_chars: it reports errors", {}},
        {"atof", "use std::from_chars: it reports errors", {}},
        {"std::stoi", "use std::from_chars: it doesn't throw at a person", {}},
        {"std::stol", "use std::from_chars: it doesn't throw at a person", {}},
        {"std::stoll", "use std::from_chars: it doesn't throw at a person", {}},
        {"std::bind", "use a lambda", {}, true},
        {"goto", "use a function that returns", {}, true},
        {"using namespace std;", "name what is used", {}, true},
        {"std::mutex",
         "threads share nothing on the way of a request (decisions/0004); off it, a file of base or one "
         "listed "
         "in tests/tidy/words.cpp",
         {"engine/base/",
          "engine/jobs/",
          "engine/files/",
          "engine/db/cluster",
          "engine/http/lane",
          "engine/http/tls",
          "engine/liquid/program_cache",
          "engine/app/"}},
        {"std::shared_mutex", "threads share nothing on the way of a request (decisions/0004)", {}},
    };
    return list;
}

bool under(std::string_view path, const std::vector<std::string_view>& places) {
    return std::ranges::any_of(places, [path](std::string_view place) { return path.starts_with(place); });
}

// A name that is declared or qualified as something else: `tx.free(`, `Pool::free`.
bool is_member(std::string_view code, std::size_t at) {
    if (at >= 1 && code[at - 1] == '.') return true;
    if (at >= 2 && code.substr(at - 2, 2) == "->") return true;
    return at >= 2 && code.substr(at - 2, 2) == "::" && !(at >= 5 && code.substr(at - 5, 5) == "std::");
}

// Short words are also English and everybody's names: of these only the call counts.
bool is_call(std::string_view code, std::size_t at, std::string_view word) {
    static constexpr std::array<std::string_view, 7> calls = {
        "system", "free", "rand", "puts", "malloc", "printf", "popen"};
    if (std::ranges::find(calls, word) == calls.end()) return true;
    const std::size_t next = code.find_first_not_of(" \n", at + word.size());
    if (next == std::string_view::npos || code[next] != '(' || is_member(code, at)) return false;
    // `static Actor system(…)` declares; `return system(…)` calls.
    const std::size_t before = at == 0 ? std::string_view::npos : code.find_last_not_of(" \n", at - 1);
    if (before == std::string_view::npos || before + 1 == at || code[before] == ';') return true;
    const std::string_view left = code.substr(0, before + 1);
    const char last = left.back();
    const bool named =
        (last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z') || last == '_' || last == '>';
    return !named || left.ends_with("return") || left.ends_with("co_await") || left.ends_with("else");
}

// `std::unique_ptr<T>(new T)`, where a private constructor leaves no other way: an owner takes it at once.
bool is_handed_over(std::string_view code, std::size_t at) {
    const std::size_t before = at == 0 ? std::string_view::npos : code.find_last_not_of(" \n", at - 1);
    return before != std::string_view::npos && (code[before] == '(' || code[before] == '{');
}

bool in_directive(std::string_view code, std::size_t at) {
    const std::size_t line = code.rfind('\n', at) + 1;  // npos + 1 is 0: the first line
    return code.substr(line).starts_with("#include");
}

// The place of the bracket that `close` at `at` closes, or npos.
std::size_t opening(std::string_view code, std::size_t at, char open, char close) {
    std::size_t depth = 0;
    for (std::size_t i = at + 1; i-- > 0;) {
        if (code[i] == close) ++depth;
        if (code[i] == open && --depth == 0) return i;
    }
    return std::string_view::npos;
}

// What stands between the brackets of the lambda whose body opens at `brace`; nothing if it isn't a lambda's.
std::string_view captures_of(std::string_view code, std::size_t brace) {
    const std::size_t start = code.find_last_of(";{}", brace == 0 ? 0 : brace - 1) + 1;
    const std::string_view head = code.substr(start, brace - start);
    const std::size_t arrow = head.rfind("->");
    const std::size_t parameters_end = head.substr(0, arrow).rfind(')');
    if (parameters_end == std::string_view::npos) return {};
    const std::size_t parameters = opening(head, parameters_end, '(', ')');
    if (parameters == std::string_view::npos || parameters == 0 || head[parameters - 1] != ']') return {};
    const std::size_t captures = opening(head, parameters - 1, '[', ']');
    if (captures == std::string_view::npos) return {};
    return head.substr(captures + 1, parameters - captures - 2);
}

}  // namespace

std::vector<Finding> check_closures(const Tree& tree) {
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path) || !file.path.starts_with("engine/")) continue;
        const std::string code = take_apart(file.content).code;
        for (std::size_t end = code.find("}("); end != std::string::npos; end = code.find("}(", end + 1)) {
            const std::size_t brace = opening(code, end, '{', '}');
            if (brace == std::string::npos || captures_of(code, brace).empty()) continue;
            const std::string_view body = std::string_view(code).substr(brace, end - brace);
            if (find_word(body, "co_await").empty() && find_word(body, "co_return").empty()) continue;
            found.push_back({file.path,
                             line_of(code, brace),
                             "a coroutine lambda called on the spot: hand what it needs in as parameters"});
        }
    }
    return found;
}

std::vector<Finding> check_words(const Tree& tree) {
    std::vector<Finding> found;
    for (const File& file : tree) {
        const bool engine = file.path.starts_with("engine/");
        const bool tests = file.path.starts_with("tests/");
        if (!is_cpp(file.path) || (!engine && !tests)) continue;
        const Source source = take_apart(file.content);
        for (const Word& word : words()) {
            if ((tests && !word.in_tests) || under(file.path, word.allowed)) continue;
            for (const std::size_t at : find_word(source.code, word.word)) {
                if (!is_call(source.code, at, word.word) || in_directive(source.code, at)) continue;
                if (word.word == "new" && is_handed_over(source.code, at)) continue;
                found.push_back({file.path,
                                 line_of(source.code, at),
                                 std::string(word.word) + ": " + std::string(word.instead)});
            }
        }
    }
    return found;
}

std::vector<Finding> check_comments(const Tree& tree) {
    // Put together here, so that this file doesn't break the rule.
    static const std::array<std::string, 4> unfinished = {
        "TO"
        "DO",
        "FIX"
        "ME",
        "X"
        "XX",
        "HA"
        "CK"};
    constexpr std::size_t columns = 120;  // the formatter's 110, and a little for what a person counts by eye
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path)) continue;
        for (const Comment& comment : take_apart(file.content).comments) {
            for (const std::string& word : unfinished) {
                if (!find_word(comment.text, word).empty()) {
                    found.push_back({file.path, comment.line, word + ": do it, or write a decision note"});
                }
            }
            const std::string_view text = comment.text;
            if (text.size() > 4 && text.find_first_not_of("/*=-#~ \t") == std::string_view::npos) {
                found.push_back({file.path, comment.line, "a banner: an empty line separates as well"});
            }
            if (text.starts_with("//") && (text.ends_with(';') || text.ends_with('{')) && text.size() > 3 &&
                text[3] != ' ' && text.substr(0, 4) != "//  " && text.find(" = ") != std::string_view::npos) {
                found.push_back({file.path, comment.line, "code that is switched off: take it out"});
            }
        }
        std::size_t number = 0;
        for (const std::string_view line : lines_of(file.content)) {
            ++number;
            const std::size_t start = line.find_first_not_of(' ');
            if (start == std::string_view::npos || !line.substr(start).starts_with("//")) continue;
            const auto width = static_cast<std::size_t>(std::ranges::count_if(
                line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
            if (width > columns && line.find("://") == std::string_view::npos) {
                found.push_back({file.path, number, "a comment of " + std::to_string(width) + " columns"});
            }
        }
    }
    return found;
}

std::vector<Finding> check_money(const Tree& tree) {
    static constexpr std::array<std::string_view, 12> money = {"price",
                                                               "amount",
                                                               "money",
                                                               "minor",
                                                               "balance",
                                                               "fee",
                                                               "currency",
                                                               "discount",
                                                               "kopeck",
                                                               "cents",
                                                               "invoice",
                                                               "refund"};
    std::vector<Finding> found;
    for (const File& file : tree) {
        if (!is_cpp(file.path) || !file.path.starts_with("engine/")) continue;
        const Source source = take_apart(file.content);
        std::size_t number = 0;
        for (const std::string_view line : lines_of(source.code)) {
            ++number;
            if (find_word(line, "double").empty() && find_word(line, "float").empty()) continue;
            const std::string text = lower(line);
            for (const std::string_view name : money) {
                if (text.find(name) != std::string::npos) {
                    found.push_back({file.path, number, "money is integers: " + std::string(name)});
                }
            }
        }
    }
    return found;
}

}  // namespace cartwright::tidy
