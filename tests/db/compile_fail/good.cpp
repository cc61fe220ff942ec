// The control: this one compiles, so the others fail for the reason that they name.
#include "db/compile_fail/statements.hpp"

namespace cartwright::db {

Task<> use(Database& database, Tx& tx, PlatformTx& platform) {
    co_await tx.all(of_a_shop, "x");
    co_await tx.all(of_the_platform, "x");
    co_await platform.all(of_the_platform, "x");
    co_await platform.enter(ShopId(1)).all(of_a_shop, "x");
    co_await database.fetch(ShopId(1), of_a_shop, "x");
    co_await database.fetch(of_the_platform, "x");
}

}  // namespace cartwright::db
