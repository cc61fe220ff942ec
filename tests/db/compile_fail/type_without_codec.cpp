// expect: constraints not satisfied|no matching function for call to 'oid_of'
#include "db/database.hpp"

namespace cartwright::db {

const PlatformStatement<std::int64_t(float)> money_as_float{"fail.float", "select 1"};

}  // namespace cartwright::db
