#include "shop/counters.hpp"

#include "shop/setting_store.hpp"

namespace cartwright::shop {

Task<std::int64_t> next_number(db::Tx& tx, std::string series) {
    co_return co_await store::next_number(tx, std::move(series));
}

}  // namespace cartwright::shop
