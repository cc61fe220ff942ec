// `cartwright serve` and `cartwright worker`: the whole program, from its first socket to a clean stop.
#pragma once

#include "app/exit_codes.hpp"
#include "base/settings.hpp"
#include "db/migrate.hpp"

#include <span>

namespace cartwright::app {

struct ServeOptions {
    bool http = true;   // false: `cartwright worker`
    bool jobs = true;   // whether this process works on jobs
    bool demo = false;  // make the demo shops if they aren't there, and print their owners' logins
};

// Returns after SIGINT or SIGTERM, when everything that it started has ended. SIGHUP opens the log anew and
// reads the certificates again. Throws what Home and db::migrate throw, and http's std::runtime_error for an
// address that can't be listened on.
Exit serve(const Settings& settings, std::span<const db::Migration> migrations, const ServeOptions& options);

}  // namespace cartwright::app
