// How the shop's operations write the event of a change: the Scope says who, when and for which request.
#pragma once

#include "db/codec.hpp"
#include "events/events.hpp"
#include "shop/scope.hpp"

#include <string>
#include <vector>

namespace cartwright::shop {

// Whoever the log shall name for what this actor does. Guests change nothing, so there is none for them:
// throws std::logic_error.
events::Actor logged_actor(const Actor& actor);

// Sent along in the scope's transaction: the event is there exactly if the change is.
events::EventId record(Scope& scope, const events::Change& change);

// A list of names as a field's value.
db::Json json_of(const std::vector<std::string>& texts);

}  // namespace cartwright::shop
