#include "api/answers.hpp"
#include "api/api.hpp"
#include "base/text.hpp"
#include "events/events.hpp"
#include "shop/permissions.hpp"
#include "shop/settings.hpp"
#include "shop/shops.hpp"
#include "shop/tokens.hpp"

namespace cartwright::api {

namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t name_max_bytes = 400;
constexpr std::size_t setting_max_bytes = 12 << 10;
constexpr std::size_t permission_max_bytes = 64;

Task<Response> describe_shop(Parts parts, Request& request) {
    const auto described =
        co_await shop::describe_to_anybody(parts.services, ShopId(request.site->tenant), request.sql_count);
    if (!described) co_return refused(parts, request, described.error());
    json::Writer out;
    out.begin_object().member("name", described->name).member("handle", described->slug);
    out.member("host", request.site->host).member("locale", described->locale);
    out.member("currency", described->currency).member("country", described->country);
    out.member("time_zone", described->tz).member("open", described->is_open).end_object();
    co_return answered(200, std::move(out));
}

Task<Response> list_permissions(Parts, Request&) {
    json::Writer out;
    out.begin_object().key("permissions").begin_array();
    for (const std::string& name : shop::Permissions::all().names()) out.value(name);
    out.end_array().end_object();
    co_return answered(200, std::move(out));
}

void write_setting(json::Writer& out, const shop::Setting& setting) {
    out.begin_object().member("key", setting.key).key("value").raw(setting.json);
    out.member("version", setting.version).end_object();
}

Task<Response> list_settings(Parts parts, Request& request) {
    const shop::Visitor visitor = visitor_of(request);
    auto work = [](shop::Scope& scope) { return shop::list_settings(scope); };
    const auto settings = co_await shop::in_scope(parts.services, visitor, work);
    if (!settings) co_return refused(parts, request, settings.error());
    json::Writer out;
    out.begin_object().key("settings").begin_array();
    for (const shop::Setting& setting : *settings) write_setting(out, setting);
    out.end_array().end_object();
    co_return answered(200, std::move(out));
}

Task<Response> get_setting(Parts parts, Request& request) {
    const shop::Visitor visitor = visitor_of(request);
    std::string key(request.parameter("key"));
    auto work = [key](shop::Scope& scope) { return shop::get_setting(scope, key); };
    const auto setting = co_await shop::in_scope(parts.services, visitor, work);
    if (!setting) co_return refused(parts, request, setting.error());
    json::Writer out;
    write_setting(out, *setting);
    co_return answered(200, std::move(out));
}

// A setting's value is a string, a truth value or a whole number.
shop::SettingValue read_value(json::Object& in) {
    const std::string raw = in.raw("value", setting_max_bytes);
    if (raw == "true" || raw == "false") return raw == "true";
    if (raw.starts_with('"')) return in.text("value", setting_max_bytes);
    return in.integer("value");
}

Task<Response> put_setting(Parts parts, Request& request) {
    auto command = read_body(parts, request, [&](json::Object& in) {
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        return shop::PutSetting{.key = std::string(request.parameter("key")),
                                .value = read_value(in),
                                .version = static_cast<std::int32_t>(in.integer("version", 0, most))};
    });
    if (!command) co_return std::move(command).error();
    const shop::Visitor visitor = visitor_of(request);
    auto work = [&](shop::Scope& scope) -> Task<Outcome<db::KeptAnswer>> {
        auto put = [&]() -> Task<Outcome<db::KeptAnswer>> {
            auto setting = co_await shop::put_setting(scope, *command);
            if (!setting) co_return refuse(std::move(setting).error());
            json::Writer out;
            write_setting(out, *setting);
            co_return db::KeptAnswer{200, out.take()};
        };
        // Checked before a kept answer is looked for: whoever lost the permission isn't shown it.
        if (auto permitted = shop::require(scope, shop::Permission::settings_write); !permitted) {
            co_return refuse(std::move(permitted).error());
        }
        auto once = idempotent(request, scope, "api.put_setting");
        if (!once) co_return refuse(std::move(once).error());
        if (!*once) co_return co_await put();
        co_return co_await db::once(scope.tx, std::move(**once), scope.now, put);
    };
    auto answer = co_await shop::in_scope(parts.services, visitor, work);
    if (!answer) co_return refused(parts, request, answer.error());
    co_return http::json(answer->status, std::move(answer->body));
}

Task<Response> list_events(Parts parts, Request& request) {
    const auto page = page_of(request);
    if (!page) co_return refused(parts, request, page.error());
    const shop::Visitor visitor = visitor_of(request);
    auto work = [&](shop::Scope& scope) -> Task<Outcome<std::vector<events::Event>>> {
        if (auto permitted = shop::require(scope, shop::Permission::audit_read); !permitted) {
            co_return refuse(std::move(permitted).error());
        }
        events::Page wanted{.before = std::nullopt, .limit = page->limit};
        if (page->before != 0) wanted.before = events::EventId(page->before);
        co_return co_await events::list(scope.tx, wanted);
    };
    const auto listed = co_await shop::in_scope(parts.services, visitor, work);
    if (!listed) co_return refused(parts, request, listed.error());
    json::Writer out;
    out.begin_object().key("events").begin_array();
    for (const events::Event& event : *listed) {
        out.begin_object().member("id", event.id).member("topic", event.topic).member("at", event.at);
        out.key("object").begin_object().member("kind", event.object.kind).member("id", event.object.id);
        out.end_object().member("version", std::to_string(event.version)).key("actor").begin_object();
        out.member("kind", db::Codec<events::Actor::Kind>::to_stored(event.actor.kind)).key("id");
        event.actor.id != 0 ? out.value(std::to_string(event.actor.id)) : out.null();
        out.end_object().member("request_id", event.request_id).key("before");
        event.before ? out.raw(event.before->text) : out.null();
        out.key("after");
        event.after ? out.raw(event.after->text) : out.null();
        out.member("withheld", event.withheld).end_object();
    }
    out.end_array().key("next");
    const bool is_full = listed->size() == static_cast<std::size_t>(page->limit);
    is_full ? out.value(listed->back().id) : out.null();
    out.end_object();
    co_return answered(200, std::move(out));
}

void write_token(json::Writer& out, const shop::ApiToken& token) {
    out.member("id", token.id).member("name", token.name).key("permissions").begin_array();
    for (const std::string& permission : token.permissions) out.value(permission);
    out.end_array().member("created_by", token.created_by).member("created_at", token.created_at);
    out.member("last_used_at", token.last_used_at).member("expires_at", token.expires_at);
}

Task<Response> list_tokens(Parts parts, Request& request) {
    const auto page = page_of(request);
    if (!page) co_return refused(parts, request, page.error());
    const shop::Visitor visitor = visitor_of(request);
    auto work = [&](shop::Scope& scope) {
        return shop::list_tokens(scope, shop::ApiTokenId(page->before), page->limit);
    };
    const auto tokens = co_await shop::in_scope(parts.services, visitor, work);
    if (!tokens) co_return refused(parts, request, tokens.error());
    json::Writer out;
    out.begin_object().key("tokens").begin_array();
    for (const shop::ApiToken& token : *tokens) {
        out.begin_object();
        write_token(out, token);
        out.end_object();
    }
    out.end_array().key("next");
    const bool is_full = tokens->size() == static_cast<std::size_t>(page->limit);
    is_full ? out.value(tokens->back().id) : out.null();
    out.end_object();
    co_return answered(200, std::move(out));
}

Task<Response> create_token(Parts parts, Request& request) {
    auto command = read_body(parts, request, [](json::Object& in) {
        shop::CreateToken wanted{.name = in.text("name", name_max_bytes), .permissions = {}, .days = {}};
        json::Array names = in.array("permissions", shop::permission_count);
        for (std::size_t i = 0; i < names.size(); ++i) {
            wanted.permissions.push_back(names.text(i, permission_max_bytes));
        }
        wanted.days = in.maybe_integer("days");
        return wanted;
    });
    if (!command) co_return std::move(command).error();
    const shop::Visitor visitor = visitor_of(request);
    auto work = [&](shop::Scope& scope) { return shop::create_token(scope, *command); };
    const auto created = co_await shop::in_scope(parts.services, visitor, work);
    if (!created) co_return refused(parts, request, created.error());
    json::Writer out;
    out.begin_object();
    write_token(out, created->token);
    out.member("text", created->text).end_object();
    co_return answered(201, std::move(out));
}

Task<Response> revoke_token(Parts parts, Request& request) {
    const shop::Visitor visitor = visitor_of(request);
    const shop::ApiTokenId id(request.id_parameter("id"));
    auto work = [id](shop::Scope& scope) { return shop::revoke_token(scope, id); };
    const auto revoked = co_await shop::in_scope(parts.services, visitor, work);
    if (!revoked) co_return refused(parts, request, revoked.error());
    co_return Response(204);
}

}  // namespace

void add_shop_routes(http::Router& router, const Parts& parts) {
    using Handle = Task<Response> (*)(Parts, Request&);
    auto add = [&](std::string name, Method method, std::string pattern, Handle handle) {
        const bool is_reading = method == Method::get;
        const bool has_body = method == Method::post || method == Method::put;
        router.add({.name = std::move(name),
                    .methods = {method},
                    .pattern = std::move(pattern),
                    .handler = [parts, handle](Request& request) { return handle(parts, request); },
                    .body = has_body ? http::Body::whole : http::Body::none,
                    .body_limit = body_limit,
                    .csrf = http::Csrf::json,
                    .rate = is_reading ? http::Rate::page : http::Rate::write,
                    .answers = http::Answers::json});
    };
    add("api.shop", Method::get, "/shop.json", describe_shop);
    add("api.permissions", Method::get, "/api/permissions", list_permissions);
    add("api.settings", Method::get, "/api/settings", list_settings);
    add("api.setting", Method::get, "/api/settings/{key:any}", get_setting);
    add("api.put_setting", Method::put, "/api/settings/{key:any}", put_setting);
    add("api.events", Method::get, "/api/events", list_events);
    add("api.tokens", Method::get, "/api/tokens", list_tokens);
    add("api.create_token", Method::post, "/api/tokens", create_token);
    add("api.revoke_token", Method::del, "/api/tokens/{id:id}", revoke_token);
}

}  // namespace cartwright::api
