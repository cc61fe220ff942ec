// `cartwright liquid …`: the template engine for authors of themes and for its own tests. Nothing here opens a
// shop, a database or the settings.
#pragma once

#include "app/exit_codes.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace cartwright::app {

// Adds the group `liquid` with its commands; the one that was typed is put into `command`.
void add_liquid_commands(CLI::App& cli, std::function<Exit()>& command);

}  // namespace cartwright::app
