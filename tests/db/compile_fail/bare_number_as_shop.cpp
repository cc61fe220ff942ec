// expect: no matching member function for call to 'fetch'
#include "db/compile_fail/statements.hpp"

namespace cartwright::db {

Task<> use(Database& database) {
    co_await database.fetch(7, of_a_shop, "x");
}

}  // namespace cartwright::db
