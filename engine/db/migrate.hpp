// Brings a database to the schema that this binary knows: the files of storage/migrations in the order of
// their numbers, each once, each in a transaction of its own, under an advisory lock. Expand first, contract
// a release later (storage/README.md): the binary before this one keeps working meanwhile.
//
// Synchronous, for start-up and the command line. It needs a direct connection (not PgBouncer in
// transaction mode) of a role that may become cw_owner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::db {

struct MigrationFile {
    std::string name;  // "0010_events.sql"
    std::string sql;
};

// One that was checked: its name has the form NNNN_slice_what.sql, its text is UTF-8.
struct Migration {
    unsigned number = 0;
    std::string name;
    std::string sql;
    std::string checksum;       // SHA-256 of the text, in hexadecimal
    bool transactional = true;  // false: its first line is `-- migrate: no-transaction`
};

// Says in one sentence what is wrong and what to do; the database is as it was before the migration at fault.
class MigrationFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The database can't be reached, or doesn't let us in: exit code 6.
class DatabaseAway : public MigrationFailed {
public:
    using MigrationFailed::MigrationFailed;
};

// The database has migrations that this binary does not know: exit code 3.
class SchemaTooNew : public MigrationFailed {
public:
    using MigrationFailed::MigrationFailed;
};

// The database lacks migrations that this binary needs.
class SchemaTooOld : public MigrationFailed {
public:
    using MigrationFailed::MigrationFailed;
};

// Those built into the binary.
std::vector<MigrationFile> embedded_migrations();
std::string_view roles_sql();

// Those of a folder, in its stead.
std::vector<MigrationFile> read_migrations(const std::filesystem::path& folder);

// Checks names, order and text. Numbers may leave gaps, but none may come twice.
std::vector<Migration> parse_migrations(std::span<const MigrationFile> files);

struct Migrated {
    std::vector<std::string> applied;  // names, in order
    unsigned version = 0;              // the highest number that the database has now
};

// `url` is libpq's. Throws MigrationFailed, SchemaTooNew.
Migrated migrate(const std::string& url, std::span<const Migration> migrations);

// For a server that was told not to migrate. Throws SchemaTooOld, SchemaTooNew or MigrationFailed.
void check_schema(const std::string& url, std::span<const Migration> migrations);

}  // namespace cartwright::db
