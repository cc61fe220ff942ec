// What `cartwright` says with its exit status. README.md shows the same table to people.
#pragma once

namespace cartwright::app {

enum class Exit : int {
    ok = 0,
    failed = 1,           // the work was tried and did not succeed; standard error says why
    usage = 2,            // wrong option, command or configuration: nothing was tried
    schema_newer = 3,     // the database belongs to a newer release of Cartwright
    data_in_use = 4,      // another live process owns the data folder
    port_in_use = 5,      // the address is taken
    no_database = 6,      // PostgreSQL is missing, can't be started or can't be reached
    no_space = 7,         // the disk is full or the data folder can't be written
    migration_failed = 8  // a migration file is broken or failed; the schema is as it was before
};

}  // namespace cartwright::app
