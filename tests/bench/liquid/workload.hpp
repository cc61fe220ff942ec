// The pages that the benchmark of the Liquid engine renders, with the bytes that they come to, and a shop's filters
// and tags for them: what a host adds to the language, on the same interface as any host. README.md describes both.
#pragma once

#include "liquid/arena.hpp"
#include "liquid/environment.hpp"
#include "liquid/output.hpp"
#include "liquid/parse.hpp"
#include "liquid/render.hpp"
#include "liquid/value.hpp"

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::bench {

// Honest work at each call: none of them is pure.
std::span<const liquid::Filter> shop_filters();
std::span<const liquid::Tag> shop_tags();

// A page template, and the layout of its theme around what it printed.
struct Page {
    std::string name;  // "dropify/cart"
    std::string_view template_source;
    std::string_view layout_source;
    std::string_view expected_content;
    std::string_view expected_page;
    liquid::ProgramPointer program;
    liquid::ProgramPointer layout;
    std::string_view template_name;
};

// All pages, parsed, with their data. Never changed after it was loaded: threads share it.
class Workload {
public:
    // From `liquid/perf` of the shared data; refused with a sentence.
    static std::expected<std::unique_ptr<Workload>, std::string> load(const std::filesystem::path& folder);

    const std::vector<Page>& pages() const noexcept { return pages_; }

    // Products, collections and the rest, in which references are resolved: the data is cyclic.
    const liquid::Map& data() const noexcept { return *data_; }

    const liquid::Clock& clock() const noexcept { return clock_; }

    liquid::ParseOptions parse_options() const;

    std::expected<liquid::ProgramPointer, liquid::Error> parse(std::string_view source) const;

private:
    Workload();

    std::string load_theme(const std::filesystem::path& folder, std::string_view theme);

    liquid::Environment environment_;
    liquid::Arena arena_{1 << 20};
    const liquid::Map* data_ = nullptr;
    liquid::Clock clock_;
    std::vector<Page> pages_;
};

// What one thread needs for rendering, kept from page to page.
class PageRenderer {
public:
    explicit PageRenderer(const Workload& workload, bool track = true) noexcept
        : workload_(&workload), track_(track) {}

    struct Rendered {
        std::string_view content;
        std::string_view page;
        std::size_t errors = 0;
    };

    // The texts are good until the next call.
    Rendered render(const Page& page);

private:
    const Workload* workload_;
    bool track_;
    liquid::Arena arena_{1 << 18};
    liquid::Output content_;
    liquid::Output page_;
};

}  // namespace cartwright::bench
