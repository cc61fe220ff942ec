// Each rule bites its bad sample, leaves a good one alone, and holds for the project as it stands.
#include "tidy/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace cartwright::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Tree& project() {
    static const Tree tree = read_tree(CARTWRIGHT_SOURCE_DIR);
    return tree;
}

std::vector<std::string> told(const std::vector<Finding>& findings) {
    return to_strings(findings);
}

TEST(Project, IsRead) {
    std::size_t sources = 0;
    for (const File& file : project()) sources += file.path.ends_with("engine/base/clock.cpp") ? 1U : 0U;
    EXPECT_EQ(sources, 1U);
}

TEST(Project, KeepsToItsFloors) {
    EXPECT_THAT(told(check_floors(project())), IsEmpty());
}

TEST(Project, IncludesInStyle) {
    EXPECT_THAT(told(check_include_style(project())), IsEmpty());
}

TEST(Project, IncludesNoUmbrellaHeaders) {
    EXPECT_THAT(told(check_heavy_headers(project())), IsEmpty());
}

TEST(Project, UsesNoBannedWords) {
    EXPECT_THAT(told(check_words(project())), IsEmpty());
}

TEST(Project, CallsNoClosureOnTheSpot) {
    EXPECT_THAT(told(check_closures(project())), IsEmpty());
}

TEST(Project, CommentsInSentences) {
    EXPECT_THAT(told(check_comments(project())), IsEmpty());
}

TEST(Project, CountsMoneyInIntegers) {
    EXPECT_THAT(told(check_money(project())), IsEmpty());
}

TEST(Project, KeepsItsSqlInStores) {
    EXPECT_THAT(told(check_sql(project())), IsEmpty());
}

TEST(Project, SaysWhyARouteIsLoosened) {
    EXPECT_THAT(told(check_loosened_routes(project())), IsEmpty());
}

TEST(Project, BuildsEachSource) {
    EXPECT_THAT(told(check_listed(project())), IsEmpty());
}

TEST(Project, NumbersMigrationsAndNotesOnce) {
    EXPECT_THAT(told(check_numbering(project())), IsEmpty());
}

TEST(Project, SaysEverythingInEachLanguage) {
    EXPECT_THAT(told(check_locales(project())), IsEmpty());
}

TEST(Project, IsCleanText) {
    EXPECT_THAT(told(check_text(project())), IsEmpty());
}

TEST(TakeApart, BlanksCommentsAndLiteralsAndKeepsLines) {
    const Source source = take_apart(
        "int a = 1; // new\n"
        "auto b = \"new \\\" x\"; /* one\n two */ char c = '\"';\n"
        "auto d = R\"sql(select\n 1)sql\"; int e = 1'000;\n");
    EXPECT_EQ(source.code,
              "int a = 1;       \n"
              "auto b = \"        \";       \n        char c = ' ';\n"
              "auto d = R\"sql(      \n  )sql\"; int e = 1'000;\n");
    ASSERT_EQ(source.literals.size(), 2U);
    EXPECT_EQ(source.literals[0].text, "new \\\" x");
    EXPECT_EQ(source.literals[1].text, "select\n 1");
    EXPECT_EQ(source.literals[1].line, 4U);
    ASSERT_EQ(source.comments.size(), 3U);
    EXPECT_EQ(source.comments[0].text, "// new");
    EXPECT_EQ(source.comments[2].line, 3U);
}

TEST(Floors, AFileMayNotLookUp) {
    const Tree tree = {
        {"engine/base/money.cpp", "#include \"base/money.hpp\"\n"},
        {"engine/db/pool.cpp", "#include \"base/clock.hpp\"\n#include \"shop/shop.hpp\"\n"},
        {"engine/http/session.cpp", "#include \"db/database.hpp\"\n"},
        {"engine/jobs/worker.cpp", "#include \"db/database.hpp\"\n"},
        {"engine/base/log.cpp", "#include \"http/message.hpp\"\n"},
    };
    EXPECT_THAT(told(check_floors(tree)),
                ElementsAre("engine/db/pool.cpp:2: db may not know shop (engine/README.md)",
                            "engine/http/session.cpp:1: http may not know db (engine/README.md)",
                            "engine/base/log.cpp:1: base may not know http (engine/README.md)"));
}

TEST(Floors, ASliceKnowsThoseToItsLeftAndNoFace) {
    const Tree tree = {
        {"engine/cart/cart.cpp", "#include \"catalog/catalog.hpp\"\n#include \"order/order.hpp\"\n"},
        {"engine/order/order.cpp", "#include \"cart/cart.hpp\"\n#include \"storefront/drops.hpp\"\n"},
        {"engine/api/cart_api.cpp", "#include \"cart/cart.hpp\"\n#include \"admin/panel.hpp\"\n"},
    };
    EXPECT_THAT(told(check_floors(tree)),
                ElementsAre("engine/cart/cart.cpp:2: cart may not know order (engine/README.md)",
                            "engine/order/order.cpp:2: order may not know storefront (engine/README.md)",
                            "engine/api/cart_api.cpp:2: api may not know admin (engine/README.md)"));
}

TEST(Floors, CMakeSaysTheSameAndEachFolderHasAFloor) {
    const Tree tree = {
        {"engine/cart/CMakeLists.txt", "cartwright_library(cart FLOOR 2 SOURCES cart.cpp)\n"},
        {"engine/db/CMakeLists.txt", "cartwright_library(db\n    FLOOR 1\n    SOURCES pool.cpp)\n"},
        {"engine/utils/misc.cpp", "int x;\n"},
    };
    EXPECT_THAT(
        told(check_floors(tree)),
        ElementsAre("engine/cart/CMakeLists.txt:0: says FLOOR 2, the table says 3",
                    "engine/utils/misc.cpp:0: the folder utils is on no floor of tests/tidy/floors.cpp"));
}

TEST(Includes, OwnHeaderComesFirstByItsWholePath) {
    const Tree tree = {
        {"engine/cart/cart.hpp", "#pragma once\n"},
        {"engine/cart/merge.hpp", "int merge();\n"},
        {"engine/cart/cart.cpp", "#include \"base/id.hpp\"\n#include \"cart/cart.hpp\"\n"},
        {"engine/cart/store.cpp", "#include \"cart.hpp\"\n#include \"../base/id.hpp\"\n"},
    };
    EXPECT_THAT(told(check_include_style(tree)),
                ElementsAre("engine/cart/merge.hpp:1: a header needs #pragma once",
                            "engine/cart/cart.cpp:1: its own header comes first: #include \"cart/cart.hpp\"",
                            "engine/cart/store.cpp:1: name the folder too: \"folder/cart.hpp\"",
                            "engine/cart/store.cpp:2: name the folder too: \"folder/../base/id.hpp\""));
}

TEST(Includes, UmbrellaHeadersStayInVendorFiles) {
    const Tree tree = {
        {"engine/base/vendor_asio.cpp", "#include <boost/asio/impl/src.hpp>\n"},
        {"engine/http/session.cpp", "#include <boost/beast/http/parser.hpp>\n"},
        {"engine/api/cart_api.cpp", "#include <boost/json.hpp>\n#  include <boost/beast/http/verb.hpp>\n"},
    };
    EXPECT_THAT(
        told(check_heavy_headers(tree)),
        ElementsAre("engine/api/cart_api.cpp:1: <boost/json.hpp>: use json/reader.hpp and json/writer.hpp",
                    "engine/api/cart_api.cpp:2: Beast stays inside engine/http"));
}

TEST(Words, AreFoundInCodeAndNowhereElse) {
    const Tree tree = {
        {"engine/cart/cart.cpp",
         "#include <new>  // a new cart, by rand() and getenv\n"
         "auto text = \"new volatile std::cout\";\n"
         "auto* cart = new Cart; auto owned = std::unique_ptr<Cart>(new Cart);\n"
         "auto renewed = newer(newest);\n"
         "auto at = std::chrono::system_clock::now();\n"
         "pool.free(cart); other->system(); Pool::free(cart);\n"
         "static Actor system(Name name); void free(Cart&);\n"
         "return free(cart);\n"},
    };
    EXPECT_THAT(
        told(check_words(tree)),
        ElementsAre("engine/cart/cart.cpp:3: new: use std::make_unique, make_unique_for_overwrite or a value",
                    "engine/cart/cart.cpp:8: free: wrap the C handle where it is born "
                    "(base/releaser.hpp)",
                    "engine/cart/cart.cpp:5: system_clock::now: use the Clock that is handed in"));
}

TEST(Words, MayStandWhereTheListSays) {
    const std::string code = "auto a = std::chrono::system_clock::now(); auto b = getenv(\"PATH\");\n";
    EXPECT_THAT(told(check_words({{"engine/base/clock.cpp", code}})), IsEmpty());
    EXPECT_THAT(told(check_words({{"engine/db/pool.cpp", code}})),
                ElementsAre("engine/db/pool.cpp:1: system_clock::now: use the Clock that is handed in",
                            "engine/db/pool.cpp:1: getenv: use Settings: only base reads the environment"));
}

TEST(Words, OfTestsAreFewer) {
    const Tree tree = {{"tests/db/pool_test.cpp",
                        "high_resolution_clock::now();\nauto path = getenv(\"PATH\");\nint n = rand();\n"}};
    EXPECT_THAT(
        told(check_words(tree)),
        ElementsAre("tests/db/pool_test.cpp:3: rand: use Rng",
                    "tests/db/pool_test.cpp:1: high_resolution_clock: use ticks() of base/clock.hpp"));
}

// One sample for each word of the list that no other test names.
class BannedWord : public testing::TestWithParam<std::string_view> {};

TEST_P(BannedWord, IsFound) {
    EXPECT_EQ(check_words({{"engine/cart/cart.cpp", std::string(GetParam()) + "\n"}}).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Each,
                         BannedWord,
                         testing::Values("std::cout << 1;",
                                         "std::cerr << 1;",
                                         "printf(\"x\");",
                                         "snprintf(a, 1, b);",
                                         "fmt::print(\"x\");",
                                         "std::regex r;",
                                         "sleep_for(1s);",
                                         "system(\"ls\");",
                                         "rand();",
                                         "std::random_device d;",
                                         "steady_clock::now();",
                                         "volatile int v;",
                                         "strcpy(a, b);",
                                         "atoi(a);",
                                         "std::stoi(a);",
                                         "std::mt19937 m;",
                                         "using namespace std;",
                                         "std::shared_mutex m;",
                                         "std::mutex m;"));

TEST(Closures, OfCoroutinesAreNotCalledOnTheSpot) {
    const Tree tree = {
        {"engine/cart/cart.cpp",
         "auto a = [cart](int) -> Task<> { co_await save(cart); }(1);\n"
         "auto b = [](Cart cart) -> Task<> { co_await save(cart); }(cart);\n"
         "auto c = [&] { return 1; }();\n"
         "auto d = [&] { co_return 1; };\n"
         "co_spawn(io, [x = f(1)]() mutable noexcept -> Task<> {\n    co_await g(x);\n}(), token);\n"
         "if (a) { co_await f(); } (void)a;\n"}};
    EXPECT_THAT(told(check_closures(tree)),
                ElementsAre("engine/cart/cart.cpp:1: a coroutine lambda called on the spot: hand what it "
                            "needs in as parameters",
                            "engine/cart/cart.cpp:5: a coroutine lambda called on the spot: hand what it "
                            "needs in as parameters"));
}

TEST(Comments, LeaveNothingToDo) {
    const Tree tree = {{"engine/cart/cart.cpp",
                        "// TO"
                        "DO: later\n"
                        "// =========================\n"
                        "//int old = 1;\n"
                        "// A sentence; with = and more.\n"
                        "//   auto sample = of_a_header();\n"}};
    EXPECT_THAT(told(check_comments(tree)),
                ElementsAre("engine/cart/cart.cpp:1: TO"
                            "DO: do it, or write a decision note",
                            "engine/cart/cart.cpp:2: a banner: an empty line separates as well",
                            "engine/cart/cart.cpp:3: code that is switched off: take it out"));
}

TEST(Comments, KeepTheWidthInCharacters) {
    std::string umlauts = "// ";
    for (int i = 0; i < 117; ++i) umlauts += "é";
    const Tree tree = {
        {"engine/cart/a.cpp", umlauts + "\n"},
        {"engine/cart/b.cpp", umlauts + "é\n"},
        {"engine/cart/c.cpp", "// https://example.org/" + std::string(100, 'x') + "\n"},
    };
    EXPECT_THAT(told(check_comments(tree)), ElementsAre("engine/cart/b.cpp:1: a comment of 121 columns"));
}

TEST(Money, IsNeverAFloat) {
    const Tree tree = {{"engine/pricing/pricing.cpp",
                        "double total_price = 1;\n"
                        "double seconds = 1;  // no price\n"
                        "std::int64_t price = 1;\n"
                        "float amount(int);\n"}};
    EXPECT_THAT(told(check_money(tree)),
                ElementsAre("engine/pricing/pricing.cpp:1: money is integers: price",
                            "engine/pricing/pricing.cpp:4: money is integers: amount"));
}

TEST(Sql, StandsInStores) {
    const std::string statement = "auto s = R\"sql(\n    select id from carts where shop_id = $1\n)sql\";\n";
    EXPECT_THAT(told(check_sql({{"engine/cart/store.cpp", statement}})), IsEmpty());
    EXPECT_THAT(told(check_sql({{"engine/db/migrate.cpp", statement}})), IsEmpty());
    EXPECT_THAT(told(check_sql({{"engine/cart/cart.cpp", statement}})),
                ElementsAre("engine/cart/cart.cpp:1: SQL stands in store.cpp of its slice, as a Statement"));
}

TEST(Sql, IsToldFromEnglish) {
    const Tree tree = {{"engine/cart/cart.cpp",
                        "auto a = \"select a currency\";\n"
                        "auto b = \"update the cart\";\n"
                        "auto c = \"create a shop first\";\n"
                        "auto d = \"with love\";\n"
                        "auto e = \"delete from carts\";\n"
                        "auto f = \"update carts set a = 1\";\n"
                        "auto g = \"create role app\";\n"}};
    EXPECT_THAT(told(check_sql(tree)),
                ElementsAre("engine/cart/cart.cpp:5: SQL stands in store.cpp of its slice, as a Statement",
                            "engine/cart/cart.cpp:6: SQL stands in store.cpp of its slice, as a Statement",
                            "engine/cart/cart.cpp:7: SQL stands in store.cpp of its slice, as a Statement"));
}

TEST(Sql, KnowsNoClockNoSetConfigAndNoHoles) {
    const Tree tree = {
        {"engine/cart/store.cpp",
         "auto a = \"insert into carts values ($1, now())\";\n"
         "auto b = \"update carts set at = CURRENT_TIMESTAMP\";\n"
         "auto c = \"select set_config('app.shop', $1, true), set_config('jit', 'off', true)\";\n"
         "auto d = fmt::format(\"select a from {}\", name);\n"
         "auto e = \"select unknown(), known(), set_config('jit', 'off', true) from carts\";\n"}};
    EXPECT_THAT(
        told(check_sql(tree)),
        ElementsAre("engine/cart/store.cpp:1: now(): the moment is an argument, from the Clock",
                    "engine/cart/store.cpp:2: current_timestamp: the moment is an argument, from the Clock",
                    "engine/cart/store.cpp:3: set_config of the tenant: use SET LOCAL, which Citus hands on",
                    "engine/cart/store.cpp:4: SQL with a hole for text: use a parameter"));
}

TEST(LoosenedRoutes, SayWhy) {
    const Tree tree = {
        {"engine/api/routes.cpp",
         "Route a{.loosens = \"frames: the bank shows its page in ours\"};\n"
         "Route b{.loosens = \"\"};\n"
         "Route c{.loosens = because};\n"
         "if (route.loosens.empty() || route.loosens == none) return;\n"
         "response.set(\"Content-Security-Policy\", everything);\n"},
        {"engine/http/security.cpp", "response.set(\"Content-Security-Policy\", policy);\n"},
    };
    EXPECT_THAT(
        told(check_loosened_routes(tree)),
        ElementsAre("engine/api/routes.cpp:2: .loosens needs its reason, in words, beside it",
                    "engine/api/routes.cpp:3: .loosens needs its reason, in words, beside it",
                    "engine/api/routes.cpp:5: the content policy is set by engine/http: use .loosens"));
}

TEST(Listed, EachSourceStandsInCMake) {
    const Tree tree = {
        {"engine/cart/CMakeLists.txt", "cartwright_library(cart FLOOR 3 SOURCES cart.cpp panel/list.cpp)\n"},
        {"engine/cart/cart.cpp", "\n"},
        {"engine/cart/old_cart.cpp", "\n"},
        {"engine/cart/panel/list.cpp", "\n"},
        {"engine/cart/panel/form.cpp", "\n"},
        {"tests/cart/cart_test.cpp", "\n"},
    };
    EXPECT_THAT(told(check_listed(tree)),
                ElementsAre("engine/cart/old_cart.cpp:0: no CMake list builds it",
                            "engine/cart/panel/form.cpp:0: no CMake list builds it",
                            "tests/cart/cart_test.cpp:0: no CMake list builds it"));
}

TEST(Listed, CasesThatMustNotCompileAreGivenToTheirScript) {
    const Tree tree = {
        {"tests/cart/CMakeLists.txt",
         "file(GLOB cases compile_fail/*.cpp)\nadd_test(NAME x COMMAND cmake -P compile_fail/run.cmake)\n"},
        {"tests/cart/compile_fail/good.cpp", "\n"},
        {"tests/cart/compile_fail/run.cmake", "\n"},
        {"tests/order/CMakeLists.txt", "file(GLOB cases compile_fail/*.cpp)\n"},
        {"tests/order/compile_fail/good.cpp", "\n"},
        {"tests/order/compile_fail/run.cmake", "\n"},
        {"tests/stock/compile_fail/good.cpp", "\n"},
    };
    EXPECT_THAT(told(check_listed(tree)),
                ElementsAre("tests/order/compile_fail/good.cpp:0: no CMake list builds it",
                            "tests/stock/compile_fail/good.cpp:0: no CMake list builds it"));
}

TEST(Listed, EachFuzzTargetHasSeeds) {
    const Tree tree = {
        {"tests/fuzz/http.cmake",
         "cartwright_fuzz(guard SOURCES guard_fuzz.cpp)\ncartwright_fuzz(form SOURCES x)\n"},
        {"tests/fuzz/corpus/guard/get", "GET"},
    };
    EXPECT_THAT(told(check_listed(tree)),
                ElementsAre("tests/fuzz/http.cmake:2: no seeds in tests/fuzz/corpus/form"));
}

TEST(Numbering, NamesAndNumbersMigrationsOnce) {
    const Tree tree = {
        {"engine/shop/shop.cpp", "\n"},
        {"storage/migrations/0001_shop_accounts.sql", "\n"},
        {"storage/migrations/0001_shop_domains.sql", "\n"},
        {"storage/migrations/2_shop_x.sql", "\n"},
        {"storage/migrations/0002-shop.sql", "\n"},
        {"storage/migrations/0003_ghost_table.sql", "\n"},
    };
    EXPECT_THAT(told(check_numbering(tree)),
                ElementsAre("storage/migrations/0001_shop_domains.sql:0: the number 0001 is taken by "
                            "storage/migrations/0001_shop_accounts.sql",
                            "storage/migrations/2_shop_x.sql:0: a migration is called NNNN_slice_what.sql, "
                            "after a folder of engine",
                            "storage/migrations/0002-shop.sql:0: a migration is called NNNN_slice_what.sql, "
                            "after a folder of engine",
                            "storage/migrations/0003_ghost_table.sql:0: a migration is called "
                            "NNNN_slice_what.sql, after a folder "
                            "of engine"));
}

TEST(Numbering, NamesAndNumbersNotesOnce) {
    const Tree tree = {
        {"engine/decisions/0001-clang.md", "\n"},
        {"engine/decisions/0001-floors.md", "\n"},
        {"engine/decisions/Floors.md", "\n"},
    };
    EXPECT_THAT(told(check_numbering(tree)),
                ElementsAre("engine/decisions/0001-floors.md:0: the number 0001 is taken by "
                            "engine/decisions/0001-clang.md",
                            "engine/decisions/Floors.md:0: a decision note is called NNNN-title.md"));
}

TEST(Locales, HaveTheSameKeys) {
    const Tree tree = {
        {"themes/locales/en.toml", "[shop]\nname = \"Name\"\nhello = \"\"\"\na = b\n\"\"\"\n"},
        {"themes/locales/ru.toml", "[shop]\n# note = 1\nname = \"Имя\"\n"},
        {"themes/lavka/locales/en.json",
         "{\"cart\": {\"title\": \"Cart: 1\", \"empty\": \"{\"}, \"ok\": \"y\"}"},
        {"themes/lavka/locales/ru.json", "{\"cart\": {\"title\": \"К\"}, \"empty\": \"x\", \"ok\": \"y\"}"},
    };
    EXPECT_THAT(
        told(check_locales(tree)),
        ElementsAre(
            "themes/lavka/locales/en.json:0: has no empty, which themes/lavka/locales/ru.json has",
            "themes/lavka/locales/ru.json:0: has no cart.empty, which themes/lavka/locales/en.json has",
            "themes/locales/ru.toml:0: has no shop.hello, which themes/locales/en.toml has"));
}

TEST(Text, IsCleanAndBelongsToNoMachine) {
    const Tree tree = {
        {"a.md", "fine\n"},
        {"b.md", "no end"},
        {"c.md", "blank \ncr\r\nbell\a\n"},
        {"d.md", "\xff\n"},
        {"e.md", std::string("in /ho") + "me/me\n"},
        {"package-lock.json", "{\"resolved\": \"https://example.org/x.tgz\"}\n"},
        {"tests/fuzz/corpus/guard/odd", "\r\n\a \xff"},
        {"picture.png", std::string("\0\1\2", 3)},
    };
    EXPECT_THAT(
        told(check_text(tree)),
        ElementsAre("b.md:0: the last line has no end",
                    "c.md:1: blanks or CR at the end of the line",
                    "c.md:2: blanks or CR at the end of the line",
                    "c.md:3: a control character",
                    "d.md:0: not UTF-8",
                    std::string("e.md:1: belongs to one machine or registry: /ho") + "me/",
                    "package-lock.json:0: \"resolved\" names a registry: npm finds the package without it"));
}

TEST(Text, IsNotTooLarge) {
    EXPECT_THAT(told(check_text({{"data.csv", std::string((1 << 20) + 1024, '\n')}})),
                ElementsAre("data.csv:0: 1025 KiB: too large to keep here"));
}

}  // namespace
}  // namespace cartwright::tidy
