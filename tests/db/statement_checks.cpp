#include "db/statement_checks.hpp"

#include "db/platform_tables.hpp"
#include "support/sql_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

namespace cartwright::test {

namespace {

// A literal that PostgreSQL reads as a value of the type.
std::string sample_of(db::Oid type) {
    switch (type) {
        case db::oid::boolean:
            return "'t'";
        case db::oid::bytea:
            return "'\\x00'";
        case db::oid::jsonb:
            return "'{}'";
        case db::oid::date:
            return "'2026-01-05'";
        case db::oid::timestamptz:
            return "'2026-01-05 00:00:00+00'";
        case db::oid::text:
            return "'w5'";
        case db::oid::boolean_array:
        case db::oid::bytea_array:
        case db::oid::int2_array:
        case db::oid::int4_array:
        case db::oid::text_array:
        case db::oid::int8_array:
        case db::oid::float8_array:
        case db::oid::date_array:
        case db::oid::timestamptz_array:
        case db::oid::jsonb_array:
        case db::oid::xid8_array:
            return "'{}'";
        default:
            return "'5'";
    }
}

bool is_integer(db::Oid type) {
    return type == db::oid::int2 || type == db::oid::int4 || type == db::oid::int8;
}

// Types with the same bytes: text, character varying, character, name.
bool same_bytes(db::Oid declared, db::Oid actual) {
    constexpr db::Oid name = 19;
    if (declared == actual) return true;
    return declared == db::oid::text &&
           (actual == db::oid::varchar || actual == db::oid::bpchar || actual == name);
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// slice.words, at least one dot.
bool is_good_name(std::string_view name) {
    std::size_t parts = 0;
    while (true) {
        const std::string_view part = name.substr(0, name.find('.'));
        if (part.empty() || part.front() < 'a' || part.front() > 'z' || !std::ranges::all_of(part, is_word))
            return false;
        ++parts;
        if (part.size() == name.size()) return parts >= 2;
        name.remove_prefix(part.size() + 1);
    }
}

// In lower case, without comments, blanks made single and none beside brackets, commas and =.
std::string squeezed(std::string_view sql) {
    constexpr std::string_view glue = "(),=";
    std::string text;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql.substr(i, 2) == "--") i = std::min(sql.find('\n', i), sql.size() - 1);
        const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(sql[i])));
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
            if (glue.contains(c) && text.ends_with(' ')) text.pop_back();
            text += c;
        } else if (!text.empty() && text.back() != ' ' && !glue.contains(text.back())) {
            text += ' ';
        }
    }
    return text;
}

// Whether `words` stands there, and no digit or letter behind it.
bool says(std::string_view text, std::string_view words) {
    for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
        const std::size_t end = at + words.size();
        if (end == text.size() || !is_word(text[end])) return true;
    }
    return false;
}

// Of each insert: its table, and the first column that it names.
std::vector<std::pair<std::string, std::string>> insertions(std::string_view text) {
    constexpr std::string_view words = "insert into ";
    std::vector<std::pair<std::string, std::string>> found;
    for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
        const std::size_t table = at + words.size();
        const std::size_t open = std::min(text.find('(', table), text.size() - 1);
        const std::size_t end = std::min(text.find_first_of(",)", open), text.size());
        found.emplace_back(text.substr(table, open - table), text.substr(open + 1, end - open - 1));
    }
    return found;
}

// The seeds make 6,000 rows where a unique key lets them; a table with fewer than this has one or two a shop,
// and reading it whole is what the planner should do here.
constexpr long many_rows = 1000;

struct Scan {
    std::string node;
    std::string relation;
    std::string index_condition;
    std::string condition;  // all of them
};

constexpr const char* scans_of = R"sql(
    select node->>'Node Type', node->>'Relation Name',
           concat(node->>'Index Cond', node->>'Recheck Cond'),
           concat(node->>'Index Cond', ' ', node->>'Recheck Cond', ' ', node->>'Filter')
      from jsonb_path_query($1::jsonb, 'strict $.** ? (exists (@."Relation Name"))') node
)sql";

}  // namespace

struct StatementChecker::Session {
    SqlSession app;
    SqlSession owner;
    std::set<std::string> tenant_tables;
    std::map<std::string, PlatformTable> platform_tables;
    std::map<std::pair<unsigned, int>, bool> nullable;  // by table and column number
    std::map<std::string, long> rows;
    unsigned prepared = 0;

    std::string type_name(db::Oid type) {
        return owner.value("select format_type($1::oid, null)", {std::to_string(type)});
    }

    std::vector<Scan> scans(SqlSession& session,
                            const std::string& name,
                            const db::StatementInfo& statement) {
        std::string arguments;
        for (const db::Oid type : statement.parameter_types()) {
            arguments += (arguments.empty() ? "(" : ", ") + sample_of(type);
        }
        if (!arguments.empty()) arguments += ")";
        const std::string plan = session.value("explain (format json) execute " + name + arguments);
        std::vector<Scan> found;
        for (const auto& row : owner.execute(scans_of, {plan}))
            found.push_back({row[0], row[1], row[2], row[3]});
        return found;
    }
};

StatementChecker::StatementChecker(const std::string& app_url, const std::string& owner_url)
    : session_(new Session{SqlSession(app_url), SqlSession(owner_url), {}, {}, {}, {}}) {
    const auto tables = session_->owner.list(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'shop_id'");
    session_->tenant_tables.insert(tables.begin(), tables.end());
    for (auto& table : platform_tables()) session_->platform_tables.emplace(table.name, table);
    for (const auto& row : session_->owner.execute(
             "select attrelid, attnum, not attnotnull from pg_attribute where attnum > 0")) {
        session_->nullable[{static_cast<unsigned>(std::stoul(row[0])), std::stoi(row[1])}] = row[2] == "t";
    }
    for (const auto& row : session_->owner.execute(
             "select relname, reltuples::bigint from pg_class where relnamespace = 'public'::regnamespace")) {
        session_->rows[row[0]] = std::stol(row[1]);
    }
    session_->app.execute("set app.shop_id = '5'; set plan_cache_mode = force_generic_plan");
    session_->owner.execute("set plan_cache_mode = force_generic_plan");
}

StatementChecker::~StatementChecker() = default;

std::vector<std::string> StatementChecker::check(const db::StatementInfo& statement) {
    std::vector<std::string> complaints;
    const auto complain = [&](std::string words) { complaints.push_back(std::move(words)); };
    if (!is_good_name(statement.name())) complain("its name is not like slice.words");

    Session& session = *session_;
    const std::string sql(statement.sql());
    const std::string text = squeezed(sql);
    const std::string name = "s" + std::to_string(++session.prepared);
    const auto declared_types = statement.parameter_types();
    const std::vector<unsigned> types(declared_types.begin(), declared_types.end());
    SqlSession::Prepared prepared;
    try {
        prepared = session.app.prepare(name, sql, types);
        session.owner.prepare(name, sql, types);
    } catch (const SqlFailure& failure) {
        complain(std::string("it can't be prepared: ") + failure.what());
        return complaints;
    }

    // PostgreSQL's own idea of the parameters, where it has one.
    try {
        const auto guessed = session.app.prepare(name + "_guess", sql, {});
        if (guessed.parameters.size() != types.size()) {
            complain(fmt::format(
                "it declares {} parameters and uses {}", types.size(), guessed.parameters.size()));
        }
        for (std::size_t i = 0; i < std::min(types.size(), guessed.parameters.size()); ++i) {
            // Integers of another width are cast without loss, or refused.
            const bool are_integers = is_integer(types[i]) && is_integer(guessed.parameters[i]);
            if (!are_integers && !same_bytes(types[i], guessed.parameters[i])) {
                complain(fmt::format("${} is declared {}, and PostgreSQL takes {}",
                                     i + 1,
                                     session.type_name(types[i]),
                                     session.type_name(guessed.parameters[i])));
            }
        }
    } catch (const SqlFailure& failure) {
        constexpr std::string_view indeterminate = "42P18";
        constexpr std::string_view ambiguous = "42725";
        if (failure.sqlstate != indeterminate && failure.sqlstate != ambiguous &&
            failure.sqlstate != "42883" && failure.sqlstate != "42P08" && failure.sqlstate != "42804") {
            complain(std::string("without declared types it can't be prepared: ") + failure.what());
        }
    }

    const auto declared = statement.columns();
    if (declared.size() != prepared.columns.size()) {
        complain(
            fmt::format("it declares {} columns and yields {}", declared.size(), prepared.columns.size()));
    }
    for (std::size_t i = 0; i < std::min(declared.size(), prepared.columns.size()); ++i) {
        const auto& actual = prepared.columns[i];
        const std::string which(declared[i].name.empty() ? actual.name : declared[i].name);
        if (!declared[i].name.empty() && declared[i].name != actual.name) {
            complain(fmt::format(
                "column {} is called {}, and declared as {}", i + 1, actual.name, declared[i].name));
        }
        if (!same_bytes(declared[i].type, actual.type)) {
            complain(fmt::format("column {} is of type {}, and declared as {}",
                                 which,
                                 session.type_name(actual.type),
                                 session.type_name(declared[i].type)));
        }
        const auto known = session.nullable.find({actual.table, actual.table_column});
        if (!declared[i].nullable && known != session.nullable.end() && known->second &&
            text.find(actual.name + " is not null") == std::string::npos) {
            complain(fmt::format("column {} may be null, and is declared otherwise", which));
        }
    }

    if (statement.reach() == db::Reach::shop) {
        if (!says(text, "shop_id=$1") && !says(text, "values($1") && !says(text, "select $1")) {
            complain("$1 is not used as the shop");
        }
        for (const auto& [table, first] : insertions(text)) {
            if (session.tenant_tables.contains(table) && first != "shop_id") {
                complain(fmt::format("the first column that it inserts into {} is not shop_id", table));
            }
        }
    }
    constexpr std::string_view plannable[] = {"select", "insert", "update", "delete", "with", "values"};
    const std::string_view start = std::string_view(text).substr(text.starts_with(' ') ? 1 : 0);
    if (std::ranges::none_of(plannable, [&](std::string_view word) { return start.starts_with(word); })) {
        return complaints;
    }

    // Without row level security the plan shows what the statement itself demands.
    try {
        for (const auto& scan : session.scans(session.owner, name, statement)) {
            const bool is_tenant = session.tenant_tables.contains(scan.relation);
            if (is_tenant && statement.reach() == db::Reach::platform) {
                complain(fmt::format("it belongs to the platform and touches {}, a table of shops",
                                     scan.relation));
            } else if (is_tenant && scan.node != "ModifyTable" &&
                       scan.condition.find("shop_id = $1)") == std::string::npos) {
                complain(fmt::format("it reads {} without shop_id = $1", scan.relation));
            }
        }
        for (const auto& scan : session.scans(session.app, name, statement)) {
            if (scan.node == "ModifyTable") continue;
            const bool is_tenant = session.tenant_tables.contains(scan.relation);
            const auto platform = session.platform_tables.find(scan.relation);
            const bool small = platform != session.platform_tables.end() && platform->second.small;
            if (scan.node == "Seq Scan" && !small && session.rows[scan.relation] >= many_rows) {
                complain(fmt::format("it reads the whole of {}", scan.relation));
            } else if (is_tenant && scan.index_condition.find("shop_id = ") == std::string::npos &&
                       scan.node != "Seq Scan") {
                complain(
                    fmt::format("it reads {} by an index that does not start at the shop", scan.relation));
            }
        }
    } catch (const SqlFailure& failure) {
        complain(std::string("it can't be explained: ") + failure.what());
    }
    return complaints;
}

}  // namespace cartwright::test
