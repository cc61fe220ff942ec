// Our side of `deploy/bench liquid`: renders and parses the workload, and answers the lines of README.md's protocol.
// `render 0` is exactly one pass, for counting instructions.

#include "base/clock.hpp"
#include "bench/liquid/workload.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <new>
#include <string>
#include <thread>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

// Counted; the array and aligned forms that the library provides come here or are not used on the way of a page.
void* operator new(std::size_t bytes) {
    ++allocations;
    void* memory = std::malloc(bytes);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace cartwright::bench {

namespace {

class Bench {
public:
    explicit Bench(const Workload& workload)
        : workload_(workload), renderer_(workload), untracked_(workload, false) {}

    std::string answer(std::string_view line) {
        const std::string_view command = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(line.size(), command.size() + 1));
        if (command == "check") {
            return check();
        }
        if (command == "render") {
            return measure([this] { render_all(renderer_); }, number(line));
        }
        if (command == "untracked") {
            return measure([this] { render_all(untracked_); }, number(line));
        }
        if (command == "parse") {
            return measure([this] { parse_all(); }, number(line));
        }
        if (command == "threads") {
            const std::size_t blank = std::min(line.find(' '), line.size());
            return threads(static_cast<std::size_t>(number(line.substr(0, blank))),
                           number(line.substr(std::min(line.size(), blank + 1))));
        }
        if (command == "memory") {
            return memory();
        }
        if (command == "allocations") {
            return allocations_of_a_page();
        }
        return "unknown";
    }

private:
    static double number(std::string_view text) {
        double value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    static double seconds_since(std::chrono::steady_clock::time_point start) {
        return std::chrono::duration<double>(ticks() - start).count();
    }

    static double cpu_seconds() {
        return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
    }

    void render_all(PageRenderer& renderer) const {
        for (const Page& page : workload_.pages()) {
            renderer.render(page);
        }
    }

    void parse_all() const {
        for (const Page& page : workload_.pages()) {
            static_cast<void>(workload_.parse(page.template_source));
            static_cast<void>(workload_.parse(page.layout_source));
        }
    }

    static std::size_t passes_within(const auto& work, double seconds) {
        const auto start = ticks();
        std::size_t passes = 0;
        do {
            work();
            ++passes;
        } while (seconds_since(start) < seconds);
        return passes;
    }

    static std::string measure(const auto& work, double seconds) {
        const double cpu = cpu_seconds();
        const auto start = ticks();
        const std::size_t passes = passes_within(work, seconds);
        return fmt::format("{} {:.6f} {:.6f}", passes, cpu_seconds() - cpu, seconds_since(start));
    }

    std::string threads(std::size_t count, double seconds) const {
        const double cpu = cpu_seconds();
        const auto start = ticks();
        std::vector<std::size_t> passes(count);
        std::vector<std::jthread> running;
        for (std::size_t& own : passes) {
            running.emplace_back([this, &own, seconds] {
                PageRenderer renderer(workload_);
                own = passes_within([&] { render_all(renderer); }, seconds);
            });
        }
        running.clear();
        std::size_t sum = 0;
        for (const std::size_t own : passes) {
            sum += own;
        }
        return fmt::format("{} {:.6f} {:.6f}", sum, cpu_seconds() - cpu, seconds_since(start));
    }

    std::string check() {
        std::string different;
        for (const Page& page : workload_.pages()) {
            const PageRenderer::Rendered rendered = renderer_.render(page);
            if (rendered.content != page.expected_content || rendered.page != page.expected_page) {
                different += fmt::format(R"({}"{}")", different.empty() ? "" : ", ", page.name);
            }
        }
        return fmt::format(R"({{"pages": {}, "different": [{}]}})", workload_.pages().size(), different);
    }

    // Layouts count once, as a theme holds them.
    std::string memory() const {
        std::size_t programs = 0;
        std::size_t sources = 0;
        std::size_t files = 0;
        const auto add = [&](const liquid::ProgramPointer& program) {
            programs += program->memory();
            sources += program->source().size();
            ++files;
        };
        const liquid::Program* last_layout = nullptr;
        for (const Page& page : workload_.pages()) {
            add(page.program);
            if (page.layout.get() != last_layout) {
                add(page.layout);
                last_layout = page.layout.get();
            }
        }
        return fmt::format("{} {} {}", programs, sources, files);
    }

    std::string allocations_of_a_page() {
        render_all(renderer_);
        const std::size_t before = allocations;
        render_all(renderer_);
        return fmt::format(
            "{:.2f}",
            static_cast<double>(allocations - before) / static_cast<double>(workload_.pages().size()));
    }

    const Workload& workload_;
    PageRenderer renderer_;
    PageRenderer untracked_;  // doesn't remember what the templates asked for
};

int answer_lines(const char* folder) {
    const auto workload = Workload::load(folder);
    if (!workload.has_value()) {
        fmt::print(stderr, "liquid_bench: {}\n", workload.error());
        return 1;
    }
    Bench bench(**workload);
    std::string line;
    while (std::getline(std::cin, line)) {
        fmt::print("{}\n", bench.answer(line));
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace

}  // namespace cartwright::bench

int main(int count, char** arguments) {
    if (count != 2) {
        fmt::print(stderr, "usage: liquid_bench FOLDER < LINES\n");
        return 2;
    }
    return cartwright::bench::answer_lines(arguments[1]);
}
