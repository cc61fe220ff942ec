#include "base/messages.hpp"

#include "base/file.hpp"

#include <gtest/gtest.h>

namespace cartwright {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

const std::string english = R"(
[cart]
orders = "{count, plural, one {# order} other {# orders}}"
hello = "Hello, {name}!"
plain = "Nothing to fill in"
english_only = "Only here"
quote = "It''s {name}"
)";

const std::string russian = R"(
[cart]
orders = "{count, plural, one {# заказ} few {# заказа} many {# заказов} other {# заказа}}"
hello = "Здравствуйте, {name}!"
plain = "Заполнять нечего"
quote = "Это {name}"
russian_only = "Только здесь"
)";

std::string complaint(const std::string& language, const std::string& toml) {
    try {
        std::map<std::string, std::string> texts{{"en", ""}};
        texts[language] = toml;
        Catalogues::parse(texts);
    } catch (const BadCatalogue& error) {
        return error.what();
    }
    return "(none)";
}

class MessagesTest : public testing::Test {
protected:
    std::string said(std::string_view locale, std::string_view key, const Values& values = {}) {
        return messages_.text(locale, key, values);
    }

    Catalogues catalogues_ = Catalogues::parse({{"en", english}, {"ru", russian}});
    Messages messages_{catalogues_};
};

TEST_F(MessagesTest, FollowThePluralRulesOfTheLanguage) {
    EXPECT_EQ(said("ru", "cart.orders", {{"count", "1"}}), "1 заказ");
    EXPECT_EQ(said("ru", "cart.orders", {{"count", "3"}}), "3 заказа");
    EXPECT_EQ(said("ru", "cart.orders", {{"count", "5"}}), "5 заказов");
    EXPECT_EQ(said("ru", "cart.orders", {{"count", "21"}}), "21 заказ");
    EXPECT_EQ(said("ru", "cart.orders", {{"count", "12000"}}), "12\u00A0000 заказов");
    EXPECT_EQ(said("en", "cart.orders", {{"count", "1"}}), "1 order");
    EXPECT_EQ(said("en", "cart.orders", {{"count", "1024"}}), "1,024 orders");
}

TEST_F(MessagesTest, TextsAreFilledInAsTheyAre) {
    EXPECT_EQ(said("ru", "cart.hello", {{"name", "Анна"}}), "Здравствуйте, Анна!");
    EXPECT_EQ(said("en", "cart.hello", {{"name", "2024"}}), "Hello, 2024!") << "not a number to be written";
    EXPECT_EQ(said("en", "cart.hello", {{"name", "{name} '"}, {"other", "x"}}), "Hello, {name} '!");
    EXPECT_EQ(said("en", "cart.quote", {{"name", "x"}}), "It's x");
    EXPECT_EQ(said("en", "cart.plain"), "Nothing to fill in");
    EXPECT_EQ(said("en", "cart.hello"), "Hello, {name}!");
}

TEST_F(MessagesTest, FallBackFromRegionToLanguageToEnglish) {
    EXPECT_EQ(said("ru-RU", "cart.plain"), "Заполнять нечего");
    EXPECT_EQ(said("ru", "cart.english_only"), "Only here");
    EXPECT_EQ(said("de", "cart.plain"), "Nothing to fill in");
    EXPECT_EQ(said("", "cart.plain"), "Nothing to fill in");
    EXPECT_EQ(messages_.missed(), 0U);
}

TEST_F(MessagesTest, AMissingOneIsItsKeyAndCounted) {
    EXPECT_EQ(said("en", "cart.russian_only"), "cart.russian_only");
    EXPECT_EQ(said("ru", "nothing"), "nothing");
    EXPECT_EQ(messages_.missed(), 2U);
    EXPECT_EQ(messages_.find("ru", "nothing"), std::nullopt);
    EXPECT_EQ(messages_.missed(), 2U);
}

TEST_F(MessagesTest, MissingKeysAreListed) {
    EXPECT_EQ(catalogues_.missing("en"), std::vector<std::string>{"cart.russian_only"});
    EXPECT_EQ(catalogues_.missing("ru"), std::vector<std::string>{"cart.english_only"});
    EXPECT_EQ(std::vector(catalogues_.languages().begin(), catalogues_.languages().end()),
              (std::vector<std::string_view>{"en", "ru"}));
}

TEST_F(MessagesTest, BadOnesAreRefusedWhenTheyAreRead) {
    EXPECT_EQ(complaint("ru", "a = \"{count, plural, one {x} other {y}}\""),
              "messages of ru: a: its plural has no form \"few\"");
    EXPECT_EQ(complaint("en", "a = \"{count, plural, one {x} other {{n, plural, other {y}}}}\""),
              "messages of en: a: its plural has no form \"one\"");
    EXPECT_EQ(complaint("en", "a = \"{count, plural, one {x}}\"").substr(0, 22), "messages of en: a: not");
    EXPECT_EQ(complaint("en", "a = \"{open\"").substr(0, 22), "messages of en: a: not");
    EXPECT_EQ(complaint("en", "a = \"{0}\""), "messages of en: a: its values have numbers; give them names");
    EXPECT_EQ(complaint("en", "a = 5"), "messages of en: a is not a text");
    EXPECT_EQ(complaint("en", "\n[").substr(0, 24), "messages of en: line 2: ");
    EXPECT_EQ(complaint("1", ""), "messages of 1: not a language");
    EXPECT_THROW(Catalogues::parse({{"ru", ""}}), BadCatalogue);
    EXPECT_EQ(complaint("en", "a = \"{count, plural, =0 {none} one {x} other {y}}\""), "(none)");
}

// The catalogues of this tree.
TEST(LocalesTest, RussianAndEnglishHaveTheSameKeys) {
    const Catalogues catalogues =
        Catalogues::read(std::filesystem::path(CARTWRIGHT_SOURCE_DIR) / "themes" / "locales");
    EXPECT_EQ(std::vector(catalogues.languages().begin(), catalogues.languages().end()),
              (std::vector<std::string_view>{"en", "ru"}));
    for (const std::string_view language : catalogues.languages()) {
        EXPECT_EQ(catalogues.missing(language), std::vector<std::string>()) << language;
    }
}

TEST(LocalesTest, EveryStatusHasATitleAndAdvice) {
    const Catalogues catalogues =
        Catalogues::read(std::filesystem::path(CARTWRIGHT_SOURCE_DIR) / "themes" / "locales");
    for (const int status : {400, 401, 403, 404, 405, 406, 408, 409, 411, 412, 413, 414, 415,
                             416, 417, 421, 422, 428, 429, 431, 500, 501, 502, 503, 504, 505}) {
        for (const std::string_view part : {".title", ".advice"}) {
            const std::string key = "http." + std::to_string(status) + std::string(part);
            EXPECT_TRUE(catalogues.find("en", key).has_value()) << key;
        }
    }
}

TEST(LocalesTest, EveryReasonForRefusalHasWords) {
    const std::filesystem::path root(CARTWRIGHT_SOURCE_DIR);
    const Catalogues catalogues = Catalogues::read(root / "themes" / "locales");
    constexpr std::string_view declaration = "inline constexpr Reason ";
    std::size_t reasons = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "engine")) {
        if (entry.path().extension() != ".hpp") continue;
        const std::string text = read_file(entry.path(), 1024 * 1024);
        for (std::size_t at = text.find(declaration); at != std::string::npos;
             at = text.find(declaration, at + 1)) {
            const std::size_t begin = text.find('"', at) + 1;
            const std::string code = text.substr(begin, text.find('"', begin) - begin);
            EXPECT_TRUE(catalogues.find("en", code).has_value()) << code << " of " << entry.path();
            ++reasons;
        }
    }
    EXPECT_GT(reasons, 4U);
}

}  // namespace
}  // namespace cartwright
