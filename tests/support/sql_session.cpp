#include "support/sql_session.hpp"

#include "base/releaser.hpp"

#include <libpq-fe.h>

namespace cartwright::test {

namespace {

using Result = std::unique_ptr<PGresult, Releaser<PQclear>>;

Result checked(PGresult* raw) {
    Result result(raw);
    const auto status = PQresultStatus(raw);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        const char* sqlstate = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
        throw SqlFailure(PQresultErrorMessage(raw), sqlstate == nullptr ? "" : sqlstate);
    }
    return result;
}

}  // namespace

void SqlSession::Finish::operator()(pg_conn* connection) const noexcept {
    PQfinish(connection);
}

SqlSession::SqlSession(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw SqlFailure(PQerrorMessage(connection_.get()), "");
    PQsetNoticeReceiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
}

SqlSession::SqlSession(SqlSession&&) noexcept = default;
SqlSession::~SqlSession() = default;

SqlSession::Table SqlSession::execute(const std::string& sql, const std::vector<std::string>& arguments) {
    std::vector<const char*> values;
    for (const auto& argument : arguments) values.push_back(argument.c_str());
    const Result result = checked(arguments.empty() ? PQexec(connection_.get(), sql.c_str())
                                                    : PQexecParams(connection_.get(),
                                                                   sql.c_str(),
                                                                   static_cast<int>(values.size()),
                                                                   nullptr,
                                                                   values.data(),
                                                                   nullptr,
                                                                   nullptr,
                                                                   0));
    Table table;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        auto& cells = table.emplace_back();
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            cells.emplace_back(PQgetvalue(result.get(), row, column));
        }
    }
    return table;
}

std::string SqlSession::value(const std::string& sql, const std::vector<std::string>& arguments) {
    const Table table = execute(sql, arguments);
    return table.empty() || table[0].empty() ? "" : table[0][0];
}

std::vector<std::string> SqlSession::list(const std::string& sql, const std::vector<std::string>& arguments) {
    std::vector<std::string> first;
    for (auto& row : execute(sql, arguments)) first.push_back(row.at(0));
    return first;
}

SqlSession::Prepared SqlSession::prepare(const std::string& name,
                                         const std::string& sql,
                                         const std::vector<unsigned>& types) {
    checked(PQprepare(
        connection_.get(), name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data()));
    const Result described = checked(PQdescribePrepared(connection_.get(), name.c_str()));
    Prepared prepared;
    for (int i = 0; i < PQnparams(described.get()); ++i) {
        prepared.parameters.push_back(PQparamtype(described.get(), i));
    }
    for (int i = 0; i < PQnfields(described.get()); ++i) {
        prepared.columns.push_back({PQfname(described.get(), i),
                                    PQftype(described.get(), i),
                                    PQftable(described.get(), i),
                                    PQftablecol(described.get(), i)});
    }
    return prepared;
}

}  // namespace cartwright::test
