// Roles, members, invitations and API tokens: who may what, and that nobody gets more than he has.
#include "shop/staff.hpp"

#include "shop/shop_fixture.hpp"
#include "shop/throttle.hpp"
#include "shop/tokens.hpp"

#include <gmock/gmock.h>

namespace cartwright::shop {

namespace {

class StaffTest : public ShopTest {
protected:
    template <class Work>
    auto as(Visitor visitor, Work work) -> std::invoke_result_t<Work&, Scope&> {
        co_return co_await in_scope(services(), visitor, work);
    }

    AcceptInvite acceptance(ShopId shop, std::string token, std::size_t number = 0) {
        return {.shop = shop,
                .token = std::move(token),
                .name = "New",
                .password = "a new good password",
                .address = "198.51.104." + std::to_string(number),
                .locale = "en",
                .request_id = {}};
    }

    std::string totals(ShopId shop) {
        return as_owner(
            "select owners || '/' || staff || '/' || api_tokens from shop_totals where shop_id = " +
            std::to_string(shop.value()));
    }
};

}  // namespace

PG_TEST(StaffTest, AnInvitationMakesAnAccountAndAMember) {
    const Opened open = co_await an_open_shop();
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    const RoleId manager = co_await role_named(open.shop.id, "Manager");
    const std::string email = an_email();
    const auto invited =
        co_await as(owner, [&](Scope& scope) { return invite_staff(scope, {email, manager}); });
    REQUIRE_CO(invited);
    const auto accepted = co_await accept_invite(services(), acceptance(open.shop.id, invited->token));
    REQUIRE_CO(accepted);
    EXPECT_TRUE(accepted->is_new_account);
    EXPECT_EQ(totals(open.shop.id), "1/2/0");
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.logged_in shop.staff_invited shop.staff_joined");
    const auto session = co_await log_in(services(), guest(open.shop.id), {email, "a new good password"});
    REQUIRE_CO(session);
    EXPECT_EQ(session->account, accepted->account);
    EXPECT_EQ(as_owner("select verified_at is not null from accounts where id = " +
                       std::to_string(accepted->account.value())),
              "t");
}

PG_TEST(StaffTest, OfParallelUsesOfOneInvitationExactlyOneWins) {
    const Opened open = co_await an_open_shop();
    const RoleId role = co_await role_named(open.shop.id, "Reader");
    const std::string email = an_email();
    auto invite = [&](Scope& scope) { return invite_staff(scope, {email, role}); };
    const auto invited = co_await in_system_scope(services(), open.shop.id, invite);
    auto use = [&](std::size_t i) -> Task<bool> {
        const auto accepted = co_await accept_invite(services(), acceptance(open.shop.id, invited->token, i));
        EXPECT_TRUE(accepted || accepted.error().reason() == invite_invalid) << accepted.error().code();
        co_return accepted.has_value();
    };
    const auto won = co_await together(64, use);
    EXPECT_EQ(std::ranges::count(won, true), 1);
    EXPECT_EQ(totals(open.shop.id), "1/2/0");
    EXPECT_EQ(as_owner("select count(*) from accounts where email_key = '" + email + "'"), "1");
    EXPECT_EQ(count("staff_members", open.shop.id), "2");
}

PG_TEST(StaffTest, ADeadInvitationIsRefusedAndChangesNothing) {
    const Opened open = co_await an_open_shop();
    const Opened other = co_await an_open_shop();
    const RoleId role = co_await role_named(open.shop.id, "Reader");
    auto invite = [&](std::string email) {
        return [role, email](Scope& scope) { return invite_staff(scope, {email, role}); };
    };
    const auto good = co_await in_system_scope(services(), open.shop.id, invite(an_email()));
    const auto withdrawn = co_await in_system_scope(services(), open.shop.id, invite(an_email()));
    auto withdraw = [&](Scope& scope) { return withdraw_invite(scope, withdrawn->id); };
    EXPECT_TRUE(co_await in_system_scope(services(), open.shop.id, withdraw));
    EXPECT_FALSE(co_await in_system_scope(services(), open.shop.id, withdraw));

    const auto foreign = co_await accept_invite(services(), acceptance(other.shop.id, good->token));
    EXPECT_EQ(foreign.error(), Refusal(invite_invalid));
    const auto gone = co_await accept_invite(services(), acceptance(open.shop.id, withdrawn->token));
    EXPECT_EQ(gone.error(), Refusal(invite_invalid));
    const auto made_up = co_await accept_invite(services(), acceptance(open.shop.id, std::string(43, 'x')));
    EXPECT_EQ(made_up.error(), Refusal(invite_invalid));
    AcceptInvite weak = acceptance(open.shop.id, good->token);
    weak.password = "12345678";
    EXPECT_EQ((co_await accept_invite(services(), std::move(weak))).error().reason(), password_too_common);
    clock().advance(invite_life);
    const auto late = co_await accept_invite(services(), acceptance(open.shop.id, good->token));
    EXPECT_EQ(late.error(), Refusal(invite_invalid));
    EXPECT_EQ(totals(open.shop.id), "1/1/0");
    EXPECT_EQ(totals(other.shop.id), "1/1/0");
    EXPECT_EQ(count("staff_members", open.shop.id), "1");
}

PG_TEST(StaffTest, AnAddressHasOneOpenInvitation) {
    const Opened open = co_await an_open_shop();
    const RoleId role = co_await role_named(open.shop.id, "Reader");
    const std::string email = an_email();
    auto invite = [&](Scope& scope) { return invite_staff(scope, {email, role}); };
    EXPECT_TRUE(co_await in_system_scope(services(), open.shop.id, invite));
    EXPECT_EQ((co_await in_system_scope(services(), open.shop.id, invite)).error(),
              Refusal(already_invited, "email"));
    EXPECT_EQ(count("staff_invites", open.shop.id), "1");
    clock().advance(invite_life);
    EXPECT_TRUE(co_await in_system_scope(services(), open.shop.id, invite));
    auto invite_owner = [&](Scope& scope) { return invite_staff(scope, {open.email, role}); };
    EXPECT_EQ((co_await in_system_scope(services(), open.shop.id, invite_owner)).error(),
              Refusal(already_member, "email"));
    auto invite_nonsense = [&](Scope& scope) { return invite_staff(scope, {"nonsense", role}); };
    EXPECT_EQ((co_await in_system_scope(services(), open.shop.id, invite_nonsense)).error().field(), "email");
}

PG_TEST(StaffTest, ThePlanLimitsTheStaffAlsoInARace) {
    const Opened open = co_await an_open_shop();
    const RoleId role = co_await role_named(open.shop.id, "Reader");
    std::vector<std::string> tokens;
    for (int i = 0; i < 8; ++i) {
        const std::string email = an_email();
        auto invite = [&](Scope& scope) { return invite_staff(scope, {email, role}); };
        tokens.push_back((co_await in_system_scope(services(), open.shop.id, invite)).value().token);
    }
    auto use = [&](std::size_t i) -> Task<bool> {
        const auto accepted = co_await accept_invite(services(), acceptance(open.shop.id, tokens[i], i));
        EXPECT_TRUE(accepted || accepted.error() == Refusal(too_many_staff).with("limit", "3"));
        co_return accepted.has_value();
    };
    const auto joined = co_await together(tokens.size(), use);
    EXPECT_EQ(std::ranges::count(joined, true), 2);
    EXPECT_EQ(totals(open.shop.id), "1/3/0");
    EXPECT_EQ(count("staff_members", open.shop.id), "3");
}

PG_TEST(StaffTest, NobodyGivesWhatHeDoesNotHave) {
    const Opened open = co_await an_open_shop();
    as_owner("update shops set plan_code = 'grow' where id = " + std::to_string(open.shop.id.value()));
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    PutRole wanted{
        .id = {}, .name = "Personnel", .permissions = {"staff.read", "staff.write", "orders.read"}};
    const auto personnel = co_await as(owner, [&](Scope& scope) { return put_role(scope, wanted); });
    REQUIRE_CO(personnel);
    const std::string email = an_email();
    const AccountId clerk = co_await a_colleague(open.shop.id, "Personnel", email);
    const Visitor visitor = co_await logged_in(open.shop.id, email);
    const RoleId owners = co_await role_named(open.shop.id, "Owner");
    const RoleId managers = co_await role_named(open.shop.id, "Manager");
    const std::string before = topics(open.shop.id);

    for (const RoleId role : {owners, managers}) {
        const auto invited =
            co_await as(visitor, [&](Scope& s) { return invite_staff(s, {an_email(), role}); });
        EXPECT_EQ(invited.error(), Refusal(permission_not_held, "role"));
        const auto promoted = co_await as(visitor, [&](Scope& s) { return set_role(s, clerk, role); });
        EXPECT_EQ(promoted.error(), Refusal(permission_not_held, "role"));
    }
    PutRole more{.id = personnel->id, .name = "Personnel", .permissions = {"orders.write"}, .version = 1};
    EXPECT_EQ((co_await as(visitor, [&](Scope& s) { return put_role(s, more); })).error().reason(),
              permission_not_held);
    PutRole disarm{.id = managers, .name = "Manager", .permissions = {"orders.read"}, .version = 1};
    EXPECT_EQ((co_await as(visitor, [&](Scope& s) { return put_role(s, disarm); })).error().reason(),
              permission_not_held);
    EXPECT_EQ((co_await as(visitor, [&](Scope& s) { return remove_staff(s, open.owner); })).error().reason(),
              permission_not_held);
    EXPECT_EQ((co_await as(visitor, [&](Scope& s) { return set_role(s, open.owner, personnel->id); }))
                  .error()
                  .reason(),
              permission_not_held);
    EXPECT_EQ(topics(open.shop.id), before);
    EXPECT_EQ(totals(open.shop.id), "1/2/0");
}

PG_TEST(StaffTest, WithoutThePermissionNothingIsShownOrDone) {
    const Opened open = co_await an_open_shop();
    const std::string email = an_email();
    co_await a_colleague(open.shop.id, "Order handler", email);
    const Visitor clerk = co_await logged_in(open.shop.id, email);
    const std::string before = topics(open.shop.id);
    const RoleId reader = co_await role_named(open.shop.id, "Reader");
    const Refusal read = Refusal(not_permitted).with("permission", "staff.read");
    const Refusal write = Refusal(not_permitted).with("permission", "staff.write");
    EXPECT_EQ((co_await as(clerk, [](Scope& s) { return list_staff(s); })).error(), read);
    EXPECT_EQ((co_await as(clerk, [](Scope& s) { return list_roles(s); })).error(), read);
    EXPECT_EQ((co_await as(clerk, [](Scope& s) { return list_invites(s); })).error(), read);
    EXPECT_EQ((co_await as(clerk, [&](Scope& s) { return invite_staff(s, {an_email(), reader}); })).error(),
              write);
    EXPECT_EQ((co_await as(clerk, [&](Scope& s) { return set_role(s, open.owner, reader); })).error(), write);
    EXPECT_EQ((co_await as(clerk, [&](Scope& s) { return remove_staff(s, open.owner); })).error(), write);
    EXPECT_EQ((co_await as(clerk, [&](Scope& s) { return remove_role(s, reader); })).error(), write);
    EXPECT_EQ(
        (co_await as(clerk, [](Scope& s) { return put_role(s, {.id = {}, .name = "X", .permissions = {}}); }))
            .error(),
        write);
    EXPECT_EQ((co_await as(guest(open.shop.id), [](Scope& s) { return list_staff(s); })).error(),
              Refusal(not_logged_in));
    EXPECT_EQ(topics(open.shop.id), before);
}

PG_TEST(StaffTest, TheLastOwnerStays) {
    const Opened open = co_await an_open_shop();
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    const RoleId reader = co_await role_named(open.shop.id, "Reader");
    EXPECT_EQ((co_await as(owner, [&](Scope& s) { return remove_staff(s, open.owner); })).error(),
              Refusal(last_owner));
    EXPECT_EQ((co_await as(owner, [&](Scope& s) { return set_role(s, open.owner, reader); })).error(),
              Refusal(last_owner));
    EXPECT_EQ(totals(open.shop.id), "1/1/0");
    EXPECT_EQ(topics(open.shop.id), "shop.created shop.logged_in");
}

PG_TEST(StaffTest, OfOwnersWhoLeaveAtTheSameMomentOneStays) {
    const Opened open = co_await an_open_shop();
    const std::string second = an_email();
    const std::string third = an_email();
    const std::vector<AccountId> owners{open.owner,
                                        co_await a_colleague(open.shop.id, "Owner", second),
                                        co_await a_colleague(open.shop.id, "Owner", third)};
    EXPECT_EQ(totals(open.shop.id), "3/3/0");
    const std::vector<Visitor> visitors{co_await logged_in(open.shop.id, open.email),
                                        co_await logged_in(open.shop.id, second),
                                        co_await logged_in(open.shop.id, third)};
    auto leave = [&](std::size_t i) -> Task<bool> {
        const AccountId self = owners[i];
        const auto left = co_await as(visitors[i], [self](Scope& s) { return remove_staff(s, self); });
        EXPECT_TRUE(left || left.error() == Refusal(last_owner));
        co_return left.has_value();
    };
    const auto left = co_await together(3, leave);
    EXPECT_EQ(std::ranges::count(left, true), 2);
    EXPECT_EQ(totals(open.shop.id), "1/1/0");
    const AccountId stayed = owners[static_cast<std::size_t>(std::ranges::find(left, false) - left.begin())];
    EXPECT_EQ(
        as_owner("select owner_account_id from shops where id = " + std::to_string(open.shop.id.value())),
        std::to_string(stayed.value()));
}

PG_TEST(StaffTest, WhoIsRemovedLosesSessionsTokensAndMembership) {
    const Opened open = co_await an_open_shop();
    const std::string email = an_email();
    const AccountId colleague = co_await a_colleague(open.shop.id, "Owner", email);
    const Visitor visitor = co_await logged_in(open.shop.id, email);
    CreateToken wanted{.name = "sync", .permissions = {"orders.read"}, .days = {}};
    const auto token = co_await as(visitor, [&](Scope& s) { return create_token(s, wanted); });
    REQUIRE_CO(token);
    EXPECT_EQ(totals(open.shop.id), "2/2/1");
    Visitor program = guest(open.shop.id);
    program.bearer = token->text;
    auto describe_it = [](Scope& s) { return describe(s); };
    EXPECT_TRUE(co_await as(program, describe_it));

    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    EXPECT_TRUE(co_await as(owner, [&](Scope& s) { return remove_staff(s, colleague); }));
    EXPECT_EQ((co_await as(program, describe_it)).error(), Refusal(not_logged_in));
    EXPECT_EQ((co_await as(visitor, [](Scope& s) { return me(s); })).error(), Refusal(not_logged_in));
    EXPECT_FALSE(co_await log_in(services(), guest(open.shop.id), {email, std::string(password)}));
    EXPECT_EQ(totals(open.shop.id), "1/1/0");
    EXPECT_EQ(
        as_owner("select count(*) from memberships where account_id = " + std::to_string(colleague.value())),
        "0");
    EXPECT_EQ((co_await as(owner, [&](Scope& s) { return remove_staff(s, colleague); })).error(),
              Refusal(no_such_member));
}

PG_TEST(StaffTest, AChangedRoleActsAtOnce) {
    const Opened open = co_await an_open_shop();
    const std::string email = an_email();
    const AccountId colleague = co_await a_colleague(open.shop.id, "Manager", email);
    const Visitor manager = co_await logged_in(open.shop.id, email);
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    EXPECT_TRUE(co_await as(manager, [](Scope& s) { return list_staff(s); }));
    const RoleId orders = co_await role_named(open.shop.id, "Order handler");
    EXPECT_TRUE(co_await as(owner, [&](Scope& s) { return set_role(s, colleague, orders); }));
    EXPECT_EQ((co_await as(manager, [](Scope& s) { return list_staff(s); })).error().reason(), not_permitted);
}

PG_TEST(StaffTest, ARoleIsChangedByItsVersion) {
    const Opened open = co_await an_open_shop();
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    auto put = [&](PutRole role) { return as(owner, [role](Scope& s) { return put_role(s, role); }); };
    const auto made = co_await put({.id = {}, .name = " Packer ", .permissions = {"orders.read"}});
    REQUIRE_CO(made);
    EXPECT_EQ(made->name, "Packer");
    EXPECT_EQ(made->version, 1);
    const auto changed =
        co_await put({.id = made->id, .name = "Packer", .permissions = {"orders.write"}, .version = 1});
    REQUIRE_CO(changed);
    EXPECT_EQ(changed->version, 2);
    const auto stale = co_await put({.id = made->id, .name = "Packer", .permissions = {}, .version = 1});
    EXPECT_EQ(stale.error(), Refusal(role_changed).with("version", "2"));
    EXPECT_EQ((co_await put({.id = {}, .name = "Packer", .permissions = {}})).error(),
              Refusal(role_name_taken, "name"));
    EXPECT_EQ((co_await put({.id = {}, .name = "  ", .permissions = {}})).error(),
              Refusal(bad_role_name, "name"));
    EXPECT_EQ((co_await put({.id = {}, .name = "Y", .permissions = {"fly"}})).error().reason(),
              unknown_permission);
    const RoleId owners = co_await role_named(open.shop.id, "Owner");
    EXPECT_EQ(
        (co_await put({.id = owners, .name = "Boss", .permissions = {}, .version = 1})).error().reason(),
        role_changed);
    EXPECT_EQ(as_owner("select permissions::text from roles where id = " + std::to_string(made->id.value())),
              "{orders.write}");
}

PG_TEST(StaffTest, ARoleInUseIsKept) {
    const Opened open = co_await an_open_shop();
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    const std::string email = an_email();
    const AccountId colleague = co_await a_colleague(open.shop.id, "Content editor", email);
    const RoleId content = co_await role_named(open.shop.id, "Content editor");
    const RoleId owners = co_await role_named(open.shop.id, "Owner");
    auto remove = [&](RoleId role) { return as(owner, [role](Scope& s) { return remove_role(s, role); }); };
    EXPECT_EQ((co_await remove(content)).error(), Refusal(role_in_use));
    EXPECT_EQ((co_await remove(owners)).error(), Refusal(role_in_use));
    EXPECT_EQ(count("roles", open.shop.id), "5");
    EXPECT_TRUE(co_await as(owner, [&](Scope& s) { return remove_staff(s, colleague); }));
    EXPECT_TRUE(co_await remove(content));
    EXPECT_EQ((co_await remove(content)).error(), Refusal(no_such_role));
    EXPECT_EQ(count("roles", open.shop.id), "4");
}

PG_TEST(StaffTest, ATokenDoesWhatItWasGivenAndWhatItsMakerStillMay) {
    const Opened open = co_await an_open_shop();
    const Opened other = co_await an_open_shop();
    const std::string email = an_email();
    const AccountId colleague = co_await a_colleague(open.shop.id, "Owner", email);
    const Visitor maker = co_await logged_in(open.shop.id, email);
    CreateToken wanted{.name = "sync", .permissions = {"staff.read", "orders.read"}, .days = 2};
    const auto token = co_await as(maker, [&](Scope& s) { return create_token(s, wanted); });
    REQUIRE_CO(token);
    EXPECT_EQ(parse_token(token->text).value().shop, open.shop.id);
    Visitor program = guest(open.shop.id);
    program.bearer = token->text;
    EXPECT_TRUE(co_await as(program, [](Scope& s) { return list_staff(s); }));
    const RoleId reader = co_await role_named(open.shop.id, "Reader");
    EXPECT_EQ((co_await as(program, [&](Scope& s) { return invite_staff(s, {an_email(), reader}); })).error(),
              Refusal(not_permitted).with("permission", "staff.write"));
    EXPECT_EQ((co_await as(program, [](Scope& s) { return me(s); })).error(), Refusal(persons_only));
    EXPECT_EQ((co_await as(program, [&](Scope& s) { return create_token(s, wanted); })).error().reason(),
              not_permitted);

    Visitor elsewhere = program;
    elsewhere.shop = other.shop.id;
    EXPECT_EQ((co_await as(elsewhere, [](Scope& s) { return describe(s); })).error(), Refusal(not_logged_in));
    Visitor forged = program;
    forged.bearer.back() = forged.bearer.back() == 'A' ? 'E' : 'A';
    EXPECT_EQ((co_await as(forged, [](Scope& s) { return describe(s); })).error(), Refusal(not_logged_in));

    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    const RoleId orders = co_await role_named(open.shop.id, "Order handler");
    EXPECT_TRUE(co_await as(owner, [&](Scope& s) { return set_role(s, colleague, orders); }));
    EXPECT_EQ((co_await as(program, [](Scope& s) { return list_staff(s); })).error().reason(), not_permitted);
    EXPECT_TRUE(co_await as(program, [](Scope& s) { return describe(s); }));
    clock().advance(std::chrono::days(2));
    EXPECT_EQ((co_await as(program, [](Scope& s) { return describe(s); })).error(), Refusal(not_logged_in));
}

PG_TEST(StaffTest, TokensAreListedRevokedAndLimited) {
    const Opened open = co_await an_open_shop();
    const Visitor owner = co_await logged_in(open.shop.id, open.email);
    auto create = [&](CreateToken wanted) {
        return as(owner, [wanted](Scope& s) { return create_token(s, wanted); });
    };
    std::vector<ApiTokenId> made;
    for (int i = 0; i < 5; ++i) {
        const auto token = co_await create({.name = "t" + std::to_string(i), .permissions = {}, .days = {}});
        REQUIRE_CO(token);
        made.push_back(token->token.id);
    }
    EXPECT_EQ((co_await create({.name = "one more", .permissions = {}, .days = {}})).error(),
              Refusal(too_many_tokens).with("limit", "5"));
    EXPECT_EQ(totals(open.shop.id), "1/1/5");
    auto list = [&](ApiTokenId before, std::int32_t limit) {
        return as(owner, [=](Scope& s) { return list_tokens(s, before, limit); });
    };
    const auto first = co_await list({}, 3);
    REQUIRE_CO(first && first->size() == 3);
    EXPECT_EQ(first->at(0).id, made[4]);
    const auto rest = co_await list(first->at(2).id, 3);
    REQUIRE_CO(rest && rest->size() == 2);
    EXPECT_EQ(rest->at(1).id, made[0]);

    auto revoke = [&](ApiTokenId id) { return as(owner, [id](Scope& s) { return revoke_token(s, id); }); };
    EXPECT_TRUE(co_await revoke(made[0]));
    EXPECT_EQ((co_await revoke(made[0])).error(), Refusal(no_such_token));
    EXPECT_EQ(totals(open.shop.id), "1/1/4");
    EXPECT_TRUE(co_await create({.name = "one more", .permissions = {}, .days = {}}));

    EXPECT_EQ((co_await create({.name = "", .permissions = {}, .days = {}})).error(),
              Refusal(bad_token_name, "name"));
    EXPECT_EQ((co_await create({.name = "x", .permissions = {}, .days = 0})).error(),
              Refusal(bad_token_life, "days"));
    EXPECT_EQ((co_await create({.name = "x", .permissions = {"fly"}, .days = {}})).error().reason(),
              unknown_permission);
    EXPECT_EQ(totals(open.shop.id), "1/1/5");
}

}  // namespace cartwright::shop
