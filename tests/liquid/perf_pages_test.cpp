// The pages of the benchmark, byte for byte: what is measured is also right.

#include "bench/liquid/workload.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace cartwright::bench {

namespace {

std::filesystem::path folder() {
    const char* shared = std::getenv("CARTWRIGHT_SHARED");
    return (shared != nullptr ? std::filesystem::path(shared)
                              : std::filesystem::path(CARTWRIGHT_SOURCE_DIR) / "../shared") /
           "liquid/perf";
}

class PerfPages : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(folder())) {
            GTEST_SKIP() << "the shared data's liquid/perf is not there (CARTWRIGHT_SHARED)";
        }
        auto loaded = Workload::load(folder());
        ASSERT_TRUE(loaded.has_value()) << loaded.error();
        workload_ = *std::move(loaded);
        ASSERT_EQ(workload_->pages().size(), 16U);
    }

    std::unique_ptr<Workload> workload_;
};

TEST_F(PerfPages, ComeToTheExpectedBytes) {
    PageRenderer renderer(*workload_);
    for (const Page& page : workload_->pages()) {
        SCOPED_TRACE(page.name);
        const PageRenderer::Rendered rendered = renderer.render(page);
        EXPECT_EQ(rendered.content, page.expected_content);
        EXPECT_EQ(rendered.page, page.expected_page);
        EXPECT_EQ(rendered.errors, 0U);
    }
}

TEST_F(PerfPages, ComeToTheSameBytesAgain) {
    PageRenderer renderer(*workload_);
    for (int pass = 0; pass < 3; ++pass) {
        for (const Page& page : workload_->pages()) {
            EXPECT_EQ(renderer.render(page).page, page.expected_page) << page.name;
        }
    }
}

}  // namespace

}  // namespace cartwright::bench
