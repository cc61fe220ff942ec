#include "liquid/program_cache.hpp"

#include "liquid/environment.hpp"
#include "liquid/tag_parser.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace cartwright::liquid {
namespace {

class ProgramCaching : public testing::Test {
protected:
    ProgramPointer find(std::string_view source, const ParseOptions& options = {}) {
        auto found = cache_.find_or_parse(environment_, source, options);
        EXPECT_TRUE(found) << found.error().text();
        return found.value_or(nullptr);
    }

    Environment environment_ = Environment::standard();
    ProgramCache cache_;
};

TEST_F(ProgramCaching, the_same_source_is_parsed_once) {
    const ProgramPointer first = find("a {{ b }}");
    EXPECT_EQ(first->source(), "a {{ b }}");
    EXPECT_EQ(find(std::string("a {{ b ") + "}}"), first);
    EXPECT_EQ(cache_.memory(), first->memory());
    const ProgramPointer other = find("a {{ c }}");
    EXPECT_NE(other, first);
    EXPECT_EQ(cache_.memory(), first->memory() + other->memory());
}

TEST_F(ProgramCaching, modes_line_numbers_and_environments_stay_apart) {
    const ProgramPointer lax = find("{{ b }}");
    const ProgramPointer strict = find("{{ b }}", {.mode = Mode::strict2, .limits = {}});
    const ProgramPointer bare = find("{{ b }}", {.line_numbers = false, .limits = {}});
    EXPECT_NE(lax, strict);
    EXPECT_NE(lax, bare);
    const Environment other = Environment::standard();
    const auto elsewhere = cache_.find_or_parse(other, "{{ b }}");
    ASSERT_TRUE(elsewhere);
    EXPECT_NE(*elsewhere, lax);
    EXPECT_EQ(&(*elsewhere)->environment(), &other);
    EXPECT_EQ(find("{{ b }}"), lax);
}

TEST_F(ProgramCaching, a_listener_hears_a_parse_of_its_own) {
    const ProgramPointer kept = find("{{ a }}");
    ParseListener listener;
    EXPECT_NE(find("{{ a }}", {.listener = &listener, .limits = {}}), kept);
    EXPECT_EQ(cache_.memory(), kept->memory());
}

TEST_F(ProgramCaching, errors_are_told_and_not_kept) {
    const auto broken = cache_.find_or_parse(environment_, "{% if %}");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().kind, ErrorKind::syntax);
    EXPECT_EQ(cache_.memory(), 0);
}

TEST_F(ProgramCaching, what_was_used_longest_ago_goes_first_and_lives_on_where_it_is_used) {
    constexpr std::size_t bytes = 16 * 100'000;
    ProgramCache cache(bytes);
    const auto parse = [&](int number) {
        return *cache.find_or_parse(environment_, std::string(20'000, 'a') + std::to_string(number));
    };
    const ProgramPointer kept = parse(0);
    for (int number = 1; number < 400; ++number) {
        parse(number);
        EXPECT_EQ(parse(0), kept);
        EXPECT_LE(cache.memory(), bytes);
    }
    const std::weak_ptr<const Program> let_go = parse(1000);
    for (int number = 1001; number < 1400; ++number) {
        parse(number);
    }
    EXPECT_TRUE(let_go.expired());
    EXPECT_EQ(kept->source().back(), '0');
}

TEST_F(ProgramCaching, a_program_larger_than_its_share_is_not_kept) {
    ProgramCache cache(16 * 1'000);
    const auto program = cache.find_or_parse(environment_, std::string(2'000, 'a'));
    ASSERT_TRUE(program);
    EXPECT_EQ((*program)->source().size(), 2'000);
    EXPECT_EQ(cache.memory(), 0);
}

TEST_F(ProgramCaching, threads_get_the_same_programs) {
    constexpr int sources = 50;
    constexpr int rounds = 20;
    const auto work = [this](std::vector<ProgramPointer>& got) {
        for (int turn = 0; turn < sources * rounds; ++turn) {
            got.push_back(find("{{ a" + std::to_string(turn % sources) + " }}"));
        }
    };
    std::vector<ProgramPointer> one;
    std::vector<ProgramPointer> two;
    {
        const std::jthread first(work, std::ref(one));
        const std::jthread second(work, std::ref(two));
    }
    EXPECT_EQ(one, two);
    std::size_t bytes = 0;
    for (int at = 0; at < sources; ++at) {
        bytes += one[static_cast<std::size_t>(at)]->memory();
    }
    EXPECT_EQ(cache_.memory(), bytes);
}

}  // namespace
}  // namespace cartwright::liquid
