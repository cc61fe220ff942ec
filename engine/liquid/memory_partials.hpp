// Partials whose sources are at hand, by name: for tests and tools, and for hosts with a handful of templates. Each
// is parsed when it is first asked for. Of one thread at a time.
#pragma once

#include "liquid/parse.hpp"
#include "liquid/render.hpp"

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cartwright::liquid {

class MemoryPartials : public Partials {
public:
    // The environment must outlive it.
    explicit MemoryPartials(const Environment& environment, const ParseOptions& options = {})
        : environment_(environment), options_(options) {}

    // What was there under that name is replaced, and parsed anew.
    void add(std::string_view name, std::string_view source);

    // By the exact name, or by the name with ".liquid" behind it.
    std::expected<ProgramPointer, Error> find(std::string_view name) override;

private:
    using Found = std::expected<ProgramPointer, Error>;

    const Environment& environment_;
    ParseOptions options_;
    std::map<std::string, std::string, std::less<>> sources_;
    std::map<std::string, Found, std::less<>> found_;
};

// What find() answers for a name that isn't there.
Error missing_partial(std::string_view name);

}  // namespace cartwright::liquid
