// Numbers without gaps, one series a shop and name: orders, invoices.
#pragma once

#include "base/task.hpp"
#include "db/database.hpp"

#include <cstdint>
#include <string>

namespace cartwright::shop {

// The next number of the series; the first is 1. Its row stays locked until the transaction ends and a
// rolled back one gives the number back, so take it as the last statement: every
// other order of the shop waits for it.
Task<std::int64_t> next_number(db::Tx& tx, std::string series);

}  // namespace cartwright::shop
