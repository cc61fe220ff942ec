// Logging in and out, sessions, forgotten and changed passwords.
#include "shop/accounts.hpp"

#include "base/crypto.hpp"
#include "shop/letters.hpp"
#include "shop/maintenance.hpp"
#include "shop/shop_fixture.hpp"
#include "shop/throttle.hpp"

#include <gmock/gmock.h>

#include <set>

namespace cartwright::shop {

namespace {

class AccountsTest : public ShopTest {
protected:
    Task<Outcome<Person>> who(Visitor visitor) {
        auto work = [](Scope& scope) { return me(scope); };
        co_return co_await in_scope(services(), visitor, work);
    }

    Task<Outcome<std::vector<store::ListedSession>>> sessions_of(Visitor visitor,
                                                                 SessionId before = {},
                                                                 std::int32_t limit = 50) {
        auto work = [&](Scope& scope) { return list_sessions(scope, before, limit); };
        co_return co_await in_scope(services(), visitor, work);
    }

    // The token of the link that a letter has.
    Task<std::string> reset_token(ShopId shop, std::string email) {
        const auto letter = co_await send_reset(services(), shop, email);
        co_return letter.value().link.substr(letter.value().link.find('#') + 1);
    }

    std::string session_count(AccountId account) {
        return as_owner("select count(*) from sessions where account_id = " +
                        std::to_string(account.value()));
    }

    std::string hash_of(AccountId account) {
        return as_owner("select password_hash from accounts where id = " + std::to_string(account.value()));
    }
};

}  // namespace

PG_TEST(AccountsTest, ALoginOpensASessionOfThisShopOnly) {
    const Opened one = co_await an_open_shop();
    const Opened two = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(one.shop.id, one.email);
    const auto person = co_await who(visitor);
    REQUIRE_CO(person);
    EXPECT_EQ(person->id, one.owner);
    EXPECT_EQ(person->email, one.email);
    EXPECT_EQ(topics(one.shop.id), "shop.created shop.logged_in");

    Visitor elsewhere = visitor;
    elsewhere.shop = two.shop.id;
    const auto stranger = co_await who(elsewhere);
    REQUIRE_CO(!stranger);
    EXPECT_EQ(stranger.error().reason(), not_logged_in);
}

PG_TEST(AccountsTest, TheTokenIsStoredAsItsHashOnly) {
    const Opened open = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(open.shop.id, open.email);
    EXPECT_EQ(visitor.session_token.size(), 43U);
    EXPECT_EQ(as_owner("select encode(token_hash, 'hex') from sessions where account_id = " +
                       std::to_string(open.owner.value())),
              to_hex(token_hash(visitor.session_token)));
}

PG_TEST(AccountsTest, TheAddressIsTakenInItsNormalForm) {
    const Opened open = co_await an_open_shop();
    std::string shouted = open.email;
    for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto session =
        co_await log_in(services(), guest(open.shop.id), {"  " + shouted, std::string(password)});
    REQUIRE_CO(session);
    EXPECT_EQ(session->account, open.owner);
}

PG_TEST(AccountsTest, UnknownWrongBlockedAndForeignAreRefusedAlikeAfterOneHashEach) {
    const Opened open = co_await an_open_shop();
    const std::string foreigner = an_email();
    co_await an_account(foreigner);
    const std::string blocked = an_email();
    const AccountId blocked_id = co_await a_colleague(open.shop.id, "Manager", blocked);
    as_owner("update accounts set state = 'blocked' where id = " + std::to_string(blocked_id.value()));
    const std::string without = an_email();
    const AccountId without_id = co_await an_account(without);
    as_owner("update accounts set password_hash = null where id = " + std::to_string(without_id.value()));

    struct Attempt {
        std::string email, password;
    };

    const std::string right(password);
    const std::vector<Attempt> attempts{{open.email, "wrong password"},
                                        {an_email(), "wrong password"},
                                        {"no address at all", "wrong password"},
                                        {"", ""},
                                        {blocked, right},
                                        {foreigner, right},
                                        {without, right}};
    for (const Attempt& attempt : attempts) {
        const std::uint64_t before = passwords().computations();
        const auto session =
            co_await log_in(services(), guest(open.shop.id), {attempt.email, attempt.password});
        REQUIRE_CO(!session);
        EXPECT_EQ(session.error(), Refusal(login_failed)) << attempt.email;
        EXPECT_EQ(passwords().computations() - before, 1U) << attempt.email;
    }
    EXPECT_EQ(session_count(open.owner), "0");
    EXPECT_EQ(session_count(blocked_id), "0");
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.staff_invited shop.staff_joined");
}

PG_TEST(AccountsTest, AKnownAndAnUnknownAddressCostTheSameStatements) {
    const Opened open = co_await an_open_shop();
    std::uint32_t known = 0;
    std::uint32_t unknown = 0;
    Visitor visitor = guest(open.shop.id);
    visitor.sql_count = &known;
    co_await log_in(services(), visitor, {open.email, "wrong password"});
    visitor.sql_count = &unknown;
    co_await log_in(services(), visitor, {an_email(), "wrong password"});
    EXPECT_EQ(known, unknown);
    EXPECT_NE(known, 0U);

    known = unknown = 0;
    visitor.sql_count = &known;
    const std::uint64_t before = passwords().computations();
    EXPECT_TRUE(co_await request_reset(services(), visitor, open.email));
    visitor.sql_count = &unknown;
    EXPECT_TRUE(co_await request_reset(services(), visitor, an_email()));
    EXPECT_EQ(known, unknown);
    EXPECT_NE(known, 0U);
    EXPECT_EQ(passwords().computations(), before);
}

PG_TEST(AccountsTest, TheEleventhGuessInAQuarterOfAnHourIsRefusedEvenIfRight) {
    const Opened open = co_await an_open_shop();
    for (int i = 0; i < login_by_account.limit; ++i) {
        Visitor visitor = guest(open.shop.id);
        visitor.address = "198.51.100." + std::to_string(i);
        const auto session = co_await log_in(services(), visitor, {open.email, "wrong password"});
        EXPECT_EQ(session.error().reason(), login_failed) << i;
    }
    clock().advance(std::chrono::minutes(5));
    const std::uint64_t before = passwords().computations();
    const auto throttled =
        co_await log_in(services(), guest(open.shop.id), {open.email, std::string(password)});
    REQUIRE_CO(!throttled);
    EXPECT_EQ(throttled.error(), Refusal(too_many_attempts).with("retry_after", "600"));
    EXPECT_EQ(passwords().computations(), before);
    EXPECT_EQ(session_count(open.owner), "0");

    clock().advance(std::chrono::minutes(10));
    EXPECT_TRUE(co_await log_in(services(), guest(open.shop.id), {open.email, std::string(password)}));
}

PG_TEST(AccountsTest, AnUnknownAddressIsThrottledAfterAsManyGuesses) {
    const Opened open = co_await an_open_shop();
    const std::string nobody = an_email();
    for (int i = 0; i < login_by_account.limit; ++i) {
        Visitor visitor = guest(open.shop.id);
        visitor.address = "198.51.101." + std::to_string(i);
        const auto session = co_await log_in(services(), visitor, {nobody, "wrong password"});
        EXPECT_EQ(session.error().reason(), login_failed) << i;
    }
    const auto throttled = co_await log_in(services(), guest(open.shop.id), {nobody, "wrong password"});
    EXPECT_EQ(throttled.error(), Refusal(too_many_attempts).with("retry_after", "900"));
}

PG_TEST(AccountsTest, ALoginForgivesTheAccountsAttemptsAndNotTheAddresses) {
    const Opened open = co_await an_open_shop();
    Visitor visitor = guest(open.shop.id);
    visitor.address = "203.0.113.77";
    for (int i = 0; i < login_by_address.limit; ++i) {
        const bool is_last_of_nine = i % 10 == 9;
        const std::string given = is_last_of_nine ? std::string(password) : "wrong password";
        const auto session = co_await log_in(services(), visitor, {open.email, given});
        EXPECT_EQ(session.has_value(), is_last_of_nine) << i;
    }
    const auto throttled = co_await log_in(services(), visitor, {open.email, std::string(password)});
    REQUIRE_CO(!throttled);
    EXPECT_EQ(throttled.error().reason(), too_many_attempts);
    visitor.address = "203.0.113.78";
    EXPECT_TRUE(co_await log_in(services(), visitor, {open.email, std::string(password)}));
}

PG_TEST(AccountsTest, ParallelGuessesAreCountedExactly) {
    const Opened open = co_await an_open_shop();
    auto guess = [&](std::size_t i) -> Task<bool> {
        Visitor visitor = guest(open.shop.id);
        visitor.address = "198.51.102." + std::to_string(i);
        const auto session = co_await log_in(services(), visitor, {open.email, "wrong password"});
        co_return session.error().reason() == login_failed;
    };
    const auto hashed = co_await together(40, guess);
    EXPECT_EQ(std::ranges::count(hashed, true), login_by_account.limit);
}

PG_TEST(AccountsTest, ASessionThatTheClientChoseIsNeverAccepted) {
    const Opened open = co_await an_open_shop();
    Visitor visitor = guest(open.shop.id);
    visitor.session_token = std::string(43, 'A');
    const auto session = co_await log_in(services(), visitor, {open.email, std::string(password)});
    REQUIRE_CO(session);
    EXPECT_NE(session->token, visitor.session_token);
    EXPECT_FALSE(co_await who(visitor));
}

PG_TEST(AccountsTest, EachLoginMakesANewSessionAndEndsTheOneItCameWith) {
    const Opened open = co_await an_open_shop();
    const Visitor first = co_await logged_in(open.shop.id, open.email);
    const auto again = co_await log_in(services(), first, {open.email, std::string(password)});
    REQUIRE_CO(again);
    EXPECT_NE(again->token, first.session_token);
    EXPECT_FALSE(co_await who(first));
    Visitor second = first;
    second.session_token = again->token;
    EXPECT_TRUE(co_await who(second));
}

PG_TEST(AccountsTest, LoggingOutEndsTheSessionInTheStore) {
    const Opened open = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(open.shop.id, open.email);
    auto out = [](Scope& scope) { return log_out(scope); };
    EXPECT_TRUE(co_await in_scope(services(), visitor, out));
    EXPECT_FALSE(co_await who(visitor));
    EXPECT_TRUE(co_await in_scope(services(), visitor, out));
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.logged_in shop.logged_out");
}

PG_TEST(AccountsTest, ASessionEndsWithoutUseAndAtItsAge) {
    const Opened open = co_await an_open_shop();
    const Visitor idle = co_await logged_in(open.shop.id, open.email);
    clock().advance(session_idle_life - std::chrono::seconds(1));
    EXPECT_TRUE(co_await who(idle));
    clock().advance(session_idle_life);
    EXPECT_FALSE(co_await who(idle));

    const Visitor busy = co_await logged_in(open.shop.id, open.email);
    const Instant end = clock().now() + session_life;
    while (clock().now() + std::chrono::days(1) < end) {
        clock().advance(std::chrono::days(1));
        EXPECT_TRUE(co_await who(busy));
    }
    clock().set(end);
    EXPECT_FALSE(co_await who(busy));
}

PG_TEST(AccountsTest, BeingSeenIsWrittenDownCoarsely) {
    const Opened open = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(open.shop.id, open.email);
    const Instant opened_at = clock().now();
    clock().advance(session_touch_interval - std::chrono::seconds(1));
    EXPECT_EQ((co_await sessions_of(visitor)).value().at(0).last_seen_at, opened_at);
    clock().advance(std::chrono::seconds(1));
    co_await who(visitor);
    EXPECT_EQ((co_await sessions_of(visitor)).value().at(0).last_seen_at, opened_at + session_touch_interval);
}

PG_TEST(AccountsTest, SessionsAreListedNewestFirstPageByPage) {
    const Opened open = co_await an_open_shop();
    Visitor last;
    for (int i = 0; i < 5; ++i) last = co_await logged_in(open.shop.id, open.email);
    const auto all = co_await sessions_of(last);
    REQUIRE_CO(all && all->size() == 5);
    EXPECT_EQ(all->front().shop, open.shop.slug);
    EXPECT_EQ(all->front().agent, "test");
    EXPECT_EQ(all->front().address, "192.0.2.1");
    std::vector<SessionId> paged;
    SessionId before;
    while (true) {
        const auto page = co_await sessions_of(last, before, 2);
        REQUIRE_CO(page);
        if (page->empty()) break;
        for (const auto& session : *page) paged.push_back(session.id);
        before = page->back().id;
    }
    std::vector<SessionId> expected;
    for (const auto& session : *all) expected.push_back(session.id);
    EXPECT_EQ(paged, expected);
    EXPECT_TRUE(std::ranges::is_sorted(expected, std::greater<>()));
}

PG_TEST(AccountsTest, OnlyOnesOwnSessionsCanBeRevoked) {
    const Opened open = co_await an_open_shop();
    const std::string email = an_email();
    co_await a_colleague(open.shop.id, "Manager", email);
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    const Visitor other = co_await logged_in(open.shop.id, open.email);
    const Visitor colleague = co_await logged_in(open.shop.id, email);
    const SessionId id = (co_await sessions_of(owner)).value().at(0).id;

    auto revoke = [id](Scope& scope) { return revoke_session(scope, id); };
    const auto foreign = co_await in_scope(services(), colleague, revoke);
    EXPECT_EQ(foreign.error(), Refusal(no_such_session));
    EXPECT_TRUE(co_await who(other));
    EXPECT_TRUE(co_await in_scope(services(), owner, revoke));
    EXPECT_FALSE(co_await who(other));
    EXPECT_TRUE(co_await who(owner));
    const auto twice = co_await in_scope(services(), owner, revoke);
    EXPECT_EQ(twice.error(), Refusal(no_such_session));
}

PG_TEST(AccountsTest, RevokingTheOthersKeepsThisOne) {
    const Opened open = co_await an_open_shop();
    const Visitor one = co_await logged_in(open.shop.id, open.email);
    const Visitor two = co_await logged_in(open.shop.id, open.email);
    const Visitor three = co_await logged_in(open.shop.id, open.email);
    auto revoke = [](Scope& scope) { return revoke_other_sessions(scope); };
    EXPECT_EQ((co_await in_scope(services(), two, revoke)).value(), 2);
    EXPECT_FALSE(co_await who(one));
    EXPECT_TRUE(co_await who(two));
    EXPECT_FALSE(co_await who(three));
    EXPECT_EQ((co_await in_scope(services(), two, revoke)).value(), 0);
}

PG_TEST(AccountsTest, AResetLetterGoesOnlyToStaffOfTheShop) {
    const Opened open = co_await an_open_shop();
    const std::string foreigner = an_email();
    co_await an_account(foreigner);
    const auto letter = co_await send_reset(services(), open.shop.id, open.email);
    REQUIRE_CO(letter);
    EXPECT_EQ(letter->to, open.email);
    EXPECT_TRUE(letter->link.starts_with("http://" + open.shop.slug + ".localhost:8080/account/password#"));
    EXPECT_FALSE(co_await send_reset(services(), open.shop.id, foreigner));
    EXPECT_FALSE(co_await send_reset(services(), open.shop.id, an_email()));
    EXPECT_FALSE(co_await send_reset(services(), open.shop.id, "nonsense"));
}

PG_TEST(AccountsTest, AResetSetsThePasswordAndEndsAllSessions) {
    const Opened open = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(open.shop.id, open.email);
    const std::string other_link = co_await reset_token(open.shop.id, open.email);
    const std::string token = co_await reset_token(open.shop.id, open.email);
    const auto done = co_await confirm_reset(services(), guest(open.shop.id), {token, "a new good password"});
    REQUIRE_CO(done);
    EXPECT_EQ(*done, open.owner);
    EXPECT_FALSE(co_await who(visitor));
    EXPECT_FALSE(co_await log_in(services(), guest(open.shop.id), {open.email, std::string(password)}));
    EXPECT_TRUE(co_await log_in(services(), guest(open.shop.id), {open.email, "a new good password"}));
    for (const std::string& spent : {token, other_link}) {
        const auto again =
            co_await confirm_reset(services(), guest(open.shop.id), {spent, "yet another password"});
        EXPECT_EQ(again.error(), Refusal(reset_invalid));
    }
}

PG_TEST(AccountsTest, ARefusedResetChangesNothing) {
    const Opened open = co_await an_open_shop();
    const Opened other = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(open.shop.id, open.email);
    const std::string before = hash_of(open.owner);
    const std::string token = co_await reset_token(open.shop.id, open.email);

    struct Attempt {
        ShopId shop;
        std::string token, password;
        Reason reason;
    };

    const std::vector<Attempt> attempts{
        {open.shop.id, "", "a new good password", reset_invalid},
        {open.shop.id, token + "x", "a new good password", reset_invalid},
        {open.shop.id, std::string(5000, 'x'), "a new good password", reset_invalid},
        {other.shop.id, token, "a new good password", reset_invalid},
        {open.shop.id, token, "short", password_too_short},
        {open.shop.id, token, "password123", password_too_common},
        {open.shop.id, token, open.email, password_too_common},
    };
    for (const Attempt& attempt : attempts) {
        ConfirmReset request{attempt.token, attempt.password};
        const auto done = co_await confirm_reset(services(), guest(attempt.shop), std::move(request));
        REQUIRE_CO(!done);
        EXPECT_EQ(done.error().reason(), attempt.reason) << attempt.token << ' ' << attempt.password;
    }
    clock().advance(reset_life);
    const auto late = co_await confirm_reset(services(), guest(open.shop.id), {token, "a new good password"});
    EXPECT_EQ(late.error().reason(), reset_invalid);
    EXPECT_EQ(hash_of(open.owner), before);
    EXPECT_TRUE(co_await who(visitor));
}

PG_TEST(AccountsTest, AResetDiesWithTheAddressItWasSentTo) {
    const Opened open = co_await an_open_shop();
    const std::string token = co_await reset_token(open.shop.id, open.email);
    const std::string before = hash_of(open.owner);
    const std::string moved = an_email();
    as_owner("update accounts set email = '" + moved + "', email_key = '" + moved +
             "' where id = " + std::to_string(open.owner.value()));
    const auto done = co_await confirm_reset(services(), guest(open.shop.id), {token, "a new good password"});
    EXPECT_EQ(done.error().reason(), reset_invalid);
    EXPECT_EQ(hash_of(open.owner), before);
}

PG_TEST(AccountsTest, OfParallelUsesOfOneResetExactlyOneWins) {
    const Opened open = co_await an_open_shop();
    const std::string token = co_await reset_token(open.shop.id, open.email);
    auto use = [&](std::size_t i) -> Task<bool> {
        Visitor visitor = guest(open.shop.id);
        visitor.address = "198.51.103." + std::to_string(i);
        const auto done =
            co_await confirm_reset(services(), visitor, {token, "password number " + std::to_string(i)});
        EXPECT_TRUE(done || done.error().reason() == reset_invalid);
        co_return done.has_value();
    };
    const auto won = co_await together(64, use);
    EXPECT_EQ(std::ranges::count(won, true), 1);
    const auto winner = static_cast<std::size_t>(std::ranges::find(won, true) - won.begin());
    EXPECT_TRUE(co_await log_in(
        services(), guest(open.shop.id), {open.email, "password number " + std::to_string(winner)}));
    EXPECT_EQ(as_owner("select count(*) from events where topic = 'shop.password_reset' and shop_id = " +
                       std::to_string(open.shop.id.value())),
              "1");
}

PG_TEST(AccountsTest, AskingForALinkIsPromisedToEverybodyUntilTheClientsAddressIsThrottled) {
    const Opened open = co_await an_open_shop();
    Visitor visitor = guest(open.shop.id);
    visitor.address = "203.0.113.99";
    for (int i = 0; i < reset_by_address.limit; ++i) {
        EXPECT_TRUE(co_await request_reset(services(), visitor, i % 2 == 0 ? open.email : an_email())) << i;
    }
    const auto refused = co_await request_reset(services(), visitor, open.email);
    EXPECT_EQ(refused.error(), Refusal(too_many_attempts).with("retry_after", "3600"));
}

PG_TEST(AccountsTest, ChangingThePasswordAsksForTheCurrentOneAndEndsTheOtherSessions) {
    const Opened open = co_await an_open_shop();
    const Visitor here = co_await logged_in(open.shop.id, open.email);
    const Visitor there = co_await logged_in(open.shop.id, open.email);
    const std::string before = hash_of(open.owner);
    const std::string link = co_await reset_token(open.shop.id, open.email);

    const auto wrong =
        co_await change_password(services(), here, {"not the password", "a new good password"});
    EXPECT_EQ(wrong.error(), Refusal(wrong_password, "current"));
    const auto weak = co_await change_password(services(), here, {std::string(password), "12345678"});
    EXPECT_EQ(weak.error().reason(), password_too_common);
    const auto stranger = co_await change_password(
        services(), guest(open.shop.id), {std::string(password), "a new good password"});
    EXPECT_EQ(stranger.error().reason(), not_logged_in);
    EXPECT_EQ(hash_of(open.owner), before);
    EXPECT_TRUE(co_await who(there));

    EXPECT_TRUE(co_await change_password(services(), here, {std::string(password), "a new good password"}));
    EXPECT_TRUE(co_await who(here));
    EXPECT_FALSE(co_await who(there));
    EXPECT_TRUE(co_await log_in(services(), guest(open.shop.id), {open.email, "a new good password"}));
    const auto spent =
        co_await confirm_reset(services(), guest(open.shop.id), {link, "yet another password"});
    EXPECT_EQ(spent.error().reason(), reset_invalid);
}

PG_TEST(AccountsTest, AnAddressHasOneAccountHoweverItIsWritten) {
    const std::string email = an_email();
    auto create = [&](std::size_t i) -> Task<bool> {
        auto work = [&, i](db::PlatformTx& tx) {
            CreateAccount person{.email = i % 2 == 0 ? email : "P" + email.substr(1), .locale = "en"};
            return create_account(tx, services(), std::move(person));
        };
        const auto account = co_await services().database.in_platform({}, work);
        EXPECT_TRUE(account || account.error() == Refusal(email_taken, "email"));
        co_return account.has_value();
    };
    const auto made = co_await together(16, create);
    EXPECT_EQ(std::ranges::count(made, true), 1);
    EXPECT_EQ(as_owner("select count(*) from accounts where email_key = '" + email + "'"), "1");
}

PG_TEST(AccountsTest, WhatIsOverIsForgotten) {
    const Opened open = co_await an_open_shop();
    const Visitor visitor = co_await logged_in(open.shop.id, open.email);
    co_await reset_token(open.shop.id, open.email);
    co_await forget_expired(services());
    EXPECT_TRUE(co_await who(visitor));
    EXPECT_EQ(session_count(open.owner), "1");
    clock().advance(session_life + std::chrono::seconds(1));
    co_await forget_expired(services());
    EXPECT_EQ(session_count(open.owner), "0");
    EXPECT_EQ(as_owner("select count(*) from password_resets where account_id = " +
                       std::to_string(open.owner.value())),
              "0");
    EXPECT_EQ(as_owner("select count(*) from throttles"), "0");
    clock().set(Instant(std::chrono::sys_days(std::chrono::year{2026} / 3 / 14)));
}

}  // namespace cartwright::shop
