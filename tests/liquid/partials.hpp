// Partials of a test, from memory: each is parsed once, in the mode of the template that uses it.
#pragma once

#include "liquid/parse.hpp"
#include "liquid/render.hpp"

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace cartwright::liquid::testing {

class PartialTexts final : public Partials {
public:
    PartialTexts(const Environment& environment,
                 const std::map<std::string, std::string, std::less<>>& texts,
                 const ParseOptions& options)
        : environment_(environment), texts_(texts), options_(options) {}

    std::expected<std::shared_ptr<const Program>, Error> find(std::string_view name) override {
        if (const auto known = parsed_.find(name); known != parsed_.end()) {
            return known->second;
        }
        const auto text = texts_.find(name);
        if (text == texts_.end()) {
            return std::unexpected(Error{.kind = ErrorKind::file_system,
                                         .message = "Could not find asset " + std::string(name)});
        }
        return parsed_.emplace(name, parse(environment_, text->second, options_)).first->second;
    }

private:
    const Environment& environment_;
    const std::map<std::string, std::string, std::less<>>& texts_;
    ParseOptions options_;
    std::map<std::string, std::expected<std::shared_ptr<const Program>, Error>, std::less<>> parsed_;
};

}  // namespace cartwright::liquid::testing
