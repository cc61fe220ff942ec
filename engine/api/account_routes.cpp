#include "api/answers.hpp"
#include "api/api.hpp"
#include "http/cookie.hpp"
#include "shop/accounts.hpp"
#include "shop/shops.hpp"

namespace cartwright::api {

namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t email_max_bytes = 320;
// Longer than any password may be, so that the operation says what is wrong with it.
constexpr std::size_t password_max = 4096;
constexpr std::size_t token_max_bytes = 128;

Task<Response> log_in(Parts parts, Request& request) {
    auto command = read_body(parts, request, [](json::Object& in) {
        return shop::Login{in.text("email", email_max_bytes), in.text("password", password_max)};
    });
    if (!command) co_return std::move(command).error();
    const auto opened = co_await shop::log_in(parts.services, visitor_of(request), std::move(*command));
    if (!opened) co_return refused(parts, request, opened.error());
    json::Writer out;
    out.begin_object().member("account", opened->account).member("session", opened->session).end_object();
    Response response = answered(200, std::move(out));
    http::set_cookie(request,
                     response,
                     {.name = http::session_cookie, .value = opened->token, .max_age = shop::session_life});
    co_return response;
}

Task<Response> log_out(Parts parts, Request& request) {
    const shop::Visitor visitor = visitor_of(request);
    auto work = [](shop::Scope& scope) { return shop::log_out(scope); };
    const auto closed = co_await shop::in_scope(parts.services, visitor, work);
    if (!closed) co_return refused(parts, request, closed.error());
    Response response(204);
    http::clear_cookie(request, response, http::session_cookie);
    co_return response;
}

Task<Response> request_reset(Parts parts, Request& request) {
    auto email =
        read_body(parts, request, [](json::Object& in) { return in.text("email", email_max_bytes); });
    if (!email) co_return std::move(email).error();
    const auto promised =
        co_await shop::request_reset(parts.services, visitor_of(request), std::move(*email));
    if (!promised) co_return refused(parts, request, promised.error());
    json::Writer out;
    out.begin_object().member("sent_if_known", true).end_object();
    co_return answered(202, std::move(out));
}

Task<Response> confirm_reset(Parts parts, Request& request) {
    auto command = read_body(parts, request, [](json::Object& in) {
        return shop::ConfirmReset{in.text("token", token_max_bytes), in.text("password", password_max)};
    });
    if (!command) co_return std::move(command).error();
    const auto confirmed =
        co_await shop::confirm_reset(parts.services, visitor_of(request), std::move(*command));
    if (!confirmed) co_return refused(parts, request, confirmed.error());
    Response response(204);
    http::clear_cookie(request, response, http::session_cookie);
    co_return response;
}

Task<Response> change_password(Parts parts, Request& request) {
    auto command = read_body(parts, request, [](json::Object& in) {
        return shop::ChangePassword{in.text("current", password_max), in.text("password", password_max)};
    });
    if (!command) co_return std::move(command).error();
    const auto changed =
        co_await shop::change_password(parts.services, visitor_of(request), std::move(*command));
    if (!changed) co_return refused(parts, request, changed.error());
    co_return Response(204);
}

Task<Response> show_me(Parts parts, Request& request) {
    struct Shown {
        shop::Person person;
        shop::Shop shop;
        std::vector<std::string> permissions;
    };

    const shop::Visitor visitor = visitor_of(request);
    auto work = [](shop::Scope& scope) -> Task<Outcome<Shown>> {
        auto person = co_await shop::me(scope);
        if (!person) co_return refuse(std::move(person).error());
        auto shop = co_await shop::describe(scope);
        if (!shop) co_return refuse(std::move(shop).error());
        co_return Shown{std::move(*person), std::move(*shop), scope.actor.permissions.names()};
    };
    const auto shown = co_await shop::in_scope(parts.services, visitor, work);
    if (!shown) co_return refused(parts, request, shown.error());
    Response response(200);
    const std::string token = parts.csrf.token(request, response);
    json::Writer out;
    out.begin_object().key("account").begin_object();
    out.member("id", shown->person.id).member("email", shown->person.email);
    out.member("name", shown->person.name).member("locale", shown->person.locale).end_object();
    out.key("shop").begin_object();
    out.member("id", shown->shop.id).member("handle", shown->shop.slug).member("name", shown->shop.name);
    out.end_object().key("permissions").begin_array();
    for (const std::string& permission : shown->permissions) out.value(permission);
    out.end_array().member("csrf", token).end_object();
    Response body = answered(200, std::move(out));
    for (const auto& [name, value] : response.fields) body.set(name, value);
    co_return body;
}

Task<Response> list_sessions(Parts parts, Request& request) {
    const auto page = page_of(request);
    if (!page) co_return refused(parts, request, page.error());
    const shop::Visitor visitor = visitor_of(request);
    shop::SessionId current;
    auto work = [&](shop::Scope& scope) {
        current = scope.actor.session;
        return shop::list_sessions(scope, shop::SessionId(page->before), page->limit);
    };
    const auto sessions = co_await shop::in_scope(parts.services, visitor, work);
    if (!sessions) co_return refused(parts, request, sessions.error());
    json::Writer out;
    out.begin_object().key("sessions").begin_array();
    for (const auto& session : *sessions) {
        out.begin_object().member("id", session.id).member("shop", session.shop);
        out.member("address", session.address).member("agent", session.agent);
        out.member("created_at", session.created_at).member("last_seen_at", session.last_seen_at);
        out.member("expires_at", session.expires_at).member("current", session.id == current).end_object();
    }
    out.end_array().key("next");
    const bool is_full = sessions->size() == static_cast<std::size_t>(page->limit);
    is_full ? out.value(sessions->back().id) : out.null();
    out.end_object();
    co_return answered(200, std::move(out));
}

Task<Response> revoke_session(Parts parts, Request& request) {
    const shop::Visitor visitor = visitor_of(request);
    const shop::SessionId id(request.id_parameter("id"));
    auto work = [id](shop::Scope& scope) { return shop::revoke_session(scope, id); };
    const auto revoked = co_await shop::in_scope(parts.services, visitor, work);
    if (!revoked) co_return refused(parts, request, revoked.error());
    co_return Response(204);
}

Task<Response> revoke_other_sessions(Parts parts, Request& request) {
    const shop::Visitor visitor = visitor_of(request);
    auto work = [](shop::Scope& scope) { return shop::revoke_other_sessions(scope); };
    const auto ended = co_await shop::in_scope(parts.services, visitor, work);
    if (!ended) co_return refused(parts, request, ended.error());
    json::Writer out;
    out.begin_object().member("ended", *ended).end_object();
    co_return answered(200, std::move(out));
}

}  // namespace

void add_account_routes(http::Router& router, const Parts& parts) {
    using Handle = Task<Response> (*)(Parts, Request&);
    auto add = [&](std::string name, Method method, std::string pattern, Handle handle, http::Rate rate) {
        const bool has_body = method == Method::post;
        router.add({.name = std::move(name),
                    .methods = {method},
                    .pattern = std::move(pattern),
                    .handler = [parts, handle](Request& request) { return handle(parts, request); },
                    .body = has_body ? http::Body::whole : http::Body::none,
                    .body_limit = body_limit,
                    .csrf = http::Csrf::json,
                    .rate = rate,
                    .answers = http::Answers::json});
    };
    using enum http::Rate;
    add("api.login", Method::post, "/api/login", log_in, login);
    add("api.logout", Method::post, "/api/logout", log_out, write);
    add("api.request_reset", Method::post, "/api/password/reset", request_reset, login);
    add("api.confirm_reset", Method::post, "/api/password/confirm", confirm_reset, login);
    add("api.change_password", Method::post, "/api/password/change", change_password, login);
    add("api.me", Method::get, "/api/me", show_me, page);
    add("api.sessions", Method::get, "/api/sessions", list_sessions, page);
    add("api.revoke_other_sessions", Method::del, "/api/sessions", revoke_other_sessions, write);
    add("api.revoke_session", Method::del, "/api/sessions/{id:id}", revoke_session, write);
}

}  // namespace cartwright::api
