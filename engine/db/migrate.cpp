#include "db/migrate.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/releaser.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

namespace cartwright::db {

namespace {

using Session = std::unique_ptr<PGconn, Releaser<PQfinish>>;
using Result = std::unique_ptr<PGresult, Releaser<PQclear>>;

constexpr std::size_t largest_file = 4U << 20U;
constexpr std::string_view no_transaction = "-- migrate: no-transaction";
constexpr unsigned most_lock_attempts = 15;  // of 2 s each, with a pause between them
constexpr std::string_view lock_not_available = "55P03";

struct Applied {
    std::string name;
    std::string checksum;
};

using History = std::map<unsigned, Applied>;

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return std::string(text);
}

// libpq's words may be several lines; an operator's sentence is one.
std::string in_one_line(std::string_view text) {
    std::string line = trimmed(text);
    for (std::size_t at = 0; (at = line.find_first_of("\n\t", at)) != std::string::npos;) {
        line.replace(at, line.find_first_not_of("\n\t ", at) - at, " ");
    }
    return line;
}

std::string_view field_of(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

bool succeeded(const Result& result) {
    const auto status = PQresultStatus(result.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

Result execute(PGconn* session, const std::string& sql) {
    return Result(PQexec(session, sql.c_str()));
}

Result demand(PGconn* session, const std::string& sql) {
    Result result = execute(session, sql);
    if (!succeeded(result)) {
        throw MigrationFailed("the database refused to be prepared for migrations: " +
                              trimmed(PQresultErrorMessage(result.get())));
    }
    return result;
}

Result demand(PGconn* session, const char* sql, const std::vector<std::string>& arguments) {
    std::vector<const char*> values;
    for (const auto& argument : arguments) values.push_back(argument.c_str());
    Result result(PQexecParams(
        session, sql, static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0));
    if (!succeeded(result)) {
        throw MigrationFailed("the database refused to be prepared for migrations: " +
                              trimmed(PQresultErrorMessage(result.get())));
    }
    return result;
}

Session connect(const std::string& url) {
    const char* const keywords[] = {
        "dbname", "application_name", "client_encoding", "connect_timeout", nullptr};
    const char* const values[] = {url.c_str(), "cartwright migrate", "UTF8", "10", nullptr};
    Session session(PQconnectdbParams(keywords, values, 1));
    if (PQstatus(session.get()) != CONNECTION_OK) {
        throw DatabaseAway("the database can't be reached: " + in_one_line(PQerrorMessage(session.get())) +
                           " Start it, or correct its address.");
    }
    PQsetNoticeReceiver(session.get(), [](void*, const PGresult*) {}, nullptr);
    return session;
}

// The line of a character position, which PostgreSQL counts in characters from 1.
std::size_t line_of(std::string_view sql, std::string_view position) {
    std::size_t wanted = 0;
    std::from_chars(position.data(), position.data() + position.size(), wanted);
    std::size_t characters = 0;
    std::size_t line = 1;
    for (const char c : sql) {
        const bool starts_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        if (starts_character && ++characters >= wanted) break;
        if (c == '\n') ++line;
    }
    return line;
}

std::string explain(const Migration& migration, const PGresult* result) {
    const std::string_view position = field_of(result, PG_DIAG_STATEMENT_POSITION);
    std::string where = migration.name;
    if (!position.empty()) where += fmt::format(" line {}", line_of(migration.sql, position));
    return fmt::format("migration {} failed: {} ({}); {}. Correct it and run `cartwright migrate` again",
                       where,
                       field_of(result, PG_DIAG_MESSAGE_PRIMARY),
                       field_of(result, PG_DIAG_SQLSTATE),
                       migration.transactional
                           ? "nothing of it was kept"
                           : "it runs outside a transaction, so look for what it left behind");
}

bool has_history(PGconn* session) {
    const Result found = demand(session, "select to_regclass('public.cw_migrations') is not null");
    return std::string_view(PQgetvalue(found.get(), 0, 0)) == "t";
}

History read_history(PGconn* session) {
    History history;
    const Result rows =
        demand(session, "select number, name, checksum from public.cw_migrations order by number");
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
        const std::string_view number = PQgetvalue(rows.get(), row, 0);
        unsigned value = 0;
        std::from_chars(number.data(), number.data() + number.size(), value);
        history[value] = Applied{PQgetvalue(rows.get(), row, 1), PQgetvalue(rows.get(), row, 2)};
    }
    return history;
}

unsigned newest(std::span<const Migration> migrations) {
    return migrations.empty() ? 0 : migrations.back().number;
}

void compare(const History& history, std::span<const Migration> migrations) {
    for (const auto& [number, applied] : history) {
        const auto known = std::ranges::find(migrations, number, &Migration::number);
        if (known == migrations.end() && number > newest(migrations)) {
            throw SchemaTooNew(fmt::format(
                "the database is at migration {}, which this version of cartwright does not know (it ends at {:04}): "
                "run the version that migrated it, or a later one",
                applied.name,
                newest(migrations)));
        }
        if (known == migrations.end()) {
            throw MigrationFailed(
                fmt::format("the database has migration {}, which is missing from the files: "
                            "restore it, for what was applied is never taken away",
                            applied.name));
        }
        if (known->checksum != applied.checksum) {
            throw MigrationFailed(
                fmt::format("migration {} is not what was applied to this database (checksum {} "
                            "instead of {}): restore the file and put the change into a new one",
                            known->name,
                            known->checksum.substr(0, 12),
                            applied.checksum.substr(0, 12)));
        }
    }
    for (const auto& migration : migrations) {
        if (!history.contains(migration.number) && !history.empty() &&
            migration.number < history.rbegin()->first) {
            throw MigrationFailed(
                fmt::format("migration {} comes before {}, which the database has already: give it "
                            "a higher number, so that it runs in the same order everywhere",
                            migration.name,
                            history.rbegin()->second.name));
        }
    }
}

bool may_create_roles(PGconn* session) {
    const Result found =
        demand(session, "select rolsuper or rolcreaterole from pg_roles where rolname = current_user");
    return PQntuples(found.get()) == 1 && std::string_view(PQgetvalue(found.get(), 0, 0)) == "t";
}

void check_membership(PGconn* session) {
    const Result found = demand(session,
                                "select exists (select from pg_roles where rolname = 'cw_app') and"
                                " exists (select from pg_roles r where r.rolname = 'cw_owner' and"
                                "         pg_has_role(current_user, r.oid, 'member'))");
    if (std::string_view(PQgetvalue(found.get(), 0, 0)) != "t") {
        throw MigrationFailed(
            "the roles cw_owner and cw_app are missing and this login may not create them: let an "
            "administrator run storage/roles.sql and grant cw_owner to this login");
    }
}

void record(PGconn* session, const Migration& migration) {
    demand(session,
           "insert into public.cw_migrations (number, name, checksum) values ($1, $2, $3)",
           {std::to_string(migration.number), migration.name, migration.checksum});
}

// False when a lock could not be had in time, and the migration should be tried again.
bool attempt(PGconn* session, const Migration& migration, bool last) {
    if (migration.transactional) demand(session, "begin");
    const Result result = execute(session, migration.sql);
    if (!succeeded(result)) {
        const bool waited = field_of(result.get(), PG_DIAG_SQLSTATE) == lock_not_available;
        const std::string sentence = explain(migration, result.get());
        if (migration.transactional && PQstatus(session) == CONNECTION_OK) demand(session, "rollback");
        if (waited && migration.transactional && !last) return false;
        throw MigrationFailed(sentence);
    }
    if (migration.transactional && PQtransactionStatus(session) != PQTRANS_INTRANS) {
        throw MigrationFailed(
            fmt::format("migration {} ends its own transaction: take begin, commit and rollback out "
                        "of it",
                        migration.name));
    }
    record(session, migration);
    if (!migration.transactional) return true;
    const Result committed = execute(session, "commit");
    if (!succeeded(committed) || std::string_view(PQcmdStatus(committed.get())) != "COMMIT") {
        throw MigrationFailed(explain(migration, committed.get()));
    }
    return true;
}

void apply(PGconn* session, const Migration& migration) {
    for (unsigned n = 1; !attempt(session, migration, n == most_lock_attempts); ++n) {
        // The server waits for us: the tables are in use, and those who use them must get their turn.
        demand(session, "select pg_sleep(0.5)");
    }
}

}  // namespace

std::vector<MigrationFile> read_migrations(const std::filesystem::path& folder) {
    std::error_code error;
    std::vector<MigrationFile> files;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        const auto path = it->path();
        std::ifstream file(path, std::ios::binary);
        std::string sql(std::istreambuf_iterator<char>(file), {});
        if (!file.is_open() || file.bad()) {
            throw MigrationFailed("migration " + path.string() + " can't be read: check its permissions");
        }
        files.push_back(MigrationFile{path.filename().string(), std::move(sql)});
    }
    if (error) {
        throw MigrationFailed("the migrations folder " + folder.string() +
                              " can't be read: " + error.message());
    }
    return files;
}

std::vector<Migration> parse_migrations(std::span<const MigrationFile> files) {
    std::vector<Migration> migrations;
    for (const auto& [name, sql] : files) {
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        const auto is_word = [&](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
        const std::string_view view = name;
        const bool well_named = view.size() > 9 && view.size() <= 100 && view.ends_with(".sql") &&
                                view[4] == '_' && std::ranges::all_of(view.substr(0, 4), is_digit) &&
                                std::ranges::all_of(view.substr(5, view.size() - 9), is_word);
        if (!well_named) {
            throw MigrationFailed(
                fmt::format("\"{}\" is no migration: its name must be four digits, an underscore, "
                            "lower-case words and .sql, as in 0010_events.sql",
                            name));
        }
        if (sql.size() > largest_file) throw MigrationFailed("migration " + name + " is larger than 4 MiB");
        if (!is_utf8(sql) || sql.find('\0') != std::string::npos) {
            throw MigrationFailed("migration " + name +
                                  " is corrupt: it is not UTF-8 text; restore the file");
        }
        const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
        if (std::ranges::all_of(sql, is_blank)) {
            throw MigrationFailed("migration " + name + " is corrupt: it is empty; restore the file");
        }
        unsigned number = 0;
        std::from_chars(name.data(), name.data() + 4, number);
        migrations.push_back(Migration{.number = number,
                                       .name = name,
                                       .sql = sql,
                                       .checksum = to_hex(sha256(sql)),
                                       .transactional = !sql.starts_with(no_transaction)});
    }
    std::ranges::sort(migrations, {}, &Migration::number);
    const auto twice = std::ranges::adjacent_find(migrations, {}, &Migration::number);
    if (twice != migrations.end()) {
        throw MigrationFailed(
            fmt::format("migrations {} and {} have the same number: give one of them another",
                        twice->name,
                        std::next(twice)->name));
    }
    return migrations;
}

Migrated migrate(const std::string& url, std::span<const Migration> migrations) {
    const Session session = connect(url);
    PGconn* const raw = session.get();
    demand(
        raw,
        "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '60s'");
    // An arbitrary number that stands for "somebody migrates this database".
    const Result locked = execute(raw, "select pg_advisory_lock(4207720319)");
    if (!succeeded(locked)) {
        throw MigrationFailed(
            "another migration of this database has been running for a minute: wait until it ends");
    }
    Migrated done;
    const bool makes_roles = may_create_roles(raw);
    if (!makes_roles) check_membership(raw);
    // Before anything is touched: a newer database is left as it is, its roles too.
    if (has_history(raw)) compare(read_history(raw), migrations);
    if (makes_roles) demand(raw, std::string(roles_sql()));
    demand(raw, "set role cw_owner; set lock_timeout = '2s'");
    demand(raw,
           "create table if not exists public.cw_migrations (number integer primary key, name text not null,"
           " checksum text not null);"
           "grant select on public.cw_migrations to cw_app");
    const History history = read_history(raw);
    for (const auto& migration : migrations) {
        if (!history.contains(migration.number)) {
            apply(raw, migration);
            done.applied.push_back(migration.name);
        }
        done.version = migration.number;
    }
    return done;
}

void check_schema(const std::string& url, std::span<const Migration> migrations) {
    const Session session = connect(url);
    const History history = has_history(session.get()) ? read_history(session.get()) : History();
    compare(history, migrations);
    for (const auto& migration : migrations) {
        if (!history.contains(migration.number)) {
            throw SchemaTooOld(fmt::format("the database lacks migration {}: run `cartwright migrate` first",
                                           migration.name));
        }
    }
}

}  // namespace cartwright::db
