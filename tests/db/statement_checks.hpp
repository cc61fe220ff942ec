// What is demanded of every registered statement, as a function, so that bad samples can show that each
// demand is able to fail.
#pragma once

#include "db/statement.hpp"

#include <map>
#include <string>
#include <vector>

namespace cartwright::test {

// The complaints about one statement, each a sentence; none: it is good. `url` is that of the migrated and
// seeded database, as cw_app.
class StatementChecker {
public:
    explicit StatementChecker(const std::string& url);
    ~StatementChecker();
    StatementChecker(const StatementChecker&) = delete;
    StatementChecker& operator=(const StatementChecker&) = delete;

    std::vector<std::string> check(const db::StatementInfo& statement);

private:
    struct Session;
    std::unique_ptr<Session> session_;
};

}  // namespace cartwright::test
