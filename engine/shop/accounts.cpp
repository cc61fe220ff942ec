#include "shop/accounts.hpp"

#include "base/crypto.hpp"
#include "base/email.hpp"
#include "base/text.hpp"
#include "shop/changes.hpp"
#include "shop/letters.hpp"
#include "shop/names.hpp"
#include "shop/passwords.hpp"
#include "shop/secrets.hpp"
#include "shop/shop_store.hpp"
#include "shop/shops.hpp"
#include "shop/staff_store.hpp"
#include "shop/throttle.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cartwright::shop {

namespace {

constexpr std::size_t name_max_bytes = 200;
constexpr std::size_t agent_max_bytes = 300;  // the column's bound, in characters

// What an address counts as in a throttle: its normal form, or what was typed where it is none, so that
// nonsense is counted as well.
std::string throttled_email(const Outcome<Email>& email, std::string_view typed) {
    return email ? email->key() : std::string(typed.substr(0, secret_max_bytes));
}

// HTTP lets a field hold any byte above 127; the list of sessions shows text.
std::string shown_agent(std::string_view agent) {
    return std::string(is_utf8(agent) ? utf8_prefix(agent, agent_max_bytes) : std::string_view());
}

Task<Outcome<Actor>> whoever_asks(Services& services, const Visitor& visitor) {
    auto identified = [&](Scope& scope) -> Task<Outcome<Actor>> {
        if (auto person = require_person(scope); !person) {
            co_return refuse(std::move(person).error());
        }
        co_return scope.actor;
    };
    co_return co_await in_scope(services, visitor, identified);
}

}  // namespace

Task<Outcome<AccountId>> create_account(db::PlatformTx& tx, const Services& services, CreateAccount request) {
    const auto email = Email::parse(request.email);
    if (!email) {
        co_return refuse(Refusal(email.error().reason(), "email"));
    }
    auto name = clean_name(request.name, name_max_bytes, bad_person_name);
    if (!name) {
        co_return refuse(std::move(name).error());
    }
    if (std::ranges::find(spoken_locales(), request.locale) == spoken_locales().end()) {
        co_return refuse(unknown_locale, "locale");
    }
    store::AccountRow row{.id = services.ids.next_as<AccountId>(),
                          .email = email->text(),
                          .email_key = email->key(),
                          .name = std::move(*name),
                          .locale = request.locale,
                          .password_hash = request.password_hash};
    const auto id =
        co_await store::insert_account(tx, std::move(row), request.is_verified, services.clock.now());
    if (!id) {
        co_return refuse(email_taken, "email");
    }
    co_return *id;
}

Task<std::optional<AccountId>> find_account_by_email(db::PlatformTx& tx, std::string email) {
    const auto parsed = Email::parse(email);
    if (!parsed) {
        co_return std::nullopt;
    }
    const auto account = co_await store::find_account_by_email(tx, parsed->key());
    if (!account) {
        co_return std::nullopt;
    }
    co_return account->id;
}

Task<Outcome<LoggedIn>> log_in(Services& services, Visitor visitor, Login request) {
    const Instant started = services.clock.now();
    const auto email = Email::parse(request.email);
    const std::string subject = throttled_email(email, request.email);
    const std::string address = throttled_address(visitor.address);

    struct Attempt {
        std::optional<Refusal> refusal;
        std::optional<store::AccountRow> account;
    };

    auto begun = [&](db::PlatformTx& tx) -> Task<Attempt> {
        Attempt attempt;
        attempt.refusal = co_await take_attempt(tx, login_by_account, subject, started);
        auto of_address = co_await take_attempt(tx, login_by_address, address, started);
        if (!attempt.refusal) {
            attempt.refusal = std::move(of_address);
        }
        attempt.account = co_await store::find_account_by_email(tx, email ? email->key() : std::string());
        co_return attempt;
    };
    const Attempt attempt = co_await services.database.in_platform(counted_for(visitor), begun);
    if (attempt.refusal) {
        co_return refuse(*attempt.refusal);
    }

    const auto& account = attempt.account;
    const std::optional<std::string> stored = account ? account->password_hash : std::nullopt;
    const bool is_right = co_await services.passwords.verify(stored, request.password);
    if (!is_right || !account->is_active) {
        co_return refuse(login_failed);
    }
    std::optional<std::string> renewed;
    if (services.passwords.is_outdated(*stored)) {
        renewed = co_await services.passwords.hash(request.password);
    }

    auto opened = [&](db::Tx& tx) -> Task<Outcome<LoggedIn>> {
        const Instant now = services.clock.now();
        const auto current = co_await store::find_account(tx, account->id);
        if (!current || !current->is_active || current->password_hash != stored) {
            co_return refuse(login_failed);
        }
        const auto member = co_await store::find_staff(tx, account->id);
        if (!member) {
            co_return refuse(login_failed);
        }
        if (renewed) {
            co_await store::set_password(tx, account->id, current->version, *renewed, now);
        }
        if (!visitor.session_token.empty() && visitor.session_token.size() <= secret_max_bytes) {
            const auto former = co_await store::find_session(
                tx, stored_hash(visitor.session_token), visitor.shop, now, now - session_idle_life);
            if (former) {
                co_await store::revoke_session(tx, former->account_id, former->id, now);
            }
        }
        LoggedIn result{.account = account->id,
                        .session = services.ids.next_as<SessionId>(),
                        .token = make_token(services.rng)};
        store::NewSession session{.id = result.session,
                                  .token_hash = stored_hash(result.token),
                                  .account = result.account,
                                  .for_shop = visitor.shop,
                                  .address = visitor.address,
                                  .agent = shown_agent(visitor.agent),
                                  .now = now,
                                  .expires_at = now + session_life};
        co_await store::insert_session(tx, std::move(session));
        co_await forgive_attempts(tx, login_by_account, subject);
        const Actor actor{.kind = Actor::Kind::staff, .account = result.account, .session = result.session};
        Scope scope = scope_of(tx, services, visitor, actor);
        record(scope, events::Change::created("shop.logged_in", {"session", result.session}, 0));
        co_return result;
    };
    co_return co_await services.database.in_shop(visitor.shop, counted_for(visitor), opened);
}

Task<Outcome<>> log_out(Scope& scope) {
    if (scope.actor.kind != Actor::Kind::staff) {
        co_return Outcome<>();
    }
    co_await store::revoke_session(scope.tx, scope.actor.account, scope.actor.session, scope.now);
    record(scope, events::Change::removed("shop.logged_out", {"session", scope.actor.session}, 0));
    co_return Outcome<>();
}

Task<Outcome<>> request_reset(Services& services, Visitor visitor, std::string typed) {
    const Instant now = services.clock.now();
    const auto email = Email::parse(typed);
    const std::string subject = throttled_email(email, typed);
    const std::string address = throttled_address(visitor.address);
    auto promised = [&](db::Tx& tx) -> Task<std::optional<Refusal>> {
        const auto of_account = co_await take_attempt(tx, reset_by_account, subject, now);
        auto of_address = co_await take_attempt(tx, reset_by_address, address, now);
        if (of_address) {
            co_return of_address;
        }
        // A mailbox that gets letters already is promised one more and gets none: the answer must not tell
        // that somebody else asked for it.
        if (!of_account) {
            co_await promise_reset_letter(tx, services, email ? email->key() : std::string());
        }
        co_return std::nullopt;
    };
    auto refusal = co_await services.database.in_shop(visitor.shop, counted_for(visitor), promised);
    if (refusal) {
        co_return refuse(std::move(*refusal));
    }
    co_return Outcome<>();
}

Task<std::optional<ResetLetter>> send_reset(Services& services, ShopId shop, std::string email_key) {
    auto made = [&](db::PlatformTx& tx) -> Task<std::optional<ResetLetter>> {
        const Instant now = services.clock.now();
        const auto account = co_await store::find_account_by_email(tx, email_key);
        if (!account || !account->is_active) {
            co_return std::nullopt;
        }
        if (!co_await store::is_member(tx, account->id, shop)) {
            co_return std::nullopt;
        }
        const auto host = co_await store::host_of_shop(tx, shop);
        if (!host) {
            co_return std::nullopt;
        }
        const std::string token = make_token(services.rng);
        store::ResetRow row{.account_id = account->id, .email_key = account->email_key};
        co_await store::insert_reset(tx, stored_hash(token), std::move(row), shop, now, now + reset_life);
        const std::string site = host->primary_host ? services.address.of_host(*host->primary_host)
                                                    : services.address.of_slug(host->slug);
        // Behind "#": a browser never sends it to a server or in a Referer.
        co_return ResetLetter{
            account->email, account->name, account->locale, site + "/account/password#" + token};
    };
    co_return co_await services.database.in_platform(write_options, made);
}

Task<Outcome<AccountId>> confirm_reset(Services& services, Visitor visitor, ConfirmReset request) {
    const Instant started = services.clock.now();
    const std::string address = throttled_address(visitor.address);
    const Bytes hash = stored_hash(std::string_view(request.token).substr(0, secret_max_bytes));

    struct Found {
        std::optional<Refusal> refusal;
        std::optional<store::ResetRow> reset;
    };

    auto looked_up = [&](db::PlatformTx& tx) -> Task<Found> {
        Found found;
        found.refusal = co_await take_attempt(tx, token_by_address, address, started);
        found.reset = co_await store::find_reset(tx, hash, visitor.shop, started);
        co_return found;
    };
    const Found found = co_await services.database.in_platform(counted_for(visitor), looked_up);
    if (found.refusal) {
        co_return refuse(*found.refusal);
    }
    if (!found.reset || request.token.size() > secret_max_bytes) {
        co_return refuse(reset_invalid);
    }
    if (auto good = check_password(request.password, found.reset->email_key); !good) {
        co_return refuse(std::move(good).error());
    }
    const std::string password_hash = co_await services.passwords.hash(request.password);

    auto confirmed = [&](db::Tx& tx) -> Task<Outcome<AccountId>> {
        const Instant now = services.clock.now();
        const auto used = co_await store::use_reset(tx, hash, visitor.shop, now);
        if (!used) {
            co_return refuse(reset_invalid);
        }
        const auto account = co_await store::find_account(tx, used->account_id);
        if (!account || !account->is_active || account->email_key != used->email_key) {
            co_return refuse(reset_invalid);
        }
        if (!co_await store::set_password(tx, account->id, account->version, password_hash, now)) {
            co_return refuse(account_changed);
        }
        co_await store::set_verified(tx, account->id, now);
        co_await store::void_resets(tx, account->id, now);
        co_await store::revoke_sessions_but(tx, account->id, SessionId(), now);
        co_await forgive_attempts(tx, login_by_account, account->email_key);
        const Actor actor{.kind = Actor::Kind::staff, .account = account->id};
        Scope scope = scope_of(tx, services, visitor, actor);
        record(scope, events::Change::changed("shop.password_reset", {"account", account->id}, 0));
        co_return account->id;
    };
    co_return co_await services.database.in_shop(visitor.shop, counted_for(visitor), confirmed);
}

Task<Outcome<>> change_password(Services& services, Visitor visitor, ChangePassword request) {
    const auto actor = co_await whoever_asks(services, visitor);
    if (!actor) {
        co_return refuse(actor.error());
    }
    const std::string subject = std::to_string(actor->account.value());
    const Instant started = services.clock.now();

    struct Attempt {
        std::optional<Refusal> refusal;
        std::optional<store::AccountRow> account;
    };

    auto begun = [&](db::PlatformTx& tx) -> Task<Attempt> {
        Attempt attempt;
        attempt.refusal = co_await take_attempt(tx, change_by_account, subject, started);
        attempt.account = co_await store::find_account(tx, actor->account);
        co_return attempt;
    };
    const Attempt attempt = co_await services.database.in_platform(counted_for(visitor), begun);
    if (attempt.refusal) {
        co_return refuse(*attempt.refusal);
    }
    if (auto good = check_password(request.password, attempt.account->email_key); !good) {
        co_return refuse(std::move(good).error());
    }
    if (!co_await services.passwords.verify(attempt.account->password_hash, request.current)) {
        co_return refuse(wrong_password, "current");
    }
    const std::string password_hash = co_await services.passwords.hash(request.password);

    auto changed = [&](Scope& scope) -> Task<Outcome<>> {
        if (auto person = require_person(scope); !person) {
            co_return person;
        }
        const auto& account = *attempt.account;
        if (!co_await store::set_password(scope.tx, account.id, account.version, password_hash, scope.now)) {
            co_return refuse(account_changed);
        }
        co_await forgive_attempts(scope.tx, change_by_account, subject);
        co_await store::void_resets(scope.tx, account.id, scope.now);
        co_await store::revoke_sessions_but(scope.tx, account.id, scope.actor.session, scope.now);
        record(scope, events::Change::changed("shop.password_changed", {"account", account.id}, 0));
        co_return Outcome<>();
    };
    co_return co_await in_scope(services, visitor, changed);
}

Task<Outcome<Person>> me(Scope& scope) {
    if (auto person = require_person(scope); !person) {
        co_return refuse(std::move(person).error());
    }
    const auto account = co_await store::find_account(scope.tx, scope.actor.account);
    if (!account) {
        co_return refuse(not_logged_in);
    }
    co_return Person{account->id, account->email, account->name, account->locale};
}

Task<Outcome<std::vector<store::ListedSession>>> list_sessions(Scope& scope,
                                                               SessionId before,
                                                               std::int32_t limit) {
    if (auto person = require_person(scope); !person) {
        co_return refuse(std::move(person).error());
    }
    if (!before) {
        before = SessionId(std::numeric_limits<std::int64_t>::max());
    }
    co_return co_await store::list_sessions(
        scope.tx, scope.actor.account, scope.now, scope.now - session_idle_life, before, limit);
}

Task<Outcome<>> revoke_session(Scope& scope, SessionId id) {
    if (auto person = require_person(scope); !person) {
        co_return person;
    }
    if (co_await store::revoke_session(scope.tx, scope.actor.account, id, scope.now) == 0) {
        co_return refuse(no_such_session);
    }
    record(scope, events::Change::removed("shop.session_revoked", {"session", id}, 0));
    co_return Outcome<>();
}

Task<Outcome<std::int64_t>> revoke_other_sessions(Scope& scope) {
    if (auto person = require_person(scope); !person) {
        co_return refuse(std::move(person).error());
    }
    const std::int64_t ended =
        co_await store::revoke_sessions_but(scope.tx, scope.actor.account, scope.actor.session, scope.now);
    if (ended > 0) {
        auto change = events::Change::changed("shop.sessions_revoked", {"account", scope.actor.account}, 0);
        change.field("ended", std::nullopt, ended);
        record(scope, change);
    }
    co_return ended;
}

}  // namespace cartwright::shop
