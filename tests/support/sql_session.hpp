// A plain, blocking connection for tests that look into a database from outside the engine.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct pg_conn;

namespace cartwright::test {

// What the server said about a statement; sqlstate is PostgreSQL's five characters.
class SqlFailure : public std::runtime_error {
public:
    SqlFailure(const std::string& message, std::string sqlstate_)
        : std::runtime_error(message), sqlstate(std::move(sqlstate_)) {}

    std::string sqlstate;
};

class SqlSession {
public:
    // Null is "".
    using Table = std::vector<std::vector<std::string>>;

    struct Prepared {
        struct Column {
            std::string name;
            unsigned type;
            unsigned table;  // 0: an expression
            int table_column;
        };

        std::vector<unsigned> parameters;
        std::vector<Column> columns;
    };

    explicit SqlSession(const std::string& url);
    SqlSession(SqlSession&&) noexcept;
    ~SqlSession();

    // Several statements may stand in `sql`; the answer is that of the last. Throws SqlFailure.
    Table execute(const std::string& sql, const std::vector<std::string>& arguments = {});

    // The first column of the first row, or "".
    std::string value(const std::string& sql, const std::vector<std::string>& arguments = {});

    // The first column of each row.
    std::vector<std::string> list(const std::string& sql, const std::vector<std::string>& arguments = {});

    // Types: empty for PostgreSQL's own guess. Throws SqlFailure.
    Prepared prepare(const std::string& name, const std::string& sql, const std::vector<unsigned>& types);

private:
    struct Finish {
        void operator()(pg_conn* connection) const noexcept;
    };

    std::unique_ptr<pg_conn, Finish> connection_;
};

}  // namespace cartwright::test
