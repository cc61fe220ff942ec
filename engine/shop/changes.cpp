#include "shop/changes.hpp"

#include "base/json_text.hpp"

#include <stdexcept>

namespace cartwright::shop {

events::Actor logged_actor(const Actor& actor) {
    switch (actor.kind) {
        case Actor::Kind::staff:
            return {.kind = events::Actor::Kind::person, .id = actor.account.value()};
        case Actor::Kind::token:
            return {.kind = events::Actor::Kind::key, .id = actor.token.value()};
        case Actor::Kind::system:
            return {};
        case Actor::Kind::guest:
            break;
    }
    throw std::logic_error("a guest changed something");
}

events::EventId record(Scope& scope, const events::Change& change) {
    const events::Origin origin{
        logged_actor(scope.actor), std::string(scope.request_id), scope.clock, scope.ids};
    return events::record(scope.tx, origin, change);
}

db::Json json_of(const std::vector<std::string>& texts) {
    std::string json = "[";
    for (const std::string& text : texts) {
        if (json.size() > 1) {
            json += ',';
        }
        append_json_string(json, text);
    }
    return {json + "]"};
}

}  // namespace cartwright::shop
