// expect: no matching member function for call to 'all'
#include "db/compile_fail/statements.hpp"

namespace cartwright::db {

Task<> use(Tx& tx) {
    co_await tx.all(of_a_shop, ShopId(7));
}

}  // namespace cartwright::db
