#include "liquid/memory_partials.hpp"

#include <gtest/gtest.h>

namespace cartwright::liquid {
namespace {

class MemoryPartialsTest : public testing::Test {
protected:
    Environment environment_ = Environment::standard();
    MemoryPartials partials_{environment_};
};

TEST_F(MemoryPartialsTest, found_by_name_with_or_without_the_extension) {
    partials_.add("a", "1");
    partials_.add("b.liquid", "2");
    partials_.add("a.liquid", "3");
    EXPECT_EQ(partials_.find("a").value()->source(), "1");
    EXPECT_EQ(partials_.find("b").value()->source(), "2");
    EXPECT_EQ(partials_.find("a.liquid").value()->source(), "3");
    EXPECT_EQ(partials_.find("a").value(), partials_.find("a").value());
}

TEST_F(MemoryPartialsTest, what_is_missing_is_said_in_the_words_of_the_reference) {
    const auto found = partials_.find("../a");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::file_system);
    EXPECT_EQ(found.error().text(), "Liquid error: Could not find asset ../a");
}

TEST_F(MemoryPartialsTest, syntax_errors_name_the_partial) {
    partials_.add("a", "\n{% if %}");
    const auto found = partials_.find("a");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().text(),
              "Liquid syntax error (a line 2): Syntax Error in tag 'if' - Valid syntax: if [expression]");
}

TEST_F(MemoryPartialsTest, a_new_source_replaces_the_old_one) {
    partials_.add("a", "1");
    EXPECT_EQ(partials_.find("a").value()->source(), "1");
    partials_.add("a", "2");
    EXPECT_EQ(partials_.find("a").value()->source(), "2");
}

}  // namespace
}  // namespace cartwright::liquid
