#include "events/change.hpp"

#include "events/events.hpp"
#include "events/redact.hpp"

#include <gtest/gtest.h>

namespace cartwright::events {

TEST(ChangeTest, OnlyFieldsThatChangedAreKept) {
    const Change change = Change::changed("shop.renamed", {"shop", ShopId(7)}, 3)
                              .field("name", "Old \"one\"", "New\n")
                              .field("currency", "RUB", "RUB")
                              .field("age", 1, 2)
                              .field("note", std::nullopt, std::optional<std::string>("x"))
                              .field("owner", AccountId(5), AccountId(9'007'199'254'740'993));
    EXPECT_EQ(change.before()->text, R"({"name": "Old \"one\"", "age": 1, "note": null, "owner": "5"})");
    EXPECT_EQ(change.after()->text,
              R"({"name": "New\u000a", "age": 2, "note": "x", "owner": "9007199254740993"})");
    EXPECT_EQ(change.object(), Object("shop", "7"));
    EXPECT_FALSE(change.withheld());
}

TEST(ChangeTest, ACreationHasNoBeforeAndARemovalNoAfter) {
    const Change created =
        Change::created("shop.domain_added", {"domain", "a.test"}, 1).field("state", std::nullopt, "pending");
    EXPECT_EQ(created.before(), std::nullopt);
    EXPECT_EQ(created.after()->text, R"({"state": "pending"})");
    const Change removed =
        Change::removed("shop.domain_removed", {"domain", "a.test"}, 1).field("state", "gone", std::nullopt);
    EXPECT_EQ(removed.before()->text, R"({"state": "gone"})");
    EXPECT_EQ(removed.after(), std::nullopt);
}

TEST(ChangeTest, ASecretSaysThatItChangedAndNoMore) {
    const Change change = Change::changed("payment.key_changed", {"method", "1"}, 2)
                              .field("shop_number", Secret(), Secret())
                              .field("api_key", "sk_live_1", "sk_live_2");
    EXPECT_EQ(change.before()->text,
              R"({"shop_number": {"withheld": "secret"}, "api_key": {"withheld": "secret"}})");
    EXPECT_EQ(change.after(), change.before());
    EXPECT_TRUE(change.withheld());
}

TEST(ChangeTest, ASecretInsideOfJsonIsWithheld) {
    const Change change =
        Change::changed("payment.settings_changed", {"method", "1"}, 2)
            .field("settings",
                   db::Json{R"({"mode": "test", "Password": "a", "nested": [{"auth-token": {"x": [1]}}]})"},
                   db::Json{R"({"mode": "live"})"});
    EXPECT_EQ(change.before()->text,
              R"({"settings": {"mode": "test", "Password":{"withheld": "secret"}, )"
              R"("nested": [{"auth-token":{"withheld": "secret"}}]}})");
    EXPECT_EQ(change.after()->text, R"({"settings": {"mode": "live"}})");
    EXPECT_TRUE(change.withheld());
}

TEST(ChangeTest, AVeryLongValueIsWithheld) {
    const std::string fits((256U << 10U) - 2, 'x');
    const Change change =
        Change::changed("content.page_changed", {"page", "1"}, 2).field("body", fits, fits + "x");
    EXPECT_EQ(change.before()->text, R"({"body": ")" + fits + "\"}");
    EXPECT_EQ(change.after()->text, R"({"body": {"withheld": "length"}})");
    EXPECT_TRUE(change.withheld());
}

TEST(RedactTest, WhatIsNotSecretIsCopiedAsItStands) {
    for (const std::string_view json :
         {"null",
          " true ",
          "-0.5e+3",
          R"("a\u00e9\"")",
          "[]",
          "[1 , 2,[ ]]",
          R"({ "a" : { } , "b":[{"c":"d"}]})",
          R"({"not_paid": 1, "options": [], "company": "x", "expanded": false})"}) {
        EXPECT_EQ(redact(json), (Redacted{std::string(json), false}));
    }
}

TEST(RedactTest, NamesAreComparedWithoutCaseAndJoints) {
    for (const std::string_view name : {"password",
                                        "PASSWORD",
                                        "new_password",
                                        "apiKey",
                                        "api-key",
                                        "API_KEY",
                                        "clientSecret",
                                        "accessToken",
                                        "pan",
                                        "card.number",
                                        "cvc",
                                        "privateKey",
                                        "otp"}) {
        EXPECT_TRUE(looks_secret(name)) << name;
    }
    for (const std::string_view name :
         {"name", "key", "pan_name", "cards", "keyboard", "notpaid", "pinned", ""}) {
        EXPECT_FALSE(looks_secret(name)) << name;
    }
}

TEST(RedactTest, ANameWithAnEscapeIsWithheld) {
    EXPECT_EQ(redact(R"({"p\u0061ssword": 1})"),
              (Redacted{R"({"p\u0061ssword":{"withheld": "secret"}})", true}));
}

TEST(RedactTest, WhatIsNotJsonThrows) {
    const std::string deep(66, '[');
    for (const std::string_view json : {std::string_view(""),
                                        std::string_view("{"),
                                        std::string_view("{\"a\"}"),
                                        std::string_view("{a:1}"),
                                        std::string_view("[1,]"),
                                        std::string_view("01"),
                                        std::string_view("1."),
                                        std::string_view("tru"),
                                        std::string_view("\"a"),
                                        std::string_view("\"\\x\""),
                                        std::string_view("\"\\u12g4\""),
                                        std::string_view("\"\n\""),
                                        std::string_view("1 2"),
                                        std::string_view("{\"a\":1,}"),
                                        std::string_view(deep)}) {
        EXPECT_THROW(redact(json), std::invalid_argument) << json;
    }
}

TEST(InverseTest, OnlyAWholeChangeCanBeUndone) {
    Event event{.id = EventId(1),
                .position = {},
                .topic = "shop.renamed",
                .object = {"shop", "7"},
                .version = 2,
                .actor = {},
                .request_id = "",
                .at = {},
                .before = db::Json{R"({"name": "Old"})"},
                .after = db::Json{R"({"name": "New"})"},
                .withheld = false};
    EXPECT_EQ(*inverse(event), db::Json{R"({"name": "Old"})"});
    event.withheld = true;
    EXPECT_EQ(inverse(event).error().reason(), cannot_undo);
    event.withheld = false;
    event.before = std::nullopt;
    EXPECT_EQ(inverse(event).error().reason(), cannot_undo);
}

}  // namespace cartwright::events
