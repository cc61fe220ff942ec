// expect: no matching member function for call to 'all'
#include "db/compile_fail/statements.hpp"

namespace cartwright::db {

Task<> use(PlatformTx& tx) {
    co_await tx.all(of_a_shop, "x");
}

}  // namespace cartwright::db
