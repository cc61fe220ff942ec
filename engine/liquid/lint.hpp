// Finds what is wrong in the templates of a theme without rendering them: what doesn't parse, names that nobody
// knows, variables that nobody reads, partials that aren't there. It reads all of them, for partials connect them.
// What only the data can tell (a property that is nil) it doesn't look for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::liquid {

class DropType;
class Environment;

enum class Severity : std::uint8_t { info, warning, error };

std::string_view word_of(Severity severity) noexcept;

// Codes are stable: hosts switch them off, editors link them.
//
// | code             | severity |                                                                     |
// |------------------|----------|---------------------------------------------------------------------|
// | syntax           | error    | the template doesn't parse: its page can't be shown                 |
// | unknown-tag      | error    | likewise, for a tag that doesn't exist                              |
// | missing-partial  | error    | render or include of a file that isn't there                        |
// | unknown-filter   | error    | its input passes through unchanged                                  |
// | strict-syntax    | warning  | something that is ignored; the text is that of the mode strict2     |
// | unknown-object   | warning  | a name that neither the host nor the theme gives a value            |
// | unused-variable  | warning  | assigned or captured, and never read                                |
// | duplicate-else   | warning  | a second else in one block                                          |
// | unused-partial   | info     | nobody renders it                                                   |
struct Finding {
    std::string_view code;
    Severity severity = Severity::error;
    std::string file;
    std::uint32_t line = 0;    // from 1; 0 is unknown
    std::uint32_t column = 0;  // bytes, from 1; 0 is unknown
    std::string message;

    // "snippets/card.liquid:3:7: error: … [code]".
    std::string text() const;
};

struct ThemeFile {
    std::string name;  // the path from the theme's folder: "snippets/card.liquid"
    std::string source;
};

struct LintOptions {
    // Top-level names that the host gives to templates. Where there are neither these nor types, unknown objects
    // aren't looked for.
    std::vector<std::string> objects;
    std::span<const DropType* const> types;
};

// A partial NAME is the file NAME.liquid or snippets/NAME.liquid. Findings are in the order of files and places, at
// most 500 of a file.
std::vector<Finding> lint(const Environment& environment,
                          std::span<const ThemeFile> files,
                          const LintOptions& options = {});

}  // namespace cartwright::liquid
