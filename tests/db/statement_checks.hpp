// What is demanded of every registered statement, as a function, so that bad samples can show that each
// demand is able to fail.
#pragma once

#include "db/statement.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cartwright::test {

class StatementChecker {
public:
    // Both of the same migrated and seeded database: as cw_app, and as a superuser.
    StatementChecker(const std::string& app_url, const std::string& owner_url);
    ~StatementChecker();
    StatementChecker(const StatementChecker&) = delete;
    StatementChecker& operator=(const StatementChecker&) = delete;

    // The complaints, each a clause that continues "statement x.y: …"; none: it is good.
    std::vector<std::string> check(const db::StatementInfo& statement);

private:
    struct Session;
    std::unique_ptr<Session> session_;
};

}  // namespace cartwright::test
