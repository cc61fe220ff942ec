// expect: calling a protected constructor of class
#include "db/compile_fail/statements.hpp"

namespace cartwright::db {

void use(std::shared_ptr<Pool> pool) {
    Tx tx(pool, ShopId(1), TxOptions{});
}

}  // namespace cartwright::db
