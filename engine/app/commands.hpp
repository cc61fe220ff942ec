// The operator's commands but `serve` and `worker`: each opens its Home, does one thing, prints it, and ends.
#pragma once

#include "app/exit_codes.hpp"
#include "base/settings.hpp"
#include "db/migrate.hpp"
#include "shop/commands.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace cartwright::app {

// Throws what Home and db::migrate throw.
Exit migrate_command(const Settings& settings, std::span<const db::Migration> migrations);

Exit create_shop_command(const Settings& settings, shop::CreateCommand command);
Exit list_shops_command(const Settings& settings);
Exit show_shop_command(const Settings& settings, std::string slug);

// Jobs that ended badly, wait or run, newest first; `state` is a word of jobs::State or empty for all. `before`:
// the last id of the page before, 0 for the first.
Exit list_jobs_command(const Settings& settings, const std::string& state, std::int64_t before);
// A dead job gets its attempts again; with `kind` instead of an id all dead ones of that kind.
Exit replay_job_command(const Settings& settings, std::int64_t id, std::string kind);
Exit cancel_job_command(const Settings& settings, std::int64_t id);

// All settings with their values, variables and sentences; `example`: a file of the defaults instead.
Exit config_command(const Settings& settings, bool example);

}  // namespace cartwright::app
