// The rules of tenancy, asked of the catalog of a database: functions, so that bad sample tables can show
// that each rule is able to fail.
#pragma once

#include "support/sql_session.hpp"

#include <string>
#include <vector>

namespace cartwright::test {

// Complaints about tables, functions and roles, each a sentence, in order; none: all is well.
std::vector<std::string> tenancy_complaints(SqlSession& owner);

// deploy/citus/distribute.sql as the catalog would have it.
std::string distribution_sql(SqlSession& owner);

}  // namespace cartwright::test
