// Statements for the cases of this folder, none of which may compile.
#pragma once

#include "db/database.hpp"

namespace cartwright::db {

inline const Statement<std::int64_t(std::string)> of_a_shop{"fail.of_a_shop",
                                                            "select 1 where $1 > 0 and $2 <> ''"};
inline const PlatformStatement<std::int64_t(std::string)> of_the_platform{"fail.of_the_platform", "select 1"};

}  // namespace cartwright::db
