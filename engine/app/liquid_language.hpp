// The language of a host that isn't here, as its documentation tells it: for the lint. A folder holds any of
// tags.json, filters.json and objects.json, arrays of objects with a "name", as Shopify/theme-liquid-docs has them.
// Its tags are parsed and render nothing; its filters pass their input through.
#pragma once

#include "liquid/environment.hpp"

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

namespace cartwright::app {

class LiquidLanguage {
public:
    // Standard Liquid, until something is added.
    LiquidLanguage() = default;
    LiquidLanguage(const LiquidLanguage&) = delete;
    LiquidLanguage& operator=(const LiquidLanguage&) = delete;

    // Throws BadSettings for what isn't in the format.
    void add_folder(const std::filesystem::path& folder);
    // Objects from a file: one name a line, a JSON array of names, or of objects with a "name".
    void add_objects(const std::filesystem::path& file);

    const liquid::Environment& environment() const noexcept { return environment_; }

    const std::vector<std::string>& objects() const noexcept { return objects_; }

private:
    void add_tag(const std::string& name, bool has_body);
    std::string_view kept(std::string text);

    std::deque<std::string> texts_;  // names that the environment refers to
    liquid::Environment environment_ = liquid::Environment::standard();
    std::vector<std::string> objects_;
};

}  // namespace cartwright::app
